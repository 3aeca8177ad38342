"""Clips that people send to the demo page, and the masks that a model finds in them."""

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
# beginning of a file -> suffix; OpenCV takes other files for what they are not
_KINDS = (
    (4, b'ftyp', '.mp4'),
    (0, b'\x1a\x45\xdf\xa3', '.webm'),
    (8, b'AVI ', '.avi'),
)


class Clip:
    """A clip, and the masks that were found in it.

    Attributes:
        id: nobody guesses it.
        results: index of a frame and run lengths of its id mask, in the order in which they were found.
        job: that finds them; None before.
    """

    def __init__(self, path: Path | None) -> None:
        self.id, self.path = secrets.token_urlsafe(12), path
        self.source = LastFrameSource(self.open(), keep=8)
        self.results: list[dict] = []
        self.job: Job | None = None
        self._lock = threading.Lock()  # a video file has one reader

    def open(self) -> VideoSource:
        """Open the clip once more, for another thread."""
        if self.path is None:
            return SyntheticSource(SyntheticClip(12, 60, (288, 432), (2, 2), 0.2))
        return open_video(self.path)

    def frame(self, t: int) -> np.ndarray:
        """Frame ``t``.

        Raises:
            VideoError: it cannot be decoded.
        """
        with self._lock:
            return self.source[t]

    def report(self) -> dict:
        """What a page needs to show it."""
        height, width = self.source.size
        fps = float(self.source.fps or 25)
        return dict(id=self.id, width=width, height=height, frames=len(self.source), fps=min(fps, 60))


class Clips:
    """Clips in a private folder, which is removed at the end.

    Args:
        model: tracks objects from boxes.
        worker: its thread runs the model.
    """

    def __init__(self, model: StreamingSegmentor | StreamingModel, worker: Worker) -> None:
        self.model, self.worker = model, worker
        self.folder = Path()  # of the clips, while the server runs
        self._clips: dict[str, Clip] = {}

    def start(self) -> None:
        """Make the folder, into which nobody else may look."""
        self.folder = Path(tempfile.mkdtemp(prefix='vosplug-clips-'))

    def close(self) -> None:
        """Remove all clips."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def new_path(self, start: bytes) -> Path:
        """Path for a file that begins like this; its name has nothing of the sender's.

        Raises:
            VideoError: no video of a known kind.
        """
        suffix = next((end for at, magic, end in _KINDS if start[at : at + len(magic)] == magic), None)
        if suffix is None:
            raise VideoError('This is no MP4, MOV, WebM, MKV or AVI video. Choose another file.')
        return self.folder / f'{secrets.token_hex(12)}{suffix}'

    def add(self, path: Path | None) -> Clip:
        """Open a file of the folder as a clip, or a generated one.

        Raises:
            VideoError: it cannot be decoded, or is larger than the limits.
        """
        try:
            clip = Clip(path)
        except VideoError as error:
            if path is not None:
                path.unlink(missing_ok=True)
                # the name of the file is none of the page's business
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
        """Find objects in all frames of a clip; what was found before is dropped.

        Args:
            clip: of this folder.
            prompts: boxes by the index of their frame.
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
