"""Clips uploaded to the demo page, and their predicted masks."""

import secrets
import shutil
import tempfile
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import torch

from ..datasets.synthetic_clip import SyntheticClip, SyntheticSource
from ..errors import VideoError
from ..models import StreamingModel
from ..models.streaming import StreamingSegmentor
from ..structures import LastFrameSource, ObjectPrompt, VideoSource, open_video
from .images import id_runs
from .jobs import Job, Worker

_KEPT = 8  # clips; the oldest ones are removed
# (offset, magic bytes, suffix) of accepted files; OpenCV may misinterpret others
_KINDS = (
    (4, b'ftyp', '.mp4'),
    (0, b'\x1a\x45\xdf\xa3', '.webm'),
    (8, b'AVI ', '.avi'),
)


class Clip:
    """A clip and its predicted masks.

    Attributes:
        id: random, so that it cannot be guessed.
        results: frame index and run lengths of each id mask, in the order of prediction.
        job: the tracking job; None until one is submitted.
    """

    def __init__(self, path: Path | None) -> None:
        self.id, self.path = secrets.token_urlsafe(12), path
        self.source = LastFrameSource(self.open(), keep=8)
        self.results: list[dict] = []
        self.job: Job | None = None
        self._lock = threading.Lock()  # a video file has one reader

    def open(self) -> VideoSource:
        """Open the clip again, for another thread."""
        if self.path is None:
            return SyntheticSource(SyntheticClip(12, 60, (288, 432), (2, 2), 0.2))
        return open_video(self.path)

    def frame(self, t: int) -> np.ndarray:
        """Frame ``t``.

        Raises:
            VideoError: the frame cannot be decoded.
        """
        with self._lock:
            return self.source[t]

    def report(self) -> dict:
        """Metadata that a page needs to show the clip."""
        height, width = self.source.size
        fps = float(self.source.fps or 25)
        return dict(id=self.id, width=width, height=height, frames=len(self.source), fps=min(fps, 60))


class Clips:
    """Clips in a private temporary folder, removed when the server stops.

    Args:
        model: tracks objects from boxes.
        worker: its thread runs the model.
    """

    def __init__(self, model: StreamingSegmentor | StreamingModel, worker: Worker) -> None:
        self.model, self.worker = model, worker
        self.folder = Path()  # set while the server runs
        self._clips: dict[str, Clip] = {}

    def start(self) -> None:
        """Create the folder, accessible to this user only."""
        self.folder = Path(tempfile.mkdtemp(prefix='vosplug-clips-'))

    def close(self) -> None:
        """Remove all clips."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def new_path(self, start: bytes) -> Path:
        """New random path for an upload with these first bytes; the client's file name is not used.

        Raises:
            VideoError: the bytes do not start a video of a known format.
        """
        suffix = next((end for at, magic, end in _KINDS if start[at : at + len(magic)] == magic), None)
        if suffix is None:
            raise VideoError('This is not an MP4, MOV, WebM, MKV or AVI video. Choose another file.')
        return self.folder / f'{secrets.token_hex(12)}{suffix}'

    def add(self, path: Path | None) -> Clip:
        """Add a file of the folder as a clip, or a generated clip for None.

        Raises:
            VideoError: the video cannot be decoded, or exceeds the limits.
        """
        try:
            clip = Clip(path)
        except VideoError as error:
            if path is not None:
                path.unlink(missing_ok=True)
                # the page must not learn the file's path
                raise VideoError(str(error).replace(str(path), 'The video')) from None
            raise
        self._clips[clip.id] = clip
        for old in list(self._clips)[:-_KEPT]:
            gone = self._clips.pop(old)
            if gone.job:
                gone.job.cancelled.set()
            if gone.path:
                gone.path.unlink(missing_ok=True)
        return clip

    def __getitem__(self, number: str) -> Clip:
        return self._clips[number]

    def track(self, clip: Clip, prompts: Mapping[int, Iterable[ObjectPrompt]]) -> Job:
        """Submit a job that tracks objects through a clip; earlier results are dropped.

        Args:
            clip: a clip of this folder.
            prompts: frame index -> box prompts.
        """
        if clip.job:
            clip.job.cancelled.set()
        results: list[dict] = []
        total, first = len(clip.source), min(prompts)

        def work(job: Job) -> str:
            source = clip.open()
            with torch.no_grad():
                for result in self.model.stream(source, prompts):
                    if result.index >= first:
                        results.append(dict(t=result.index, runs=id_runs(result.mask)))
                    job.step(result.index + 1, total)
            return f'{len(results)} frames'

        clip.results = results
        clip.job = self.worker.submit('tracking', work)
        return clip.job
