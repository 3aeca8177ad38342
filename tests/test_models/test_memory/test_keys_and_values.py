"""Keys have one length; values carry the mask."""

import pytest
import torch
from mmengine.registry import init_default_scope
from torch import nn

from vosplug.models.memory import CosineKeyProjection, FusionValueEncoder, KeyValueEncoder, MaskValueEncoder
from vosplug.registry import MODELS


@MODELS.register_module(force=True)
class _HalvingStub(nn.Module):
    """(B, 5, H, W) to (B, 5, H/2, W/2); remembers its input."""

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor]:
        self.seen = x
        return (nn.functional.avg_pool2d(x, 2),)


def make_encoder() -> MaskValueEncoder:
    init_default_scope('vosplug')
    return MaskValueEncoder(dict(type='_HalvingStub'), backbone_channels=5, key_channels=3, out_channels=6)


def test_keys_have_constant_length_and_the_finest_size():
    projection = CosineKeyProjection((4, 8), 6, scale=15.0)
    keys = projection([torch.randn(2, 4, 6, 10), 100 * torch.randn(2, 8, 3, 5)])
    assert keys.shape == (2, 6, 6, 10)
    torch.testing.assert_close(keys.norm(dim=1), torch.full((2, 6, 10), 15.0))


def test_an_untrained_projection_keeps_angles():
    level = torch.randn(1, 8, 4, 4)
    keys = CosineKeyProjection((8,), 8, scale=1.0)([level]).flatten(2)[0]
    direction = nn.functional.normalize(level, dim=1).flatten(2)[0]
    torch.testing.assert_close(keys.T @ keys, direction.T @ direction)


def test_the_brightness_of_a_level_does_not_matter():
    projection, levels = CosineKeyProjection((4, 8), 6), [torch.randn(1, 4, 4, 4), torch.randn(1, 8, 4, 4)]
    torch.testing.assert_close(projection([levels[0], 7 * levels[1]]), projection(levels))


def test_last_channel_is_the_area_averaged_mask():
    masks = torch.rand(2, 3, 8, 8)
    value = make_encoder()(torch.randn(2, 3, 8, 8), torch.randn(2, 3, 4, 4), masks)
    assert value.shape == (2, 3, 6, 4, 4)
    torch.testing.assert_close(value[:, :, -1], nn.functional.avg_pool2d(masks, 2))


def test_an_object_sees_itself_and_the_others():
    encoder, masks = make_encoder(), torch.rand(1, 3, 8, 8) / 3
    encoder(torch.randn(1, 3, 8, 8), torch.randn(1, 3, 4, 4), masks)
    seen = encoder.backbone.seen
    torch.testing.assert_close(seen[1, 3], masks[0, 1] - 0.5)
    torch.testing.assert_close(seen[1, 4], masks[0, 0] + masks[0, 2] - 0.5)


def test_an_object_has_keys_and_values_that_depend_on_its_mask():
    init_default_scope('vosplug')
    encoder = KeyValueEncoder(dict(type='_HalvingStub'), backbone_channels=5, key_channels=3, out_channels=6)
    masks = torch.rand(2, 3, 8, 8) / 3
    keys, values = encoder(torch.randn(2, 3, 8, 8), torch.randn(2, 3, 4, 4), masks)
    assert keys.shape == (2, 3, 3, 4, 4) and values.shape == (2, 3, 6, 4, 4)
    seen = encoder.backbone.seen.unflatten(0, (2, 3))
    torch.testing.assert_close(seen[:, 1, 3], masks[:, 1])
    torch.testing.assert_close(seen[:, 1, 4], masks[:, 0] + masks[:, 2])
    assert not torch.isclose(keys[:, 0], keys[:, 1]).all()


@MODELS.register_module(force=True)
class _SingleOutputStub(_HalvingStub):
    """Returns its only level as a tensor, as mmseg's MobileNetV2 does."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x)[0]


@pytest.mark.parametrize(
    ('kind', 'further', 'inputs'),
    [
        (MaskValueEncoder, {}, ()),
        (KeyValueEncoder, {}, ()),
        (FusionValueEncoder, dict(sensory_channels=2), (torch.zeros(2, 3, 2, 4, 4),)),
    ],
)
def test_a_backbone_may_return_its_only_level(kind, further, inputs):
    init_default_scope('vosplug')
    encoder = kind(dict(type='_SingleOutputStub'), 5, key_channels=3, out_channels=6, **further)
    inputs = torch.randn(2, 3, 8, 8), torch.randn(2, 3, 4, 4), torch.rand(2, 3, 8, 8), *inputs
    single = encoder(*inputs)
    encoder.backbone = _HalvingStub()
    torch.testing.assert_close(single, encoder(*inputs))
