"""Video files: the same frame in any order, its exact time, its rotation; what is damaged is named."""

import os
import signal
import subprocess
import sys
import warnings
from fractions import Fraction

import cv2
import numpy as np
import pytest
from small_data import truncate
from small_media import SIZE, damage, index_of, numbered, packets, rotate, textured, write_video

from vosplug.errors import ConfigError, VideoError
from vosplug.structures import VideoFileSource

GOP = {'g': '8', 'bf': '2', 'crf': '10'}
FIXED = {'x264-params': 'keyint=8:min-keyint=8:scenecut=0:bframes=0:crf=10'}
KINDS = {
    'h264.mp4': dict(options=GOP),
    'h264.mkv': dict(options=GOP),
    'h264.ts': dict(options=GOP),
    'open.mp4': dict(options=GOP | {'x264-params': 'open-gop=1'}),
    'mpeg4.avi': dict(codec='mpeg4', options={'g': '8'}),
    'vp9.webm': dict(codec='libvpx-vp9', options={'g': '8', 'deadline': 'realtime', 'cpu-used': '8'}),
    'ffv1.mkv': dict(codec='ffv1'),
    'ntsc.mp4': dict(options=GOP, fps=Fraction(30000, 1001)),
    'raw.h264': dict(options=GOP),
}


@pytest.fixture(params=KINDS)
def clip(request, tmp_path):
    return write_video(tmp_path / request.param, [textured(t) for t in range(30)], **KINDS[request.param])


def opencv_frames(path) -> list[np.ndarray]:
    capture, frames = cv2.VideoCapture(str(path)), []
    while (read := capture.read())[0]:
        frames.append(read[1])
    return frames


def test_pixels_are_those_of_opencv(clip):
    source, expected = VideoFileSource(clip), opencv_frames(clip)
    assert len(source) == len(expected) == 30
    for frame, other in zip(source, expected, strict=True):
        assert np.array_equal(frame, other)


def test_any_order_gives_the_frames_of_reading_in_order(clip):
    expected = list(VideoFileSource(clip))
    source = VideoFileSource(clip)
    order = [29, 0, 17, 16, 15, 8, 9, 7, 29, 1, 24, 23, 3, -1, *range(30), *reversed(range(30))]
    order += np.random.default_rng(0).integers(0, 30, 60).tolist()
    for t in order:
        assert np.array_equal(source[t], expected[t]), t


def test_a_far_frame_is_sought_not_decoded_up_to(tmp_path, monkeypatch):
    path = write_video(tmp_path / 'a.mp4', [numbered(t) for t in range(36)], options=FIXED)
    source = VideoFileSource(path)
    decoded = []
    real = type(source._decoder)._pixels
    monkeypatch.setattr(
        type(source._decoder), '_pixels', lambda self, f: decoded.append(f.pts) or real(self, f)
    )
    context = source._decoder._stream.codec_context
    assert index_of(source[33]) == 33 and len(decoded) == 1
    assert context is source._decoder._stream.codec_context, 'not opened again'


@pytest.mark.parametrize('fps', [Fraction(25), Fraction(30000, 1001), Fraction(24000, 1001), Fraction(1, 2)])
def test_rates_are_exact(tmp_path, fps):
    path = write_video(tmp_path / 'a.mp4', [numbered(t) for t in range(6)], fps)
    source = VideoFileSource(path)
    assert source.fps == fps and [source.timestamp(t) for t in range(6)] == [t / fps for t in range(6)]


def test_a_variable_frame_rate_keeps_its_times(tmp_path):
    pts = [7, 40, 41, 300, 310, 1000]
    path = write_video(
        tmp_path / 'a.mkv', [numbered(t) for t in range(6)], pts=pts, time_base=Fraction(1, 1000)
    )
    source = VideoFileSource(path)
    assert [source.timestamp(t) for t in range(6)] == [Fraction(p - 7, 1000) for p in pts]
    assert source.start == Fraction(7, 1000)
    assert [index_of(source[t]) for t in (5, 0, 3, 2)] == [5, 0, 3, 2]


