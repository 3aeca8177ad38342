import numpy as np
import pytest

from vosplug.errors import AnnotationError, PromptError
from vosplug.structures import ArrayAnnotation, ArraySource, Prompts, VideoSample

MASK = np.eye(4, dtype=np.uint8)
SOURCE = ArraySource([np.zeros((4, 4, 3), np.uint8)])


def test_prompts_and_annotation_are_given_or_missed_by_name():
    prompts, annotation = Prompts.from_id_mask(MASK), ArrayAnnotation([MASK])
    whole = VideoSample('fog', SOURCE, prompts, annotation)
    assert whole.require_prompts() is prompts and whole.require_annotation() is annotation
    bare = VideoSample('fog', SOURCE, None)
    with pytest.raises(PromptError, match='video fog: no prompts'):
        bare.require_prompts()
    with pytest.raises(AnnotationError, match='video fog: no ground truth'):
        bare.require_annotation()
