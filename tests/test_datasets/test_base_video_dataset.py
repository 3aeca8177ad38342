"""What every dataset inherits: clips in training, whole videos in testing."""

import numpy as np
import pytest
from mmengine.dataset import pseudo_collate
from small_data import TRAIN_PIPELINE, make_frames, make_masks

from vosplug.datasets import BaseVideoDataset, SyntheticVOS, VideoRecord, base_video_dataset
from vosplug.datasets.annotated_prompts import first_appearance_prompts
from vosplug.errors import AnnotationError, ConfigError
from vosplug.models.data_preprocessor import VOSDataPreprocessor
from vosplug.structures import ArrayAnnotation, ArraySource, Supervision, boxes_of_mask, stack_fields


class ArrayDataset(BaseVideoDataset):
    masks = (make_masks(5, (4, 9)), np.concatenate([np.zeros((2, 48, 64), np.uint8), make_masks(3, (8,))]))

    def load_data_list(self) -> list[dict]:
        return [dict(index=i) for i in range(len(self.masks))]

    def open_video(self, info: dict) -> VideoRecord:
        masks = self.masks[info['index']]
        annotation = ArrayAnnotation([m if m.any() else None for m in masks])
        source = ArraySource(make_frames(masks))
        return VideoRecord(f'v{info["index"]}', source, annotation, {8: 'fish'}, {'fast': True})


def test_training_items_are_clips():
    dataset = ArrayDataset(pipeline=TRAIN_PIPELINE, clip_sampler=dict(num_frames=2, max_objects=1))
    np.random.seed(0)
    items = [dataset[0] for _ in range(12)]
    assert all(item['inputs'].shape == (2, 3, 32, 32) for item in items)
    assert {tuple(item['data_samples'].object_ids) for item in items} == {(4,), (9,)}


def test_the_same_seed_gives_the_same_clip():
    dataset = ArrayDataset(pipeline=TRAIN_PIPELINE)
    clips = []
    for seed in (1, 1, 2):
        np.random.seed(seed)
        clips.append(dataset[0]['inputs'])
    assert clips[0].equal(clips[1]) and not clips[0].equal(clips[2])


def leaves_out(first: str) -> list:
    """A pipeline without the clips of a video."""
    load, *others = TRAIN_PIPELINE
    return [load, lambda clip: None if clip['video_name'] == first else clip, *others]


def test_a_clip_that_the_pipeline_leaves_out_is_replaced_by_another_one():
    dataset = ArrayDataset(pipeline=leaves_out('v0'), clip_sampler=dict(num_frames=2))
    drawn = []
    for seed in (0, 0, 1):
        np.random.seed(seed)
        drawn.append([dataset[0] for _ in range(4)])
    assert {item['data_samples'].video_name for items in drawn for item in items} == {'v1'}
    assert all(a['inputs'].equal(b['inputs']) for a, b in zip(*drawn[:2], strict=True))


def test_so_is_one_that_another_clip_borrows():
    load, *others = TRAIN_PIPELINE
    borrowed = []

    def borrow(clip: dict) -> dict:
        borrowed.append(clip['another'](borrow)['video_name'])
        return clip

    dataset = ArrayDataset(pipeline=[*leaves_out('v0')[:2], borrow, *others], clip_sampler=dict(num_frames=2))
    for _ in range(8):
        dataset[1]
    assert set(borrowed) == {'v1'}


def test_clips_are_not_left_out_for_ever():
    for limit in (0, 3):
        dataset = ArrayDataset(
            pipeline=[*TRAIN_PIPELINE[:1], lambda clip: None],
            clip_sampler=dict(num_frames=2),
            max_refetch=limit,
        )
        message = rf'ArrayDataset\.pipeline: <lambda> returned None for {limit + 1} clips in a row'
        with pytest.raises(ConfigError, match=message):
            dataset[0]


def test_test_items_are_videos_that_start_at_the_first_annotated_frame():
    item = ArrayDataset(test_mode=True)[1]
    sample = item['data_samples']
    assert item['inputs'] is sample.source and len(sample.source) == 5
    assert (
        list(sample.prompts) == [2] and sample.prompts.object_ids == [8] and sample.eval_frames == [2, 3, 4]
    )
    assert (sample.name, sample.categories, sample.metainfo) == ('v1', {8: 'fish'}, {'fast': True})
    assert sample.source.name == 'v1'


