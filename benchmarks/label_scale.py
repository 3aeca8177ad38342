"""Time and memory of the pseudo-label factory around the model: planning, records, Parquet manifest.

``python benchmarks/label_scale.py --videos 100000 --rows 100``; generated boxes, and records in place of a
model and its masks. Needs ``vosplug[scale]``.
"""

import argparse
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow.compute
import pyarrow.dataset

from vosplug.models import FilledBoxInitializer
from vosplug.pseudo_labels import (
    BoxTrack,
    BoxVideo,
    LabelFactory,
    Labeller,
    Shard,
    manifest_numbers,
)
from vosplug.pseudo_labels.composition import Label
from vosplug.pseudo_labels.output import manifest_row

T = TypeVar('T')


class GeneratedVideos(Sequence):
    """Videos generated on access: one object with a box in each of ``rows`` frames, which do not exist."""

    def __init__(self, count: int, rows: int) -> None:
        self.count, self.root = count, Path('nowhere')
        self.frames = [f'{t:05d}' for t in range(rows)]
        self.boxes = {frame: [np.array([1, 2, 3, 4], np.float32)] for frame in self.frames}

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, k):
        if isinstance(k, slice):
            return [self[i] for i in range(*k.indices(self.count))]
        if k >= self.count:
            raise IndexError
        name = f'{k // 10_000:04d}/{k:08d}'
        files = {frame: f'{name}/{frame}.jpg' for frame in self.frames}
        return BoxVideo(name, self.frames, files, {1: BoxTrack('1', boxes=self.boxes)}, self.root)


def write_record(factory: LabelFactory) -> Callable:
    """Stand-in for the model and its masks: a function that writes a video's record with all rows."""

    def make(video, inputs) -> None:
        rows = [
            manifest_row(video.name, '1', Label(1, frame, 0.5 + (k % 100) / 200))
            for k, frame in enumerate(video.frames)
        ]
        record = dict(fingerprint=inputs.fingerprint, name=video.name, masks={}, rows=rows)
        factory.store.write_state('finished', video.name, record)

    return make


def measured(what: str, function: Callable[[], T]) -> T:
    """Result of a function; its time, and the process' peak memory so far, are printed."""
    began, cpu = time.perf_counter(), time.process_time()
    result = function()
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f'{what:<44} {seconds:9.2f} s  (CPU {cpu:8.2f} s)  peak {peak:7.0f} MiB', flush=True)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--videos', type=int, default=10_000)
    parser.add_argument('--rows', type=int, default=10, help='of the manifest, per video')
    parser.add_argument('--plan', type=int, help='number of videos for planning; default: --videos')
    parser.add_argument('--chunk', type=int, default=1000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        labeller = Labeller(FilledBoxInitializer())
        factory = LabelFactory(folder, labeller, manifest='parquet', chunk=args.chunk)
        planned = args.plan or args.videos
        shard = measured(
            f'plan {planned} videos, one of 64 shards',
            lambda: factory.plan(GeneratedVideos(planned, 1)).of_shard(Shard(3, 64)),
        )
        print(f'  {len(shard)} of {-(-planned // args.chunk)} chunks')
        videos = GeneratedVideos(args.videos, args.rows)
        factory.maker.make = write_record(factory)
        measured(f'make {args.videos} records and partitions', lambda: factory.make_all(videos))
        made = measured('resume: check all, nothing to do', lambda: factory.make_all(videos))
        measured('finalize', lambda: factory.finalize(videos, 1))
        table = pyarrow.dataset.dataset(Path(folder) / 'manifest')
        names = measured(
            'list videos, PyArrow', lambda: pyarrow.compute.unique(table.to_table(['video'])['video'])
        )
        numbers = measured('aggregate by source and status', lambda: manifest_numbers(folder))
        parts = [path.stat().st_size for path in (Path(folder) / 'manifest').iterdir()]
        assert made == 0 and len(names) == args.videos and sum(numbers.values()) == args.videos * args.rows
        print(f'  {sum(numbers.values())} rows in {len(parts)} partitions, {sum(parts) / 2**20:.1f} MiB')


if __name__ == '__main__':
    main()
