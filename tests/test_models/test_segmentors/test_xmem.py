"""XMem: the shared contract, and what is its own."""

import numpy as np
import pytest
import torch
from segmentor_tester import MatchingSegmentorTester
from small_models import small_xmem
from small_videos import make_clip, mask_prompts, moving_squares, states_during

from vosplug.errors import ConfigError
from vosplug.models.memory.sampled_clip_memory import SampledClipState
from vosplug.structures import ObjectPrompt


def sizes(memory) -> list[tuple[int, int]]:
    """Elements in working and long-term memory, per group."""
    return [(len(g.work), 0 if g.long is None else len(g.long)) for g in memory.groups]


class TestXMem(MatchingSegmentorTester):
    def config(self) -> dict:
        return small_xmem()

    def clip_changes(self) -> dict:
        memory = dict(mem_every=1, deep_update_every=100, enable_long_term=False, top_k=None)
        return dict(memory=memory, train_cfg=dict(num_ref_frames=9))

    def test_a_frame_whose_objects_are_all_prompted_reads_nothing(self, model):
        """As published: what is known of a frame is not segmented, so its readout does not count as usage."""
        frames, masks = moving_squares(frames=2)
        *_, (state, _) = states_during(model, frames, {t: mask_prompts(masks[t]) for t in range(2)})
        assert not state.memory.groups[0].work.use.any()

    def run(self, model, length: int, prompts: dict[int, list[int]]) -> list:
        """Memory sizes after each frame; ``prompts``: frame -> slots that are given in it."""
        frames, masks = moving_squares(frames=8)
        given = {
            t: [ObjectPrompt(i + 1, mask=masks[t % 8] == i + 1) for i in ids] for t, ids in prompts.items()
        }
        looped = [frames[t % 8] for t in range(length)]
        return [sizes(state.memory) for state, _ in states_during(model, looped, given)]

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
        added, write = [], model.memory.write
        model.memory.write = lambda state, t, *args: added.append(t) or write(state, t, *args)
        self.run(model, 9, {0: [0], 3: [0]})
        assert added == [0, 2, 3, 5, 7]

    @pytest.mark.parametrize(('every', 'expected'), [(-1, [0, 2, 4, 6]), (3, [0, 4]), (0, [0, 2, 4, 6])])
    def test_deep_updates_keep_their_own_time(self, every, expected, monkeypatch):
        model = self.build(memory=dict(mem_every=2, deep_update_every=every))
        deep, frame = [], []
        encoder, remember = model.value_encoder.forward, model.remember
        monkeypatch.setattr(
            model.value_encoder,
            'forward',
            lambda *args: deep.append((len(frame), args[-1])) or encoder(*args),
        )
        monkeypatch.setattr(model, 'remember', lambda *args: remember(*args) or frame.append(1))
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

    def test_a_box_that_is_refined_is_remembered_once(self):
        frames, _ = moving_squares(frames=3)
        prompts = {0: [ObjectPrompt(1, box=(3, 4, 15, 16))]}
        found = []
        for refine in (True, False):
            model = self.build(initializer=dict(type='FilledBoxInitializer', refine=refine))
            state, _ = next(states_during(model, frames, prompts))
            assert sizes(state.memory) == [(12, 0)]
            assert not state.memory.groups[
                0
            ].work.use.any()  # the readout that refined it was another state's
            found.append((state.memory.groups[0].work.values, state.sensory))
        assert not torch.equal(found[0][0], found[1][0]) and not torch.equal(found[0][1], found[1][1])

    def test_training_draws_the_frames_in_memory(self):
        def picked(training: bool, frames: int) -> torch.Tensor:
            state = SampledClipState(3, 0.2, training)
            state.values = [torch.zeros(64)] * frames
            return state.reference_frames(64)

        drawn = picked(True, 6)
        assert drawn.shape == (64, 3) and drawn.max() == 5 and drawn.min() == 0
        assert all(len(set(row.tolist())) == 3 for row in drawn)
        assert picked(False, 6).tolist() == [[3, 4, 5]] * 64 and picked(False, 2).tolist() == [[0, 1]] * 64

    def test_deep_updates_are_drawn_in_training_and_sure_in_the_first_frame(self):
        torch.manual_seed(0)
        state = SampledClipState(3, 0.2, training=True)
        assert state.deep_update_is_due(0)
        state.values = [torch.zeros(1)]
        assert 0.1 < np.mean([state.deep_update_is_due(1) for _ in range(500)]) < 0.3
        state.training = False
        assert not any(state.deep_update_is_due(1) for _ in range(50))

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

    def test_a_value_with_a_mask_needs_a_decoder_that_takes_it(self):
        encoder = dict(self.config()['value_encoder'], mask_channel=True)
        with pytest.raises(ConfigError, match=r'mask_channel=True and decode_head.propagate=False'):
            self.build(value_encoder=encoder)

    def test_unknown_memory_options_fail_when_building(self):
        with pytest.raises(TypeError, match='mem_evry'):
            self.build(memory=dict(mem_evry=3))
