"""The example project as its README uses it."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from box_to_mask_tester import BoxToMaskTester
from flow_tester import ImagePairFlowTester
from memory_tester import MemoryTester
from mmengine.config import Config
from mmengine.registry import MODELS, DefaultScope
from segmentor_tester import SegmentorTester
from small_models import small_stm
from small_videos import make_clip, mask_prompts, moving_squares

from vosplug.apis import VOSInferencer
from vosplug.evaluation import evaluate_stream
from vosplug.registry import MODELS as VOS_MODELS
from vosplug.structures import ArrayAnnotation, ArraySource, ObjectPrompt, Prompts, VideoSample

REPO = Path(__file__).parents[2]
PROJECT = REPO / 'projects' / 'example_project'
sys.path.insert(0, str(PROJECT))


def test_loss_is_bounded_ignores_void_and_nears_cross_entropy():
    from example_project import GeneralisedCrossEntropyLoss

    pred = torch.randn(2, 3, 8, 8)
    target = torch.randint(0, 3, (2, 8, 8))
    reference = torch.nn.functional.cross_entropy(pred, target)
    assert torch.isclose(GeneralisedCrossEntropyLoss(q=1e-4)(pred, target), reference, rtol=1e-2)
    hopeless = torch.zeros(1, 2, 1, 1)
    hopeless[:, 0] = 1e4
    label = torch.ones(1, 1, 1, dtype=torch.long)
    assert GeneralisedCrossEntropyLoss(q=0.5)(hopeless, label) <= 2
    assert GeneralisedCrossEntropyLoss()(pred, torch.full_like(target, 255)) == 0


def test_mmsegmentation_model_trains_with_a_loss_of_vosplug():
    from mmengine.structures import PixelData
    from mmseg.structures import SegDataSample

    config = Config.fromfile(PROJECT / 'configs' / 'mmseg_fcn.py')
    with DefaultScope.overwrite_default_scope('mmseg'):
        model = MODELS.build(config.model)
        sample = SegDataSample(gt_sem_seg=PixelData(data=torch.randint(0, 21, (1, 64, 64))))
        losses = model(torch.randn(2, 3, 64, 64), [sample, sample], mode='loss')
    losses['decode.loss_ph_ce'].backward()
    assert model.backbone.conv1.weight.grad.abs().sum() > 0


class TestTwoFrameMemory(MemoryTester):
    def config(self) -> dict:
        import example_project  # noqa: F401

        return dict(type='TwoFrameMemory')

    def test_its_parameter_is_part_of_a_model_and_learns(self):
        model = VOS_MODELS.build({**small_stm(), 'memory': self.config()})
        assert 'memory.log_scale' in model.state_dict()
        SegmentorTester.total_loss(model.train(), make_clip('mask'), make_clip('box')).backward()
        assert model.memory.log_scale.grad.abs() > 0
        frames, masks = moving_squares(frames=4)
        assert len(list(model.stream(frames, {0: mask_prompts(masks[0])}))) == 4


class TestEllipse(BoxToMaskTester):
    def model(self):
        from example_project import EllipseInitializer

        return EllipseInitializer()


class TestFarneback(ImagePairFlowTester):
    def provider(self):
        from example_project import FarnebackFlow

        return FarnebackFlow()


def test_a_clip_of_boxes_may_start_from_ellipses():
    frames, _ = moving_squares(frames=1)
    model = VOS_MODELS.build({**small_stm(), 'initializer': dict(type='EllipseInitializer')}).eval()
    mask = next(model.stream(frames, {0: [ObjectPrompt(1, box=(10, 8, 40, 30))]})).mask
    assert mask.sum() == pytest.approx(np.pi * 15 * 11, rel=0.05)


def test_the_tracker_follows_colours_evaluates_and_writes_a_video(tmp_path):
    from example_project import ColourHistogramTracker

    frames, masks = moving_squares(frames=6)
    tracker, prompts = ColourHistogramTracker(), {0: mask_prompts(masks[0])}
    results = list(tracker.stream(frames, prompts))
    assert np.mean([(r.mask == m).mean() for r, m in zip(results, masks, strict=True)]) > 0.98
    annotation = ArrayAnnotation(masks)
    video = VideoSample('squares', ArraySource(frames), Prompts(prompts), annotation, list(range(6)))
    scores = evaluate_stream('davis2017', [video], lambda v: tracker.stream(v.source, v.prompts))
    assert scores['J-Mean'] > 0.8
    VOSInferencer(tracker)(frames, prompts, tmp_path)
    assert len(list((tmp_path / 'masks').iterdir())) == 6 and (tmp_path / 'overlay.mp4').stat().st_size > 0


def test_small_parts_of_an_object_are_given_to_the_background():
    from example_project import LargestComponent

    probs = torch.zeros(2, 10, 10)
    probs[1, 1:5, 1:5], probs[1, 7, 7] = 0.9, 0.8
    probs[0] = 1 - probs[1]
    cleaned = LargestComponent()(None, probs)
    assert (cleaned.argmax(0) == 1).sum() == 16 and torch.allclose(cleaned.sum(0), torch.ones(10, 10))
    assert torch.equal(LargestComponent(min_share=0)(None, probs), probs)
    empty = torch.stack([torch.ones(4, 4), torch.zeros(4, 4)])
    assert torch.equal(LargestComponent()(None, empty), empty)


def test_losses_of_the_project_train_a_segmentor_and_know_what_is_right():
    from example_project import BoxAreaLoss, TverskyLoss

    weight = torch.tensor([[[True, False]]])
    target = torch.zeros(1, 1, 2, 8, 8)
    target[..., 2:6, 2:6] = 1
    assert TverskyLoss()(target, target, weight) == 0
    assert TverskyLoss()(1 - target, target, weight) > 0.9
    boxes = torch.tensor([2.0, 2, 6, 6]).expand(1, 1, 2, 4)
    logits = 20 * (2 * target - 1)
    assert BoxAreaLoss()(logits, boxes, None, weight) == 0
    assert BoxAreaLoss()(logits * 0 - 20, boxes, None, weight) == pytest.approx(1)
    model = small_stm()
    model['decode_head'] |= dict(loss_object=[dict(type='TverskyLoss')], loss_box=[dict(type='BoxAreaLoss')])
    losses = SegmentorTester.losses(VOS_MODELS.build(model).train(), make_clip('mask'), make_clip('box'))
    assert losses['loss_tversky'] > 0 and 'loss_box_area' in losses


def test_every_component_is_short():
    lengths = {p.stem: len(p.read_text().splitlines()) for p in (PROJECT / 'example_project').glob('*.py')}
    del lengths['loss']  # MMSegmentation's signature takes its lines
    assert lengths.pop('method') < 100
    assert max(lengths.values()) < 60 and lengths['memory'] <= 40, lengths


def test_the_readme_lists_every_file():
    text = (PROJECT / 'README.md').read_text()
    for folder in ('example_project', 'configs'):
        for file in (PROJECT / folder).glob('[!_]*.py'):
            assert f'`{folder}/{file.name}`' in text


@pytest.mark.slow
@pytest.mark.parametrize(
    'config, scores',
    [('stm_plain_squares', ['J&F-Mean']), ('previous_mask_squares', ['Survival', 'Temporal-IoU'])],
)
def test_training_runs_with_the_commands_of_the_readme(config, scores, tmp_path):
    command = f'vosplug train projects/example_project/configs/{config}.py'
    assert f'PYTHONPATH=projects/example_project {command}' in (PROJECT / 'README.md').read_text()
    options = ['train_cfg.max_iters=2', 'train_cfg.val_interval=2', 'train_dataloader.num_workers=0']
    areas = tmp_path / 'areas'
    if config == 'previous_mask_squares':
        options.append(f'custom_hooks.0.out_dir={areas}')
    done = subprocess.run(
        [sys.executable, '-m', *command.split(), '--work-dir', tmp_path]
        + ['--cfg-options', *options, 'train_dataloader.persistent_workers=False'],
        cwd=REPO,
        env={'PYTHONPATH': f'{PROJECT}:{REPO}', 'PATH': ''},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert all(name in done.stdout for name in scores)
    if config == 'previous_mask_squares':
        assert len(list(areas.glob('squares_*.csv'))) == 4
