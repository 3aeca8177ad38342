"""Pictures of the README, from real runs: ``python docs/make_pictures.py``.

``assets/demo.gif`` is a clip of ``make demo`` (``work_dirs/demo``).
"""

from pathlib import Path

import cv2

from vosplug.analysis.real_clip import RATE, track_real_clip
from vosplug.visualization import write_gif

SIZE = (360, 270)

frames, _ = track_real_clip()
small = [cv2.resize(frame, SIZE, interpolation=cv2.INTER_AREA) for frame in frames[::2]]
write_gif(Path(__file__).parent / 'assets' / 'cup.gif', small, fps=RATE / 2)
