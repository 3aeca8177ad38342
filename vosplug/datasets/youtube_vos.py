"""YouTube-VOS, 2018 and 2019, in its official folder layout."""

from functools import cached_property
from pathlib import Path

from ..errors import AnnotationError
from ..files import is_file
from ..formats.youtube_vos_meta import read_meta
from ..registry import DATASETS
from ..structures import Prompts
from .annotated_prompts import first_appearance_prompts
from .frame_folders import FrameFolderDataset
from .video_record import VideoRecord


@DATASETS.register_module()
class YouTubeVOSDataset(FrameFolderDataset):
    """YouTube-VOS (Xu et al., 2018): objects are prompted where they first appear.

    Layout: ``<split>/JPEGImages/<video>``, ``<split>/Annotations/<video>``, ``<split>/meta.json`` (for the
    categories that its protocols need). ``valid`` and ``test`` only have the masks of first appearances, so
    they are scored on the server. ``train`` can be tested and scored locally. Objects that ``meta.json``
    lists but no mask shows are neither prompted nor scored.

    Args:
        data_root: the folder of one release.
        split: ``'train'``, ``'valid'`` or ``'test'``.
        all_frames: read frames at 30 fps from ``<split>_all_frames/JPEGImages``; those of ``<split>`` are the
            annotated ones, at 6 fps.
        kwargs: of :class:`FrameFolderDataset`.
    """

    annotated_every = 5  # Xu et al. 2018, Sec. 3: 6 fps annotations of 30 fps videos

    def __init__(self, data_root: str, split: str = 'train', all_frames: bool = False, **kwargs) -> None:
        self.split, self.all_frames = split, all_frames
        super().__init__(data_root=data_root, **kwargs)

    @property
    def frames_dir(self) -> Path:
        """See :class:`FrameFolderDataset`."""
        folder = f'{self.split}_all_frames' if self.all_frames else self.split
        return Path(self.data_root) / folder / 'JPEGImages'

    @property
    def own_masks_dir(self) -> Path:
        """See :class:`FrameFolderDataset`."""
        return Path(self.data_root) / self.split / 'Annotations'

    @cached_property
    def categories(self) -> dict[str, dict[int, str]]:
        """Video -> object id -> category; empty without a ``meta.json``, which only scoring needs."""
        meta = Path(self.data_root) / self.split / 'meta.json'
        return read_meta(meta) if is_file(meta) else {}

    def open_video(self, info: dict) -> VideoRecord:
        """See :class:`BaseVideoDataset`."""
        record = super().open_video(info)
        if self.test_mode:
            record.categories = self.categories.get(record.name, {})
        return record

    def test_prompts(self, record: VideoRecord) -> Prompts:
        """See :class:`BaseVideoDataset`; objects are prompted where they first appear.

        Raises:
            AnnotationError: ``meta.json`` has categories, but none for an object that the dataset's own masks
                show.
        """
        prompts = first_appearance_prompts(record.annotation, self.prompt)
        shown = {prompt.object_id for given in prompts.values() for prompt in given}
        without = sorted(shown - record.categories.keys())
        if without and self.ann_dir is None and any(self.categories.values()):
            raise AnnotationError(
                f'{self.data_root}/{self.split}/meta.json: no category for object {without[0]} of video '
                f'{record.name}, whose masks show objects {sorted(shown)}; found categories for '
                f'{sorted(record.categories)}. Correct the file or the masks; without the file, objects have '
                'no categories.'
            )
        return prompts
