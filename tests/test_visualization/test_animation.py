"""GIF and MP4 files hold every frame, or do not appear at all."""

from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from PIL import Image

from vosplug.errors import VideoError
from vosplug.visualization import write_gif, write_mp4


def frames(count: int, size: tuple[int, int] = (48, 64)) -> Iterator[np.ndarray]:
    for t in range(count):
        frame = np.full((*size, 3), (200, 60, 20), np.uint8)
        frame[8:16, 4 * (t % 12) : 4 * (t % 12) + 8] = (0, 220, 255)
        yield frame


def test_gif_holds_every_frame_at_its_speed(tmp_path):
    write_gif(tmp_path / 'new' / 'a.gif', frames(9), fps=5)
    with Image.open(tmp_path / 'new' / 'a.gif') as picture:
        assert (picture.n_frames, picture.size, picture.info['loop']) == (9, (64, 48), 0)
        for t, expected in enumerate(frames(9)):
            picture.seek(t)
            assert picture.info['duration'] == 200
            assert np.abs(np.asarray(picture.convert('RGB'))[..., ::-1].astype(int) - expected).max() <= 2


def test_gif_keeps_repeated_frames_and_is_reproducible(tmp_path):
    for name in ('a.gif', 'b.gif'):
        write_gif(tmp_path / name, [next(frames(1))] * 4)
    with Image.open(tmp_path / 'a.gif') as picture:
        assert picture.n_frames == 4
    assert (tmp_path / 'a.gif').read_bytes() == (tmp_path / 'b.gif').read_bytes()


@pytest.mark.parametrize('size', [(48, 64), (49, 65)])
def test_mp4_holds_every_frame(tmp_path, size):
    write_mp4(tmp_path / 'a.mp4', frames(11, size), fps=12)
    capture, read = cv2.VideoCapture(str(tmp_path / 'a.mp4')), []
    while (got := capture.read())[0]:
        read.append(got[1])
    assert len(read) == 11 and capture.get(cv2.CAP_PROP_FPS) == 12
    assert all(r >= s for r, s in zip(read[0].shape, size, strict=False))
    assert np.abs(read[0][30:40, 30:40].astype(int).mean((0, 1)) - (200, 60, 20)).max() < 12


@pytest.mark.parametrize(('write', 'name'), [(write_gif, 'a.gif'), (write_mp4, 'a.mp4')])
def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, write, name):
    def broken() -> Iterator[np.ndarray]:
        yield from frames(2)
        raise RuntimeError('decoder died')

    (tmp_path / name).write_bytes(b'old')
    with pytest.raises(RuntimeError, match='decoder died'):
        write(tmp_path / name, broken())
    assert [p.name for p in tmp_path.iterdir()] == [name] and (tmp_path / name).read_bytes() == b'old'


@pytest.mark.parametrize(('write', 'name'), [(write_gif, 'a.gif'), (write_mp4, 'a.mp4')])
def test_wrong_input_is_named(tmp_path, write, name):
    mixed = [*frames(1), *frames(1, (40, 64))]
    for given, fps, message in (
        ([], 10, 'no frames'),
        (mixed, 10, 'frame 1 is'),
        ([np.zeros((4, 4), np.uint8)], 10, 'BGR'),
        (frames(1), 0, 'fps'),
    ):
        with pytest.raises(VideoError, match=message):
            write(tmp_path / name, given, fps)
    assert not list(tmp_path.iterdir())


def test_a_missing_encoder_is_an_error(tmp_path, monkeypatch, without_pyav):
    class NoEncoder:
        def isOpened(self) -> bool:
            return False

        def open(self, *args) -> bool:
            return False

        def release(self) -> None:
            pass

    monkeypatch.setattr(cv2, 'VideoWriter', NoEncoder)
    with pytest.raises(VideoError, match='mp4v'):
        write_mp4(tmp_path / 'a.mp4', frames(2))


@pytest.mark.parametrize(
    'fps', [0.01, 12.3456, 24000 / 1001, 65.5351, 65.536, 90.1234, 143.9871, 655.357, 6553.55, 65534.6, 65535]
)
def test_any_frame_rate_is_encoded(tmp_path, fps):
    write_mp4(tmp_path / 'a.mp4', frames(3), fps)
    assert cv2.VideoCapture(str(tmp_path / 'a.mp4')).get(cv2.CAP_PROP_FPS) == pytest.approx(fps, rel=1e-4)


@pytest.mark.parametrize('fps', [0.009, 65535.4, 1e9])
def test_a_frame_rate_that_no_mp4_has_is_named(tmp_path, fps):
    with pytest.raises(VideoError, match=r'a\.mp4: MPEG-4 needs 0\.01 to 65535 frames per second, found'):
        write_mp4(tmp_path / 'a.mp4', frames(3), fps)
