"""Frames, masks, flows and videos of strangers: a named error or the right shape, never a hang or a flood."""

import io
import os
import resource
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
from hostile_files import NO_FILES, damaged
from PIL import Image
from small_data import SIZE, make_frames, make_masks

from vosplug.errors import AnnotationError, ConfigError, FlowError, VideoError, VOSError
from vosplug.formats import read_id_mask, write_id_mask
from vosplug.formats.flow_file import read_flo, write_flo
from vosplug.formats.mask_folder import MaskFolderAnnotation, read_grey_mask
from vosplug.limits import limit
from vosplug.models.streaming import Geometry
from vosplug.structures import ImageFolderSource, VideoFileSource, open_video
from vosplug.structures.image_file import image_size, read_image
from vosplug.visualization import write_mp4


def texture() -> np.ndarray:
    """BGR, smooth enough for JPEG."""
    coarse = np.random.default_rng(0).integers(0, 255, (6, 8, 3), dtype=np.uint8)
    return cv2.resize(coarse, SIZE[::-1], interpolation=cv2.INTER_CUBIC)


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def rgb() -> Image.Image:
    return Image.fromarray(np.ascontiguousarray(texture()[..., ::-1]))


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))


def png_bomb(width: int, height: int, color: int = 0) -> bytes:
    """A valid PNG of zeros, whose thousands of rows are a few kilobytes."""
    packer = zlib.compressobj(9)
    row, data = bytes(1 + width), b''
    for _ in range(height):
        data += packer.compress(row)
    header = struct.pack('>2I5B', width, height, 8, color, 0, 0, 0)
    palette = png_chunk(b'PLTE', bytes(6)) if color == 3 else b''
    return (
        b'\x89PNG\r\n\x1a\n'
        + png_chunk(b'IHDR', header)
        + palette
        + png_chunk(b'IDAT', data + packer.flush())
        + png_chunk(b'IEND', b'')
    )


READERS = {
    '.jpg': (read_image, VideoError),
    '.png': (read_id_mask, AnnotationError),
    '.bmp': (read_grey_mask, AnnotationError),
    '.flo': (read_flo, FlowError),
    '.mp4': (VideoFileSource, VideoError),
    '.tif': (lambda path: image_size(path, VideoError), VideoError),
}


@pytest.mark.parametrize('kind', NO_FILES)
@pytest.mark.parametrize('suffix', READERS)
def test_what_is_no_file_is_named_and_never_waited_for(tmp_path, suffix, kind):
    path = tmp_path / f'00000{suffix}'
    NO_FILES[kind](path)
    read, error = READERS[suffix]
    with pytest.raises(error, match=rf'00000\{suffix}'):
        read(path)


@pytest.mark.parametrize('kind', [k for k in NO_FILES if k != 'folder'])
def test_folders_that_are_none(tmp_path, kind):
    path = tmp_path / 'clip'
    NO_FILES[kind](path)
    with pytest.raises(VideoError, match='clip: '):
        ImageFolderSource(path)
    with pytest.raises(AnnotationError, match='clip: '):
        MaskFolderAnnotation(path, ['00000'])


def test_a_pipe_among_the_frames_is_named_when_it_is_read(tmp_path):
    cv2.imwrite(str(tmp_path / '0.jpg'), texture())
    os.mkfifo(tmp_path / '1.jpg')
    source = open_video(tmp_path)
    assert source[0].shape == (*SIZE, 3)
    with pytest.raises(VideoError, match=r'1\.jpg: .*pipe'):
        source[1]


def test_hidden_files_are_no_frames(tmp_path):
    """macOS leaves ``._0.jpg`` on other file systems, a killed process its temporary file."""
    cv2.imwrite(str(tmp_path / '0.jpg'), texture())
    (tmp_path / '._0.jpg').write_bytes(b'\0\5\26\7')
    assert open_video(tmp_path).frame_names == ['0']


