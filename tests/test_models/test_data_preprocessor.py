"""Clips become normalised tensors of one size; padding is marked as padding."""

import numpy as np
import pytest
import torch

from vosplug.errors import ConfigError
from vosplug.models.data_preprocessor import VOSDataPreprocessor
from vosplug.structures import Supervision, VOSDataSample

MEAN, STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)


def clip(height: int, width: int, objects: int, length: int = 2) -> tuple[torch.Tensor, VOSDataSample]:
    sample = VOSDataSample(metainfo=dict(video_name=f'{height}x{width}', img_shape=(height, width)))
    sample.set_data(
        dict(
            id_masks=torch.ones(length, height, width, dtype=torch.uint8),
            boxes=torch.full((length, objects, 4), 3.0),
            visible=torch.ones(length, objects, dtype=torch.bool),
            supervision=torch.full((length, objects), int(Supervision.MASK)),
            valid=torch.ones(objects, dtype=torch.bool),
        )
    )
    return torch.full((length, 3, height, width), 200, dtype=torch.uint8), sample


def batch(*clips) -> dict:
    return dict(inputs=[c[0] for c in clips], data_samples=[c[1] for c in clips])


def test_bgr_becomes_normalised_rgb():
    image = np.zeros((4, 6, 3), np.uint8)
    image[..., 0], image[..., 2] = 10, 250
    preprocessor = VOSDataPreprocessor()
    expected = [(v - m) / s for v, m, s in zip((250, 0, 10), MEAN, STD, strict=True)]
    frame = preprocessor.frame(image[:, ::-1])
    assert frame.shape == (1, 3, 4, 6) and frame.dtype == torch.float32
    assert frame[0, :, 1, 1].tolist() == pytest.approx(expected, abs=1e-5)
    clips = torch.from_numpy(image).permute(2, 0, 1)[None]
    assert torch.equal(preprocessor.normalise(clips), frame)
    assert preprocessor.denormalise(frame)[0, :, 0, 0].tolist() == pytest.approx([250, 0, 10], abs=1e-4)


def test_clips_of_other_sizes_and_objects_share_a_batch():
    data = VOSDataPreprocessor(size_divisor=8)(batch(clip(10, 16, 1), clip(7, 20, 3)), training=True)
    inputs, (first, second) = data['inputs'], data['data_samples']
    assert inputs.shape == (2, 2, 3, 16, 24) and inputs.dtype == torch.float32
    assert (
        not inputs[0, :, :, 10:].any()
        and not inputs[0, :, :, :, 16:].any()
        and inputs[0, :, :, :10, :16].all()
    )
    assert (first.id_masks[:, 10:] == 255).all() and (first.id_masks[:, :, 16:] == 255).all()
    assert (first.id_masks[:, :10, :16] == 1).all() and second.id_masks.shape == (2, 16, 24)
    assert first.valid.tolist() == [True, False, False] and second.valid.all()
    assert first.boxes.shape == (2, 3, 4) and not first.boxes[:, 1:].any() and not first.visible[:, 1:].any()
    assert (first.supervision[:, 1:] == Supervision.NONE).all() and (first.boxes[:, 0] == 3).all()
    assert first.video_name == '10x16' and first.img_shape == (10, 16)


def test_padding_is_black_before_or_mean_after_normalising():
    black = VOSDataPreprocessor(size_divisor=8, pad_colour='black')
    inputs = black(batch(clip(10, 16, 1), clip(7, 20, 3)), training=True)['inputs']
    plain = VOSDataPreprocessor(size_divisor=8)(batch(clip(10, 16, 1), clip(7, 20, 3)))['inputs']
    colours = black.denormalise(inputs)
    assert colours[0, :, :, 10:].abs().max() < 1e-4 and colours[0, ..., 16:].abs().max() < 1e-4
    assert torch.equal(inputs[0, ..., :10, :16], plain[0, ..., :10, :16])
    frame = np.full((4, 6, 3), 50, np.uint8)
    for preprocessor, expected in ((black, [0, 0, 0]), (VOSDataPreprocessor(), MEAN)):
        colours = preprocessor.denormalise(preprocessor.frame(frame, (1, 2, 3, 4)))
        assert colours.shape == (1, 3, 11, 9)
        assert colours[0, :, 3:7, 1:7].allclose(torch.tensor(50.0))
        assert colours[0, :, 2, 0].tolist() == pytest.approx(expected, abs=1e-4)


def test_an_unknown_padding_colour_is_refused():
    with pytest.raises(ConfigError, match="pad_colour: found 'white'"):
        VOSDataPreprocessor(pad_colour='white')
    with pytest.raises(ConfigError, match='size_divisor: found 0, expected 1 or more'):
        VOSDataPreprocessor(size_divisor=0)


def test_sizes_that_fit_are_left_alone():
    assert VOSDataPreprocessor(size_divisor=16)(batch(clip(16, 32, 1)))['inputs'].shape[-2:] == (16, 32)


def test_the_given_batch_is_not_changed():
    data = batch(clip(10, 10, 1), clip(12, 12, 2))
    VOSDataPreprocessor()(data)
    assert data['inputs'][0].shape[-1] == 10 and data['data_samples'][0].valid.tolist() == [True]


def test_nothing_of_it_is_saved_in_a_checkpoint():
    assert not VOSDataPreprocessor().state_dict()