@pytest.mark.parametrize('degrees', [0, 90, 180, 270])
def test_frames_are_turned_as_the_file_asks(tmp_path, degrees):
    write_video(tmp_path / 'a.mp4', [textured(t) for t in range(3)])
    path = rotate(tmp_path / 'a.mp4', tmp_path / 'b.mp4', degrees)
    upright, source = VideoFileSource(tmp_path / 'a.mp4'), VideoFileSource(path)
    assert source.size == (SIZE if degrees % 180 == 0 else SIZE[::-1])
    for t, expected in enumerate(opencv_frames(path)):
        assert np.array_equal(source[t], expected)
        assert np.array_equal(source[t], np.rot90(upright[t], degrees // 90))


def test_a_mirrored_file_is_shown_mirrored(tmp_path):
    from vosplug.structures.display_matrix import oriented

    image = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
    assert np.array_equal(oriented(image, (-1, 0, 0, 1)), image[:, ::-1])
    assert np.array_equal(oriented(image, (1, 0, 0, -1)), image[::-1])
    assert np.array_equal(oriented(image, (0, 1, 1, 0)), image.swapaxes(0, 1))
    assert oriented(image, (0, 0, 0, 0)) is image and oriented(image, None) is image


def test_a_damaged_frame_is_named_and_the_others_are_read(tmp_path):
    clean = write_video(tmp_path / 'a.mp4', [textured(t) for t in range(24)], options=FIXED)
    source = VideoFileSource(damage(clean, tmp_path / 'b.mp4', 13))
    assert len(source) == 24
    with pytest.raises(VideoError, match=r'b\.mp4: frame 13 \(at 0\.520 s\) is damaged.*damaged="skip"'):
        list(source)
    whole = VideoFileSource(clean)
    for t in (12, 5, 16, 23):
        assert np.array_equal(source[t], whole[t])
    with pytest.raises(VideoError, match='frame 13 '):
        source[13]


def test_damaged_frames_are_skipped_and_counted_when_asked_for(tmp_path):
    clean = write_video(tmp_path / 'a.mp4', [textured(t) for t in range(24)], options=FIXED)
    path = damage(clean, tmp_path / 'b.mp4', 13, 16)
    source = VideoFileSource(path, damaged='skip')
    with pytest.warns(UserWarning, match=r'b\.mp4: frame 13 .*; 1 damaged so far') as seen:
        frames = list(source)
    broken = source._decoder.damaged
    assert {13, 16} <= broken and broken <= {*range(13, 24)} and len(frames) == 24
    assert source.damaged_frames == len(broken) and len(seen) == len(broken).bit_length()
    whole = VideoFileSource(clean)
    for t in range(13):
        assert np.array_equal(frames[t], whole[t])
    for t in broken:
        assert np.array_equal(frames[t], frames[t - 1])
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        again = VideoFileSource(path, damaged='skip')
        for t in (20, 13, 16, 4, 14):
            assert np.array_equal(again[t], frames[t]), 'the same frame in any order'


def test_a_file_without_its_first_frames_shows_the_next_one(tmp_path):
    clean = write_video(tmp_path / 'a.mp4', [textured(t) for t in range(16)], options=FIXED)
    path = damage(clean, tmp_path / 'b.mp4', 0)
    with pytest.raises(VideoError, match=r'frame 0 '):
        VideoFileSource(path)[0]
    with pytest.warns(UserWarning, match='frame 0 '):
        source = VideoFileSource(path, damaged='skip')
        assert np.array_equal(source[0], VideoFileSource(clean)[8])


def test_a_recording_that_begins_between_keyframes_begins_with_the_first_one(tmp_path):
    clean = write_video(tmp_path / 'a.ts', [textured(t) for t in range(24)], options=FIXED)
    start = packets(clean)[3][0]
    (tmp_path / 'b.ts').write_bytes(clean.read_bytes()[start:])
    source = VideoFileSource(tmp_path / 'b.ts')
    assert len(source) == 16 and np.array_equal(source[0], VideoFileSource(clean)[8])


@pytest.mark.parametrize('part', [0.3, 0.7, 0.95])
def test_a_cut_file_is_named_when_it_is_opened(tmp_path, part):
    from vosplug.visualization import write_mp4

    write_mp4(tmp_path / 'a.mp4', [textured(t) for t in range(40)])  # its index comes first
    truncate(tmp_path / 'a.mp4', part)
    with pytest.raises(VideoError, match=r'a\.mp4: ends after [\d,]+ bytes.*truncated'):
        VideoFileSource(tmp_path / 'a.mp4')


def test_only_sound_is_no_video(tmp_path):
    import av

    with av.open(str(tmp_path / 'a.m4a'), 'w') as file:
        stream = file.add_stream('aac', rate=8000, layout='mono')
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 4096), np.int16), format='s16', layout='mono')
        sound.sample_rate = 8000
        file.mux(stream.encode(sound))
        file.mux(stream.encode(None))
    with pytest.raises(VideoError, match=r'a\.m4a: has no video stream'):
        VideoFileSource(tmp_path / 'a.m4a')


