"""Division of a run among independent processes."""

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..datasets.video_sampler import balanced
from ..errors import ConfigError
from .box_video import BoxVideo
from .video_names import check_video_names


@dataclass(frozen=True)
class Shard:
    """One process' share of a run: part ``index`` of ``count``, from 0."""

    index: int = 0
    count: int = 1

    @classmethod
    def parse(cls, text: str) -> 'Shard':
        """Read the argument ``--shard I/N``, with I from 1 to N.

        Raises:
            ConfigError: anything else, or N of more than six digits.
        """
        match = re.fullmatch('([0-9]{1,6})/([0-9]{1,6})', text)
        index, count = (int(number) for number in match.groups()) if match else (0, 0)
        if not 1 <= index <= count:
            raise ConfigError(
                f'--shard: found {text!r:.60}, expected I/N, I from 1 to N (below a million), such as 2/8.'
            )
        return cls(index - 1, count)

    def of_torchrun(self) -> 'Shard':
        """The part of this shard that is assigned to the current process of torchrun."""
        world_size = int(os.environ.get('WORLD_SIZE', 1))
        rank = int(os.environ.get('RANK', 0))
        return Shard(self.index * world_size + rank, self.count * world_size)


class Plan:
    """Videos of a run, split into chunks of consecutive videos, the units of work.

    The chunks do not depend on the number of shards; neither do files that are written per chunk.

    Args:
        videos: all of the run. They are iterated once and need not be in memory.
        size: videos per chunk.
        out: folder of the labels, whose file system decides which names are equal.

    Raises:
        AnnotationError: names of videos that cannot be folders, or whose folders would be the same.
    """

    def __init__(self, videos: Sequence[BoxVideo], size: int, out: Path) -> None:
        self.videos, self.size = videos, size
        self.boxes = [0] * -(-len(videos) // size)  # indexed by chunk
        self._digest = hashlib.sha256(f'{size}'.encode())
        check_video_names(self._seen(), out)
        self.digest = self._digest.hexdigest()  # hash of everything that determines the shards

    def _seen(self) -> Iterator[str]:
        for k, video in enumerate(self.videos):
            self.boxes[k // self.size] += video.num_boxes
            self._digest.update(f'\0{video.name}\0{video.num_boxes}'.encode('utf-8', 'surrogatepass'))
            yield video.name

    def chunk(self, k: int) -> Sequence[BoxVideo]:
        """Videos of chunk ``k``."""
        return self.videos[k * self.size : (k + 1) * self.size]

    @property
    def num_chunks(self) -> int:
        """Number of chunks."""
        return len(self.boxes)

    def num_videos(self, shard: Shard) -> int:
        """Number of videos of a shard."""
        return sum(min(self.size, len(self.videos) - k * self.size) for k in self.of_shard(shard))

    def of_shard(self, shard: Shard) -> list[int]:
        """Chunks of a shard, in order."""
        return balanced(self.boxes, shard.count)[shard.index]
