"""A folder of grey masks per object becomes id masks."""

import cv2
import numpy as np
import pytest

from vosplug.errors import AnnotationError
from vosplug.formats import GreyMaskAnnotation
from vosplug.structures import ArraySource, fill_box

SIZE = (20, 30)
LARGE, SMALL = fill_box((2, 2, 22, 16), SIZE), fill_box((12, 4, 20, 9), SIZE)
SOURCE = ArraySource([np.zeros((*SIZE, 3), np.uint8)] * 3, ['f1', 'f2', 'f3'])


def write(path, shown, level=255):
    path.parent.mkdir(exist_ok=True)
    cv2.imwrite(str(path), shown * np.uint8(level))
    return path.parent


def opened(tmp_path, *ids):
    return GreyMaskAnnotation({i: tmp_path / str(i) for i in ids}, SOURCE.frame_names, SOURCE)


@pytest.mark.parametrize('suffix', ['png', 'bmp', 'jpg'])
def test_ids_are_kept_and_the_smaller_object_is_in_front(tmp_path, suffix):
    for name in ('f1', 'f3'):
        write(tmp_path / '7' / f'{name}.png', LARGE)
        write(tmp_path / '3' / f'{name}.{suffix}', SMALL)
    annotation = opened(tmp_path, 3, 7)
    assert annotation.annotated_frames() == [0, 2] and annotation.mask(1) is None
    expected = np.where(SMALL, 3, LARGE * 7).astype(np.uint8)
    assert np.array_equal(annotation.mask(2), expected) and annotation.mask(2).dtype == np.uint8
    assert sorted(annotation.boxes(0)) == [3, 7] and annotation.boxes(1) == {}


@pytest.mark.parametrize(('level', 'shown'), [(127, False), (128, True)])
def test_an_object_starts_at_128(tmp_path, level, shown):
    write(tmp_path / '1' / 'f1.png', LARGE, level)
    assert np.array_equal(opened(tmp_path, 1).mask(0), LARGE & shown)


def test_what_is_wrong_is_named(tmp_path):
    with pytest.raises(AnnotationError, match='1: no such folder of masks'):
        opened(tmp_path, 1)
    write(tmp_path / '1' / 'g1.png', LARGE)
    with pytest.raises(AnnotationError, match=r'1: none of its masks is named like a frame .*\(f1'):
        opened(tmp_path, 1)
    for name in ('f1', 'f2'):
        write(tmp_path / '1' / f'{name}.png', LARGE)
    write(tmp_path / '2' / 'f1.png', SMALL)
    with pytest.raises(AnnotationError, match=r'2: no mask of frame f2, which other objects have \(1 frames'):
        opened(tmp_path, 1, 2)
    write(tmp_path / '2' / 'f1.bmp', SMALL)
    with pytest.raises(AnnotationError, match=r'f1\.png: a second mask of frame f1, besides f1\.bmp'):
        opened(tmp_path, 2)
    write(tmp_path / '3' / 'f1.png', LARGE[:9])
    with pytest.raises(AnnotationError, match=r'f1\.png: mask is 30x9, its frame is 30x20'):
        opened(tmp_path, 3).mask(0)
    data = (tmp_path / '2' / 'f1.bmp').read_bytes()
    (tmp_path / '4').mkdir()
    (tmp_path / '4' / 'f1.bmp').write_bytes(data[:200])
    with pytest.raises(AnnotationError, match=r'f1\.bmp: damaged BMP .*Copy'):
        opened(tmp_path, 4).mask(0)
