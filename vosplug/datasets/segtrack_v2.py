"""SegTrack v2: every frame annotated, one mask per object."""

from pathlib import Path

from ..errors import ConfigError
from ..formats import GreyMaskAnnotation
from ..registry import DATASETS
from ..structures import ImageFolderSource, Prompts
from .annotated_prompts import first_appearance_prompts
from .frame_folders import FrameFolderDataset
from .video_record import VideoRecord


@DATASETS.register_module()
class SegTrackV2Dataset(FrameFolderDataset):
    """SegTrack v2 (Li et al., ICCV 2013): 14 sequences, 24 objects, 947 frames, all annotated.

    Layout of the distributed archive:

    - ``JPEGImages/<sequence>/<frame>``, PNG, BMP or JPEG files,
    - ``GroundTruth/<sequence>/<frame>`` where there is one object, otherwise
      ``GroundTruth/<sequence>/<object>/<frame>`` with objects 1, 2, ...; grey masks, PNG or BMP,
    - ``ImageSets/all.txt`` lists the sequences, each after an asterisk.

    Frames and masks are matched by their names without suffix; suffixes differ even within a sequence. The
    folders' numbers are the object ids; where objects overlap, an id mask shows the smaller one. An object is
    prompted in the first frame that shows it.

    Args:
        data_root: folder of all of these.
        separate_objects: make each object a video of its own, ``bmx/1`` and ``bmx/2``, in which the others
            are background (Perazzi et al. 2017, Sec. 5.1: a separate problem); otherwise a video shows all
            its objects.
        kwargs: of :class:`FrameFolderDataset`; masks in ``ann_dir`` are indexed.

    Raises:
        ConfigError: ``separate_objects`` with ``ann_dir``.
    """

    def __init__(self, data_root: str, separate_objects: bool = False, **kwargs) -> None:
        if separate_objects and kwargs.get('ann_dir') is not None:
            raise ConfigError(
                'SegTrackV2Dataset.separate_objects: needs a folder of masks per object, which ann_dir '
                'does not have. Set only one of the two options.'
            )
        self.separate_objects = separate_objects
        super().__init__(data_root=data_root, **kwargs)

    @property
    def own_masks_dir(self) -> Path:
        """See :class:`FrameFolderDataset`."""
        return Path(self.data_root) / 'GroundTruth'

    def load_data_list(self) -> list[dict]:
        """See :class:`BaseVideoDataset`."""
        videos = super().load_data_list()
        if not self.separate_objects:
            return videos
        items = []
        for info in videos:
            folders = object_folders(self.masks_of(info['video_name']))
            items += [{**info, 'object_id': i} for i in folders] if len(folders) > 1 else [info]
        return items

    def open_video(self, info: dict) -> VideoRecord:
        """See :class:`BaseVideoDataset`."""
        if self.ann_dir is not None:
            return super().open_video(info)
        name = info['video_name']
        source = ImageFolderSource(self.frames_of(name))
        folders = object_folders(self.masks_of(name))
        if 'object_id' in info:
            folders = {info['object_id']: folders[info['object_id']]}
            name = f'{name}/{info["object_id"]}'
        return VideoRecord(name, source, GreyMaskAnnotation(folders, source.frame_names, source))

    def test_prompts(self, record: VideoRecord) -> Prompts:
        """See :class:`BaseVideoDataset`; objects are prompted where they first appear."""
        return first_appearance_prompts(record.annotation, self.prompt)


def object_folders(folder: Path) -> dict[int, Path]:
    """Object id -> folder of its masks: numbered subfolders, or ``folder`` itself with id 1."""
    numbered = {int(p.name): p for p in folder.glob('*/') if p.name.isdecimal()}
    return dict(sorted(numbered.items())) or {1: folder}
