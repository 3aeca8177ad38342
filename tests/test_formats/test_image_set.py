"""Lists of sequences, in each of the forms that benchmarks use."""

import pytest

from vosplug.errors import AnnotationError
from vosplug.formats.image_set import read_image_set


@pytest.mark.parametrize(
    'text, names',
    [
        ('dog\n\ncat\ndog\n', ['dog', 'cat']),
        ('\ufeffLaSOT/zebra-14\r\nmy cat 2\r\n', ['LaSOT/zebra-14', 'my cat 2']),
        ('*birdfall\n*bird_of_paradise\n', ['birdfall', 'bird_of_paradise']),
        ('/JPEGImages/480p/bear/00000.jpg /Annotations/480p/bear/00000.png\n', ['bear']),
    ],
)
def test_a_line_is_a_name_or_a_pair_of_files(tmp_path, text, names):
    (tmp_path / 'val.txt').write_text(text)
    assert read_image_set(tmp_path / 'val.txt') == names


def test_an_empty_and_a_missing_list_are_named(tmp_path):
    (tmp_path / 'val.txt').write_text('\n')
    with pytest.raises(AnnotationError, match=r'val\.txt: image set is empty'):
        read_image_set(tmp_path / 'val.txt')
    with pytest.raises(AnnotationError, match=r'test\.txt: image set not found'):
        read_image_set(tmp_path / 'test.txt')
