"""Videos without a known end: read once, in order; frames that come too fast are dropped and counted."""

import http.server
import threading
import time
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
from small_media import SIZE, index_of, numbered, write_video

from vosplug.errors import ConfigError, VideoError
from vosplug.structures import (
    CameraSource,
    FrameRange,
    ImageFolderSource,
    IteratorSource,
    LastFrameSource,
    StreamSource,
    VideoFileSource,
    live_source,
    open_input,
    open_video,
)
from vosplug.structures.live_source import _ThreadedSource
from vosplug.structures.open_video import find_video


def test_a_generator_is_a_video_of_unknown_length():
    made = []
    source = open_video(made.append(t) or numbered(t) for t in range(5))
    assert isinstance(source, IteratorSource) and source.length is None and not source.random_access
    assert source.size == SIZE and made == [0], 'one frame is made when one is needed'
    assert [index_of(frame) for frame in source] == [0, 1, 2, 3, 4]
    assert source.frame_names[12] == '00012' and not source.has_frame(5)
    with pytest.raises(TypeError, match=r'no len\(\)'):
        len(source)


def test_the_frame_before_stays_where_a_generator_reuses_its_buffer():
    def reused():
        buffer = numbered(0)
        for t in range(3):
            buffer[:] = numbered(t)
            yield buffer

    source = IteratorSource(reused())
    assert [(index_of(source[t]), index_of(source[t - 1])) for t in (1, 2)] == [(1, 0), (2, 1)]


def test_only_the_last_frames_of_a_live_video_are_there():
    source = IteratorSource((numbered(t) for t in range(9)), fps=10)
    assert [index_of(source[t]) for t in (0, 3, 3, 2)] == [0, 3, 3, 2] and source.timestamp(3) == Fraction(
        3, 10
    )
    with pytest.raises(VideoError, match='frame 1 is no longer available: of the 4 frames'):
        source[1]
    with pytest.raises(IndexError, match='frame 9 of 9'):
        source[9]


@pytest.mark.parametrize(
    ('wrong', 'says'),
    [(None, 'found NoneType'), (np.zeros((*SIZE, 3)), 'found float64'), (numbered(0, (40, 64)), 'is 64x40')],
)
def test_a_wrong_frame_of_a_generator_is_named(wrong, says):
    source = IteratorSource(iter([numbered(0), wrong]), name='belt')
    with pytest.raises(VideoError, match=f'belt: frame 1: .*{says}'):
        list(source)


def test_a_generator_without_frames_has_no_size():
    with pytest.raises(VideoError, match='ends before its first frame'):
        _ = open_video(iter(())).size


class Ticking(_ThreadedSource):
    """A camera whose frames come when a lock lets them."""

    def __init__(self, length: int) -> None:
        super().__init__()
        self.name, self.frames_left, self.sent = 'belt', length, threading.Event()

    def _receive(self):
        for t in range(self.frames_left):
            yield numbered(t), Fraction(t, 10)
        self.sent.set()


def test_a_slow_reader_gets_the_newest_frames_and_the_number_of_dropped_ones():
    source = Ticking(20)
    assert source.has_frame(0) and source.sent.wait(5)
    seen = [index_of(source[0])]
    seen += [index_of(source[t]) for t in source.indices() if t > 0]
    assert seen[-2:] == [18, 19] and len(seen) <= 4, 'bounded latency'
    assert source.dropped == 20 - len(seen)
    assert source.timestamp(len(seen) - 1) - source.timestamp(len(seen) - 2) == Fraction(1, 10)


def test_a_file_of_a_server_is_read_whole():
    source = Ticking(20)
    source.keeps_all = True
    assert [index_of(frame) for frame in source] == list(range(20)) and source.dropped == 0


def test_a_lost_connection_ends_the_video_and_is_told():
    class Lost(Ticking):
        keeps_all = True

        def _receive(self):
            yield from super()._receive()
            raise OSError('no route')

    with pytest.warns(UserWarning, match=r'belt: lost after 3 frames \(no route\)'):
        assert len(list(Lost(3))) == 3
    with pytest.raises(OSError, match='no route'):
        list(Lost(0))


def test_closing_ends_the_thread():
    source = Ticking(10**6)
    source.keeps_all = True
    source[0]
    source.close()
    deadline = time.monotonic() + 5
    while not source._done and time.monotonic() < deadline:
        time.sleep(0.01)
    assert source._done


@pytest.fixture
def server(tmp_path):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args) -> None:
            pass

    served = http.server.ThreadingHTTPServer(('127.0.0.1', 0), partial(Quiet, directory=tmp_path))
    threading.Thread(target=served.serve_forever, daemon=True).start()
    yield f'http://127.0.0.1:{served.server_port}'
    served.shutdown()
    served.server_close()


def test_an_address_given_by_the_user_is_opened_and_no_other(tmp_path, server):
    write_video(tmp_path / 'clip.mp4', [numbered(t) for t in range(12)])
    source = open_input(f'{server}/clip.mp4')
    assert isinstance(source, StreamSource) and [index_of(f) for f in source] == list(range(12))
    assert source.fps == 25 and source.dropped == 0
    with pytest.raises(VideoError, match='no such video file'):
        open_video(f'{server}/clip.mp4')
    with pytest.raises(VideoError, match=r'gone\.mp4: cannot be opened.*Check the address'):
        StreamSource(f'{server}/gone.mp4')


