"""Losses of shipped configs: those the small networks were trained with, and those of the thesis recipe."""

import numpy as np
import pytest
import torch
from golden_inputs import randn
from mmengine.config import Config

from vosplug.models.losses import smooth_dice
from vosplug.paths import config_root
from vosplug.registry import MODELS

# of a fixed clip; made before the losses had the options of the thesis
XMEM = dict(loss_projection=0.102259241, loss_pairwise=0.70887506, loss_temporal=0.686894357)
STM = dict(loss_projection=1.03000331, loss_background=0.947379887, loss_pairwise=0.709014714)
VALUES = {
    'xmem_box/xmem_mobilenetv2_all_box': XMEM,
    'xmem_box/xmem-tiny-box': {**XMEM, 'loss_projection': 2 * XMEM['loss_projection']},
    'xmem_box/xmem_tiny_synthetic-box': {**STM, 'loss_pairwise': 3 * STM['loss_pairwise']},
    'stm/stm_mobilenetv2_davis16-box': STM,
    'stm/stm_tiny_synthetic-box': {**STM, 'loss_pairwise': 3 * STM['loss_pairwise']},
}


def losses(config: str) -> list[torch.nn.Module]:
    cfg = Config.fromfile(config_root() / f'{config}.py')
    return [MODELS.build(loss) for loss in cfg.model.decode_head.loss_box]


def clip() -> dict[str, torch.Tensor]:
    rng = np.random.default_rng(0)
    corner = rng.uniform(0, 30, (2, 3, 2, 2))
    boxes = np.concatenate([corner, corner + rng.uniform(10, 30, (2, 3, 2, 2))], -1)
    weight = torch.ones(2, 3, 2, dtype=torch.bool)
    weight[0, 0, 1] = weight[1, 2, 0] = False
    shades = randn(2, (2, 3, 3, 8, 8), 20.0).repeat_interleave(8, -1).repeat_interleave(8, -2)
    images = 120 + shades + randn(3, (2, 3, 3, 64, 64), 1.0)
    images[1, ..., 56:] = torch.nan
    return dict(
        logits=randn(1, (2, 3, 2, 64, 64), 2.0),
        boxes=torch.from_numpy(boxes.astype(np.float32)),
        images=images,
        weight=weight,
    )


@pytest.mark.parametrize('config', VALUES)
def test_golden_values_of_the_small_networks(config):
    found = {module.loss_name: module(**clip()).item() for module in losses(config)}
    assert found == {name: pytest.approx(value, rel=1e-5) for name, value in VALUES[config].items()}


def test_the_thesis_recipe_has_the_forms_of_the_thesis():
    projection, pairwise, temporal = losses('xmem_box/xmem_r50-r18_all_box')
    assert projection.reduce == 'column' and projection.dice is smooth_dice
    assert pairwise.average == temporal.average == 'pixels'
    assert temporal.top_k is None and temporal.patch_size == 3 and temporal.detach
    # Fig. 3.6: 5 x 5 disjoint patches of side 3
    assert temporal.offsets == [(y, x) for y in range(-6, 7, 3) for x in range(-6, 7, 3)]
    assert len(temporal.patch) == 9 and temporal.pairs == 'cyclic'
