"""Mistakes in components from outside the package: the messages say what is wrong, and where."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from mmcv.transforms import BaseTransform
from mmengine.config import Config
from mmengine.evaluator import BaseMetric
from segmentor_tester import SegmentorTester
from small_models import small_stm
from small_videos import make_clip, mask_prompts, moving_squares
from torch import nn

from vosplug.apis import init_model
from vosplug.config import load_config
from vosplug.datasets import VideoRecord
from vosplug.engine.video_evaluator import VideoEvaluator
from vosplug.errors import AnnotationError, ConfigError, FlowError, VOSError
from vosplug.models import BoxToMask, CachedFlow, ImagePairFlow
from vosplug.registry import MODELS
from vosplug.structures import ArrayAnnotation, ArraySource, ObjectPrompt

PROJECT = Path(__file__).parents[2] / 'projects' / 'example_project'
sys.path.insert(0, str(PROJECT))
import example_project  # noqa: E402

TINY = 'stm/stm_tiny_synthetic-box.py'


def registered(kind: type, **attributes) -> str:
    """Name of a component with changed methods."""
    component = type(f'Wrong{kind.__name__}', (kind,), attributes)
    MODELS.register_module(module=component, force=True)
    return component.__name__


def trained(model: nn.Module) -> torch.Tensor:
    return SegmentorTester.total_loss(model.train(), make_clip('mask'), make_clip('box', seed=1))


def streamed(model, prompts: dict | None = None) -> list:
    frames, masks = moving_squares(frames=3)
    return list(model.stream(frames, prompts or {0: mask_prompts(masks[0])}))


def stm(**changes) -> nn.Module:
    return MODELS.build({**small_stm(), **changes})


def with_losses(**losses) -> nn.Module:
    return stm(decode_head={**small_stm()['decode_head'], **losses})


def previous_mask(**attributes) -> nn.Module:
    config = Config.fromfile(PROJECT / 'configs' / 'previous_mask_squares.py')
    return MODELS.build({**config.model, 'type': registered(example_project.PreviousMask, **attributes)})


# ---------------------------------------------------------------------- names and configs


@pytest.mark.parametrize(
    'name, hint', [('PlainBackbon', "Did you mean 'PlainBackbone'"), ('Xyz', 'registry')]
)
def test_an_unknown_name_has_a_suggestion_and_a_word_about_imports(name, hint):
    cfg = load_config(TINY, {'model.backbone': dict(_delete_=True, type=name)})
    with pytest.raises(ConfigError, match=rf'model\.backbone: {name} is not in .*{hint}.*custom_imports'):
        init_model(cfg)


def test_a_tracker_in_place_of_a_model_is_to_be_wrapped():
    cfg = Config(dict(default_scope='vosplug', model=dict(type='ColourHistogramTracker')))
    with pytest.raises(ConfigError, match='ColourHistogramTracker is not an nn.Module.*StreamingModel'):
        init_model(cfg)


# ---------------------------------------------------------------------- parts of a network


@pytest.mark.parametrize(
    'change, message',
    [
        (lambda levels: levels[-1], 'returned one tensor, expected a tuple of levels'),
        (
            lambda levels: levels[::-1],
            r'in_channels: found \(8, 16, 32\).* levels of \(32, 16, 8\).*finest first',
        ),
        (lambda levels: levels[:2], r'in_channels: found \(8, 16, 32\).* levels of \(8, 16\)'),
    ],
    ids=['tensor', 'coarse_first', 'two_levels'],
)
def test_levels_of_a_backbone(change, message):
    forward = example_project.PlainBackbone.forward
    name = registered(example_project.PlainBackbone, forward=lambda self, x: change(forward(self, x)))
    with pytest.raises(VOSError, match=message):
        trained(stm(backbone=dict(type=name, channels=(8, 16, 32))))


@pytest.mark.parametrize(
    'losses, message',
    [
        ([dict(type='TverskyLoss', loss_name='tversky')], "TverskyLoss.loss_name is 'tversky'"),
        ([dict(type='TverskyLoss', loss_name=None)], 'TverskyLoss.loss_name is None'),
        ([dict(type='TverskyLoss'), dict(type='TverskyLoss', alpha=1)], "are named 'loss_tversky'"),
        (dict(type='TverskyLoss'), 'loss_object: found one loss, expected a list'),
    ],
    ids=['without_loss', 'none', 'twice', 'no_list'],
)
def test_names_of_losses(losses, message):
    with pytest.raises(ConfigError, match=message):
        with_losses(loss_object=losses)


def test_two_kinds_of_losses_share_no_name():
    with pytest.raises(ConfigError, match="are named 'loss_projection'"):
        with_losses(loss_object=[dict(type='TverskyLoss', loss_name='loss_projection')])


@pytest.mark.parametrize('kind', ['mask', 'object', 'box'])
@pytest.mark.parametrize('value', [None, torch.ones(2, 3)], ids=['none', 'unreduced'])
def test_values_of_losses(kind, value):
    part = {
        'mask': example_project.GeneralisedCrossEntropyLoss,
        'object': example_project.TverskyLoss,
        'box': example_project.BoxAreaLoss,
    }[kind]
    name = registered(part, forward=lambda self, *args, **kwargs: value)
    with pytest.raises(VOSError, match=f'{name}: returned .*, expected a scalar'):
        trained(with_losses(**{f'loss_{kind}': [dict(type=name)]}))


@pytest.mark.parametrize('run', [trained, streamed])
def test_shape_of_a_readout(run):
    readout = example_project.TwoFrameMemory.readout
    name = registered(
        example_project.TwoFrameMemory,
        readout=lambda self, state, key: readout(self, state, key).flatten(0, 1),
    )
    with pytest.raises(VOSError, match=rf'{name}\.readout returned shape .*expected \(B, N, Cv, h, w\)'):
        run(stm(memory=dict(type=name)))


# ---------------------------------------------------------------------- around a network


@pytest.mark.parametrize(
    'change, found',
    [
        (torch.from_numpy, 'Tensor'),
        (lambda masks: masks[0], r'ndarray of shape \(48, 64\)'),
        (lambda masks: masks[:, :20], r'ndarray of shape \(1, 20, 64\)'),
        (lambda masks: None, 'NoneType'),
    ],
    ids=['tensor', 'one_mask', 'size', 'none'],
)
def test_masks_of_a_box_to_mask_model(change, found):
    ellipse = example_project.EllipseInitializer()
    name = registered(BoxToMask, forward=lambda self, *args: change(ellipse(*args)))
    with pytest.raises(VOSError, match=rf'{name}: returned {found}.*\(1, 48, 64\)'):
        streamed(stm(initializer=dict(type=name)), {0: [ObjectPrompt(1, box=(10, 8, 40, 30))]})


@pytest.mark.parametrize(
    'change',
    [lambda p: None, lambda p: p.numpy(), lambda p: p.argmax(0), lambda p: p[1:]],
    ids=['none', 'numpy', 'labels', 'no_background'],
)
def test_result_of_a_post_processor(change):
    name = registered(example_project.LargestComponent, __call__=lambda self, frame, probs: change(probs))
    with pytest.raises(VOSError, match=rf'postprocess: {name} returned .*\(N\+1, H, W\) = \(3, 48, 64\)'):
        streamed(stm(test_cfg=dict(postprocess=[dict(type=name)])))


@pytest.mark.parametrize(
    'change', [lambda x: None, lambda x: x.numpy(), lambda x: x[None]], ids=['none', 'numpy', 'shape']
)
def test_logits_of_a_tracker(change):
    segment = example_project.ColourHistogramTracker.segment
    name = registered(
        example_project.ColourHistogramTracker, segment=lambda self, *args: change(segment(self, *args))
    )
    with pytest.raises(VOSError, match=rf'{name}\.segment: returned .*\(2, 48, 64\)'):
        streamed(MODELS.build(dict(type=name)))


@pytest.mark.parametrize(
    'change',
    [lambda x: None, lambda x: x.astype(float), lambda x: x[::2], torch.from_numpy],
    ids=['none', 'double', 'size', 'tensor'],
)
def test_flow_of_a_provider(change, tmp_path):
    between = lambda self, previous, image: change(np.zeros((48, 64, 2), np.float32))  # noqa: E731
    name = registered(ImagePairFlow, settings={}, between=between)
    source = ArraySource(moving_squares(frames=2)[0])
    cached = CachedFlow(provider=dict(type=name), folder=str(tmp_path))
    for provider in (MODELS.build(dict(type=name)), cached):
        with pytest.raises(FlowError, match=rf'{name}\.between: expected float32 \(48, 64, 2\), found'):
            provider(source, 1)
    assert not any(tmp_path.rglob('*.flo'))


# ---------------------------------------------------------------------- a method


@pytest.mark.parametrize('encoded', [None, {'features': 1}, 'features'], ids=['none', 'dict', 'text'])
def test_what_a_method_encodes(encoded):
    with pytest.raises(VOSError, match=f'encode: returned {type(encoded).__name__}, expected tensors'):
        trained(previous_mask(encode=lambda self, images: encoded))


@pytest.mark.parametrize(
    'change', [lambda x: None, lambda x: x[0], lambda x: x[:, :1]], ids=['none', 'no_batch', 'one_object']
)
def test_logits_of_a_method(change):
    step = example_project.PreviousMask.segment_step
    with pytest.raises(VOSError, match=r'segment_step: returned .*\(B, N, H, W\) = \(2, 2, 48, 64\)'):
        trained(previous_mask(segment_step=lambda self, *args: change(step(self, *args))))


@pytest.mark.parametrize(
    'losses', [None, torch.ones(()), {'ce': torch.ones(())}], ids=['none', 'tensor', 'unnamed']
)
def test_losses_of_a_method(losses):
    with pytest.raises(VOSError, match=r'compute_losses: returned .*names start'):
        trained(previous_mask(compute_losses=lambda self, *args: losses))


# ---------------------------------------------------------------------- data and numbers


def squares(record: VideoRecord | None = None, steps: tuple = (), **kwargs):
    pipeline = [dict(type='LoadClip'), *steps, dict(type='PackClip')]
    sampler = dict(num_frames=2, max_gap=4)
    dataset = example_project.MovingSquares(num_videos=1, clip_sampler=sampler, pipeline=pipeline, **kwargs)
    if record is not None:
        dataset.open_video = lambda info: record
    return dataset


def test_a_transform_returns_the_clip():
    class Forgets(BaseTransform):
        def transform(self, results: dict) -> None:
            pass

    with pytest.raises(ConfigError, match='Forgets returned None for 101 clips.*return results'):
        squares(steps=(Forgets(),))[0]


def test_a_record_has_a_source_and_an_annotation():
    frames, masks = moving_squares(frames=4)
    with pytest.raises(ConfigError, match=r'video a: VideoRecord\.source is a list.*ArraySource'):
        VideoRecord('a', frames, ArrayAnnotation(masks))
    with pytest.raises(ConfigError, match=r'video a: VideoRecord\.annotation is a list.*ArrayAnnotation'):
        VideoRecord('a', ArraySource(frames), masks)


@pytest.mark.parametrize(
    'change',
    [lambda m: m > 0, lambda m: m / 1.0, lambda m: np.stack([m] * 3, -1)],
    ids=['bool', 'float', 'rgb'],
)
def test_masks_of_a_dataset(change):
    frames, masks = moving_squares(frames=4)
    record = VideoRecord('a', ArraySource(frames), ArrayAnnotation(masks))
    record.annotation.mask = lambda t: change(masks[t])
    record.annotation.boxes = lambda t: {1: np.float32([1, 1, 9, 9])}
    with pytest.raises(AnnotationError, match=r'video a, frame .*expected an id mask, uint8 \(H, W\), found'):
        squares(record)[0]


def test_a_dataset_without_videos_is_named():
    class Empty(example_project.MovingSquares):
        def load_data_list(self) -> list[dict]:
            return []

    with pytest.raises(AnnotationError, match='Empty: lists no videos'):
        Empty()


@pytest.mark.parametrize('numbers', [None, 1.0])
def test_a_metric_gives_numbers_by_name(numbers):
    class Metric(BaseMetric):
        default_prefix = ''

        def process(self, data_batch, data_samples) -> None:
            pass

        def compute_metrics(self, results):
            return numbers

    with pytest.raises(VOSError, match=r'Metric\.compute_metrics: returned .*expected a dict'):
        VideoEvaluator([Metric()]).evaluate(1)
