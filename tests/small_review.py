"""A small folder of labels and models without networks, for tests of the review page."""

import time
from pathlib import Path

import numpy as np
from small_factory import box_factory, write_four_videos
from starlette.applications import Starlette
from starlette.testclient import TestClient

from vosplug.models import FilledBoxInitializer
from vosplug.structures import FrameResult, open_video
from vosplug.web import review_app

LOCAL = 'http://localhost:8765'
WRITE = {'x-vosplug': '1'}


class ShiftTracker:
    """Moves every prompted mask three pixels to the right in each frame, and waits where it is told to."""

    def __init__(self) -> None:
        self.pause = 0.0
        self.seen: list[list[str]] = []

    def stream(self, source, prompts):
        """See :class:`~vosplug.models.streaming.StreamingSegmentor`."""
        source = open_video(source)
        self.seen.append(source.frame_names)
        masks = {}
        for t, name in enumerate(source.frame_names):
            time.sleep(self.pause)
            for prompt in prompts.get(t, []):
                mask = prompt.mask
                if mask is None:
                    x1, y1, x2, y2 = prompt.box.astype(int)
                    mask = np.zeros(source.size, bool)
                    mask[y1:y2, x1:x2] = True
                masks[prompt.object_id] = mask
            merged = np.zeros(source.size, np.uint8)
            for i, mask in masks.items():
                merged[mask] = i
            yield FrameResult(t, name, merged, {})
            masks = {i: np.roll(mask, 3, 1) for i, mask in masks.items()}


def make_labels(root: Path) -> Path:
    """Four videos and their labels; objects 3 and 7 in each."""
    write_four_videos(root)
    factory, videos = box_factory(root)
    factory.make_all(videos)
    factory.finalize(videos)
    return root


def small_review_app(root: Path, tracker: ShiftTracker | None = None, **options) -> Starlette:
    """The review of the labels."""
    factory, videos = box_factory(root)
    factory.maker.labeller._fine_tuned = lambda *args: factory.maker.labeller.model
    return review_app(factory, videos, FilledBoxInitializer(), tracker or ShiftTracker(), **options)


def client_of(app: Starlette, url: str = LOCAL) -> TestClient:
    """A page's view of the server; use it as a context, which starts and stops the worker."""
    return TestClient(app, base_url=url, headers=WRITE)


def wait_for_jobs(client: TestClient, saved: bool = False) -> list[dict]:
    """Jobs once all are over, and if ``saved`` once all files are written."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        state = client.get('/api/state').json()
        over = all(job['state'] not in ('waits', 'runs') for job in state['jobs'])
        if over and (state['saved'] or not saved):
            return state['jobs']
        time.sleep(0.02)
    raise AssertionError(f'still at work: {state}')
