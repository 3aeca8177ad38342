"""What a format holds comes back from it, for any annotation."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vosplug.formats.exchange import FORMATS, AnnotatedObject, AnnotatedVideo, Context, convert
from vosplug.formats.exchange.table import SINGLE_OBJECT, writable
from vosplug.formats.outline import mask_outline
from vosplug.formats.rle import decode_segmentation, encode_mask

SIZE = (9, 12)


@st.composite
def boxes(draw):
    x1, y1 = draw(st.floats(-3, 10)), draw(st.floats(-3, 8))
    return x1, y1, x1 + draw(st.floats(0.5, 9)), y1 + draw(st.floats(0.5, 9))


masks = arrays(bool, SIZE).filter(lambda mask: mask.any())


@st.composite
def videos(draw, name: str, with_masks: bool, names: Sequence[str] = ('a', 'b')):
    """Videos that a format holds entirely."""
    keeps, found = FORMATS[name].keeps, []
    for video_name in draw(st.lists(st.sampled_from(names), min_size=1, unique=True)):
        length = draw(st.integers(2, 5))
        frames = [f'{t:05d}' for t in range(length)]
        files = [f'{video_name}/{frame}.jpg' for frame in frames]
        annotated = list(range(length))
        if 'frames' in keeps:
            annotated = sorted(draw(st.sets(st.sampled_from(annotated), min_size=1)))
        video = AnnotatedVideo(video_name, frames, files, SIZE, annotated, fps=10.0)
        count = 1 if name in SINGLE_OBJECT else draw(st.integers(1, 3))
        free = np.ones((length, *SIZE), bool)
        for k in range(1, count + 1):
            obj = AnnotatedObject(k + (4 * k if 'ids' in keeps else 0))
            if 'categories' in keeps:
                obj.category = draw(st.sampled_from(['object', 'polar bear', 'Größe <&>']))
            if name == 'mots':
                obj.category = draw(st.sampled_from(['car', 'pedestrian']))
            for t in sorted(draw(st.sets(st.sampled_from(annotated), min_size=1))):
                if not with_masks:
                    obj.boxes[t] = draw(boxes())
                elif (mask := draw(masks) & free[t]).any():
                    obj.masks[t] = encode_mask(mask)
                    free[t] &= ~mask
            if 'occluded' in keeps:
                obj.occluded = set(draw(st.sets(st.sampled_from(obj.frames or [0])))) & set(obj.frames)
            if obj.frames:
                video.objects.append(obj)
        if name in SINGLE_OBJECT and not video.objects:
            video.objects.append(AnnotatedObject(1, masks={0: encode_mask(np.ones(SIZE, bool))}))
        if 'ids' not in keeps:
            for k, obj in enumerate(video.objects, 1):
                obj.id = k
        if 'void' in keeps and with_masks and draw(st.booleans()) and free[annotated[0]].any():
            video.void[annotated[0]] = encode_mask(free[annotated[0]])
        found.append(video)
    return sorted(found, key=lambda video: video.name)


def assert_same(found: AnnotatedVideo, video: AnnotatedVideo) -> None:
    assert found.name == video.name and found.size in (None, video.size)
    # only the annotated frames are listed in some formats, so frames are compared by their names
    index = {frame: t for t, frame in enumerate(found.frame_names)}
    assert [found.frame_names[t] for t in found.annotated] == [video.frame_names[t] for t in video.annotated]
    at = {t: index[video.frame_names[t]] for t in video.annotated}
    assert [obj.id for obj in found.objects] == [obj.id for obj in video.objects]
    for a, b in zip(found.objects, video.objects, strict=True):
        assert a.category == b.category
        assert a.frames == [at[t] for t in b.frames]
        assert a.occluded == {at[t] for t in b.occluded}
        assert a.masks == {at[t]: mask for t, mask in b.masks.items()}
        for t, box in b.boxes.items():
            assert np.allclose(a.boxes[at[t]], box, atol=1e-5)
    assert found.void == {at[t]: void for t, void in video.void.items()}


def round_trip(name: str, given_videos: list[AnnotatedVideo]) -> list[AnnotatedVideo]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f'annotations{FORMATS[name].suffix or ""}'
        context = Context()
        FORMATS[name].write(path, given_videos, context)
        found = FORMATS[name].read(path, Context(size=SIZE))
        assert not context.dropped
    return sorted(found, key=lambda video: video.name)


def named_as_in(name: str, video: AnnotatedVideo) -> AnnotatedVideo:
    """Frames named as the format names those of a video that it does not list."""
    rename = dict(
        mots='{:06d}'.format,
        trackingnet=str,
        got10k='{:08d}'.format,
        lasot='{:08d}'.format,
        vot='{:08d}'.format,
    ).get(name)
    if rename is not None:
        first = 0 if name in ('trackingnet', 'mots') else 1
        video.frame_names = [rename(t + first) for t in range(len(video.frame_names))]
    return video


@pytest.mark.parametrize('name', [name for name in writable() if 'boxes' in FORMATS[name].keeps])
def test_boxes_come_back(name):
    @settings(max_examples=25, deadline=None)
    @given(videos(name, with_masks=False))
    def check(some):
        some = [named_as_in(name, video) for video in some]
        if name == 'csv':  # it lists the frames of boxes
            for video in some:
                video.annotated = sorted({t for obj in video.objects for t in obj.frames})
        found = round_trip(name, some)
        assert len(found) == len(some)
        for a, b in zip(found, some, strict=True):
            assert_same(a, b)

    check()


@pytest.mark.parametrize('name', [name for name in writable() if 'masks' in FORMATS[name].keeps])
def test_masks_come_back(name):
    @settings(max_examples=25, deadline=None)
    @given(videos(name, with_masks=True))
    def check(some):
        some = [named_as_in(name, video) for video in some]
        if name == 'mots':  # of an unknown video, frames after the last mask are unknown too
            for video in some:
                ends = [t for obj in video.objects for t in obj.frames] + list(video.void)
                if not ends:
                    return
                del video.frame_names[max(ends) + 1 :], video.annotated[max(ends) + 1 :]
                if min(ends):
                    video.frame_names = [f'{t + 1:06d}' for t in range(len(video.frame_names))]
        found = round_trip(name, some)
        assert len(found) == len(some)
        for a, b in zip(found, some, strict=True):
            if name == 'coco':  # it has a box beside every mask
                for obj in b.objects:
                    obj.boxes = {t: b.box(obj, t) for t in obj.frames}
            assert_same(a, b)

    check()


@settings(max_examples=150, deadline=None)
@given(masks)
def test_an_outline_gives_its_mask_back(mask):
    polygon = mask_outline(mask).astype(float).ravel().tolist()
    assert np.array_equal(decode_segmentation([polygon], SIZE), mask)


@pytest.mark.parametrize('target', writable())
@pytest.mark.parametrize('source', ['coco', 'ytvis'])
def test_every_format_is_reached_from_every_other(tmp_path, source, target):
    mask = np.zeros(SIZE, bool)
    mask[2:5, 3:8] = True
    obj = AnnotatedObject(1, 'bear', masks={t: encode_mask(np.roll(mask, t, 1)) for t in range(3)})
    frames = [f'{t:05d}' for t in range(3)]
    video = AnnotatedVideo('cat', frames, [f'cat/{f}.jpg' for f in frames], SIZE, [0, 1, 2], [obj])
    FORMATS[source].write(tmp_path / 'in.json', [video], Context())
    out = tmp_path / f'out{FORMATS[target].suffix or ""}'
    summary = convert(tmp_path / 'in.json', out, target_format=target)
    assert summary.source == source and (summary.videos, summary.objects, summary.masks) == (1, 1, 3)
    [back] = FORMATS[target].read(out, Context(size=SIZE))
    [found] = back.objects
    boxes = [back.box(found, t) for t in found.frames]
    assert np.allclose(boxes, [(3 + t, 2, 8 + t, 5) for t in range(3)])
    assert ('masks (their boxes are kept)' in summary.dropped) == ('masks' not in FORMATS[target].keeps)
