"""Files that would run code if they were unpickled; what they run leaves a marker."""

import io
import os
import pickle
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import torch


class Payload:
    """Creates a folder when unpickled, by one of several ways to call code."""

    WAYS = ('mkdir', 'exec', 'eval', 'system', 'popen')

    def __init__(self, marker: Path, way: str = 'mkdir') -> None:
        self.marker, self.way = str(marker), way

    def __reduce__(self):
        import subprocess

        statement = f'__import__("os").mkdir({self.marker!r})'
        return {
            'mkdir': (os.mkdir, (self.marker,)),
            'exec': (exec, (statement,)),
            'eval': (eval, (statement,)),
            'system': (os.system, (f'mkdir {self.marker}',)),
            'popen': (subprocess.check_call, (['mkdir', self.marker],)),
        }[self.way]


def _as_zip(content: object, path: Path) -> None:
    torch.save(content, path)


def _as_legacy(content: object, path: Path) -> None:
    torch.save(content, path, _use_new_zipfile_serialization=False)


def _as_pickle(content: object, path: Path) -> None:
    path.write_bytes(pickle.dumps(content))


def _as_zipped_checkpoint(content: object, path: Path) -> None:
    """A checkpoint inside a zip, as PyTorch before 1.6 allowed for downloads."""
    inner = io.BytesIO()
    torch.save(content, inner)
    with zipfile.ZipFile(path, 'w') as archive:
        archive.writestr('weights.pth', inner.getvalue())


FORMATS: tuple[Callable[[object, Path], None], ...] = (_as_zip, _as_legacy, _as_pickle, _as_zipped_checkpoint)

PLACES: tuple[Callable[[Payload, dict], object], ...] = (
    lambda payload, state: payload,
    lambda payload, state: [payload],
    lambda payload, state: dict(state_dict=payload),
    lambda payload, state: dict(state_dict={**state, 'extra': payload}),
    lambda payload, state: dict(state_dict=state, meta=payload),
    lambda payload, state: dict(state_dict=state, meta=dict(cfg=payload)),
    lambda payload, state: dict(state_dict=state, optimizer=dict(state={0: (payload,)})),
    lambda payload, state: dict(state_dict=state, message_hub=dict(runtime_info=dict(iter=payload))),
    lambda payload, state: {**state, 'weight': payload},
)


def malicious_checkpoint(seed: int, marker: Path, path: Path, state: dict) -> Path:
    """The checkpoint of a seed: way, place and format are drawn."""
    draw = random.Random(seed)
    payload = Payload(marker, draw.choice(Payload.WAYS))
    content = draw.choice(PLACES)(payload, state)
    draw.choice(FORMATS)(content, path)
    return path
