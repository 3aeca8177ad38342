"""A dataset: it lists and opens videos; clips, prompts and testing are inherited."""

import numpy as np

from vosplug.datasets import BaseVideoDataset, VideoRecord
from vosplug.registry import DATASETS
from vosplug.structures import ArrayAnnotation, ArraySource

SIZE = (128, 192)  # (H, W)
SIDE = 40


@DATASETS.register_module()
class MovingSquares(BaseVideoDataset):
    """Videos of a striped square that crosses a noisy image.

    Args:
        num_videos: videos in this split.
        seed: of the first video, incremented per video.
        kwargs: of :class:`vosplug.datasets.BaseVideoDataset`.
    """

    def __init__(self, num_videos: int = 50, seed: int = 0, **kwargs) -> None:
        self.num_videos, self.seed = num_videos, seed
        super().__init__(**kwargs)

    def load_data_list(self) -> list[dict]:
        """One small picklable dict per video."""
        return [dict(seed=self.seed + i) for i in range(self.num_videos)]

    def open_video(self, info: dict) -> VideoRecord:
        """Frames and masks of one video."""
        rng = np.random.default_rng(info['seed'])
        height, width = SIZE
        background = rng.integers(60, 140, (height, width, 3), dtype=np.uint8)
        square = np.where(np.arange(SIDE)[:, None, None] // 5 % 2, rng.integers(0, 255, 3), 250)
        frames, masks = [], []
        y = rng.integers(0, height - SIDE)
        for x in np.linspace(0, width - SIDE, 16).astype(int):
            frame, mask = background.copy(), np.zeros(SIZE, np.uint8)
            frame[y : y + SIDE, x : x + SIDE] = square
            mask[y : y + SIDE, x : x + SIDE] = 1
            frames.append(frame)
            masks.append(mask)
        return VideoRecord(f'squares_{info["seed"]:05d}', ArraySource(frames), ArrayAnnotation(masks))
