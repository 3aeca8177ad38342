"""Small videos on disk, in the formats the datasets read."""

import json
import os
from pathlib import Path

import cv2
import numpy as np

from vosplug.formats import write_id_mask
from vosplug.structures import boxes_of_mask

SHARED = Path(os.environ.get('VOSPLUG_SHARED', Path(__file__).parents[2] / 'shared'))
SIZE = (48, 64)


def make_masks(length: int = 6, ids: tuple[int, ...] = (3, 7), size: tuple[int, int] = SIZE) -> np.ndarray:
    """Id masks, uint8 (T, H, W): an ellipse per id that moves right."""
    masks = np.zeros((length, *size), np.uint8)
    for t, mask in enumerate(masks):
        for k, object_id in enumerate(ids):
            cv2.ellipse(mask, (12 + 3 * t, 12 + 22 * k), (9, 6), 20, 0, 360, object_id, -1)
    return masks


def make_frames(masks: np.ndarray) -> list[np.ndarray]:
    """BGR frames that show the ids as brightness."""
    return [np.repeat((40 + 20 * np.minimum(mask, 10))[..., None], 3, 2).astype(np.uint8) for mask in masks]


def write_frames(folder: Path, frames: list[np.ndarray]) -> None:
    """``00000.jpg``, ..."""
    folder.mkdir(parents=True)
    for t, frame in enumerate(frames):
        cv2.imwrite(str(folder / f'{t:05d}.jpg'), frame)


def write_davis(root: Path, videos: dict[str, np.ndarray], resolution: str = '480p') -> Path:
    """Videos of id masks in the DAVIS layout; the image set lists them all."""
    for name, masks in videos.items():
        write_frames(root / 'JPEGImages' / resolution / name, make_frames(masks))
        for t, mask in enumerate(masks):
            write_id_mask(root / 'Annotations' / resolution / name / f'{t:05d}.png', mask)
    sets = root / 'ImageSets'
    sets.mkdir(parents=True)
    (sets / 'train.txt').write_text('\n'.join(videos) + '\n')
    return root


def write_ytvos(root: Path, split: str, videos: dict[str, np.ndarray], first_only: bool = False) -> Path:
    """Videos in the YouTube-VOS layout, names in steps of 5; ``first_only``: masks of first appearances."""
    meta = {}
    for name, masks in videos.items():
        folder, seen = root / split / 'JPEGImages' / name, set()
        folder.mkdir(parents=True)
        for t, (mask, frame) in enumerate(zip(masks, make_frames(masks), strict=True)):
            cv2.imwrite(str(folder / f'{5 * t:05d}.jpg'), frame)
            shown = set(boxes_of_mask(mask))
            if shown - seen or not first_only:
                kept = np.where(np.isin(mask, list(shown - seen if first_only else shown)), mask, 0)
                write_id_mask(root / split / 'Annotations' / name / f'{5 * t:05d}.png', kept.astype(np.uint8))
            seen |= shown
        meta[name] = dict(objects={str(i): dict(category='person' if i == 3 else 'yak') for i in seen})
    (root / split / 'meta.json').write_text(json.dumps(dict(videos=meta)))
    return root


