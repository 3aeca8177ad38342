"""Every frame of a video comes back, in order, or an error names the file."""

import pickle
import struct
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
import torch
from small_data import SIZE, make_frames, make_masks, truncate, write_frames

from vosplug.errors import VideoError
from vosplug.structures import (
    ArraySource,
    ImageFolderSource,
    LastFrameSource,
    ReversedSource,
    VideoFileSource,
    VideoSource,
    open_video,
)
from vosplug.visualization import write_gif, write_mp4


def counted(length: int) -> list[np.ndarray]:
    """Frames whose brightness tells their index."""
    return [np.full((*SIZE, 3), 20 + 10 * t, np.uint8) for t in range(length)]


def index_of(frame: np.ndarray) -> int:
    return round((float(frame.mean()) - 20) / 10)


@pytest.fixture
def folder(tmp_path):
    write_frames(tmp_path / 'clip', counted(5))
    return tmp_path / 'clip'


@pytest.fixture(params=['mp4', 'gif'])
def video_file(request, tmp_path):
    path = tmp_path / f'clip.{request.param}'
    (write_mp4 if request.param == 'mp4' else write_gif)(path, counted(11), fps=10)
    return path


def test_a_folder_is_read_frame_by_frame(folder):
    source = open_video(folder)
    assert isinstance(source, ImageFolderSource)
    assert [index_of(frame) for frame in source] == [0, 1, 2, 3, 4]
    assert source.size == SIZE and source.frame_names == [f'{t:05d}' for t in range(5)]


@pytest.mark.parametrize(
    'names',
    [['frame2', 'frame10', 'frame100'], ['00009', '00010'], ['a1b9', 'a1b10', 'a2b1'], ['9', 'a9', 'b1']],
)
def test_numbers_in_frame_names_are_counted(tmp_path, names):
    for name in reversed(names):
        cv2.imwrite(str(tmp_path / f'{name}.png'), counted(1)[0])
    (tmp_path / 'notes.txt').write_text('no frame')
    assert ImageFolderSource(tmp_path).frame_names == names


def test_two_pictures_of_one_name_are_an_error(folder):
    cv2.imwrite(str(folder / '00002.png'), counted(1)[0])
    with pytest.raises(VideoError, match=r'00002\.png: a second image.*masks belong in'):
        ImageFolderSource(folder)


def test_a_frame_of_another_size_is_an_error(folder):
    cv2.imwrite(str(folder / '00003.jpg'), np.zeros((10, 10, 3), np.uint8))
    source = ImageFolderSource(folder)
    assert source[2].shape == (*SIZE, 3)
    with pytest.raises(VideoError, match=r'00003\.jpg: frame is 10x10, the video is 64x48'):
        source[3]


def test_a_damaged_first_frame_does_not_hide_the_size_of_the_others(folder):
    frames = sorted(folder.iterdir())
    frames[0].write_bytes(b'no picture')
    source = ImageFolderSource(folder)
    assert source.size == SIZE
    with pytest.raises(VideoError, match=r'00000\.jpg: not a readable image'):
        source[0]
    for path in frames:
        path.write_bytes(b'no picture')
    with pytest.raises(VideoError, match=r'00000\.jpg: not a readable image'):
        ImageFolderSource(folder).size  # noqa: B018


def test_no_folder_and_no_pictures(tmp_path):
    with pytest.raises(VideoError, match='nowhere: no such folder'):
        ImageFolderSource(tmp_path / 'nowhere')
    with pytest.raises(VideoError, match=f'{tmp_path}: no images found; expected'):
        open_video(tmp_path)


def test_a_missing_frame_is_named(folder):
    source = ImageFolderSource(folder)
    (folder / '00001.jpg').unlink()
    with pytest.raises(VideoError, match=r'00001\.jpg: frame not found\. Check'):
        source[1]


@pytest.mark.parametrize('part', [0, 0.01, 0.3, 0.6, 0.9, 0.999])
@pytest.mark.parametrize('suffix', ['.jpg', '.png'])
def test_a_truncated_picture_is_named(tmp_path, suffix, part):
    texture = np.random.default_rng(0).integers(0, 255, (*SIZE, 3), dtype=np.uint8)
    cv2.imwrite(str(tmp_path / f'00000{suffix}'), texture)
    truncate(tmp_path / f'00000{suffix}', part)
    with pytest.raises(VideoError, match=rf'00000\{suffix}: .*Copy or export it again'):
        ImageFolderSource(tmp_path)[0]


