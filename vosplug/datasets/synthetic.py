"""SyntheticVOS: generated videos with exact masks and boxes, made on the fly."""

from ..registry import DATASETS
from ..structures import Prompts
from .annotated_prompts import first_appearance_prompts
from .base_video_dataset import BaseVideoDataset
from .synthetic_clip import SyntheticAnnotation, SyntheticClip, SyntheticSource
from .video_record import VideoRecord


@DATASETS.register_module()
class SyntheticVOS(BaseVideoDataset):
    """Textured, deforming, occluding objects that enter and leave, over moving backgrounds.

    A video is a function of its seed: nothing is stored, and the same seed gives the same pixels. In a test
    video an object is prompted in the first frame where its box covers 1/200 of the image.

    Args:
        num_videos: videos in this split.
        num_frames: frames per video.
        size: (H, W).
        num_objects: least and most objects per video.
        seed: of the first video, incremented per video; splits with disjoint ranges share no video.
        kwargs: of :class:`BaseVideoDataset`.
    """

    def __init__(
        self,
        num_videos: int = 100,
        num_frames: int = 24,
        size: tuple[int, int] = (128, 192),
        num_objects: tuple[int, int] = (1, 3),
        seed: int = 0,
        **kwargs,
    ) -> None:
        self.num_videos, self.num_frames, self.seed = num_videos, num_frames, seed
        self.size, self.num_objects = tuple(size), tuple(num_objects)
        super().__init__(**kwargs)

    def load_data_list(self) -> list[dict]:
        """See :class:`BaseVideoDataset`."""
        return [
            dict(video_name=f'synthetic_{self.seed + i:06d}', seed=self.seed + i)
            for i in range(self.num_videos)
        ]

    def open_video(self, info: dict) -> VideoRecord:
        """See :class:`BaseVideoDataset`."""
        clip = SyntheticClip(info['seed'], self.num_frames, self.size, self.num_objects)
        return VideoRecord(info['video_name'], SyntheticSource(clip), SyntheticAnnotation(clip))

    def test_prompts(self, record: VideoRecord) -> Prompts:
        """See :class:`BaseVideoDataset`; objects are prompted where they are first large enough."""
        # DAVIS leaves out the last frame, so an object that enters in the last two has nothing to score
        least = self.size[0] * self.size[1] // 200
        return first_appearance_prompts(record.annotation, self.prompt, least, until=-2)
