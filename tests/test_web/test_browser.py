"""The review page in a real browser: what is drawn there is in the folder, whatever dies meanwhile."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip('starlette')
from small_box2seg import write_video_file
from small_data import make_frames, make_masks
from small_factory import box_factory
from small_review import make_labels

from vosplug.formats import read_id_mask
from vosplug.pseudo_labels import DecisionStore

sync_api = pytest.importorskip('playwright.sync_api', reason='needs playwright')
CHROMIUM = next(filter(None, map(shutil.which, ('chromium', 'chromium-browser', 'google-chrome'))), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason='needs the program chromium, such as that of Debian'),
]

SERVE = """
import sys
from pathlib import Path
from small_review import small_review_app
from vosplug.web import serve
serve(lambda token: small_review_app(Path(sys.argv[1])), '127.0.0.1', int(sys.argv[2]))
"""
DEMO = """
import sys
from small_review import ShiftTracker
from vosplug.web import serve_demo
serve_demo(ShiftTracker(), port=int(sys.argv[2]))
"""
W, H = 64, 48
WOLF = 3  # a video of five frames


class Server:
    """The server in a process of its own, on one port whenever it runs."""

    def __init__(self, root: Path, program: str = SERVE, answers: str = '/api/state') -> None:
        self.root, self.program, self.answers = root, program, answers
        with socket.socket() as free:
            free.bind(('127.0.0.1', 0))
            self.port = free.getsockname()[1]
        self.url = f'http://127.0.0.1:{self.port}'
        self.start()

    def start(self) -> None:
        command = [sys.executable, '-c', self.program, str(self.root), str(self.port)]
        folders = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]
        path = os.pathsep.join([*folders, os.environ.get('PYTHONPATH', '')])
        self.process = subprocess.Popen(command, env={**os.environ, 'PYTHONPATH': path})
        eventually(lambda: self.get(self.answers), 120)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def get(self, path: str):
        try:
            with urllib.request.urlopen(self.url + path, timeout=30) as answer:
                return json.load(answer)
        except OSError:
            return None

    def states(self, object_id: int = 3) -> list[str]:
        """How each frame's mask was decided: kind, or how it was drawn."""
        objects = {o['id']: o['states'] for o in self.get(f'/api/videos/{WOLF}')['objects']}
        return [by or kind for _, kind, by, _ in objects[object_id]]


def eventually(found, seconds: float = 30):
    end = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < end, 'it does not happen'
        time.sleep(0.05)
    return value


@pytest.fixture
def server(tmp_path):
    server = Server(make_labels(tmp_path))
    yield server
    server.kill()


@pytest.fixture
def context():
    with sync_api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=['--no-sandbox'])
        context = browser.new_context(viewport=dict(width=1300, height=800))
        context.set_default_timeout(30_000)
        yield context
        browser.close()


def open_page(context, server, frame: int = 0):
    """The page of a video's frame, with object 3; its errors fail the test at the end."""
    page = context.new_page()
    page.goto(f'{server.url}/#video={WOLF}&frame={frame}&object=3')
    wait_for_frame(page, frame)
    return page


def wait_for_frame(page, frame: int) -> None:
    page.wait_for_selector(f'body[data-shown^="{WOLF}/{frame}/"]')


def go(page, frame: int) -> None:
    page.locator('#slider').fill(str(frame))
    wait_for_frame(page, frame)


def at(page, x: float, y: float) -> tuple[float, float]:
    """Place on the screen of a pixel of the frame."""
    box = page.locator('#stage').bounding_box()
    scale = min(box['width'] / W, box['height'] / H)
    left, top = box['x'] + (box['width'] - W * scale) / 2, box['y'] + (box['height'] - H * scale) / 2
    return left + x * scale, top + y * scale


def drag(page, *points) -> None:
    page.mouse.move(*at(page, *points[0]))
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*at(page, *point), steps=6)
    page.mouse.up()


def test_what_is_drawn_stays_whatever_dies(context, server):
    page = open_page(context, server)
    page.keyboard.press('b')
    drag(page, (50, 5), (50, 25))
    eventually(lambda: server.states()[0] == 'brush')
    go(page, 1)
    page.keyboard.press('g')
    for point in ((40, 30), (60, 30), (60, 45), (40, 45)):
        page.mouse.click(*at(page, *point))
    page.keyboard.press('Enter')
    eventually(lambda: server.states()[1] == 'polygon')
    go(page, 2)
    page.keyboard.press('r')
    drag(page, (5, 30), (25, 44))
    eventually(lambda: server.states()[2] == 'box')
    go(page, 3)
    page.keyboard.press('x')
    eventually(lambda: server.states()[3] == 'bad')
    server.kill()
    page.keyboard.press('q')  # nobody is there to take it
    page.locator('#pending', has_text='Not saved: 1 change of wolf').wait_for()
    page.close()

    server.start()
    assert server.states() == ['brush', 'polygon', 'box', 'bad', '']
    page = open_page(context, server, 3)
    page.locator('#pending').wait_for()  # the browser kept it
    page.locator('#pending-save').click()
    eventually(lambda: server.states()[3] == 'nobody')
    page.locator('#pending').wait_for(state='hidden')
    page.locator('#state', has_text='Not visible').wait_for()
    page.locator('#status', has_text='All saved').wait_for()
    check_files(server.root)


