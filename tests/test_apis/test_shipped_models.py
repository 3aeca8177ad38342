"""The models that come with vosplug: what they weigh, what they say of themselves, and that they work."""

import re

import numpy as np
import pytest
from small_data import SHARED

from vosplug.apis import init_model, zoo_models
from vosplug.checkpoint import read_checkpoint
from vosplug.datasets import DAVIS2016Dataset, SyntheticVOS
from vosplug.evaluation.baselines import copy_first_mask
from vosplug.evaluation.functional import jaccard
from vosplug.models import zoo
from vosplug.models.box_to_mask import as_box_to_mask
from vosplug.structures import VideoSample, boxes_of_mask, fill_box

DAVIS2016 = SHARED / 'data' / 'davis2016'


def mean_jaccard(results, video: VideoSample) -> float:
    """Of all objects in all frames but the first and those without the object."""
    scores = []
    for t, result in enumerate(results):
        truth = video.annotation.mask(t)
        scores += [jaccard(result.mask == i, truth == i) for i in np.unique(truth) if t and 0 < i < 255]
    return float(np.mean(scores))


@pytest.mark.parametrize('name', zoo_models())
def test_a_model_is_small_and_has_a_card_that_fits_it(name):
    path = zoo.ZOO / f'{name}.safetensors'
    assert path.stat().st_size <= 16 * 2**20
    card, meta = path.with_suffix('.md').read_text(encoding='utf-8'), read_checkpoint(path)['meta']
    assert meta['licence'] in card and meta['config'] in card
    parameters = sum(p.numel() for p in init_model(name).parameters())
    assert f'{parameters / 1e6:.2f} M parameters' in re.sub(r'\s+', ' ', card)


WITHOUT_ADAPTATION = {'model.test_cfg.online': None}


@pytest.mark.parametrize('prompt', ['mask', 'box'])
@pytest.mark.parametrize(
    ('name', 'options'),
    [
        ('xmem-tiny-box', {}),
        ('masktrack-tiny', WITHOUT_ADAPTATION),
        ('seq2seq-tiny', WITHOUT_ADAPTATION),
        ('lwl-tiny', {}),
    ],
)
def test_a_segmentor_follows_objects_without_files_of_ours(name, options, prompt, monkeypatch):
    for variable in ('MOBILENETV2_WEIGHTS', 'DAVIS2016_ROOT', 'COCO_MINI_ROOT'):
        monkeypatch.delenv(variable, raising=False)
    dataset = SyntheticVOS(
        num_videos=3, num_frames=8, size=(128, 192), seed=1_000_000, test_mode=True, prompt=prompt
    )
    model = init_model(name, cfg_options=options)
    videos = [dataset[i]['data_samples'] for i in range(3)]
    found = np.mean([mean_jaccard(model.stream(v.source, v.prompts), v) for v in videos])
    copied = np.mean([mean_jaccard(copy_first_mask(v), v) for v in videos])
    assert found > copied + 0.2


@pytest.mark.parametrize('name', ['box2seg-tiny', 'sta-tiny'])
def test_a_box_to_mask_model_finds_objects_in_their_boxes(name, monkeypatch):
    monkeypatch.delenv('MOBILENETV2_WEIGHTS', raising=False)
    dataset = SyntheticVOS(num_videos=3, num_frames=4, size=(240, 360), seed=1_000_000, test_mode=True)
    model, filled, found = as_box_to_mask(init_model(name)), [], []
    for sample in (dataset[i]['data_samples'] for i in range(3)):
        boxes = {t: boxes_of_mask(sample.annotation.mask(t)) for t in range(len(sample.source))}
        for t, own in boxes.items():
            truth = sample.annotation.mask(t)
            for i, box in own.items():
                shown = {k: others[i][None] for k, others in boxes.items() if i in others}
                found.append(jaccard(model(sample.source, t, shown)[0] > 0.5, truth == i))
                filled.append(jaccard(fill_box(box, truth.shape), truth == i))
    assert np.mean(found) > np.mean(filled) + 0.2


@pytest.mark.parametrize(('name', 'steps'), [('masktrack-tiny', 200), ('seq2seq-tiny', 100)])
def test_a_model_adapts_as_its_card_says_unless_told_not_to(name, steps):
    assert init_model(name).online.steps == steps
    assert init_model(name, cfg_options=WITHOUT_ADAPTATION).online is None


@pytest.mark.slow
@pytest.mark.skipif(not DAVIS2016.is_dir(), reason=f'{DAVIS2016} is absent; set VOSPLUG_SHARED')
def test_xmem_tiny_box_on_a_sequence_of_its_card():
    dataset = DAVIS2016Dataset(data_root=str(DAVIS2016), test_mode=True)
    video = next(
        sample
        for sample in (dataset[i]['data_samples'] for i in range(len(dataset)))
        if sample.name == 'car-shadow'
    )
    assert mean_jaccard(init_model('xmem-tiny-box').stream(video.source, video.prompts), video) > 0.9
