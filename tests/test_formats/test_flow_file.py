"""Middlebury's flow files; OpenCV reads and writes them too."""

import struct

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vosplug.errors import FlowError
from vosplug.formats.flow_file import read_flo, write_flo

TAG = struct.pack('<f', 202021.25)

sides = st.integers(1, 6)
flows = arrays(
    np.float32,
    st.tuples(sides, sides, st.just(2)),
    elements=st.floats(width=32, allow_nan=True, allow_infinity=True),
)


@pytest.fixture(scope='module')
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp('flow')


@given(flows)
def test_what_is_written_is_read(folder, flow):
    write_flo(folder / 'a.flo', flow)
    found = read_flo(folder / 'a.flo')
    known = (np.abs(flow) <= 1e9).all(-1)
    assert found.dtype == np.float32 and found.shape == flow.shape
    assert np.array_equal(found[known], flow[known]) and np.isnan(found[~known]).all()
    assert [p.name for p in folder.iterdir()] == ['a.flo']


def test_the_layout_is_middleburys(tmp_path):
    write_flo(tmp_path / 'new' / 'a.flo', np.array([[[1, -2], [0.5, 4], [np.nan, 0]]]))
    expected = TAG + struct.pack('<2i6f', 3, 1, 1, -2, 0.5, 4, 1e10, 1e10)
    assert (tmp_path / 'new' / 'a.flo').read_bytes() == expected


def test_opencv_agrees(tmp_path):
    flow = np.random.default_rng(0).normal(size=(5, 7, 2)).astype(np.float32)
    write_flo(tmp_path / 'a.flo', flow)
    assert np.array_equal(cv2.readOpticalFlow(str(tmp_path / 'a.flo')), flow)
    cv2.writeOpticalFlow(str(tmp_path / 'b.flo'), flow)
    assert np.array_equal(read_flo(tmp_path / 'b.flo'), flow)


@pytest.mark.parametrize(
    ('data', 'says'),
    [
        (b'', r"starts with b'PIEH', width and height; found b''"),
        (b'P6 640 480 255\n...', "found b'P6 640 480 2'"),
        (TAG + b'\1\0\0\0', 'width and height'),
        (TAG + struct.pack('<2i4f', 2, 2, *range(4)), '2x2 pixels, so 44 bytes, found 28.*truncated'),
        (TAG + struct.pack('<2i4f', 1, 1, *range(4)), '1x1 pixels, so 20 bytes, found 28'),
        # nothing of the announced size may be allocated
        (TAG + struct.pack('<2i', 2**31 - 1, 2**31 - 1), 'announces 2147483647x2147483647 pixels'),
        # the product fits
        (TAG + struct.pack('<2i8f', -2, -2, *range(8)), 'announces -2x-2 pixels'),
        (TAG + struct.pack('<2i', 0, 5), 'announces 0x5 pixels'),
        (TAG + struct.pack('<2i', -4, 5), 'announces -4x5 pixels, so 0 bytes, found 12'),
    ],
)
def test_a_damaged_file_is_named(tmp_path, data, says):
    (tmp_path / 'a.flo').write_bytes(data)
    with pytest.raises(FlowError, match=rf'a\.flo: .*{says}'):
        read_flo(tmp_path / 'a.flo')


def test_a_missing_file_is_named(tmp_path):
    for path in (tmp_path / 'gone.flo', tmp_path):
        with pytest.raises(FlowError, match=f'{path}: flow file not found'):
            read_flo(path)


@pytest.mark.parametrize('shape', [(4, 5), (4, 5, 3), (0, 5, 2), (1, 4, 5, 2)])
def test_another_shape_is_not_written(tmp_path, shape):
    with pytest.raises(FlowError, match=r'a\.flo: expected a flow of shape \(H, W, 2\), found'):
        write_flo(tmp_path / 'a.flo', np.zeros(shape))
    assert not list(tmp_path.iterdir())


def test_the_callers_flow_stays_as_it_is(tmp_path):
    flow = np.full((2, 2, 2), np.nan, np.float32)
    write_flo(tmp_path / 'a.flo', flow)
    assert np.isnan(flow).all()