def peak_growth(read, path: Path) -> int:
    """Bytes by which reading a file raises the highest memory use of this process, and its error."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(VOSError, match=r'more than the limit of [\d,]+.*VOSPLUG_MAX_PIXELS'):
        read(path)
    return 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)


@pytest.mark.parametrize('read', [read_image, read_id_mask, read_grey_mask])
def test_a_small_png_of_a_billion_pixels_is_refused_before_it_is_decoded(tmp_path, read):
    path = tmp_path / 'bomb.png'
    path.write_bytes(
        png_bomb(30000, 300).replace(struct.pack('>2I', 30000, 300), struct.pack('>2I', 30000, 30000))
    )
    assert peak_growth(read, path) < 50e6


def test_a_jpeg_and_a_bmp_that_announce_many_pixels_are_refused(tmp_path):
    data = bytearray(encoded(rgb(), 'JPEG'))
    at = data.index(b'\xff\xc0')
    data[at + 5 : at + 9] = b'\xff' * 4
    (tmp_path / 'bomb.jpg').write_bytes(data)
    bmp = bytearray(encoded(rgb(), 'BMP'))
    bmp[18:26] = struct.pack('<2i', 60000, 60000)
    (tmp_path / 'bomb.bmp').write_bytes(bmp)
    for suffix in ('jpg', 'bmp'):
        assert peak_growth(read_image, tmp_path / f'bomb.{suffix}') < 50e6


def test_a_file_too_long_for_any_image_is_not_read(tmp_path):
    for name, read in (('0.png', read_id_mask), ('0.jpg', read_image)):
        with open(tmp_path / name, 'wb') as file:
            file.truncate(10**12)  # sparse
        assert peak_growth(read, tmp_path / name) < 50e6


def test_a_flow_of_many_pixels_is_not_read(tmp_path):
    with open(tmp_path / '0.flo', 'wb') as file:
        file.write(struct.pack('<f2i', 202021.25, 30000, 30000))
        file.truncate(12 + 8 * 30000**2)
    assert peak_growth(read_flo, tmp_path / '0.flo') < 50e6


def test_the_limit_can_be_lowered_and_raised(tmp_path, monkeypatch):
    (tmp_path / '0.png').write_bytes(png_bomb(14000, 14000))  # beyond Pillow's own limit too
    monkeypatch.setenv('VOSPLUG_MAX_PIXELS', '200000000')
    assert read_id_mask(tmp_path / '0.png').shape == (14000, 14000)
    cv2.imwrite(str(tmp_path / '0.jpg'), texture())
    monkeypatch.setenv('VOSPLUG_MAX_PIXELS', '3071')
    with pytest.raises(VideoError, match=r'64x48 = 3,072 pixels, more than the limit of 3,071'):
        read_image(tmp_path / '0.jpg')
    monkeypatch.setenv('VOSPLUG_MAX_PIXELS', '3072')
    assert read_image(tmp_path / '0.jpg').shape == (48, 64, 3)


@pytest.mark.parametrize('text', ['', '0', '-5', '1e9', 'many'])
def test_a_limit_that_is_no_number_is_named(monkeypatch, text):
    monkeypatch.setenv('VOSPLUG_MAX_FRAMES', text)
    with pytest.raises(ConfigError, match=f'VOSPLUG_MAX_FRAMES: found {text!r}'):
        limit('MAX_FRAMES')


def test_a_line_of_pixels_is_not_blown_up_to_the_short_side():
    assert Geometry.fit((1, 2000)).work == (1, 2000), 'as it is'
    assert Geometry.fit((40, 2000), 128).work == (128, 6400)
    for size in ((1, 2000), (2000, 1)):
        with pytest.raises(
            VideoError, match=r'bear: has frames of .* aspect ratio of 2,000.*VOSPLUG_MAX_ASPECT'
        ):
            Geometry.fit(size, 128, name='bear')


DECODED = {
    'CMYK.jpg': encoded(rgb().convert('CMYK'), 'JPEG', quality=98),
    'grey.jpg': encoded(rgb().convert('L'), 'JPEG', quality=98),
    'alpha.png': encoded(rgb().convert('RGBA'), 'PNG'),
    'palette.png': encoded(rgb().quantize(256), 'PNG'),
    '16bit.png': cv2.imencode('.png', texture().astype(np.uint16) * 257)[1].tobytes(),
    '16bit.tif': cv2.imencode('.tif', texture().astype(np.uint16) * 257)[1].tobytes(),
    'png.jpg': encoded(rgb(), 'PNG'),
    'lossless.webp': encoded(rgb(), 'WEBP', lossless=True),
}


@pytest.mark.parametrize('name', DECODED)
def test_every_kind_of_pixel_becomes_8_bit_bgr(tmp_path, name):
    (tmp_path / name).write_bytes(DECODED[name])
    expected = texture()
    if 'grey' in name:
        expected = np.repeat(np.asarray(rgb().convert('L'))[..., None], 3, 2)
    found = read_image(tmp_path / name)
    assert found.dtype == np.uint8 and found.shape == (*SIZE, 3)
    assert np.abs(found.astype(int) - expected).mean() < (12 if 'palette' in name else 2)


@pytest.mark.parametrize('kind', ['JPEG', 'PNG', 'WEBP'])
def test_frames_are_rotated_by_their_exif_orientation(tmp_path, kind):
    orientation = Image.Exif()
    orientation[0x112] = 6
    options = dict(exif=orientation) | (dict(lossless=True) if kind == 'WEBP' else dict(quality=98))
    (tmp_path / '0.jpg').write_bytes(encoded(rgb(), kind, **options))
    found = read_image(tmp_path / '0.jpg')
    assert np.abs(found.astype(int) - np.rot90(texture(), -1)).mean() < 4


@pytest.mark.parametrize('kind', ['JPEG', 'PNG', 'WEBP', 'TIFF'])
@pytest.mark.parametrize('value', [1, 3, 5, 6, 8, 99])
def test_the_size_of_an_image_is_that_of_its_rotated_pixels(tmp_path, kind, value):
    orientation = Image.Exif()
    orientation[0x112] = value
    path = tmp_path / '0.jpg'
    path.write_bytes(encoded(rgb(), kind, exif=orientation))
    assert image_size(path, VideoError) == read_image(path).shape[:2]


def test_damaged_exif_is_ignored(tmp_path):
    path = tmp_path / '0.jpg'
    path.write_bytes(encoded(rgb(), 'JPEG', exif=b'Exif\0\0MM\0*\xff\xff'))
    assert image_size(path, VideoError) == read_image(path).shape[:2] == SIZE


@pytest.mark.parametrize('kind', ['PNG', 'WEBP', 'TIFF', 'GIF'])
def test_several_images_in_one_file_are_refused(tmp_path, kind):
    other = rgb().transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    path = tmp_path / f'0.{kind.lower()}'
    path.write_bytes(encoded(rgb(), kind, save_all=True, append_images=[other]))
    says = 'not JPEG, PNG' if kind == 'GIF' else 'has several images, expected one'
    for read, error in ((read_image, VideoError), (read_grey_mask, AnnotationError)):
        with pytest.raises(error, match=says):
            read(path)


def test_a_jpeg_of_endless_scans_is_refused(tmp_path):
    data = encoded(rgb(), 'JPEG', progressive=True)
    last = data.rindex(b'\xff\xda')
    (tmp_path / '0.jpg').write_bytes(data[:-2] + 1000 * data[last:-2] + data[-2:])
    with pytest.raises(VideoError, match='damaged JPEG, more than 100 scans'):
        read_image(tmp_path / '0.jpg')


@pytest.mark.parametrize('name', ['x' * 5000, 'a\0b'])
def test_names_that_no_file_can_have(name):
    with pytest.raises(VideoError, match='cannot be read'):
        open_video(name)
    with pytest.raises(VideoError, match='no such folder of frames'):
        ImageFolderSource(name)
    with pytest.raises(AnnotationError, match='no such annotation folder'):
        MaskFolderAnnotation(name, ['0'])
    with pytest.raises(AnnotationError, match='cannot be read'):
        read_id_mask(name)


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack('>I', len(content)) + kind + content + struct.pack('>I', zlib.crc32(kind + content))


@pytest.mark.parametrize(
    ('where', 'what'),
    [
        (33, chunk(b'IHDR', struct.pack('>2I5B', 30000, 30000, 8, 2, 0, 0, 0))),
        (8, chunk(b'tEXt', b'a\0b')),
    ],
    ids=['second header', 'text before the header'],
)
@pytest.mark.parametrize('read', [read_image, read_id_mask])
def test_a_png_has_one_header_at_its_start(tmp_path, read, where, what):
    data = encoded(rgb(), 'PNG')
    (tmp_path / '0.png').write_bytes(data[:where] + what + data[where:])
    with pytest.raises(VOSError, match=r'0\.png: damaged PNG, it does not start with its only header'):
        read(tmp_path / '0.png')


def test_a_text_about_animations_is_no_animation(tmp_path):
    data = encoded(rgb(), 'PNG')
    (tmp_path / '0.png').write_bytes(data[:33] + chunk(b'tEXt', b'a\0acTL\0\0\0\x09') + data[33:])
    assert read_image(tmp_path / '0.png').shape == (*rgb().size[::-1], 3)


def test_a_tiff_of_many_images_is_refused(tmp_path):
    first, *others = [rgb().resize((1, 1))] * 3000
    first.save(tmp_path / '0.tif', save_all=True, append_images=others)
    with pytest.raises(VideoError, match='has several images'):
        read_image(tmp_path / '0.tif')


def test_a_png_frame_with_a_wrong_checksum_is_refused(tmp_path):
    data = bytearray(encoded(rgb(), 'PNG'))
    data[data.index(b'IDAT') + 100] ^= 1
    (tmp_path / '0.png').write_bytes(data)
    with pytest.raises(VideoError, match=r'0\.png: not a readable image'):
        read_image(tmp_path / '0.png')


@pytest.mark.parametrize('part', [0, 0.05, 0.3, 0.6, 0.99])
@pytest.mark.parametrize('kind', ['BMP', 'WEBP', 'TIFF'])
def test_truncated_images_of_other_kinds_are_refused(tmp_path, kind, part):
    data = encoded(rgb(), kind)
    path = tmp_path / f'0.{kind.lower()}'
    path.write_bytes(data[: int(part * len(data))])
    with pytest.raises(VideoError, match='Copy or export it again'):
        read_image(path)


@pytest.mark.parametrize(
    'text',
    ['#EXTM3U\n#EXTINF:1,\nother.mp4\n\0', "ffconcat version 1.0\nfile 'other.mp4'\n", 'not a video\n' * 300],
)
def test_a_text_is_no_video_and_leads_to_no_other_file(tmp_path, text):
    write_mp4(tmp_path / 'other.mp4', make_frames(make_masks(3)))
    (tmp_path / 'clip.mp4').write_text(text)
    with pytest.raises(VideoError, match=r'clip\.mp4: is text.*expected a video file'):
        open_video(tmp_path / 'clip.mp4')


def test_an_image_is_no_video_of_its_neighbours(tmp_path):
    for t in range(3):
        cv2.imwrite(str(tmp_path / f'{t:05d}.jpg'), texture())
    with pytest.raises(VideoError, match=r'00000\.jpg: is an image\. Give the folder'):
        open_video(tmp_path / '00000.jpg')


class Lying:
    """A ``cv2.VideoCapture`` with other properties than its file."""

    def __init__(self, properties: dict[int, float]) -> None:
        self.properties, self.real = properties, cv2.VideoCapture

    def __call__(self, path: str) -> 'Lying':
        self.opened = self.real(path)
        self.read, self.grab = self.opened.read, self.opened.grab
        return self

    def get(self, key: int) -> float:
        return self.properties.get(key, self.opened.get(key))


@pytest.mark.parametrize(
    ('lie', 'says'),
    [
        ({cv2.CAP_PROP_FRAME_COUNT: 1e9}, 'announces 1,000,000,000 frames.*VOSPLUG_MAX_FRAMES'),
        ({cv2.CAP_PROP_FRAME_COUNT: 2.0**62}, 'announces .* frames'),
        (
            {cv2.CAP_PROP_FRAME_WIDTH: 65000, cv2.CAP_PROP_FRAME_HEIGHT: 65000},
            '65000x65000.*VOSPLUG_MAX_PIXELS',
        ),
    ],
)
def test_a_header_that_announces_too_much_is_refused(tmp_path, monkeypatch, without_pyav, lie, says):
    write_mp4(tmp_path / 'clip.mp4', make_frames(make_masks(3)))
    monkeypatch.setattr(cv2, 'VideoCapture', Lying(lie))
    with pytest.raises(VideoError, match=rf'clip\.mp4: .*{says}'):
        VideoFileSource(tmp_path / 'clip.mp4')


@pytest.mark.parametrize('fps', [float('nan'), float('inf'), -25.0, 0.0])
def test_impossible_frame_rates_are_unknown(tmp_path, monkeypatch, without_pyav, fps):
    write_mp4(tmp_path / 'clip.mp4', make_frames(make_masks(3)))
    monkeypatch.setattr(cv2, 'VideoCapture', Lying({cv2.CAP_PROP_FPS: fps}))
    assert VideoFileSource(tmp_path / 'clip.mp4').fps is None


def test_frames_that_are_counted_have_a_limit_too(tmp_path, monkeypatch, without_pyav):
    write_mp4(tmp_path / 'clip.mp4', make_frames(make_masks(9)))
    monkeypatch.setattr(cv2, 'VideoCapture', Lying({cv2.CAP_PROP_FRAME_COUNT: 0}))
    monkeypatch.setenv('VOSPLUG_MAX_FRAMES', '8')
    with pytest.raises(VideoError, match=r'clip\.mp4: has 9 frames or more'):
        VideoFileSource(tmp_path / 'clip.mp4')


def whole(read, path: Path) -> None:
    """Read a file, and check what is accepted."""
    try:
        found = read(path)
        frames = list(found) if isinstance(found, VideoFileSource) else [found]
    except VOSError as error:
        assert path.name in str(error)
        return
    for frame in frames:
        shape, kind = (
            ((2,), np.float32) if path.suffix == '.flo' else ((3,) * (read is not read_id_mask), np.uint8)
        )
        assert frame.dtype == kind and frame.shape[2:] == shape and frame.size


@pytest.mark.filterwarnings('ignore::UserWarning:PIL')
@pytest.mark.parametrize('suffix', ['.png', '.jpg', '.flo', '.mp4', '.webp', '.tif'])
@pytest.mark.parametrize('decoder', ['PyAV', 'OpenCV'])
def test_damaged_files_are_refused_or_have_the_right_shape(tmp_path, request, suffix, decoder):
    if decoder == 'OpenCV':
        if suffix != '.mp4':
            pytest.skip('only videos have two decoders')
        request.getfixturevalue('without_pyav')
    valid, path = tmp_path / f'valid{suffix}', tmp_path / f'damaged{suffix}'
    if suffix == '.png':
        write_id_mask(valid, make_masks(1)[0])
    elif suffix == '.flo':
        write_flo(valid, texture()[..., :2].astype(np.float32))
    elif suffix == '.mp4':
        write_mp4(valid, make_frames(make_masks(5)))
    else:
        cv2.imwrite(str(valid), texture())
    read = READERS[suffix][0] if suffix in ('.png', '.flo', '.mp4') else read_image
    whole(read, valid)
    for what, data in damaged(valid.read_bytes(), 24 if suffix == '.mp4' else 80):
        path.write_bytes(data)
        try:
            whole(read, path)
        except Exception as error:
            raise AssertionError(f'{what} of {suffix}') from error


@pytest.mark.parametrize('name', ['concat:a.mp4', 'subfile,,start,0,end,0,,:a.mp4', 'file:a.mp4'])
def test_a_file_named_like_a_protocol_leads_to_no_other_file(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    write_mp4('a.mp4', make_frames(make_masks(2)))
    write_mp4('b.mp4', make_frames(make_masks(5)))
    Path('b.mp4').rename(name)
    assert len(VideoFileSource(name)) == 5
