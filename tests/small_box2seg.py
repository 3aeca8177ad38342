"""A Box2Seg small enough for tests of seconds, and videos with boxes for it."""

from pathlib import Path

import cv2
import numpy as np
import torch
from mmengine.registry import init_default_scope
from small_data import make_frames, make_masks, write_frames

from vosplug.formats import write_id_mask
from vosplug.formats.box_table import COLUMNS
from vosplug.models import Box2Seg
from vosplug.registry import MODELS
from vosplug.structures import boxes_of_mask

CROP = dict(size=(33, 41), margin=4)
STEPS = [
    dict(type='ClipRandomFlip', prob=0.5),
    dict(type='ClipRandomAffine', jitter=0),
    dict(type='PackBoxCrop', **CROP),
]
FINE_TUNE = dict(
    steps=3,
    batch_size=2,
    optim_wrapper=dict(type='OptimWrapper', optimizer=dict(type='SGD', lr=0.1)),
    pipeline=STEPS,
)


def small_box2seg(loss: dict | None = None) -> dict:
    """Config of a network of width 8."""
    return dict(
        type='Box2Seg',
        crop=CROP,
        data_preprocessor=dict(type='vosplug.BoxCropPreprocessor'),
        backbone=dict(
            type='mmseg.ResNet',
            depth=18,
            in_channels=4,
            stem_channels=8,
            base_channels=8,
            num_stages=2,
            strides=(1, 2),
            dilations=(1, 1),
            out_indices=(0, 1),
        ),
        decode_head=dict(
            type='mmseg.DepthwiseSeparableASPPHead',
            in_channels=16,
            in_index=1,
            channels=8,
            dilations=(1, 2),
            c1_in_channels=8,
            c1_channels=4,
            num_classes=2,
            out_channels=2,  # MMSegmentation advises 1, and warns, unless it is said
            norm_cfg=dict(type='GN', num_groups=4),
            align_corners=False,
            loss_decode=loss or dict(type='mmseg.CrossEntropyLoss', avg_non_ignore=True),
        ),
        test_cfg=dict(mode='whole'),
    )


def build_box2seg(loss: dict | None = None) -> Box2Seg:
    """A network with random weights, the same at every call."""
    init_default_scope('vosplug')
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return MODELS.build(small_box2seg(loss)).eval()


def write_boxed_videos(root: Path, videos: dict[str, np.ndarray] | None = None) -> Path:
    """``videos/<name>``, ``truth/<name>`` and ``boxes.csv`` of the masks' boxes; two videos by default."""
    videos = videos or {'bear': make_masks(4), 'cats/one': make_masks(3, (2,))}
    lines = [','.join(COLUMNS)]
    for name, masks in videos.items():
        write_frames(root / 'videos' / name, make_frames(masks))
        for t, mask in enumerate(masks):
            write_id_mask(root / 'truth' / name / f'{t:05d}.png', mask)
            for i, box in boxes_of_mask(mask).items():
                lines.append(','.join([name, f'{t:05d}', str(i), *(f'{x:g}' for x in box)]))
    (root / 'boxes.csv').write_text('\n'.join(lines) + '\n')
    return root


def write_video_file(path: Path, frames: list[np.ndarray]) -> None:
    """Frames as a video file, lossy."""
    height, width = frames[0].shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 10, (width, height))
    for frame in frames:
        writer.write(frame)
    writer.release()