def check_files(root: Path) -> None:
    """Labels have what was drawn, and a later run changes nothing."""
    folder = root / 'out' / 'Annotations' / 'wolf'
    masks = [read_id_mask(folder / f'{t:05d}.png', binary=False) == 3 for t in range(4)]
    assert masks[0][5:25, 50].all() and not masks[0][:, 63].any()
    polygon = np.zeros((H, W), bool)
    polygon[30:45, 40:60] = True
    assert (masks[1] & polygon).sum() / (masks[1] | polygon).sum() > 0.9
    drawn = np.zeros((H, W), bool)
    drawn[30:44, 5:25] = True
    assert (masks[2] & drawn).sum() / (masks[2] | drawn).sum() > 0.85
    assert not masks[3].any()
    factory, videos = box_factory(root)
    assert factory.make_all(videos) == 0


def test_undo_eraser_propagation_and_keys(context, server):
    page = open_page(context, server)
    page.keyboard.press('b')
    drag(page, (40, 40), (44, 40))
    eventually(lambda: server.states()[0] == 'brush')
    page.locator('#undo:not([disabled])').click()
    eventually(lambda: server.states()[0] == '')
    page.keyboard.press('Control+Shift+z')
    eventually(lambda: server.states()[0] == 'brush')
    before = DecisionStore(server.root / 'out').read('wolf').get(3, '00000').mask((H, W)).sum()
    page.keyboard.press('e')
    page.locator('#size').fill('4')
    drag(page, (42, 36), (42, 44))
    eventually(lambda: DecisionStore(server.root / 'out').read('wolf').revision == 4)
    assert DecisionStore(server.root / 'out').read('wolf').get(3, '00000').mask((H, W)).sum() < before
    page.locator('#reach').select_option('5')
    page.keyboard.press('f')
    eventually(lambda: server.states() == ['brush', *['tracker'] * 4])
    page.keyboard.press('ArrowRight')
    wait_for_frame(page, 1)
    page.locator('#state', has_text='Propagated').wait_for()
    page.keyboard.press('2')
    page.locator('#objects [data-object="7"][aria-current=true]').wait_for()
    page.keyboard.press('?')
    assert page.locator('#shortcuts').is_visible()


def test_a_tab_that_is_behind_is_told_and_loses_nothing(context, server):
    page = open_page(context, server)
    behind = context.new_page()
    behind.route('**/api/events', lambda route: route.abort())  # it does not hear of others
    behind.goto(f'{server.url}/#video={WOLF}&frame=1&object=3')
    wait_for_frame(behind, 1)
    page.keyboard.press('x')
    eventually(lambda: server.states()[0] == 'bad')
    behind.keyboard.press('q')
    behind.locator('#pending', has_text='another tab').wait_for()
    assert server.states()[:2] == ['bad', '']
    behind.locator('#pending-save').click()
    eventually(lambda: server.states()[:2] == ['bad', 'nobody'])
    # the first tab hears of it by itself
    page.wait_for_selector(f'body[data-shown="{WOLF}/0/2"]')


def test_while_a_run_works_in_the_folder_the_page_says_so(context, server):
    factory, _ = box_factory(server.root)
    with factory.editing('factory'):
        page = open_page(context, server)
        page.locator('#locked', has_text='in use by process').wait_for()
        assert page.locator('#bad').is_disabled()
        page.keyboard.press('x')
    page.locator('#locked').wait_for(state='hidden')
    assert server.states()[0] == ''
    page.keyboard.press('x')
    eventually(lambda: server.states()[0] == 'bad')


def test_propagated_masks_are_removed_together(context, server):
    page = open_page(context, server)
    page.keyboard.press('f')
    eventually(lambda: server.states() == ['', *['tracker'] * 4])
    page.locator('#unpropagate').click()
    eventually(lambda: server.states() == [''] * 5)
    page.locator('#undo:not([disabled])').click()
    eventually(lambda: server.states() == ['', *['tracker'] * 4])


def test_a_clip_is_followed_while_it_is_watched(context, tmp_path):
    server = Server(tmp_path, DEMO, '/api/about')
    try:
        page = context.new_page()
        page.goto(server.url)
        path = tmp_path / 'clip.avi'
        write_video_file(path, make_frames(make_masks(5)))
        page.locator('#file').set_input_files(path)
        page.wait_for_selector('body[data-shown="0/frame"]')
        drag(page, (5, 5), (20, 20))
        page.keyboard.press('n')
        drag(page, (30, 30), (40, 40))
        page.keyboard.press('Enter')
        page.locator('#told', has_text='Done · 5 frames').wait_for()
        page.wait_for_selector('body[data-shown="4/mask"]')
        page.locator('#slider').fill('2')
        page.wait_for_selector('body[data-shown="2/mask"]')
    finally:
        server.kill()


def test_a_narrow_page_has_no_sideways_scrolling(context, server):
    page = open_page(context, server)
    page.set_viewport_size(dict(width=360, height=740))
    assert page.evaluate('() => document.documentElement.scrollWidth') <= 360
    assert page.locator('#bad').is_visible()
