"""Reports about videos hold the worst frames, error maps and curves, in one file without links."""

import re

import cv2
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from vosplug.structures import FrameResult
from vosplug.visualization.overlay import ERROR_COLOURS, draw_errors
from vosplug.visualization.video_report import VideoReport

IMAGE = np.full((40, 60, 3), 128, np.uint8)


def truth() -> np.ndarray:
    mask = np.zeros((40, 60), np.uint8)
    mask[10:30, 10:30] = 1
    mask[10:30, 40:50] = 2
    return mask


def result(index: int, columns: int) -> FrameResult:
    """Object 1 lacks some of its 20 columns."""
    mask = truth()
    mask[:, 10 : 10 + columns] = 0
    return FrameResult(index, f'{index:05d}', mask, {1: 0.9, 2: 0.5}, {1: 1.0, 2: 0.75})


def test_the_worst_frames_of_all_videos_come_first(tmp_path):
    report = VideoReport(shown=2, worst=3)
    for name, lost in (('bear', [0, 4, 8]), ('cat <b>', [18, 2, 12, 0])):
        report.start(name, len(lost))
        for t, columns in enumerate(lost):
            report.add(IMAGE, result(t, columns), truth())
    report.write(tmp_path / 'out' / 'r.html', 'Test', {'J (%)': '80.0'})
    page = (tmp_path / 'out' / 'r.html').read_text()
    worst = page[page.index('Worst frames') : page.index('Speed and memory')]
    assert re.findall(r'<b>([^<]*)</b>J ([0-9.]+)', worst) == [
        ('cat &lt;b&gt; 00000', '55.0'),
        ('cat &lt;b&gt; 00002', '70.0'),
        ('bear 00002', '80.0'),
    ]
    assert page.count('data:image/jpeg') == 3 + 2 + 2
    assert '<b>cat <b>' not in page and 'http' not in re.sub(r'http://www.w3.org\S*', '', page)
    for text in ('frames per second', '<b>J</b>', '>frame<', 'Error map', '80.0', 'Video: cat &lt;b&gt;'):
        assert text in page


def test_without_ground_truth_there_are_scores_and_presence(tmp_path):
    report = VideoReport(shown=3)
    report.start('live', None)
    for t in range(120):
        report.add(IMAGE, result(t, 0))
    report.write(tmp_path / 'r.html', 'Tracked', {})
    page = (tmp_path / 'r.html').read_text()
    assert page.count('data:image/jpeg') == 3, 'frames 0, 50 and 100'
    assert 'last 0.5' in page and 'last 0.75' in page and 'Worst frames' not in page


@given(st.integers(1, 30), st.integers(1, 6))
def test_frames_are_spread_over_the_video(length, shown):
    report = VideoReport(shown=shown, worst=1, width=20)
    report.start('v', length)
    for t in range(length):
        report.add(IMAGE, result(t, 0))
    count = len(report.videos[0].figures)
    assert 1 <= count <= min(shown, length) and (count == shown or length < shown * shown)


def test_kinds_of_errors_have_their_colours():
    wrong, true = np.zeros((2, 40, 60), np.uint8)
    true[0, 0], wrong[0, 1], true[0, 2], wrong[0, 2], true[0, 3], wrong[0, 3] = 1, 1, 1, 2, 255, 1
    drawn = draw_errors(IMAGE, wrong, true)
    names = ('missed', 'too much', 'other object')
    assert [tuple(pixel) for pixel in drawn[0, :3].tolist()] == [ERROR_COLOURS[name] for name in names]
    grey = drawn[0, 4].tolist()
    assert drawn[0, 3].tolist() == grey and len(set(grey)) == 1 and np.array_equal(IMAGE, IMAGE * 0 + 128)
    assert cv2.cvtColor(drawn, cv2.COLOR_BGR2HSV)[1:, :, 1].max() == 0
