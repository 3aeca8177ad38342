"""Pictures of the README and of the site, from real runs: ``python docs/make_pictures.py`` (needs Chromium).

``assets/demo.gif`` is a clip of ``make demo`` (``work_dirs/demo``).
"""

import os
import shutil
import tempfile
from pathlib import Path

import cv2
from playwright.sync_api import sync_playwright

from vosplug.analysis.real_clip import BOXES, CLIP, RATE, track_real_clip
from vosplug.cli import main
from vosplug.visualization import write_gif

ASSETS = Path(__file__).parent / 'assets'
SIZE = (360, 270)


def make_clip() -> None:
    """``cup.gif``: both objects of the real clip, each followed from one box."""
    frames, _ = track_real_clip()
    small = [cv2.resize(frame, SIZE, interpolation=cv2.INTER_AREA) for frame in frames[::2]]
    write_gif(ASSETS / 'cup.gif', small, fps=RATE / 2)


def make_report() -> None:
    """``report.png`` and ``report_phone.png``: the clip's report on a light screen and on a dark phone."""
    prompts = [f'--box={k}@0:{",".join(map(str, box))}' for k, box in BOXES.items()]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        main(['track', str(CLIP), *prompts, '--out', folder, '--report'])
        [page] = Path(folder).rglob('report.html')
        chromium = os.environ.get('CHROMIUM') or shutil.which('chromium')
        browser = playwright.chromium.launch(executable_path=chromium, args=['--no-sandbox'])
        for name, scheme, width, height in (
            ('report.png', 'light', 1100, 900),
            ('report_phone.png', 'dark', 390, 900),
        ):
            context = browser.new_context(color_scheme=scheme, viewport=dict(width=width, height=height))
            tab = context.new_page()
            tab.goto(page.as_uri())
            tab.wait_for_timeout(1000)
            tab.screenshot(path=ASSETS / name)
        browser.close()


if __name__ == '__main__':
    make_clip()
    make_report()
