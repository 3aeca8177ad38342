"""Outputs of tracking, written frame by frame in any combination."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ...errors import ConfigError
from .annotations import ANNOTATIONS
from .images import open_cutout_images, open_masks
from .records import AddFrame, Output, TrackedFrame, TrackedVideo
from .report import open_report
from .tables import open_csv, open_json
from .videos import open_cutout, open_overlay

__all__ = ['OUTPUTS', 'Output', 'TrackedFrame', 'TrackedVideo', 'check_outputs', 'open_outputs']

OUTPUTS: dict[str, Output] = {
    'masks': Output('masks', open_masks, 'indexed PNG per frame'),
    'overlay': Output('overlay.mp4', open_overlay, 'video with coloured objects, H.264 with the audio'),
    'cutout': Output('cutout.webm', open_cutout, 'video of the objects on a transparent background, VP9'),
    'cutout-png': Output('cutout', open_cutout_images, 'RGBA PNG per frame'),
    'csv': Output('objects.csv', open_csv, 'boxes, areas, scores and presence, a row per frame and object'),
    'json': Output('objects.json', open_json, 'the same, a frame per line'),
    'report': Output('report.html', open_report, 'page with overlays, scores, speed and memory over time'),
    **ANNOTATIONS,
}


def check_outputs(names: Iterable[str]) -> list[str]:
    """Check the names of outputs; returns each name once.

    Raises:
        ConfigError: an unknown name, or none.
    """
    given = [names] if isinstance(names, str) else list(names)
    for name in given:
        if name not in OUTPUTS:
            raise ConfigError(f'outputs: found {name!r:.80}, expected one of {", ".join(OUTPUTS)}.')
    if not given:
        raise ConfigError(f'outputs: none, expected one of {", ".join(OUTPUTS)}.')
    return list(dict.fromkeys(given))


@contextmanager
def open_outputs(names: Iterable[str], folder: Path, video: TrackedVideo) -> Iterator[AddFrame]:
    """Write outputs of a video.

    Args:
        names: keys of :data:`OUTPUTS`.
        folder: folder to write to.
        video: the video.

    Yields:
        AddFrame: takes the frames in order.
    """
    with ExitStack() as stack:
        adds = [stack.enter_context(OUTPUTS[k].open(folder / OUTPUTS[k].target, video)) for k in names]

        def add(frame: TrackedFrame) -> None:
            for add_to_one in adds:
                add_to_one(frame)

        yield add