def test_a_list_on_a_server_reads_no_file_of_this_machine(tmp_path, server):
    secret = write_video(tmp_path / 'secret.ts', [numbered(t) for t in range(12)])
    (tmp_path / 'list.m3u8').write_text(
        f'#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile://{secret}\n#EXT-X-ENDLIST\n'
    )
    with pytest.raises(VideoError):
        list(StreamSource(f'{server}/list.m3u8', timeout=5))


def test_a_password_is_not_shown():
    with pytest.raises(VideoError) as caught:
        StreamSource('rtsp://admin:hunter2@127.0.0.1:9/live', timeout=2)
    assert 'hunter2' not in str(caught.value) and 'rtsp://127.0.0.1:9/live' in str(caught.value)


def test_what_is_no_address_or_camera(monkeypatch):
    with pytest.raises(VideoError, match="'clip.mp4': expected an address"):
        StreamSource('clip.mp4')
    monkeypatch.setattr(live_source.cv2, 'VideoCapture', lambda index: FakeCamera([]))
    with pytest.raises(VideoError, match='camera 7: cannot be opened'):
        CameraSource(7)


class FakeCamera:
    """A ``cv2.VideoCapture``."""

    def __init__(self, frames: list[np.ndarray]) -> None:
        self.frames = list(frames)

    def isOpened(self) -> bool:
        return bool(self.frames)

    def get(self, key: int) -> float:
        return 30.0

    def read(self) -> tuple[bool, np.ndarray | None]:
        return (True, self.frames.pop(0)) if self.frames else (False, None)


def test_a_camera_is_opened_by_its_number(monkeypatch):
    monkeypatch.setattr(live_source.cv2, 'VideoCapture', lambda index: FakeCamera([numbered(3)]))
    source = open_input(0)
    assert isinstance(source, CameraSource) and source.fps == 30 and source.name == 'camera0'
    assert [index_of(frame) for frame in source] == [3]
    with pytest.raises(VideoError, match='found a bool'):
        open_input(True)


def test_patterns(tmp_path):
    import cv2

    for t in (10, 9, 2):
        cv2.imwrite(str(tmp_path / f'f{t}.png'), numbered(t))
    (tmp_path / '.f1.png').write_bytes(b'')
    source = open_video(tmp_path / 'f*.png')
    assert isinstance(source, ImageFolderSource) and [index_of(frame) for frame in source] == [2, 9, 10]
    assert source.name == tmp_path.name
    write_video(tmp_path / 'a.mp4', [numbered(0)])
    assert isinstance(open_video(str(tmp_path / '*.mp4')), VideoFileSource)
    write_video(tmp_path / 'b[1].mp4', [numbered(5)])
    assert index_of(open_video(tmp_path / 'b[1].mp4')[0]) == 5, 'a file of this name'
    with pytest.raises(VideoError, match=r'matches 2 videos, .*a\.mp4'):
        open_video(tmp_path / '*.mp4')
    with pytest.raises(VideoError, match='no file matches'):
        open_video(tmp_path / '*.avi')


@pytest.mark.parametrize('name', ['a.mp4', 'a.MOV'])
def test_a_video_is_found_by_its_name_without_the_suffix(tmp_path, name):
    (tmp_path / name).touch()
    assert find_video(tmp_path, 'a').resolve() == (tmp_path / name).resolve()
    assert find_video(tmp_path, 'b') is None


def test_a_range_of_frames_keeps_names_and_times(tmp_path):
    path = write_video(tmp_path / 'a.mp4', [numbered(t) for t in range(20)])
    frames = FrameRange(VideoFileSource(path), 3, 14, 4)
    assert [index_of(frame) for frame in frames] == [3, 7, 11] and len(frames) == frames.length == 3
    assert frames.frame_names == ['00003', '00007', '00011'] and index_of(frames[-1]) == 11
    assert [frames.position(t) for t in (0, 3, 4, 7, 11, 15, 19)] == [None, 0, None, 1, 2, None, None]
    assert frames.timestamp(1) == Fraction(7, 25) and frames.fps == Fraction(25, 4) and frames.size == SIZE
    assert len(FrameRange(VideoFileSource(path), 15, 99)) == 5


def test_a_range_of_a_live_video():
    frames = FrameRange(IteratorSource(numbered(t) for t in range(20)), 3, 14, 4)
    assert frames.length is None and not frames.random_access
    kept = LastFrameSource(frames)
    assert [(t, index_of(kept[t]), kept.frame_names[t]) for t in kept.indices()] == [
        (0, 3, '00003'),
        (1, 7, '00007'),
        (2, 11, '00011'),
    ]


@pytest.mark.parametrize('t', [3, 8, -4])
def test_a_range_has_no_frames_outside(t):
    frames = FrameRange(open_video([numbered(t) for t in range(20)]), 3, 14, 4)
    with pytest.raises(IndexError, match=f'frames 3:14:4 of a video: no frame {t}'):
        frames[t]


@pytest.mark.parametrize('numbers', [(-1,), (0, 0), (5, 4), (0, None, 0), (0, 9, -1)])
def test_what_is_no_range(numbers):
    with pytest.raises(ConfigError, match='expected start:stop:step'):
        FrameRange(open_video([numbered(0)]), *numbers)


def test_a_range_behind_the_end():
    with pytest.raises(VideoError, match='frames from 3 on: the video has 3 frames'):
        FrameRange(open_video([numbered(t) for t in range(3)]), 3)
