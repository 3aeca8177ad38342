"""The folder protocol of the VOT toolkit."""

import numpy as np
import pytest

from vosplug.errors import AnnotationError
from vosplug.formats.vot_folder import read_frames, read_queries, write_outputs
from vosplug.formats.vot_text import UNKNOWN, read_regions
from vosplug.structures.vot_region import Mask, Rectangle


def test_frames_are_read_in_order_with_repetitions(tmp_path):
    (tmp_path / 'frames_color.txt').write_text('/data/2.jpg\n/data/1.jpg\nown/1.jpg\n/data/1.jpg\n')
    found = [str(path) for path in read_frames(tmp_path)]
    assert found == ['/data/2.jpg', '/data/1.jpg', str(tmp_path / 'own/1.jpg'), '/data/1.jpg']


def test_queries_are_read_in_the_order_of_their_ids(tmp_path):
    (tmp_path / 'query_obj10.txt').write_text('0\n1.5,2,3,4\n')
    (tmp_path / 'query_obj9.txt').write_text('3\nm1,2,2,2,1,2,1\ntext=a cat\n')
    late, box = read_queries(tmp_path, 4)
    assert (late.object_id, late.frame, box.object_id, box.frame) == ('obj9', 3, 'obj10', 0)
    assert box.region == Rectangle(1.5, 2, 3, 4)
    assert late.region.offset == (1, 2) and late.region.mask.tolist() == [[False, True], [True, False]]


def test_outputs_have_a_line_per_frame_and_appear_together_at_the_end(tmp_path):
    mask = Mask(np.array([[False, True]]), (5, 6))
    with write_outputs(tmp_path, ['a', 'b']) as add:
        add([UNKNOWN, Rectangle(1, 2, 3, 4)], [0, 0.5])
        add([mask, UNKNOWN], [1 / 3, 0])
        assert not [*tmp_path.glob('output*')]
    assert (tmp_path / 'output_a.txt').read_text() == '0\nm5,6,2,1,1,1\n'
    assert read_regions(tmp_path / 'output_b.txt') == [Rectangle(1, 2, 3, 4), UNKNOWN]
    assert (tmp_path / 'output_a_confidence.txt').read_text() == '0.000000\n0.333333\n'


def test_nothing_is_left_of_a_run_that_fails(tmp_path):
    with pytest.raises(RuntimeError), write_outputs(tmp_path, ['a']) as add:
        add([UNKNOWN], [0])
        raise RuntimeError
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize(
    ('content', 'message'),
    [
        ('', r'query_a.txt: expected a frame number and a region, one per line, found \[\]'),
        ('1,2,3,4\n0\n', r"query_a.txt: expected a frame number and a region, .* found \['1,2,3,4', '0'\]"),
        ('0\n1,2,3\n', r'query_a.txt, line 2: expected x, y of a point'),
        ('5\n1,2,3,4\n', r'query_a.txt: the object starts in frame 5, frames_color.txt lists 5 frames'),
    ],
)
def test_damaged_queries_are_named(tmp_path, content, message):
    (tmp_path / 'query_a.txt').write_text(content)
    with pytest.raises(AnnotationError, match=message):
        read_queries(tmp_path, 5)


def test_another_folder_is_told_from_that_of_a_run(tmp_path):
    with pytest.raises(AnnotationError, match=r'frames_color.txt: list of frames not found.*found none'):
        read_frames(tmp_path)
    with pytest.raises(AnnotationError, match=r'expected query_<id>.txt for every object, found none'):
        read_queries(tmp_path, 5)
    (tmp_path / 'frames_ir.txt').write_text('1.jpg\n')
    with pytest.raises(AnnotationError, match='found frames_ir.txt'):
        read_frames(tmp_path)
    (tmp_path / 'frames_color.txt').write_text('\n')
    with pytest.raises(AnnotationError, match='frames_color.txt: expected a path per line, found an empty'):
        read_frames(tmp_path)
