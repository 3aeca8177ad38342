"""The contract every video dataset is held to; a dataset joins by saying how to make a small one.

>>> class TestMyDataset(DatasetTester):
...     def build(self, root, **kwargs):
...         write_my_layout(root, {'a': make_masks(), 'b': make_masks(4, (9,))})
...         return MyDataset(str(root), **kwargs)
"""

import pickle
from abc import ABC, abstractmethod
from pathlib import Path

import numpy as np
import pytest
import torch
from small_data import TRAIN_PIPELINE

from vosplug.datasets import BaseVideoDataset
from vosplug.structures import Supervision, boxes_of_mask, fill_box

SAMPLER = dict(num_frames=2, max_gap=60)
PLAIN = [TRAIN_PIPELINE[0], TRAIN_PIPELINE[-1]]


class DatasetTester(ABC):
    """Subclass, name the class ``Test...`` and give :meth:`build`; keep the videos tiny."""

    supervisions = ('mask', 'box', 'first_mask')
    prompts = ('mask', 'box')

    @abstractmethod
    def build(self, root: Path, **kwargs) -> BaseVideoDataset:
        """Write videos of at least two annotated frames to the empty folder, and open them."""

    @pytest.fixture
    def make(self, tmp_path):
        """Opens the same videos with other arguments."""
        written = []

        def make(**kwargs) -> BaseVideoDataset:
            written.append(tmp_path / str(len(written)))
            written[-1].mkdir()
            return self.build(written[-1], **kwargs)

        return make

    def clips(self, make, supervision: str, pipeline: list[dict] = PLAIN) -> list[dict]:
        dataset = make(supervision=supervision, pipeline=pipeline, clip_sampler=SAMPLER)
        np.random.seed(0)
        return [dataset[i] for _ in range(3) for i in range(len(dataset))]

    @pytest.fixture(params=['mask', 'box'])
    def videos(self, request, make) -> list:
        """Test samples, as they start from masks and from boxes."""
        if request.param not in self.prompts:
            pytest.skip(f'no {request.param} to prompt with')
        dataset = make(test_mode=True, prompt=request.param)
        return [dataset[i] for i in range(len(dataset))]

    def test_its_list_is_small_and_a_copy_gives_the_same_clips(self, make):
        dataset = make(pipeline=TRAIN_PIPELINE, clip_sampler=SAMPLER, supervision=self.supervisions[0])
        entries = dataset.load_data_list()
        assert len(dataset) == len(entries) > 0
        assert all(isinstance(entry, dict) and len(pickle.dumps(entry)) < 10_000 for entry in entries)
        clips = []
        for copy in (dataset, pickle.loads(pickle.dumps(dataset))):
            np.random.seed(3)
            clips.append([copy[i] for i in range(len(copy))])
        for first, second in zip(*clips, strict=True):
            assert first['inputs'].equal(second['inputs'])
            assert all(v.equal(second['data_samples'].get(k)) for k, v in first['data_samples'].items())

    @pytest.mark.parametrize('supervision', ['mask', 'box', 'first_mask'])
    def test_clips_show_what_their_supervision_allows(self, make, supervision):
        if supervision not in self.supervisions:
            pytest.skip(f'no {supervision} in it')
        for item in self.clips(make, supervision):
            inputs, sample = item['inputs'], item['data_samples']
            length, _, *size = inputs.shape
            objects = len(sample.object_ids)
            assert inputs.shape[:2] == (2, 3) and inputs.dtype == torch.uint8
            assert sample.id_masks.shape == (length, *size) and sample.id_masks.dtype == torch.uint8
            assert sample.boxes.shape == (length, objects, 4) and sample.supervision.shape == (
                length,
                objects,
            )
            assert sample.valid.all() and sample.visible[0].all(), 'objects start in the first frame'
            assert sample.annotated.all() and len(sample.frame_names) == length
            assert len(set(sample.object_ids)) == objects and all(0 < i < 255 for i in sample.object_ids)
            masked = {'mask': [True] * 2, 'box': [False] * 2, 'first_mask': [True, False]}[supervision]
            kinds = [Supervision.MASK if m else Supervision.BOX for m in masked]
            for k, id_mask in enumerate(sample.id_masks.numpy()):
                assert (sample.supervision[k][sample.visible[k]] == kinds[k]).all()
                self.check_frame(id_mask, sample.boxes[k].numpy(), sample.visible[k].numpy(), masked[k])

    @staticmethod
    def check_frame(id_mask: np.ndarray, boxes: np.ndarray, visible: np.ndarray, masked: bool) -> None:
        assert not boxes[~visible].any()
        tight = boxes_of_mask(id_mask)
        if masked:
            assert [slot + 1 for slot in np.flatnonzero(visible)] == sorted(tight)
            assert all(boxes[i - 1].tolist() == box.tolist() for i, box in tight.items())
            return
        assert not tight, 'no object has a mask'
        inside = [fill_box(box, id_mask.shape) for box in boxes[visible]]
        assert all((id_mask[i] == 255).all() for i in inside)

    def test_clips_go_through_a_pipeline_of_transforms(self, make):
        for item in self.clips(make, self.supervisions[0], TRAIN_PIPELINE):
            sample = item['data_samples']
            assert item['inputs'].shape == (2, 3, 32, 32) and sample.id_masks.shape == (2, 32, 32)
            assert ((sample.boxes >= 0) & (sample.boxes <= 32)).all()

    def test_test_videos_start_inside_and_can_be_read_to_the_end(self, videos):
        names = [item['data_samples'].name for item in videos]
        assert len(set(names)) == len(names) > 0
        for source, sample in ((item['inputs'], item['data_samples']) for item in videos):
            height, width = source.size
            assert sample.source is source and len(source) == len(set(source.frame_names)) > 0
            for t, frame in enumerate(source):
                assert frame.shape == (height, width, 3) and frame.dtype == np.uint8, t
            assert (
                sample.eval_frames == sorted(set(sample.eval_frames)) == sample.annotation.annotated_frames()
            )
            assert set(sample.prompts) <= set(sample.eval_frames) <= set(range(len(source)))
            for prompt in (p for prompts in sample.prompts.values() for p in prompts):
                assert 0 < prompt.object_id < 255
                if prompt.kind == 'mask':
                    assert prompt.mask.shape == (height, width) and prompt.mask.any()
                else:
                    assert (prompt.box >= 0).all() and (prompt.box <= [width, height] * 2).all()

    def test_boxes_are_tight_around_masks(self, videos):
        for sample in (item['data_samples'] for item in videos):
            for t in range(len(sample.source)):
                mask, boxes = sample.annotation.mask(t), sample.annotation.boxes(t)
                assert all(box.dtype == np.float32 and (box[2:] > box[:2]).all() for box in boxes.values())
                if mask is None:
                    assert not boxes or 'mask' not in self.supervisions
                    continue
                assert mask.shape == sample.source.size and mask.dtype == np.uint8
                tight = boxes_of_mask(mask)
                assert sorted(boxes) == sorted(tight)
                assert all(np.abs(box - tight[i]).max() <= 1e-3 for i, box in boxes.items())
