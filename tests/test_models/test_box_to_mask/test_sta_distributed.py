"""Distributed training of STANet: two processes on the CPU, against one."""

from pathlib import Path

import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from mmengine.model import MMDistributedDataParallel
from sta_variants import VARIANTS, clip, labels_of, small
from torch import Tensor

WORLD = 2
NAMES = [name for name in VARIANTS if name != 'ThreePasses']


def backward(model: torch.nn.Module, seed: int) -> dict[str, Tensor]:
    """Gradients of a training step on the clips of a process."""
    model.zero_grad()
    inputs = clip(batch=1, seed=seed)
    sum(model(inputs, labels_of(inputs), mode='loss').values()).backward()
    return {
        name.removeprefix('module.'): p.grad.clone()
        for name, p in model.named_parameters()
        if p.requires_grad
    }


def work(rank: int, folder: Path) -> None:
    """What a process does: two steps of every model; the second one would fail on unused parameters."""
    torch.set_num_threads(1)
    dist.init_process_group('gloo', f'file://{folder}/store', rank=rank, world_size=WORLD)
    found = {}
    for name in NAMES:
        network = small(name)
        if rank:  # it is the first process whose weights count
            with torch.no_grad():
                for parameter in network.parameters():
                    parameter.add_(0.1)
        model = MMDistributedDataParallel(network, find_unused_parameters=False)
        optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.01)
        gradients = []
        for step in range(2):
            gradients.append(backward(model, 10 * step + rank))
            optimizer.step()
        found[name] = gradients[0], gradients[1], dict(network.named_parameters())
    torch.save(found, folder / f'{rank}.pth')
    dist.destroy_process_group()


@pytest.fixture(scope='module')
def processes(tmp_path_factory) -> list[dict[str, tuple[dict[str, Tensor], ...]]]:
    folder = tmp_path_factory.mktemp('distributed')
    mp.spawn(work, (folder,), WORLD)
    return [torch.load(folder / f'{rank}.pth', weights_only=True) for rank in range(WORLD)]


@pytest.mark.slow
@pytest.mark.parametrize('name', NAMES)
def test_both_processes_have_the_same_weights(processes, name):
    (*_, first), (*_, second) = (process[name] for process in processes)
    assert first.keys() == second.keys()
    assert all(torch.equal(first[key], second[key]) for key in first)
    before = dict(small(name).named_parameters())
    assert any(not torch.equal(first[key], before[key]) for key in first)


@pytest.mark.slow
@pytest.mark.parametrize('name', NAMES)
def test_gradients_are_the_mean_of_those_of_each_process(processes, name):
    alone = [backward(small(name), rank) for rank in range(WORLD)]
    assert any(not torch.allclose(a, b) for a, b in zip(*(g.values() for g in alone), strict=True))
    for process in processes:
        for key, found in process[name][0].items():
            expected = (alone[0][key] + alone[1][key]) / 2
            torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5 * float(expected.abs().max()))


@pytest.mark.slow
@pytest.mark.parametrize('name', NAMES)
def test_every_trained_part_has_a_gradient_in_each_step(processes, name):
    trained = {key for key, p in small(name).named_parameters() if p.requires_grad}
    for step in range(2):
        gradients = processes[0][name][step]
        assert gradients.keys() == trained
        assert all(torch.equal(g, processes[1][name][step][key]) for key, g in gradients.items())
