"""Id masks come back as written, from whatever tool wrote them; a wrong file is named."""

import warnings

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.extra.numpy import array_shapes, arrays
from PIL import Image
from small_data import SIZE, make_masks, truncate

from vosplug.errors import AnnotationError
from vosplug.formats import MaskFolderAnnotation, read_grey_mask, read_id_mask, write_id_mask
from vosplug.formats.palette import davis_palette
from vosplug.structures import ArraySource

BINARY = (make_masks(1, (1,))[0] * 255).astype(np.uint8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=20)))
def test_any_ids_survive_the_file(tmp_path, mask):
    write_id_mask(tmp_path / 'm.png', mask)
    assert np.array_equal(read_id_mask(tmp_path / 'm.png', mask.shape), mask)


def test_a_written_mask_is_indexed_with_the_davis_palette(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        write_id_mask(tmp_path / 'new' / 'm.png', make_masks(1)[0])
    with Image.open(tmp_path / 'new' / 'm.png') as picture:
        assert picture.mode == 'P'
        assert np.array_equal(np.reshape(picture.getpalette(), (-1, 3))[:8], davis_palette()[:8])
        assert picture.convert('RGB').getpixel((12, 12)) == (128, 128, 0)
    assert [p.name for p in (tmp_path / 'new').iterdir()] == ['m.png']


@pytest.mark.parametrize(
    'mask', [np.zeros((4, 4), int), np.zeros((4, 4, 3), np.uint8), np.zeros((0, 4), np.uint8)]
)
def test_only_id_masks_are_written(tmp_path, mask):
    with pytest.raises(AnnotationError, match=r'm\.png: expected a uint8'):
        write_id_mask(tmp_path / 'm.png', mask)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize('mode', ['L', 'LA', 'RGB', 'RGBA', '1'])
def test_black_and_white_reads_as_object_1(tmp_path, mode):
    Image.fromarray(BINARY).convert(mode).save(tmp_path / 'm.png')
    assert np.array_equal(read_id_mask(tmp_path / 'm.png'), BINARY // 255)


def test_white_is_void_in_indexed_files_and_where_asked(tmp_path):
    write_id_mask(tmp_path / 'p.png', BINARY)
    assert np.array_equal(read_id_mask(tmp_path / 'p.png'), BINARY)
    cv2.imwrite(str(tmp_path / 'l.png'), BINARY)
    assert np.array_equal(read_id_mask(tmp_path / 'l.png', binary=False), BINARY)


def test_grey_ids_beside_void_are_kept(tmp_path):
    mask = make_masks(1, (1, 9))[0]
    mask[0] = 255
    cv2.imwrite(str(tmp_path / 'm.png'), mask)
    assert np.array_equal(read_id_mask(tmp_path / 'm.png'), mask)


def coloured(path):
    Image.fromarray(davis_palette()[make_masks(1)[0]]).save(path)


def antialiased(path):
    blurred = cv2.GaussianBlur(BINARY, (5, 5), 0)
    cv2.imwrite(str(path), np.repeat(blurred[..., None], 3, 2))


def sixteen_bit(path):
    cv2.imwrite(str(path), make_masks(1)[0].astype(np.uint16) * 300)


def other_size(path):
    write_id_mask(path, np.zeros((10, 20), np.uint8))


def text(path):
    path.write_text('<html>404</html>')


def nothing(path):
    path.unlink(missing_ok=True)


@pytest.mark.parametrize(
    ('damage', 'says'),
    [
        (coloured, 'expected an indexed mask .* found RGB.*save it indexed'),
        (antialiased, 'expected an indexed mask .* found RGB'),
        (sixteen_bit, 'expected an 8-bit indexed mask .*Save it as uint8'),
        (other_size, 'mask is 20x10, its frame is 64x48.*Use annotations'),
        (text, 'not a readable image .*Copy or export it again'),
        (nothing, 'mask not found. Check'),
    ],
)
def test_a_wrong_file_is_named(tmp_path, damage, says):
    damage(tmp_path / '00007.png')
    with pytest.raises(AnnotationError, match=rf'00007\.png: {says}'):
        read_id_mask(tmp_path / '00007.png', SIZE)


def test_no_damage_to_a_png_reads_as_other_ids(tmp_path):
    path, mask = tmp_path / 'm.png', np.random.default_rng(0).integers(0, 5, (12, 16), dtype=np.uint8)
    write_id_mask(path, mask)
    data = path.read_bytes()
    errors = 0
    for position in range(8, len(data), 5):
        for damaged in (
            data[:position],
            bytes([*data[:position], data[position] ^ 0x55, *data[position + 1 :]]),
        ):
            path.write_bytes(damaged)
            try:
                assert np.array_equal(read_id_mask(path), mask)
            except AnnotationError as error:
                assert str(path) in str(error)
                errors += 1
    assert errors > len(data) // 5


def write(folder, masks, grey=()):
    for t, mask in enumerate(masks):
        if t in grey:
            folder.mkdir(exist_ok=True)
            cv2.imwrite(str(folder / f'{t:05d}.png'), mask)
        else:
            write_id_mask(folder / f'{t:05d}.png', mask)


NAMES = [f'{t:05d}' for t in range(4)]


def test_a_void_frame_among_several_objects_is_no_object(tmp_path):
    masks = [np.zeros_like(BINARY), *make_masks(2), BINARY]
    write(tmp_path, masks, grey=range(4))
    annotation = MaskFolderAnnotation(tmp_path, NAMES)
    assert [sorted(annotation.boxes(t)) for t in (3, 2, 1, 0)] == [[], [3, 7], [3, 7], []]
    assert np.array_equal(annotation.mask(3), BINARY)


def test_a_black_and_white_video_shows_object_1_throughout(tmp_path):
    write(tmp_path, [np.zeros_like(BINARY), BINARY, BINARY, BINARY], grey=range(4))
    annotation = MaskFolderAnnotation(tmp_path, NAMES)
    assert [sorted(annotation.boxes(t)) for t in range(4)] == [[], [1], [1], [1]]
    assert not MaskFolderAnnotation(tmp_path, NAMES, binary=False).boxes(2)


def test_frames_without_a_file_have_no_mask(tmp_path):
    write(tmp_path, make_masks(3))
    (tmp_path / '00001.png').unlink()
    annotation = MaskFolderAnnotation(tmp_path, NAMES)
    assert annotation.annotated_frames() == [0, 2]
    assert annotation.mask(1) is None and annotation.mask(3) is None and sorted(annotation.boxes(2)) == [3, 7]
    with pytest.raises(AnnotationError, match=r'00001\.png: mask not found; every frame needs one'):
        MaskFolderAnnotation(tmp_path, NAMES, required=True)


def test_masks_must_have_the_size_of_the_video(tmp_path):
    write(tmp_path, make_masks(4))
    video = ArraySource([np.zeros((10, 20, 3), np.uint8)] * 4)
    with pytest.raises(AnnotationError, match=r'00002\.png: mask is 64x48, its frame is 20x10'):
        MaskFolderAnnotation(tmp_path, NAMES, video).mask(2)


def test_no_folder_and_no_masks_of_this_video(tmp_path):
    with pytest.raises(AnnotationError, match='nowhere: no such annotation folder; expected'):
        MaskFolderAnnotation(tmp_path / 'nowhere', NAMES)
    write_id_mask(tmp_path / 'other.png', BINARY)
    with pytest.raises(AnnotationError, match=rf'{tmp_path}: none of its PNG files .*00000\.png'):
        MaskFolderAnnotation(tmp_path, NAMES)


def test_a_mask_truncated_later_is_named(tmp_path):
    write(tmp_path, make_masks(4))
    truncate(tmp_path / '00002.png', 0.7)
    annotation = MaskFolderAnnotation(tmp_path, NAMES)
    annotation.mask(1)
    with pytest.raises(AnnotationError, match=r'00002\.png: damaged PNG'):
        annotation.mask(2)


@pytest.mark.parametrize('mode', ['L', 'RGB', 'LA', 'RGBA'])
def test_a_grey_mask_is_cut_at_128(tmp_path, mode):
    levels = np.uint8([[0, 1, 127], [128, 200, 255]])
    Image.fromarray(levels).convert(mode).save(tmp_path / 'soft.png')
    assert read_grey_mask(tmp_path / 'soft.png', (2, 3)).tolist() == [[0, 0, 0], [1, 1, 1]]
    assert read_grey_mask(tmp_path / 'soft.png', threshold=1).tolist() == [[0, 1, 1], [1, 1, 1]]


def test_an_indexed_mask_is_no_grey_mask(tmp_path):
    write_id_mask(tmp_path / 'ids.png', np.uint8([[0, 1], [7, 0]]))
    assert read_grey_mask(tmp_path / 'ids.png').tolist() == [[0, 1], [1, 0]]


def test_a_coloured_mask_is_no_grey_mask(tmp_path):
    Image.fromarray(np.uint8([[[0, 128, 0]]])).save(tmp_path / 'green.png')
    with pytest.raises(AnnotationError, match=r'green\.png: expected an indexed mask .*found RGB'):
        read_grey_mask(tmp_path / 'green.png')


def test_suffixes_in_upper_case_are_read_and_two_masks_of_a_frame_are_named(tmp_path):
    mask = np.full((4, 6), 3, np.uint8)
    write_id_mask(tmp_path / '00000.png', mask)
    (tmp_path / '00000.png').rename(tmp_path / '00000.PNG')
    annotation = MaskFolderAnnotation(tmp_path, ['00000', '00001'])
    assert annotation.annotated_frames() == [0] and np.array_equal(annotation.mask(0), mask)
    assert np.array_equal(annotation.read('00000'), mask) and annotation.binary is False
    write_id_mask(tmp_path / '00000.png', mask)
    with pytest.raises(
        AnnotationError, match=r'00000\.png: a second mask of frame 00000, besides 00000\.PNG'
    ):
        MaskFolderAnnotation(tmp_path, ['00000', '00001'])
