"""Pictures of the README and of the site, from real runs: ``python docs/make_pictures.py [NAME ...]``.

Needs Chromium, and for ``site`` what ``make docs`` builds. ``assets/demo.gif`` is a clip of ``make demo``
(``work_dirs/demo``).
"""

import csv
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
from playwright.sync_api import Page, sync_playwright

from vosplug.analysis.real_clip import BOXES, CLIP, RATE, track_real_clip
from vosplug.cli import main
from vosplug.visualization import write_gif

DOCS = Path(__file__).parent
ASSETS = DOCS / 'assets'
SIZE = (360, 270)
PROMPTS = [f'--box={k}@0:{",".join(map(str, box))}' for k, box in BOXES.items()]
FRAME = (480, 360)  # width and height of the clip


def make_clip(folder: Path) -> None:
    """``cup.gif``: both objects of the real clip, each tracked from one box."""
    frames, _ = track_real_clip()
    small = [cv2.resize(frame, SIZE, interpolation=cv2.INTER_AREA) for frame in frames[::2]]
    write_gif(ASSETS / 'cup.gif', small, fps=RATE / 2)


def make_report(folder: Path) -> None:
    """``report.png`` and ``report_phone.png``: the clip's report on a light screen and on a dark phone."""
    main(['track', str(CLIP), *PROMPTS, '--out', str(folder), '--report'])
    [report] = folder.rglob('report.html')
    with opened(report.as_uri(), 1100, 900) as page:
        page.screenshot(path=ASSETS / 'report.png')
    with opened(report.as_uri(), 390, 900, 'dark') as page:
        page.screenshot(path=ASSETS / 'report_phone.png')


def make_review(folder: Path) -> None:
    """``review.png``: labels of the clip, with a box drawn in one frame and its mask propagated to others."""
    (folder / 'videos').mkdir()
    shutil.copy(CLIP, folder / 'videos' / 'cup.mp4')
    track = ['track', str(CLIP), *PROMPTS, '--out', str(folder / 'track')]
    main([*track, '--write', 'csv', '--frames', '0:24'])
    [table] = (folder / 'track').rglob('objects.csv')
    write_boxes(table, folder / 'boxes.csv')
    labels = ['--videos', str(folder / 'videos'), '--boxes', str(folder / 'boxes.csv')]
    main(['label', 'box2seg-tiny', *labels, '--out', str(folder / 'labels')])
    with (
        served('review', folder / 'labels') as url,
        opened(f'{url}/#video=0&frame=8&object=1', 1280, 760) as page,
    ):
        page.wait_for_selector('body[data-shown^="0/8/"]')
        page.keyboard.press('r')
        drag(page, *BOXES[1])
        page.locator('#jobs', has_text='1 mask').wait_for()
        page.keyboard.press('f')
        page.locator('#jobs', has_text='propagating from frame 00008: done').wait_for()
        page.keyboard.press('m')
        page.locator('#status', has_text='All saved').wait_for()
        page.screenshot(path=ASSETS / 'review.png')


def make_demo_page(folder: Path) -> None:
    """``demo_page.png``: tracking the clip in the browser while watching it."""
    with served('demo', '--web') as url, opened(url, 1300, 780, 'dark') as page:
        page.locator('#file').set_input_files(CLIP)
        page.wait_for_selector('body[data-shown="0/frame"]')
        drag(page, *BOXES[1])
        page.keyboard.press('n')
        drag(page, *BOXES[2])
        page.keyboard.press('Enter')
        page.wait_for_selector('body[data-shown="24/mask"]')
        page.screenshot(path=ASSETS / 'demo_page.png')


def make_site(folder: Path) -> None:
    """``site.png``: the page of all measured results."""
    built = DOCS / '_build' / 'html' / 'results' / 'index.html'
    with opened(built.as_uri(), 1280, 900) as page:
        page.screenshot(path=ASSETS / 'site.png')


def write_boxes(table: Path, out: Path) -> None:
    """Convert a table written by ``vosplug track`` to boxes for ``vosplug label``."""
    with table.open(newline='') as file:
        rows = [row for row in csv.DictReader(file) if row['x1']]
    columns = ('name', 'object', 'x1', 'y1', 'x2', 'y2')
    lines = ['video,frame,object,x1,y1,x2,y2']
    lines += [','.join(('cup', *(row[column] for column in columns))) for row in rows]
    out.write_text('\n'.join(lines) + '\n')


@contextmanager
def opened(url: str, width: int, height: int, scheme: str = 'light') -> Iterator[Page]:
    """Open an address in a browser window."""
    chromium = os.environ.get('CHROMIUM') or shutil.which('chromium')
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=['--no-sandbox'])
        context = browser.new_context(color_scheme=scheme, viewport=dict(width=width, height=height))
        context.set_default_timeout(300_000)
        page = context.new_page()
        page.goto(url)
        page.wait_for_timeout(1000)
        yield page
        browser.close()


@contextmanager
def served(command: str, *arguments: object) -> Iterator[str]:
    """Run a server of ``vosplug``; yields its address."""
    server = subprocess.Popen(
        [sys.executable, '-m', 'vosplug', command, *map(str, arguments), '--port', '0'],
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        lines = iter(server.stderr.readline, '')
        yield next(found[0] for line in lines if (found := re.search(r'http://\S+', line)))
    finally:
        server.terminate()
        server.wait()


def drag(page: Page, left: float, top: float, right: float, bottom: float) -> None:
    """Draw a box, in pixels of the frame."""
    stage, (width, height) = page.locator('#stage').bounding_box(), FRAME
    scale = min(stage['width'] / width, stage['height'] / height)
    x = stage['x'] + (stage['width'] - width * scale) / 2
    y = stage['y'] + (stage['height'] - height * scale) / 2
    page.mouse.move(x + left * scale, y + top * scale)
    page.mouse.down()
    page.mouse.move(x + right * scale, y + bottom * scale, steps=8)
    page.mouse.up()


PICTURES = dict(
    clip=make_clip, report=make_report, review=make_review, demo_page=make_demo_page, site=make_site
)

if __name__ == '__main__':
    for name in sys.argv[1:] or PICTURES:
        with tempfile.TemporaryDirectory() as made:
            PICTURES[name](Path(made))
