"""Memory of a streamed video does not depend on its length."""

import subprocess
import sys

import pytest

SCRIPT = """
import resource, sys
import numpy as np, torch
from vosplug.apis import init_model
from vosplug.structures import ObjectPrompt, VideoSource

class Generated(VideoSource):
    size = (96, 96)

    def __init__(self, length):
        self.frame_names = [f'{t:05d}' for t in range(length)]

    def __getitem__(self, t):
        return np.random.default_rng(t).integers(0, 256, (96, 96, 3), np.uint8)

torch.manual_seed(0)
torch.set_num_threads(1)
model = init_model(sys.argv[2])
prompts = {0: [ObjectPrompt(1, box=(10, 10, 50, 50))], 3: [ObjectPrompt(2, box=(40, 40, 90, 90))]}
count = sum(1 for _ in model.stream(Generated(int(sys.argv[1])), prompts))
assert count == int(sys.argv[1])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peak(frames: int, config: str) -> int:
    """Peak resident memory of a process that streams so many frames."""
    done = subprocess.run(
        [sys.executable, '-W', 'ignore', '-c', SCRIPT, str(frames), config], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return int(done.stdout.split()[-1])


@pytest.mark.slow
@pytest.mark.parametrize('config', ['stm/stm_tiny_synthetic-box.py', 'xmem_box/xmem_tiny_synthetic-box.py'])
def test_2000_frames_need_the_memory_of_100(config):
    assert peak(2000, config) <= 1.05 * peak(100, config)