def test_a_jpeg_with_foreign_bytes_inside_is_named(folder):
    path = folder / '00000.jpg'
    data = bytearray(path.read_bytes())
    middle = (data.index(b'\xff\xda') + len(data)) // 2
    data[middle : middle + 4] = b'\xff\x17ab'
    path.write_bytes(data)
    with pytest.raises(VideoError, match=rf'00000\.jpg: damaged JPEG, invalid marker 0x17 at byte {middle}'):
        ImageFolderSource(folder)[0]


@pytest.mark.parametrize(
    'flags',
    [
        [cv2.IMWRITE_JPEG_PROGRESSIVE, 1],
        [cv2.IMWRITE_JPEG_RST_INTERVAL, 2],
        [cv2.IMWRITE_JPEG_OPTIMIZE, 1, cv2.IMWRITE_JPEG_QUALITY, 100],
    ],
)
def test_every_kind_of_whole_jpeg_is_read(tmp_path, flags):
    texture = np.random.default_rng(0).integers(0, 255, (*SIZE, 3), dtype=np.uint8)
    cv2.imwrite(str(tmp_path / '0.jpg'), texture, flags)
    # cameras append previews and makers' notes
    with open(tmp_path / '0.jpg', 'ab') as file:
        file.write(bytes(8000))
    assert np.array_equal(ImageFolderSource(tmp_path)[0], cv2.imread(str(tmp_path / '0.jpg')))


def test_a_text_file_named_jpg_is_named(tmp_path):
    (tmp_path / '0.jpg').write_text('<html>404</html>')
    with pytest.raises(VideoError, match=r'0\.jpg: not a readable image \(16 bytes\)'):
        ImageFolderSource(tmp_path)[0]


def test_a_written_video_has_the_right_number_of_frames(video_file):
    source = open_video(video_file)
    assert isinstance(source, VideoFileSource) and len(source) == 11
    assert (source.size, source.fps) == (SIZE, 10)
    assert [index_of(frame) for frame in source] == list(range(11))


def test_a_video_can_be_read_in_any_order_and_again(video_file):
    source = VideoFileSource(video_file)
    order = [4, 4, 0, 10, 2, 3, -1, 0]
    assert [index_of(source[t]) for t in order] == [4, 4, 0, 10, 2, 3, 10, 0]
    assert [index_of(frame) for frame in source] == list(range(11))
    with pytest.raises(IndexError, match='frame 11 of 11'):
        source[11]


def test_a_video_survives_pickling(video_file):
    source = VideoFileSource(video_file)
    source.name = 'set/bear'
    source[5]
    copy = pickle.loads(pickle.dumps(source))
    assert len(copy) == 11 and copy.size == SIZE and index_of(copy[3]) == 3 and copy.name == 'set/bear'


@pytest.mark.parametrize(('announced', 'says'), [(16, 'ends after 11 frames'), (7, 'has more than')])
def test_a_container_that_miscounts_is_an_error_at_its_end(
    tmp_path, monkeypatch, without_pyav, announced, says
):
    write_mp4(tmp_path / 'clip.mp4', counted(11))
    monkeypatch.setattr(cv2, 'VideoCapture', miscounting(announced))
    source = VideoFileSource(tmp_path / 'clip.mp4')
    assert len(source) == announced and index_of(source[5]) == 5
    with pytest.raises(VideoError, match=rf'clip\.mp4: {says}.*[Rr]e-encode'):
        list(source)


def test_frames_are_counted_where_the_container_says_nothing(tmp_path, monkeypatch, without_pyav):
    write_mp4(tmp_path / 'clip.mp4', counted(11))
    monkeypatch.setattr(cv2, 'VideoCapture', miscounting(-(2**63)))
    source = VideoFileSource(tmp_path / 'clip.mp4')
    assert [index_of(frame) for frame in source] == list(range(11))


def miscounting(announced: int) -> Callable:
    """A ``cv2.VideoCapture`` whose container announces another number of frames."""
    real = cv2.VideoCapture

    def capture(path: str) -> SimpleNamespace:
        opened = real(path)
        return SimpleNamespace(
            read=opened.read,
            grab=opened.grab,
            get=lambda key: announced if key == cv2.CAP_PROP_FRAME_COUNT else opened.get(key),
        )

    return capture


