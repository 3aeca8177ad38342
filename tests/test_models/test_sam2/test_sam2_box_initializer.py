"""Masks from boxes and points are those that SAM 2 gives for images in transformers."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from box_to_mask_tester import BOXES, BoxToMaskTester
from box_to_mask_tester import SIZE as IMAGE
from small_sam2 import SIDE, small_sam2, small_sam2_of_images

from vosplug.errors import ConfigError
from vosplug.models import SAM2BoxInitializer
from vosplug.pseudo_labels.labeller import Labeller


class TestSAM2BoxInitializer(BoxToMaskTester):
    def model(self) -> SAM2BoxInitializer:
        return SAM2BoxInitializer(small_sam2())


@pytest.fixture
def image() -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (*IMAGE, 3), np.uint8)


def original(image: np.ndarray, multimask_output: bool, **prompts) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities (N, M, H, W) by Sam2Model alone, and how good it says they are (N, M)."""
    pixels = SAM2BoxInitializer(small_sam2()).pixels(image)
    with torch.no_grad():
        out = small_sam2_of_images()(pixels, multimask_output=multimask_output, **prompts)
    masks = F.interpolate(out.pred_masks[0], IMAGE, mode='bilinear', align_corners=False)
    return masks.sigmoid().numpy(), out.iou_scores[0].numpy()


@pytest.mark.parametrize('network', [small_sam2, small_sam2_of_images])
def test_boxes_give_the_masks_of_sam2model(image, network):
    scaled = torch.from_numpy(BOXES) * torch.tensor([SIDE / IMAGE[1], SIDE / IMAGE[0]] * 2)
    expected, _ = original(image, False, input_boxes=scaled[None])
    found = SAM2BoxInitializer(network(), inside_box=False)([image], 0, {0: BOXES})
    np.testing.assert_allclose(found, expected[:, 0], atol=1e-5)
    assert np.ptp(found, axis=0).max() > 1e-3


def test_more_boxes_than_are_decoded_together_give_the_same(image):
    boxes = np.tile(BOXES, (7, 1))
    masks = SAM2BoxInitializer(small_sam2())([image], 0, {0: boxes})
    np.testing.assert_allclose(masks[:3], masks[-3:], atol=1e-5)
    assert len(masks) == 21


def test_one_point_gives_the_best_of_three_masks_and_several_give_one(image):
    points = np.float32([[20, 30, 1], [50, 9, 0]])
    scale = torch.tensor([SIDE / IMAGE[1], SIDE / IMAGE[0]])
    for k in (1, 2):
        given = torch.from_numpy(points[:k])
        prompts = dict(
            input_points=(given[:, :2] * scale)[None, None], input_labels=given[None, None, :, 2].int()
        )
        masks, quality = original(image, k == 1, **prompts)
        found = SAM2BoxInitializer(small_sam2()).from_points(image, points[:k])
        np.testing.assert_allclose(found, masks[0, quality[0].argmax()], atol=1e-5)


def test_labels_are_made_anew_where_weights_differ():
    other = small_sam2.__wrapped__(seed=1)
    digests = [Labeller(SAM2BoxInitializer(model)).digest for model in (small_sam2(), small_sam2(), other)]
    assert digests[0] == digests[1] != digests[2]


def test_it_is_not_fine_tuned():
    with pytest.raises(ConfigError, match='no network to fine-tune'):
        SAM2BoxInitializer(small_sam2()).with_network(None)


def test_weights_move_with_the_model_they_start_and_are_not_among_its_own():
    parent = torch.nn.Module()
    parent.initializer = SAM2BoxInitializer(small_sam2.__wrapped__())
    parent.to(torch.float64)
    assert next(parent.initializer.model.parameters()).dtype == torch.float64
    assert not parent.state_dict()
