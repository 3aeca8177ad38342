"""Encoders of masks and boxes for the filter learner."""

import pytest
import torch

from vosplug.models import BoxFeatureEncoder, BoxLabelEncoder, MaskLabelEncoder


@pytest.mark.parametrize('kind', [MaskLabelEncoder, BoxLabelEncoder])
def test_all_places_weigh_alike_at_first(kind):
    encoder = kind()
    encoder.init_weights()
    inputs = [torch.rand(2, 32, 48)] + [torch.rand(2, 512, 2, 3)] * (kind is BoxLabelEncoder)
    assert (encoder(*inputs)[1] == 1).all()


def test_weights_that_were_loaded_are_kept():
    encoder = MaskLabelEncoder()
    encoder.init_weights()
    torch.nn.init.constant_(encoder.weights.weight, 3)
    encoder.init_weights()
    assert (encoder.weights.weight == 3).all()


def test_boxes_and_features_become_encodings_at_the_features_resolution():
    encoder = BoxFeatureEncoder(feature_channels=8, channels=(6, 4, 3))
    boxes, features = torch.zeros(2, 32, 48), torch.rand(2, 8, 2, 3)
    empty = encoder(boxes, features)
    assert empty.shape == (2, 3, 2, 3) and empty.min() >= 0
    boxes[:, :16, :16] = 1
    assert not torch.equal(encoder(boxes, features), empty)


def test_a_box_counts_by_its_share_of_a_cell():
    """Filled boxes are brought to the features' resolution bilinearly."""
    encoder = BoxFeatureEncoder(feature_channels=1, channels=(4, 2))
    features = torch.zeros(1, 1, 1, 1)
    sharp, soft = torch.ones(1, 2, 2), torch.tensor([[[1.0, 0.0], [1.0, 0.0]]])
    half = encoder(torch.full((1, 2, 2), 0.5), features)
    torch.testing.assert_close(encoder(soft, features), half)
    assert not torch.allclose(encoder(sharp, features), half)