def prompted(dataset: BaseVideoDataset, index: int = 0) -> dict[int, list[int]]:
    """Frame -> ids."""
    prompts = dataset[index]['data_samples'].prompts
    return {t: [p.object_id for p in given] for t, given in prompts.items()}


@pytest.mark.parametrize('kind', ['mask', 'box'])
def test_objects_are_prompted_again_in_every_kth_annotated_frame(kind):
    dataset = ArrayDataset(test_mode=True, prompt=kind, prompt_every=2)
    assert prompted(dataset) == {0: [4, 9], 2: [4, 9], 4: [4, 9]}
    assert prompted(dataset, 1) == {2: [8], 4: [8]}, 'counted from the first annotated frame'
    for t, given in dataset[0]['data_samples'].prompts.items():
        mask = dataset.masks[0][t]
        for p in given:
            expected = mask == p.object_id if kind == 'mask' else boxes_of_mask(mask)[p.object_id]
            assert p.kind == kind and np.array_equal(getattr(p, kind), expected)
    assert prompted(ArrayDataset(test_mode=True, prompt_every=40)) == {0: [4, 9]}
    assert prompted(ArrayDataset(test_mode=True)) == {0: [4, 9]}


def test_frames_without_the_object_and_objects_of_other_frames_are_not_prompted():
    class Gap(ArrayDataset):
        masks = (np.zeros((7, 8, 8), np.uint8),)

    for t, ids in enumerate(((3,), (3, 5), (5,), (), (3,), (3,), (3, 5))):
        for i in ids:
            Gap.masks[0][t, i] = i
    assert prompted(Gap(test_mode=True, prompt_every=1)) == {0: [3], 1: [3], 4: [3], 5: [3], 6: [3]}

    class Late(Gap):
        def test_prompts(self, record):
            return first_appearance_prompts(record.annotation, self.prompt)

    # every second annotated frame: 0, 2, 5 (3 has no annotation); object 5 enters in frame 1
    assert prompted(Late(test_mode=True, prompt_every=2)) == {0: [3], 1: [5], 2: [5], 5: [3]}


@pytest.mark.parametrize('every', [0, -2])
def test_impossible_steps_between_prompts_are_refused(every):
    with pytest.raises(ConfigError, match=f'ArrayDataset.prompt_every: found {every}, expected 1 or more'):
        ArrayDataset(prompt_every=every)


def test_a_video_without_objects_cannot_be_tested():
    class Empty(ArrayDataset):
        def open_video(self, info: dict) -> VideoRecord:
            masks = np.zeros((2, 4, 4), np.uint8)
            return VideoRecord('fog', ArraySource(make_frames(masks)), ArrayAnnotation(masks))

    with pytest.raises(AnnotationError, match='video fog: frame 0 is annotated but shows no object'):
        Empty(test_mode=True)[0]


@pytest.mark.parametrize('key', ['supervision', 'prompt', 'short_videos'])
def test_unknown_kinds_are_config_errors(key):
    with pytest.raises(ConfigError, match=rf"ArrayDataset\.{key}: found 'boxes', expected one of"):
        ArrayDataset(**{key: 'boxes'})


def test_a_clip_s_first_mask_is_no_way_to_start_a_test_video():
    assert ArrayDataset(supervision='first_mask').supervision == 'first_mask'
    with pytest.raises(ConfigError, match=r"prompt: found 'first_mask', expected one of \('mask', 'box'\)"):
        ArrayDataset(prompt='first_mask')


def test_short_videos_are_an_error_or_dropped():
    sampler = dict(num_frames=4, max_gap=1)
    with pytest.raises(AnnotationError, match="video v1: 3 annotated frames, a clip needs 4.*'drop'"):
        ArrayDataset(clip_sampler=sampler, pipeline=TRAIN_PIPELINE)[1]
    dataset = ArrayDataset(clip_sampler=sampler, pipeline=TRAIN_PIPELINE, short_videos='drop')
    assert len(dataset) == 1 and dataset[0]['data_samples'].video_name == 'v0'
    assert len(ArrayDataset(clip_sampler=sampler, test_mode=True, short_videos='drop')) == 2
    with pytest.raises(AnnotationError, match='2 of 2 videos have fewer than 6 .*: v0, v1. No video is left'):
        ArrayDataset(clip_sampler=dict(num_frames=6), short_videos='drop')