def test_limits_hold_for_what_the_stream_announces(tmp_path, monkeypatch):
    path = write_video(tmp_path / 'a.mp4', [numbered(t) for t in range(9)])
    monkeypatch.setenv('VOSPLUG_MAX_FRAMES', '8')
    with pytest.raises(VideoError, match=r'a\.mp4: announces 9 frames.*VOSPLUG_MAX_FRAMES'):
        VideoFileSource(path)
    mkv = write_video(tmp_path / 'a.mkv', [numbered(t) for t in range(9)])
    with pytest.raises(VideoError, match=r'a\.mkv: has 9 frames or more.*VOSPLUG_MAX_FRAMES'):
        VideoFileSource(mkv)
    monkeypatch.setenv('VOSPLUG_MAX_PIXELS', '3071')
    with pytest.raises(VideoError, match=r'a\.mp4: has 64x48 pixels.*VOSPLUG_MAX_PIXELS'):
        VideoFileSource(path)


def test_another_way_with_damage_is_named(tmp_path, without_pyav):
    path = write_video(tmp_path / 'a.mp4', [numbered(0)])
    with pytest.raises(ConfigError, match='needs PyAV'):
        VideoFileSource(path, damaged='skip')
    with pytest.raises(ConfigError, match="damaged: found 'ignore'"):
        VideoFileSource(path, damaged='ignore')


def test_without_pyav_opencv_decodes(tmp_path, without_pyav):
    path = write_video(
        tmp_path / 'a.mp4', [numbered(t) for t in range(9)], Fraction(30000, 1001), options=GOP
    )
    source = VideoFileSource(path)
    assert [index_of(source[t]) for t in (8, 0, 3)] == [8, 0, 3]
    assert source.fps == Fraction(30000, 1001) and source.timestamp(3) == Fraction(3003, 30000)


@pytest.mark.parametrize('drop', [False, True])
def test_a_forked_worker_reads_on(tmp_path, drop):
    """Threads of a decoder do not survive a fork; freeing it waits for them."""
    path = write_video(tmp_path / 'a.mp4', [numbered(t, (480, 640)) for t in range(20)], options=GOP)
    source, other = VideoFileSource(path), VideoFileSource(path)
    assert index_of(source[5]) == index_of(other[5]) == 5
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', DeprecationWarning)
        child = os.fork()
    if child == 0:
        signal.alarm(60)  # ends a child that hangs
        if drop:
            del other
        os._exit(0 if index_of(source[9]) == 9 else 1)
    assert os.waitpid(child, 0)[1] == 0


FORK_WITH_GARBAGE = """
import gc, os, signal, sys
# registered first, so it runs first in the child, as the garbage collector may
os.register_at_fork(after_in_child=lambda: (signal.alarm(20), gc.collect()))
from vosplug.structures import VideoFileSource
gc.disable()
source = VideoFileSource(sys.argv[1])
source[5]
del source
child = os.fork()
if child == 0:
    os._exit(0)
sys.exit(os.waitpid(child, 0)[1] != 0)
"""


def test_a_forked_worker_survives_a_decoder_that_was_not_collected_yet(tmp_path):
    """A decoder is part of a reference cycle, so it may be freed long after its last use."""
    path = write_video(tmp_path / 'a.mp4', [numbered(t, (480, 640)) for t in range(20)], options=GOP)
    subprocess.run([sys.executable, '-c', FORK_WITH_GARBAGE, str(path)], check=True)