def test_garbage_and_missing_video_files(tmp_path):
    (tmp_path / 'clip.mp4').write_bytes(struct.pack('>200I', *range(200)))
    with pytest.raises(VideoError, match=r'clip\.mp4: no frames can be decoded\. Re-encode'):
        open_video(tmp_path / 'clip.mp4')
    with pytest.raises(VideoError, match=r'gone\.mp4: no such video file'):
        open_video(str(tmp_path / 'gone.mp4'))


def test_a_truncated_video_file_is_an_error(tmp_path):
    write_mp4(tmp_path / 'clip.mp4', make_frames(make_masks(30)))
    truncate(tmp_path / 'clip.mp4')
    with pytest.raises(VideoError, match=r'clip\.mp4'):
        list(open_video(tmp_path / 'clip.mp4'))


def test_arrays_are_a_video():
    source = open_video(np.stack(counted(3)))
    assert isinstance(source, ArraySource) and source.frame_names == ['00000', '00001', '00002']
    assert source.size == SIZE and index_of(source[2]) == 2 and open_video(source) is source


def test_wrong_arrays():
    with pytest.raises(VideoError, match='the list is empty'):
        open_video([])
    mixed = [*counted(1), np.zeros((*SIZE, 3), np.float32), np.zeros((9, 9, 3), np.uint8)]
    for t in (1, 2):
        with pytest.raises(VideoError, match=rf'frame {t} of the array video: expected uint8 \(48, 64, 3\)'):
            open_video(mixed)[t]


NO_VIDEOS = {
    'None': (None, 'found a NoneType;'),
    'int': (5, 'found a int;'),
    'bytes': (b'clip.mp4', 'found a bytes whose first item is a int;'),
    'ints': ([1, 2], 'whose first item is a int;'),
    'paths': (['a.jpg', 'b.jpg'], r'whose first item is a str;.*ImageFolderSource'),
    'lists': ([[[0, 0, 0]]], 'whose first item is a list;'),
    'dict': ({0: np.zeros((4, 4, 3), np.uint8)}, 'found a dict'),
    'set': ({1}, 'found a set;'),
    'generator': ((frame for frame in counted(2)), r'found a generator;.*Give list\(...\).*IteratorSource'),
    'number': (np.array(5), r'found a ndarray of shape \(\);'),
    'row': (np.zeros(4, np.uint8), r'of shape \(4,\);'),
    'frame': (np.zeros((4, 4, 3), np.uint8), r'of shape \(4, 4, 3\);'),
    'grey': (list(np.zeros((2, 4, 4), np.uint8)), r'first item is a ndarray of shape \(4, 4\);'),
    'tensor': (torch.zeros((2, 4, 4, 3), dtype=torch.uint8), 'found a Tensor whose first item is a Tensor;'),
    'tensor without axes': (torch.tensor(5), 'found a Tensor;'),
    'empty array': (np.zeros((0, 4, 4, 3), np.uint8), r'of shape \(0, 4, 4, 3\);'),
}


@pytest.mark.parametrize('opened', [open_video, ArraySource])
@pytest.mark.parametrize('video, says', NO_VIDEOS.values(), ids=NO_VIDEOS)
def test_what_is_no_video_is_told_what_may_be_one(video, says, opened):
    if opened is open_video and 'generator' in says:
        pytest.skip('open_video reads generators')
    with pytest.raises(VideoError, match=f'^video: .*{says}'):
        opened(video)


def test_a_later_frame_that_is_no_array_is_named():
    with pytest.raises(VideoError, match='frame 1 of the array video: .*found a NoneType'):
        open_video([*counted(1), None])[1]


def test_several_readers_of_one_frame_decode_it_once():
    class Counting(ArraySource):
        decoded = 0

        def __getitem__(self, t: int) -> np.ndarray:
            self.decoded += 1
            return super().__getitem__(t)

    source = Counting(np.arange(4 * 6 * 8 * 3, dtype=np.uint8).reshape(4, 6, 8, 3), fps=5)
    source.name = 'bear'
    kept = LastFrameSource(source)
    assert (kept.size, kept.fps, len(kept), kept.frame_names) == ((6, 8), 5, 4, source.frame_names)
    assert kept.name == 'bear'
    assert kept[2] is kept[2] and source.decoded == 1
    assert np.array_equal(kept[0], source[0]) and not np.array_equal(kept[2], kept[0])


