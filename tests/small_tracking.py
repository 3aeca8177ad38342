"""GOT-10k, LaSOT and TrackingNet in small, in their official layouts and in MMTracking's files."""

import json
from pathlib import Path

import cv2
import numpy as np
from small_data import make_frames, make_masks

from vosplug.datasets import GOT10kDataset, LaSOTDataset, TrackingNetDataset
from vosplug.datasets.tracking_benchmarks import TrackingBenchmark
from vosplug.structures import boxes_of_mask

HEADER = 'The format of each line in this txt is (video_path,annotation_path,start_frame_id,end_frame_id)'
MASKS = make_masks(5, ids=(1,))
# xywh, tight around the masks
BOXES = np.array([[*b[:2], *(b[2:] - b[:2])] for b in (boxes_of_mask(m)[1] for m in MASKS)])
LAYOUTS = {
    'got10k': (GOT10kDataset, ['GOT-10k_Val_000001', 'GOT-10k_Val_000002']),
    'lasot': (LaSOTDataset, ['airplane-9', 'bear-2']),
    'trackingnet': (TrackingNetDataset, ['-5cLGbt8xgY_0', 'zzz_1']),
}


# of GOT-10k: hidden frames, or their absence and cover, which may disagree
Hidden = tuple[int, ...] | dict[int, tuple[int, int]]
DISAGREEING = {2: (1, 5), 3: (0, 0)}


def got10k_flags(t: int, hidden: Hidden) -> tuple[int, int]:
    """Absence and cover of a frame."""
    return hidden[t] if t in hidden and isinstance(hidden, dict) else (1, 0) if t in hidden else (0, 8)


def write_track(root: Path, benchmark: str, name: str, hidden: Hidden = (), boxes=BOXES) -> Path:
    """A sequence in the benchmark's layout; the folder of its frames."""
    folder = root / (f'{name.rpartition("-")[0]}/{name}' if benchmark == 'lasot' else name)
    frames = {'got10k': folder, 'lasot': folder / 'img', 'trackingnet': root / 'frames' / name}[benchmark]
    frames.mkdir(parents=True)
    for t, frame in enumerate(make_frames(MASKS)):
        number = str(t) if benchmark == 'trackingnet' else f'{t + 1:08d}'
        cv2.imwrite(str(frames / f'{number}.jpg'), frame)
    lines = '\n'.join(','.join(f'{value:g}' for value in box) for box in boxes)
    gone = [int(t in hidden) for t in range(len(boxes))]
    if benchmark == 'trackingnet':
        (root / 'anno').mkdir(exist_ok=True)
        (root / 'anno' / f'{name}.txt').write_text(lines)
        return frames
    (folder / 'groundtruth.txt').write_text(lines)
    if benchmark == 'lasot':
        (folder / 'full_occlusion.txt').write_text(','.join(map(str, gone)))
        (folder / 'out_of_view.txt').write_text(','.join('0' * len(gone)))
    elif len(boxes) > 1:
        absence, cover = zip(*(got10k_flags(t, hidden) for t in range(len(boxes))), strict=True)
        (folder / 'cover.label').write_text('\n'.join(map(str, cover)))
        (folder / 'absence.label').write_text('\n'.join(map(str, absence)))
        height, width = MASKS.shape[1:]
        (folder / 'meta_info.ini').write_text(f'[METAINFO]\nresolution: ({width}, {height})\n')
    return frames


def build(root: Path, benchmark: str, hidden: Hidden = (), boxes=BOXES, **kwargs) -> TrackingBenchmark:
    kind, names = LAYOUTS[benchmark]
    for name in names:
        write_track(root, benchmark, name, hidden, boxes)
    if benchmark == 'got10k':
        (root / 'list.txt').write_text('\n'.join(names))
    return kind(str(root), **kwargs)


def write_infos(root: Path, benchmark: str, length: int = len(MASKS)) -> Path:
    """An info list of the sequences, relative to the folder above."""
    lines = []
    for name in LAYOUTS[benchmark][1]:
        folder = f'{root.name}/{name}'
        if benchmark == 'lasot':
            folder = f'{root.name}/{name.rpartition("-")[0]}/{name}'
        lines.append(
            {
                'got10k': f'{folder},{folder}/groundtruth.txt,1,{length}',
                'lasot': f'{folder}/img,{folder}/groundtruth.txt,1,{length}',
                'trackingnet': f'{root.name}/frames/{name},{root.name}/anno/{name}.txt,0,{length - 1}',
            }[benchmark]
        )
    path = root.parent / f'{benchmark}_infos.txt'
    path.write_text('\n'.join([HEADER, *lines]))
    return path


def write_cocovid(root: Path, benchmark: str, hidden: Hidden = (), boxes=BOXES) -> Path:
    """The same as MMTracking's JSON, relative to ``root``; frames beyond the boxes have boxes of zeros."""
    content = dict(videos=[], images=[], annotations=[], categories=[dict(id=0, name=0)])
    for k, name in enumerate(LAYOUTS[benchmark][1]):
        folder = {
            'got10k': name,
            'lasot': f'{name.rpartition("-")[0]}/{name}/img',
            'trackingnet': f'frames/{name}',
        }[benchmark]
        content['videos'].append(dict(id=k, name=name))
        for t in range(len(MASKS)):
            key = 100 * k + t
            file = f'{t}.jpg' if benchmark == 'trackingnet' else f'{t + 1:08d}.jpg'
            content['images'].append(dict(id=key, video_id=k, frame_id=t, file_name=f'{folder}/{file}'))
            box = boxes[t].tolist() if t < len(boxes) else [0.0] * 4
            entry = dict(id=key, image_id=key, instance_id=k, category_id=0, bbox=box)
            if benchmark == 'lasot':
                entry |= dict(full_occlusion=t in hidden, out_of_view=False)
            elif benchmark == 'got10k' and len(boxes) > 1:
                entry |= dict(zip(('absence', 'cover'), got10k_flags(t, hidden), strict=True))
            content['annotations'].append(entry)
    path = root / f'{benchmark}.json'
    path.write_text(json.dumps(content))
    return path