def test_a_share_of_the_videos_is_the_same_every_time_and_part_of_a_larger_one():
    def names(share: float) -> list[str]:
        dataset = SyntheticVOS(num_videos=40, share=share)
        return [dataset.get_data_info(k)['video_name'] for k in range(len(dataset))]

    quarter, half, whole = names(0.25), names(0.5), names(1.0)
    assert (len(quarter), len(half), len(whole)) == (10, 20, 40)
    assert quarter == names(0.25) and set(quarter) < set(half) < set(whole)
    assert whole == sorted(whole) and quarter == sorted(quarter) != whole[:10]
    assert len(SyntheticVOS(num_videos=3, share=0.01)) == 1
    for share in (0, 1.1):
        with pytest.raises(ConfigError, match=rf'SyntheticVOS.share: found {share}, expected above 0'):
            SyntheticVOS(num_videos=4, share=share)


def test_the_shortest_clip_decides_what_is_too_short():
    sampler = dict(num_frames=(3, 5), reverse_prob=0)
    dataset = ArrayDataset(clip_sampler=sampler, pipeline=TRAIN_PIPELINE, short_videos='drop')
    assert len(dataset) == 2 and {len(dataset[0]['inputs']) for _ in range(30)} == {3, 4, 5}
    assert {len(dataset[1]['inputs']) for _ in range(9)} == {3}, 'it has no more'


def test_clips_of_any_length_share_a_batch():
    dataset = ArrayDataset(clip_sampler=dict(num_frames=(2, 5)), pipeline=TRAIN_PIPELINE)
    np.random.seed(0)
    batch = pseudo_collate([dataset[0] for _ in range(4)])
    lengths = [len(clip) for clip in batch['inputs']]
    data = VOSDataPreprocessor()(batch)
    targets = stack_fields(data['data_samples'])
    assert len(set(lengths)) > 1 and data['inputs'].shape == (4, max(lengths), 3, 32, 32)
    for b, (length, sample) in enumerate(zip(lengths, data['data_samples'], strict=True)):
        assert len(sample.frame_names) == length
        assert targets['annotated'][b].tolist() == [t < length for t in range(max(lengths))]
        assert (targets['supervision'][b, length:] == Supervision.NONE).all()
        assert not targets['visible'][b, length:].any() and (targets['id_masks'][b, length:] == 255).all()
        assert not data['inputs'][b, length:].any() and data['inputs'][b, :length].flatten(1).any(1).all()


def test_options_of_the_pipeline_change_transforms_by_type():
    crop = dict(ClipRandomCrop=dict(size=(16, 24)))
    dataset = ArrayDataset(pipeline=TRAIN_PIPELINE, pipeline_options=crop)
    assert dataset[0]['inputs'].shape == (3, 3, 16, 24)
    with pytest.raises(
        ConfigError, match=r"pipeline_options: found \['Crop'\], the pipeline has \['LoadClip'"
    ):
        ArrayDataset(pipeline=TRAIN_PIPELINE, pipeline_options=dict(Crop=dict(size=(16, 24))))


def test_dropping_is_said_once(monkeypatch):
    said = []
    monkeypatch.setattr(base_video_dataset, 'print_log', lambda text, **_: said.append(text))
    ArrayDataset(clip_sampler=dict(num_frames=4), short_videos='drop')
    assert len(said) == 1 and said[0].startswith('ArrayDataset: 1 of 2 videos have fewer than 4')
    ArrayDataset(clip_sampler=dict(num_frames=3), short_videos='drop')
    assert len(said) == 1


def test_an_error_while_opening_a_video_surfaces_in_training():
    class Broken(ArrayDataset):
        def open_video(self, info: dict) -> VideoRecord:
            raise AnnotationError('v1: damaged')

    with pytest.raises(AnnotationError, match='v1: damaged'):
        Broken(pipeline=TRAIN_PIPELINE)[1]
