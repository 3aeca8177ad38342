"""Training in bfloat16 on a CPU."""

import torch
from mmengine.registry import init_default_scope

from vosplug.registry import OPTIM_WRAPPERS


def test_products_are_in_bfloat16_and_weights_in_float32():
    init_default_scope('vosplug')
    torch.manual_seed(0)
    model = torch.nn.Linear(4, 4)
    before = model.weight.detach().clone()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    wrapper = OPTIM_WRAPPERS.build(dict(type='BFloat16OptimWrapper', optimizer=optimizer))
    with wrapper.optim_context(model):
        out = model(torch.randn(3, 4))
    assert out.dtype == torch.bfloat16
    wrapper.update_params(out.float().square().mean())
    assert model.weight.dtype == torch.float32 and not model.weight.equal(before)
    assert model(torch.randn(3, 4)).dtype == torch.float32
