"""Scene cuts: found where colours change at once; objects that no prompt shows afterwards are doubted."""

import json
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from small_tracker import SIZE, BrightTracker, bright, true_mask

from vosplug.apis import VOSInferencer
from vosplug.errors import ConfigError
from vosplug.formats import read_id_mask
from vosplug.structures import ObjectPrompt
from vosplug.structures.scene_cuts import CutDetector

PROMPT = [ObjectPrompt(i, box=(4, 8, 16, 20)) for i in (1, 2)]


def scene(t: int, colour: tuple[int, int, int]) -> np.ndarray:
    """The objects of ``bright`` before a darker background of a colour."""
    frame = bright(t)
    frame[true_mask(t) == 0] = colour
    return frame


RED, BLUE = (20, 20, 120), (110, 30, 20)
CLIP = [scene(t, RED if t < 4 else BLUE) for t in range(9)]


def found(frames) -> list[int]:
    detect = CutDetector()
    return [t for t, frame in enumerate(frames) if detect(frame)]


def panned(texture: np.ndarray, t: int) -> np.ndarray:
    return np.roll(texture, 5 * t, 1)


def test_a_cut_is_found_at_its_frame_and_motion_is_none():
    rng = np.random.default_rng(0)
    textures = [
        cv2.resize(rng.integers(lo, lo + 120, (6, 8, 3), dtype=np.uint8), (128, 72)) for lo in (0, 130)
    ]
    frames = [panned(textures[t >= 20], t) for t in range(40)]
    assert found(frames) == [20]
    assert found(CLIP) == [4] and found(CLIP[:1]) == []


def test_a_dissolve_is_no_cut():
    frames = [
        np.full((*SIZE, 3), 20 + 2 * t, np.uint8) + cv2.randn(np.zeros((*SIZE, 3), np.uint8), 9, 9)
        for t in range(60)
    ]
    assert found(frames) == []


def track(folder, prompts, model=None, **options):
    result = VOSInferencer(model or BrightTracker())(CLIP, prompts, folder, ['masks', 'json'], **options)
    rows = json.loads((folder / 'objects.json').read_text())['frames']
    presence = [{o['id']: o['presence'] for o in row['objects']} for row in rows]
    masks = [read_id_mask(p) for p in sorted((folder / 'masks').iterdir())]
    return result, masks, presence


def test_presence_falls_after_a_cut(tmp_path):
    with pytest.warns(
        UserWarning, match=r'scene cut at frame 4: masks of objects \[1, 2\] may be wrong'
    ) as seen:
        result, masks, presence = track(tmp_path, {0: PROMPT})
    assert result.cuts == (4,) and len(seen) == 1
    for t in range(9):
        assert np.array_equal(masks[t], true_mask(t)), 'masks stay'
    assert presence[2] == {1: 1.0, 2: 1.0}
    assert all(0 < presence[t][i] < 0.65 for t in range(4, 9) for i in (1, 2))


def test_tracks_can_stop_at_a_cut_until_they_are_prompted_again(tmp_path):
    with pytest.warns(UserWarning, match=r'scene cut at frame 4: masks of objects \[1, 2\] are removed'):
        _, masks, presence = track(tmp_path, {0: PROMPT, 6: PROMPT[:1]}, on_cut='stop')
    assert not masks[4].any() and presence[5] == {1: 0.0, 2: 0.0}
    for t in (6, 8):
        assert np.array_equal(masks[t], np.where(true_mask(t) == 1, 1, 0)) and presence[t] == {1: 1.0, 2: 0.0}


def test_cuts_can_be_ignored(tmp_path, recwarn):
    result, _, presence = track(tmp_path, {0: PROMPT}, on_cut='ignore')
    assert result.cuts == () and presence[8] == {1: 1.0, 2: 1.0} and not recwarn
    with pytest.raises(ConfigError, match="on_cut: found 'end', expected one of"):
        track(tmp_path, {0: PROMPT}, on_cut='end')


def test_a_prompt_that_acts_backwards_vouches_for_its_whole_shot(tmp_path):
    model = BrightTracker()
    model.tracker = SimpleNamespace(direction='both')
    for start in (0, 1):
        with pytest.warns(UserWarning, match='before the scene cut at frame 4: masks of') as seen:
            _, masks, _ = track(tmp_path, {7: PROMPT}, model, on_cut='stop', frames=slice(start, None))
        assert len(seen) == 1
        assert [bool(mask.any()) for mask in masks] == [t >= 4 for t in range(start, 9)]


def test_a_range_counts_cuts_by_the_numbers_of_its_source(tmp_path):
    with pytest.warns(UserWarning, match='scene cut at frame 5'):
        result, _, _ = track(tmp_path, {1: PROMPT}, frames=slice(1, 9, 2))
    assert result.cuts == (5,)
