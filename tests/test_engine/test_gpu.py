"""Smoke tests on a GPU: ``pytest -m gpu``."""

import numpy as np
import pytest
import torch
from small_models import small_stm
from small_videos import mask_prompts, moving_squares
from tiny_run import write_config

from vosplug.apis import init_model
from vosplug.checkpoint import read_checkpoint
from vosplug.registry import MODELS

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason='needs a CUDA device'),
]


@pytest.mark.parametrize(
    'flags',
    [
        [],
        ['--amp'],
        ['--cfg-options', 'optim_wrapper.type=AmpOptimWrapper', 'optim_wrapper.dtype=bfloat16'],
        ['--cfg-options', 'optim_wrapper.type=BFloat16OptimWrapper'],
        ['--cfg-options', 'optim_wrapper.accumulative_counts=2'],
        ['--cfg-options', 'model.backbone.with_cp=True'],
    ],
    ids=['float32', 'fp16', 'bf16', 'our bf16', 'accumulated', 'checkpointed'],
)
def test_training_and_testing(tool, tmp_path, flags):
    config = write_config(tmp_path / 'tiny.py')
    tool('train', config, '--work-dir', tmp_path / 'run', *flags)
    weights = read_checkpoint(tmp_path / 'run' / 'iter_4.pth')['state_dict']
    assert all(value.isfinite().all() for value in weights.values())
    tool('test', config, tmp_path / 'run' / 'iter_4.pth')


def test_masks_are_those_of_a_cpu():
    images, masks = moving_squares(6, size=(96, 128))
    prompts = {0: mask_prompts(masks[0])}
    on_cpu, on_gpu = (init_model('xmem-tiny-box', device=device) for device in ('cpu', 'cuda'))
    pairs = zip(on_cpu.stream(images, prompts), on_gpu.stream(images, prompts), strict=True)
    assert np.mean([(one.mask == two.mask).mean() for one, two in pairs]) > 0.99


def test_a_full_gpu_halves_the_memory():
    images, masks = moving_squares(40, size=(480, 640))
    prompts = {0: mask_prompts(masks[0])}
    config = dict(small_stm(), memory=dict(mem_every=1), test_cfg=dict(out_of_memory='shrink'))
    model = MODELS.build(config).to('cuda').eval()
    torch.cuda.reset_peak_memory_stats()
    list(model.stream(images, prompts))
    needed = torch.cuda.max_memory_reserved()
    torch.cuda.empty_cache()
    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction(0.7 * needed / total)
    try:
        assert len(list(model.stream(images, prompts))) == len(images)
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
