"""XMem: the shared contract, and what is its own."""

import numpy as np
import pytest
import torch
from segmentor_tester import MatchingSegmentorTester, make_clip, mask_prompts, moving_squares
from small_models import small_xmem

from vosplug.errors import ConfigError
from vosplug.models.segmentors.inference_view import InferenceView
from vosplug.structures import ObjectPrompt


def sizes(memory) -> list[tuple[int, int]]:
    """Elements in working and long-term memory, per group."""
    return [(len(g.work), 0 if g.long is None else len(g.long)) for g in memory.groups]


class TestXMem(MatchingSegmentorTester):
    def config(self) -> dict:
        return small_xmem()

    def run(self, model, length: int, prompts: dict[int, list[int]]) -> list:
        """Memory sizes after each frame; ``prompts``: frame -> slots that are given in it."""
        frames, masks = moving_squares(frames=8)
        view = InferenceView(model, frames[0].shape[:2], 1.0, False)
        history = []
        with torch.no_grad():
            for t in range(length):
                given = {i: (masks[t % 8] == i + 1).astype(np.float32) for i in prompts.get(t, [])}
                view.step(t, frames[t % 8], given)
                history.append(sizes(view.state.memory))
        return history

    def test_memory_is_bounded_whatever_the_length(self, model):
        per_frame = 3 * 4  # 48x64 at stride 16
        history = self.run(model, 80, {0: [0], 7: [1]})
        for group in range(2):
            work, long = zip(*(sizes[group] for sizes in history if len(sizes) > group), strict=True)
            assert max(work) < 3 * per_frame and max(long) <= 12
            assert long[-1] > 0

    @pytest.mark.parametrize('share_keys', [False, True])
    def test_without_long_term_memory_working_memory_is_bounded(self, share_keys):
        config = dict(mem_every=1, enable_long_term=False, max_work_frames=4, share_keys=share_keys)
        model = self.build(memory=config)
        frames, masks = moving_squares(frames=8)
        prompts = {0: [ObjectPrompt(1, mask=masks[0] == 1)], 2: [ObjectPrompt(2, mask=masks[2] == 2)]}
        assert len(self.drain(model, frames * 3, prompts)) == 24
        history = self.run(model, 24, {0: [0]})
        assert history[-1] == [(4 * 12, 0)] and history[2] == [(3 * 12, 0)]

    def test_frames_are_remembered_every_so_often_and_where_prompted(self, model):
        added = []
        start = model.start

        def watched():
            state = start()
            add = state.memory.add
            state.memory.add = lambda t, *args: added.append(t) or add(t, *args)
            return state

        model.start = watched
        self.run(model, 9, {0: [0], 3: [0]})
        assert added == [0, 2, 3, 5, 7]

    @pytest.mark.parametrize(('every', 'expected'), [(-1, [0, 2, 4, 6]), (3, [0, 4]), (0, [0, 2, 4, 6])])
    def test_deep_updates_keep_their_own_time(self, every, expected, monkeypatch):
        model = self.build(memory=dict(mem_every=2, deep_update_every=every))
        deep, frame = [], []
        encoder, segment = model.value_encoder.forward, model.segment
        monkeypatch.setattr(
            model.value_encoder,
            'forward',
            lambda *args: deep.append((len(frame), args[-1])) or encoder(*args),
        )
        monkeypatch.setattr(model, 'segment', lambda *args: frame.append(1) or segment(*args))
        self.run(model, 7, {0: [0]})
        assert [t for t, is_deep in deep if is_deep] == expected

    def test_the_sensory_state_is_carried_from_frame_to_frame(self, model):
        frames, masks = moving_squares(frames=4)
        plain = self.drain(model, frames, {0: mask_prompts(masks[0])}, return_probs=True)
        torch.nn.init.zeros_(model.decode_head.sensory_update.update.transform.weight)
        forgetful = self.drain(model, frames, {0: mask_prompts(masks[0])}, return_probs=True)
        # frame 1 is decoded before the first update of a frame, frame 2 after it
        assert np.array_equal(plain[1].probs, forgetful[1].probs)
        assert not np.allclose(plain[2].probs, forgetful[2].probs, atol=1e-6)

    def test_a_box_that_is_refined_replaces_what_it_left_in_memory(self):
        model = self.build(initializer=dict(type='FilledBoxInitializer', refine=True))
        frames, _ = moving_squares(frames=6)
        view = InferenceView(model, frames[0].shape[:2], 1.0, False)
        box = np.zeros(frames[0].shape[:2], np.float32)
        box[4:16, 3:15] = 1
        with torch.no_grad():
            view.step(0, frames[0], {0: box}, [0])
            assert sizes(view.state.memory) == [(12, 0)]
            refined = view.state.memory.groups[0].work.values.clone()
            sensory = view.state.sensory.clone()
            view.step(1, frames[1], {})
            other = InferenceView(model, frames[0].shape[:2], 1.0, False)
            other.step(0, frames[0], {0: box})
        assert not torch.equal(other.state.memory.groups[0].work.values, refined)
        assert not torch.equal(other.state.sensory, sensory)

    def test_training_draws_the_frames_in_memory(self, model):
        picked = torch.stack([model.train()._reference_frames(64, 6)])[0]
        assert picked.shape == (64, 3) and picked.max() == 5 and picked.min() == 0
        assert all(len(set(row.tolist())) == 3 for row in picked)
        assert model.eval()._reference_frames(2, 6).tolist() == [[3, 4, 5]] * 2
        assert model._reference_frames(2, 2).tolist() == [[0, 1]] * 2

    def test_long_clips_train(self, model):
        loss = self.total_loss(model.train(), make_clip(frames=6), make_clip('box', frames=6, seed=1))
        loss.backward()
        assert loss.isfinite()

    @pytest.mark.parametrize(
        ('options', 'says'),
        [
            (dict(memory=dict(mem_every=0)), 'mem_every: found 0'),
            (dict(memory=dict(min_mid_term_frames=5, max_mid_term_frames=5)), 'min_mid_term_frames=5'),
            (dict(memory=dict(num_prototypes=9, max_long_term_elements=8)), 'num_prototypes=9'),
            (dict(memory=dict(top_k=0)), 'top_k: found 0'),
            (dict(memory=dict(max_work_frames=1)), 'max_work_frames: found 1'),
            (dict(train_cfg=dict(refs=3)), r"unknown \['refs'\]"),
        ],
    )
    def test_wrong_options_fail_when_building(self, options, says):
        with pytest.raises(ConfigError, match=says):
            self.build(**options)

    def test_unknown_memory_options_fail_when_building(self):
        with pytest.raises(TypeError, match='mem_evry'):
            self.build(memory=dict(mem_evry=3))
