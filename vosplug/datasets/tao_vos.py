"""TAO-VOS: long videos from seven datasets, annotated at 1 fps."""

from pathlib import Path

from ..errors import AnnotationError
from ..files import is_hidden_folder
from ..registry import DATASETS
from ..structures import ImageFolderSource, Prompts
from .annotated_prompts import first_appearance_prompts
from .frame_folders import FrameFolderDataset
from .video_record import VideoRecord


@DATASETS.register_module()
class TAOVOSDataset(FrameFolderDataset):
    """TAO-VOS (Voigtlaender et al., WACV 2021): objects are prompted where they first appear.

    Layout, ``<set>`` being one of TAO's seven datasets (``ArgoVerse``, ``AVA``, ``BDD``, ``Charades``,
    ``HACS``, ``LaSOT``, ``YFCC100M``) and a video's name ``<set>/<video>``:

    - ``<split>/JPEGImages/<set>/<video>/<frame>.jpg``; may contain unannotated frames,
    - ``<split>/Annotations/<set>/<video>/<frame>.png``,
    - ``frames/train`` and ``frames/val``, all frames as TAO stores them, ``<set>/<video>/<frame>.jpg``; only
      ``all_frames`` reads them.

    The first two follow public code for TAO-VOS (cekkec/SMART, ``dataset/vos_dataset_tao.py``), the last is
    TAO's own layout (TAO-Dataset/tao, ``docs/download.md``); putting both in one folder is our choice, and a
    link to TAO's ``frames`` is enough. With the annotation-only release, link ``train/JPEGImages`` to
    ``frames/train`` and ``valid/JPEGImages`` to ``frames/val``.

    Args:
        data_root: folder of all of these.
        split: ``'train'`` (500 videos) or ``'valid'`` (126).
        all_frames: provide every frame, at about 30 fps; otherwise only annotated frames. Training and
            scoring use annotated frames either way.
        kwargs: of :class:`FrameFolderDataset`; without ``ann_file`` the videos are those for which the
            dataset has masks.
    """

    annotated_every = 30  # Voigtlaender et al. 2021, Sec. 5.4: 1 fps in video of around 30 fps

    def __init__(self, data_root: str, split: str = 'train', all_frames: bool = False, **kwargs) -> None:
        self.split, self.all_frames = split, all_frames
        super().__init__(data_root=data_root, **kwargs)

    @property
    def frames_dir(self) -> Path:
        """See :class:`FrameFolderDataset`."""
        if self.all_frames:
            return Path(self.data_root) / 'frames' / ('val' if self.split == 'valid' else self.split)
        return Path(self.data_root) / self.split / 'JPEGImages'

    @property
    def own_masks_dir(self) -> Path:
        """See :class:`FrameFolderDataset`."""
        return Path(self.data_root) / self.split / 'Annotations'

    def video_names(self) -> list[str]:
        """All videos with masks: TAO has frames of many more.

        Raises:
            AnnotationError: no such folder of masks, or no video in it.
        """
        masks = self.own_masks_dir
        found = (p.relative_to(masks) for p in masks.glob('*/*') if p.is_dir())
        names = sorted(p.as_posix() for p in found if not any(map(is_hidden_folder, p.parts)))
        if not names:
            raise AnnotationError(
                f'{masks}: no masks found; expected a folder <dataset>/<video> per video, such as '
                'LaSOT/zebra-14. Correct data_root and split, or list the videos in ann_file.'
            )
        return names

    def open_video(self, info: dict) -> VideoRecord:
        """See :class:`BaseVideoDataset`."""
        record = super().open_video(info)
        if not self.all_frames:
            every, annotated = record.source, record.annotation.annotated_frames()
            record.source = ImageFolderSource(every.folder, [every.frame_paths[t] for t in annotated])
            record.annotation = self.annotation_type(
                record.annotation.folder, record.source.frame_names, record.source
            )
        return record

    def test_prompts(self, record: VideoRecord) -> Prompts:
        """See :class:`BaseVideoDataset`; objects are prompted where they first appear."""
        return first_appearance_prompts(record.annotation, self.prompt)
