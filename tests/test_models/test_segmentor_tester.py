"""The tester of segmentors notices methods that do not follow their prompts."""

import pytest
from small_models import small_stm
from small_videos import moving_squares
from test_segmentors.test_stm import TestSTM as STMContract

from vosplug.models import STM
from vosplug.registry import MODELS


@MODELS.register_module(force=True)
class _ZeroSTM(STM):
    """Says the same of every frame."""

    def segment_step(self, state, t, frame):
        return super().segment_step(state, t, frame) * 0


@MODELS.register_module(force=True)
class _ForgetfulSTM(STM):
    """Remembers the first frame alone."""

    def remember_step(self, state, t, frame, masks, prompted):
        if not state.frames:
            super().remember_step(state, t, frame, masks, prompted)


class Broken(STMContract):
    __test__ = False

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def config(self) -> dict:
        return {**small_stm(), 'type': self.kind}


@pytest.mark.parametrize(
    ('kind', 'contract'),
    [
        ('_ZeroSTM', 'test_the_first_mask_decides_the_next_frame'),
        ('_ZeroSTM', 'test_a_correction_changes_later_frames'),
        ('_ZeroSTM', 'test_a_late_object_is_followed_from_its_own_mask'),
        ('_ForgetfulSTM', 'test_a_correction_changes_later_frames'),
    ],
)
def test_a_broken_method_is_noticed(kind, contract):
    tester = Broken(kind)
    with pytest.raises((AssertionError, IndexError)):
        getattr(tester, contract)(tester.build(), moving_squares(frames=6))
