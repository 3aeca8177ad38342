"""A sheet of pictures: where they are, and that none is bent."""

import numpy as np
import pytest

from vosplug.visualization.contact_sheet import contact_sheet


def picture(height: int, width: int, value: int) -> np.ndarray:
    return np.full((height, width, 3), value, np.uint8)


def test_pictures_come_in_rows_and_the_last_row_is_filled_up():
    sheet = contact_sheet([picture(20, 30, v) for v in (50, 100, 150)], 'abc', columns=2, size=(40, 60))
    height = sheet.shape[0] // 2
    assert sheet.shape[1] == 120 and height > 40
    for (row, column), value in {(0, 0): 50, (0, 1): 100, (1, 0): 150, (1, 1): 0}.items():
        assert sheet[row * height + 20, column * 60 + 30, 0] == value


@pytest.mark.parametrize(
    ('shape', 'filled'), [((80, 20), (40, 10)), ((10, 60), (10, 60)), ((7, 7), (40, 40))]
)
def test_a_picture_keeps_its_aspect(shape, filled):
    sheet = contact_sheet([picture(*shape, 200)], ['x'], columns=1, size=(40, 60))
    shown = sheet[:40, :, 0] == 200
    assert (shown.any(1).sum(), shown.any(0).sum()) == filled


def test_every_picture_has_a_caption():
    with pytest.raises(ValueError, match='zip'):
        contact_sheet([picture(9, 9, 1)], [])
