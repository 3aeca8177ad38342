"""What a box-to-mask network is trained on."""

import json
from pathlib import Path

import numpy as np
import pytest
from small_data import make_frames, make_masks, rle, write_davis, write_frames, write_ytvis, xywh

from vosplug.datasets import COCOImageDataset, DAVIS2017Dataset, YTVISDataset
from vosplug.datasets.transforms import PackBoxClip, PackBoxCrop
from vosplug.errors import AnnotationError, ConfigError
from vosplug.structures import Supervision


def frame(kind: Supervision = Supervision.MASK, visible: bool = True) -> dict:
    """A frame of 20x30 with one object in columns 10 to 20, and void below it."""
    mask = np.zeros((20, 30), np.uint8)
    mask[5:15, 10:20], mask[15:] = 1, 255
    return dict(
        imgs=[np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)],
        id_masks=[mask],
        boxes=np.float32([[[10, 5, 20, 15]]]),
        visible=np.full((1, 1), visible),
        supervision=np.full((1, 1), int(kind)),
        object_ids=[7],
        video_name='bear',
        frame_names=['00003'],
    )


def test_the_object_is_1_void_255_and_the_rest_0():
    packed = PackBoxCrop(size=(18, 18), margin=4)(frame())
    labels = packed['data_samples'].gt_sem_seg.data.numpy()[0]
    assert packed['inputs'].shape == (4, 18, 18) and packed['inputs'].dtype.is_floating_point is False
    assert labels.shape == (18, 18)
    # the window is 6..24 by 1..19, its own size
    assert (labels[4:14, 4:14] == 1).all() and (labels[14:] == 255).all() and (labels[:4] == 0).all()
    assert packed['data_samples'].object_id == 7


def test_a_relative_margin_is_a_share_of_the_box():
    """Its sides are 10, so that 0.4 of them are 4 pixels."""
    pixels, share = (PackBoxCrop((18, 18), **m)(frame()) for m in (dict(margin=4), dict(relative_margin=0.4)))
    assert pixels['inputs'].equal(share['inputs'])
    with pytest.raises(ConfigError, match=r'crop\.relative_margin: found -1'):
        PackBoxCrop((18, 18), relative_margin=-1)


def test_jitter_moves_the_box_by_its_share_at_most():
    np.random.seed(0)
    pack, fixed = PackBoxCrop((18, 18), margin=4, jitter=0.2), np.float32([10, 5, 20, 15])
    moved = np.array([pack._moved(fixed, (20, 30)) for _ in range(100)])
    assert 1.5 < np.abs(moved - fixed).max() <= 2
    assert len(np.unique(moved[:, 0])) > 50


def test_a_frame_out_of_which_the_object_moved_is_drawn_again():
    assert PackBoxCrop((18, 18), margin=4)(frame(visible=False)) is None


def test_frames_annotated_by_boxes_are_refused():
    with pytest.raises(AnnotationError, match=r"bear, frame 00003.*supervision='mask'"):
        PackBoxCrop((18, 18), margin=4)(frame(Supervision.BOX))


def write_coco(root: Path, masks: np.ndarray) -> None:
    """Each id mask as a picture of COCO's."""
    coco = dict(images=[], annotations=[])
    write_frames(root / 'coco', make_frames(masks))
    for t, mask in enumerate(masks):
        coco['images'].append(dict(id=t, file_name=f'{t:05d}.jpg', height=mask.shape[0], width=mask.shape[1]))
        for i in (3, 7):
            entry = dict(
                id=10 * t + i, image_id=t, segmentation=rle(mask == i), bbox=xywh(mask, i), iscrowd=0
            )
            coco['annotations'].append(entry)
    (root / 'coco.json').write_text(json.dumps(coco))


def test_coco_and_videos_give_the_same_crops(tmp_path):
    """Frame by frame, whatever the format: the crops of both objects of the first frame."""
    masks = make_masks(2)
    write_davis(tmp_path / 'davis', {'bear': masks})
    write_ytvis(tmp_path, {'bear': masks})
    write_coco(tmp_path, masks)
    shared = dict(
        clip_sampler=dict(num_frames=1, max_objects=1),
        pipeline=[dict(type='LoadClip'), dict(type='PackBoxCrop', size=(32, 32), margin=5)],
    )
    datasets = [
        COCOImageDataset(data_root=str(tmp_path), ann_file='coco.json', image_dir='coco', **shared),
        DAVIS2017Dataset(data_root=str(tmp_path / 'davis'), **shared),
        YTVISDataset(data_root=str(tmp_path), ann_file='instances.json', **shared),
    ]
    seen = []
    for dataset in datasets:
        np.random.seed(0)
        items = [dataset[0] for _ in range(20)]
        assert {tuple(item['inputs'].shape) for item in items} == {(4, 32, 32)}
        crops = {
            item['inputs'].numpy().tobytes() + item['data_samples'].gt_sem_seg.data.numpy().tobytes()
            for item in items
        }
        seen.append(crops)
    # a picture of COCO is one frame, a video of two frames has twice as many
    assert len(seen[0]) == 2 and len(seen[1]) == len(seen[2]) == 4
    assert seen[1] == seen[2] and seen[0] < seen[1]


def clip(visible: tuple[bool, ...] = (True, True, True)) -> dict:
    """The frame again and again, with the object one column farther right in each."""
    still = frame()
    masks = [np.roll(still['id_masks'][0], t, 1) for t in range(3)]
    return {
        **still,
        'imgs': [np.roll(still['imgs'][0], t, 1) for t in range(3)],
        'id_masks': masks,
        'boxes': np.stack([still['boxes'][0] + np.float32([t, 0, t, 0]) for t in range(3)]),
        'visible': np.array(visible)[:, None],
        'supervision': np.full((3, 1), int(Supervision.MASK)),
        'frame_names': ['00003', '00004', '00005'],
    }


def test_a_clip_is_cropped_around_the_object_in_every_frame():
    packed = PackBoxClip(size=(18, 18), factor=1.8)(clip())
    inputs, labels = packed['inputs'].numpy(), packed['data_samples'].gt_sem_seg.data.numpy()
    assert inputs.shape == (3, 4, 18, 18) and labels.shape == (3, 18, 18)
    for t in range(3):
        # the object stays in the middle of its crops; the last row lies below the image
        assert (labels[t, 4:14, 4:14] == 1).all() and (labels[t, :4] == 0).all()
        assert np.array_equal(inputs[t, 3], 255 * (labels[0] == 1))
        assert np.array_equal(inputs[t, :3, 4:14, 4:14], inputs[0, :3, 4:14, 4:14])
    assert packed['data_samples'].object_id == 7


def test_an_object_that_leaves_during_a_clip_is_not_drawn():
    assert PackBoxClip((18, 18))(clip(visible=(True, False, True))) is None
    with pytest.raises(AnnotationError, match='PackBoxClip needs masks'):
        PackBoxClip((18, 18))(frame(Supervision.BOX))
    with pytest.raises(ConfigError, match=r'crop\.factor: found -1'):
        PackBoxClip((18, 18), factor=-1)