def test_as_many_frames_are_kept_as_are_asked_for():
    class Decoding(ArraySource):
        def __getitem__(self, t: int) -> np.ndarray:
            decoded.append(t)
            return super().__getitem__(t)

    decoded: list[int] = []
    kept = LastFrameSource(Decoding(counted(4)), keep=2)
    assert [index_of(kept[t]) for t in (0, 1, 0, 1, 2, 1, 2, 0)] == [0, 1, 0, 1, 2, 1, 2, 0]
    assert decoded == [0, 1, 2, 0], 'the last two'


def test_videos_on_disk_have_a_name(tmp_path, monkeypatch, video_file):
    (tmp_path / 'bear').mkdir()
    cv2.imwrite(str(tmp_path / 'bear' / '0.jpg'), counted(1)[0])
    assert open_video(tmp_path / 'bear').name == 'bear'
    monkeypatch.chdir(tmp_path / 'bear')
    assert open_video('.').name == 'bear'
    assert open_video(video_file).name == Path(video_file).stem and open_video(counted(1)).name is None


@pytest.mark.parametrize('block', [1, 3, 16])
def test_a_reversed_video_has_the_same_frames_and_names_from_the_last_on(video_file, block):
    source = open_video(video_file)
    backwards = ReversedSource(source, block)
    assert [index_of(frame) for frame in backwards] == list(range(10, -1, -1))
    assert backwards.frame_names == source.frame_names[::-1] and len(backwards) == 11
    assert (backwards.size, backwards.fps) == (source.size, source.fps)
    assert [index_of(backwards[t]) for t in (4, 0, 10, 5)] == [6, 10, 0, 5], 'in any order'
    with pytest.raises(IndexError, match='frame 11 of 11'):
        backwards[11]


def test_a_reversed_video_reads_each_frame_once_in_blocks_it_does_not_keep():
    read = []

    class Source(ArraySource):
        def __getitem__(self, t):
            read.append(t)
            return super().__getitem__(t)

    backwards = ReversedSource(Source(counted(8)), 3)
    for t in range(8):
        backwards[t]
        assert len(backwards._held) <= 3
    assert read == [5, 6, 7, 2, 3, 4, 0, 1]


def test_a_source_that_keeps_its_last_frame_is_as_live_as_the_other():
    source = ArraySource(counted(2))
    assert LastFrameSource(source).random_access
    source.random_access = False
    assert not LastFrameSource(source).random_access


@pytest.mark.parametrize(
    ('names', 'says'),
    [
        ([], '0 frame names for 3 frames'),
        (['a', 'b'], '2 frame names for 3 frames'),
        (['a', 'b', 'c', 'd'], '4 frame names for 3 frames'),
        (['a', 'b', 'a'], '(frame 2 of the array video|2.jpg): a second image named a'),
    ],
)
def test_one_name_per_frame_and_all_of_them_different(tmp_path, names, says):
    with pytest.raises(VideoError, match=says):
        ArraySource(np.zeros((3, 8, 8, 3), np.uint8), names)
    with pytest.raises(VideoError, match=says):
        ImageFolderSource(tmp_path, [tmp_path / f'{t}.jpg' for t in range(3)], frame_names=names)


@pytest.mark.parametrize(
    'frame, found',
    [
        (np.zeros((5, 8, 3), np.uint8), r'uint8 \(5, 8, 3\)'),
        (np.zeros((6, 8, 3), np.float32), r'float32 \(6, 8, 3\)'),
        (np.zeros((6, 8), np.uint8), r'uint8 \(6, 8\)'),
        (None, 'a NoneType'),
    ],
)
def test_a_wrong_frame_of_anyone_s_source_is_named_where_it_is_read_for_a_stream(frame, found):
    class Own(VideoSource):
        frame_names = ['a', 'b']
        size = (6, 8)

        def __getitem__(self, t: int) -> np.ndarray:
            return frame if t else np.zeros((6, 8, 3), np.uint8)

    kept = LastFrameSource(Own())
    assert kept[0].shape == (6, 8, 3)
    with pytest.raises(VideoError, match=rf'Own: frame 1: expected uint8 \(6, 8, 3\) BGR, found {found}\.'):
        kept[1]
