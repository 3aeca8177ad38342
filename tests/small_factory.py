"""Factories of filled boxes, which need no network, for tests of what happens around the model."""

from pathlib import Path

from small_box2seg import write_boxed_videos
from small_data import make_masks

from vosplug.models import FilledBoxInitializer
from vosplug.pseudo_labels import BoxVideo, LabelFactory, Labeller, read_box_videos

NAMES = ('bear', 'cats/one', 'cats/two', 'wolf')


class Asked(Labeller):
    """Remembers the videos that it was asked for."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.asked: list[str] = []

    def label(self, video, source, object_ids, manual):
        """See the base."""
        self.asked.append(video.name)
        return super().label(video, source, object_ids, manual)


def write_four_videos(root: Path) -> Path:
    """Videos with 2, 3, 4 and 5 frames."""
    return write_boxed_videos(root, {name: make_masks(t) for t, name in enumerate(NAMES, 2)})


def box_factory(
    root: Path, out: str = 'out', labeller: Labeller | None = None, **options
) -> tuple[LabelFactory, list[BoxVideo]]:
    """A factory and its videos."""
    factory = LabelFactory(root / out, labeller or Asked(FilledBoxInitializer()), **options)
    return factory, read_box_videos(root / 'boxes.csv', root / 'videos')


def tree(folder: Path) -> dict[str, bytes]:
    """Content of all files below a folder."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob('*') if p.is_file()}