def write_taovos(root: Path, split: str, videos: dict[str, np.ndarray], step: int = 3) -> Path:
    """Videos in the TAO-VOS layout, annotated in every ``step``-th frame, first at ``ring_95``.

    The annotated frames lie in ``<split>/JPEGImages``, all of them in ``frames``.
    """
    for name, masks in videos.items():
        every = root / 'frames' / ('val' if split == 'valid' else split) / name
        folder = root / split / 'JPEGImages' / name
        every.mkdir(parents=True)
        folder.mkdir(parents=True)
        for t, frame in enumerate(make_frames(np.repeat(masks, step, 0))):
            targets = [every] if t % step else [every, folder]
            for target in targets:
                cv2.imwrite(str(target / f'ring_{95 + t}.jpg'), frame)
            if not t % step:
                write_id_mask(root / split / 'Annotations' / name / f'ring_{95 + t}.png', masks[t // step])
    return root


def write_segtrack(root: Path, videos: dict[str, dict[int, np.ndarray]]) -> Path:
    """Videos in SegTrack v2's layout, of object id -> bool (T, H, W), which may overlap.

    A single object, 1, has no folder of its own; frames and masks differ in their suffixes.
    """
    for name, masks in videos.items():
        names = [f'{name}_{t:05d}' for t in range(len(next(iter(masks.values()))))]
        (root / 'JPEGImages' / name).mkdir(parents=True)
        for frame, image in zip(names, make_frames(sum(i * m for i, m in masks.items())), strict=True):
            cv2.imwrite(str(root / 'JPEGImages' / name / f'{frame}.{"png" if 2 in masks else "bmp"}'), image)
        for i, mask in masks.items():
            folder = root / 'GroundTruth' / name / (str(i) if len(masks) > 1 else '')
            folder.mkdir(parents=True, exist_ok=True)
            for frame, shown in zip(names, mask, strict=True):
                grey = np.repeat(shown[..., None] * np.uint8(255), 3, 2)
                cv2.imwrite(str(folder / f'{frame}.{"bmp" if i == 2 else "png"}'), grey)
    (root / 'ImageSets').mkdir()
    (root / 'ImageSets' / 'all.txt').write_text(''.join(f'*{name}\n' for name in videos))
    return root


def write_youtube_objects(root: Path, videos: dict[str, np.ndarray], step: int = 10) -> Path:
    """Videos ``<class>/<video>/<shot>`` of bool (T, H, W) in the layout of YouTube-Objects' masks.

    Every ``step``-th frame is annotated; the frames of ``v1``, all of them, are twice as large.
    """
    for name, masks in videos.items():
        kind, video, shot = name.split('/')
        folder = Path(kind, 'data', video, 'shots', shot)
        labels, images = (root / 'youtube_masks' / folder / part for part in ('labels', 'images'))
        for created in (labels, images, root / 'v1' / folder):
            created.mkdir(parents=True)
        for t, (mask, frame) in enumerate(zip(masks, make_frames(masks), strict=True), 1):
            large = cv2.resize(frame, None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST)
            cv2.imwrite(str(root / 'v1' / folder / f'frame{t:04d}.jpg'), large)
            if t % step == 1:
                cv2.imwrite(str(images / f'{t:05d}.jpg'), frame)
                cv2.imwrite(str(labels / f'{t:05d}.jpg'), mask * np.uint8(255))
    return root


def ytvis_content(videos: dict[str, np.ndarray], masks: bool = True, boxes: bool = True) -> dict:
    """A YouTube-VIS file as a dict; every id of a video is a track, null where it is absent."""
    content = dict(videos=[], annotations=[], categories=[dict(id=1, name='ellipse')])
    for k, (name, video) in enumerate(videos.items(), 1):
        length, height, width = video.shape
        names = [f'{name}/{t:05d}.jpg' for t in range(length)]
        content['videos'].append(dict(id=k, file_names=names, height=height, width=width))
        for object_id in np.unique(video[video > 0]):
            track = dict(id=len(content['annotations']) + 1000, video_id=k, category_id=1)
            if masks:
                track['segmentations'] = [rle(m == object_id) for m in video]
            if boxes:
                track['bboxes'] = [xywh(m, int(object_id)) for m in video]
            content['annotations'].append(track)
    return content


def rle(mask: np.ndarray) -> dict | None:
    """Uncompressed COCO run lengths, column by column, zeros first."""
    if not mask.any():
        return None
    flat = np.concatenate([[False], mask.T.ravel()])
    edges = np.flatnonzero(flat[1:] != flat[:-1])
    runs = np.diff(np.concatenate([[0], edges, [mask.size]]))
    return dict(size=list(mask.shape), counts=runs.tolist())


def xywh(id_mask: np.ndarray, object_id: int) -> list[float] | None:
    """Tight box as x, y, width, height."""
    box = boxes_of_mask(id_mask).get(object_id)
    return None if box is None else [float(v) for v in (box[0], box[1], box[2] - box[0], box[3] - box[1])]


def write_ytvis(root: Path, videos: dict[str, np.ndarray], **kwargs) -> Path:
    """Frames and ``instances.json``."""
    for name, masks in videos.items():
        write_frames(root / 'JPEGImages' / name, make_frames(masks))
    (root / 'instances.json').write_text(json.dumps(ytvis_content(videos, **kwargs)))
    return root


def truncate(path: Path, part: float = 0.5) -> None:
    """Cut a file off, as an interrupted copy does."""
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * part)])


TRAIN_PIPELINE = [
    dict(type='LoadClip'),
    dict(type='ClipResize', short_side=40),
    dict(type='ClipRandomAffine'),
    dict(type='ClipRandomCrop', size=(32, 32)),
    dict(type='ClipRandomFlip'),
    dict(type='PackClip'),
]
