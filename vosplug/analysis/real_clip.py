"""The demo's real video, and its segmentation by a shipped model."""

import time
from pathlib import Path

import numpy as np

from ..models.build import build_model
from ..structures import ObjectPrompt, VideoFileSource
from ..visualization import draw_overlay, write_gif, write_mp4

CLIP = Path(__file__).parent / 'clips' / 'cup.mp4'  # its licence is beside it
RATE = 15
MODEL = 'xmem-tiny-box'
BOXES = {1: (229, 92, 312, 288), 2: (264, 130, 480, 221)}  # cup and hand in the first frame, xyxy


def track_real_clip() -> tuple[list[np.ndarray], float]:
    """Track both objects of the clip from their boxes in its first frame.

    Returns:
        tuple: its frames with the masks, uint8 (H, W, 3) BGR, and frames per second without drawing.
    """
    source, model = VideoFileSource(CLIP), build_model(MODEL).eval()
    prompts = {0: [ObjectPrompt(k, box=np.array(box, np.float32)) for k, box in BOXES.items()]}
    frames, seconds, began = [], 0.0, time.perf_counter()
    for result in model.stream(source, prompts):
        seconds += time.perf_counter() - began
        boxes = BOXES if result.index == 0 else None
        frames.append(draw_overlay(source[result.index], result.mask, boxes=boxes))
        began = time.perf_counter()
    return frames, len(frames) / seconds


def write_real_clip(out_dir: Path) -> dict[str, str]:
    """Write ``cup.gif`` and ``cup.mp4``; returns an entry for :func:`~..visualization.report.clips`."""
    frames, fps = track_real_clip()
    write_gif(out_dir / 'cup.gif', frames, fps=RATE)
    write_mp4(out_dir / 'cup.mp4', frames, fps=RATE)
    caption = (
        f'{MODEL}, given one box per object in the first frame: the cup (1) and the hand (2); '
        f'{fps:.1f} frames per second on this machine'
    )
    return dict(name='A real video', gif='cup.gif', caption=caption)
