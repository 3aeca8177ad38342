"""Pictures become clips whose frames are deformed one by one."""

import json
import time

import cv2
import numpy as np
import pytest
from dataset_tester import DatasetTester
from mmengine.logging import MMLogger
from small_data import rle

from vosplug.datasets import COCOImageDataset, StaticImageDataset
from vosplug.errors import AnnotationError, ConfigError, VideoError
from vosplug.structures import Supervision, boxes_of_mask, fill_box

SIZE = (40, 56)
PIPELINE = [
    dict(type='LoadClip'),
    dict(type='ClipRandomAffine', together=0, jitter=1, degrees=20, scale=(0.9, 1.1), shear=10, shift=0),
    dict(type='ClipResize', short_side=32),
    dict(type='ClipRandomCrop', size=(32, 32), same_for_clip=False),
    dict(type='PackClip'),
]
OBJECT = fill_box((12, 8, 40, 30), SIZE)


def write_pair(image, mask, level: int = 255) -> None:
    """A picture and an antialiased mask around ``OBJECT``."""
    for path in (image, mask):
        path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(image), np.repeat(OBJECT[..., None] * 200, 3, 2).astype(np.uint8))
    grey = cv2.dilate(OBJECT.astype(np.uint8), np.ones((3, 3))) * 100
    grey[OBJECT] = level
    cv2.imwrite(str(mask), grey)


def load(root, pipeline=PIPELINE, **kwargs) -> StaticImageDataset:
    return StaticImageDataset(str(root), pipeline=pipeline, clip_sampler=dict(num_frames=3), **kwargs)


class TestStaticImages(DatasetTester):
    def build(self, root, **kwargs):
        for name in ('a', 'b'):
            write_pair(root / f'{name}.jpg', root / f'{name}.png')
        return StaticImageDataset(str(root), **kwargs)


class TestCOCOImages(DatasetTester):
    def build(self, root, **kwargs):
        return coco(root, **kwargs)


def test_a_picture_and_its_mask_beside_it(tmp_path):
    for name in ('a', 'b'):
        write_pair(tmp_path / f'{name}.jpg', tmp_path / f'{name}.png')
    dataset = load(tmp_path, [PIPELINE[0], PIPELINE[-1]])
    assert [dataset.get_data_info(i)['video_name'] for i in range(len(dataset))] == ['a', 'b']
    sample = dataset[0]['data_samples']
    assert dataset[0]['inputs'].shape == (3, 3, *SIZE) and sample.object_ids == [1]
    assert np.array_equal(sample.id_masks, np.stack([OBJECT] * 3)), 'grey below 128 is background'
    assert sample.frame_names in (['00000', '00001', '00002'], ['00002', '00001', '00000'])


def test_classes_parallel_folders_and_suffixes(tmp_path):
    write_pair(tmp_path / 'fss' / 'abacus' / '1.jpg', tmp_path / 'fss' / 'abacus' / '1.png')
    write_pair(tmp_path / 'fss' / 'yak' / '1.jpg', tmp_path / 'fss' / 'yak' / '1.png')
    write_pair(tmp_path / 'Image' / 'x.jpg', tmp_path / 'Mask' / 'x.png')
    write_pair(tmp_path / 'BIG' / 'c_im.jpg', tmp_path / 'BIG' / 'c_gt.png')
    names = [info['video_name'] for info in load(tmp_path, image_dir='fss').load_data_list()]
    assert names == ['abacus/1', 'yak/1']
    assert len(load(tmp_path, image_dir='Image', mask_dir='Mask')) == 1
    big = load(tmp_path, image_dir='BIG', image_suffix='_im.jpg', mask_suffix='_gt.png')
    assert big[0]['data_samples'].video_name == 'c'


def test_every_frame_is_deformed_on_its_own(tmp_path):
    write_pair(tmp_path / 'a.jpg', tmp_path / 'a.png')
    np.random.seed(0)
    item = load(tmp_path)[0]
    masks = item['data_samples'].id_masks
    assert item['inputs'].shape == (3, 3, 32, 32)
    assert not any(masks[a].equal(masks[b]) for a, b in ((0, 1), (0, 2), (1, 2)))
    bright = item['inputs'][:, 0] > 100
    known = masks < 255
    assert (bright == (masks == 1))[known].float().mean() > 0.97, 'picture and mask move together'


def test_layouts_of_salient_object_datasets(tmp_path):
    write_pair(tmp_path / 'images' / '0001.jpg', tmp_path / 'ground_truth_mask' / '0001.png')
    write_pair(tmp_path / 'datasets/imgs/pascal/1.jpg', tmp_path / 'datasets/masks/pascal/1.png')
    ecssd = load(tmp_path, image_dir='images', mask_dir='ground_truth_mask')
    pascal_s = load(tmp_path, image_dir='datasets/imgs/pascal', mask_dir='datasets/masks/pascal')
    assert ecssd[0]['data_samples'].video_name == '0001' and pascal_s[0]['data_samples'].video_name == '1'


def test_images_without_an_object_can_be_left_out(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(MMLogger.get_current_instance(), 'handlers', [caplog.handler])
    for name, level in (('a', 127), ('b', 128)):
        write_pair(tmp_path / f'{name}.jpg', tmp_path / f'{name}.png', level)
    dataset = load(tmp_path, empty_masks='drop')
    assert [dataset.get_data_info(k)['video_name'] for k in range(len(dataset))] == ['b']
    assert '1 masks show no object' in caplog.text
    (tmp_path / 'b.jpg').unlink()
    with pytest.raises(AnnotationError, match=r'1 masks show no object \(values .*\)\. No image is left'):
        load(tmp_path, empty_masks='drop')
    with pytest.raises(ConfigError, match="empty_masks: found 'skip', expected 'error' or 'drop'"):
        load(tmp_path, empty_masks='skip')


def test_images_outside_of_the_share_are_not_counted_as_empty(tmp_path, caplog, monkeypatch):
    monkeypatch.setattr(MMLogger.get_current_instance(), 'handlers', [caplog.handler])
    for name in 'abcd':
        write_pair(tmp_path / f'{name}.jpg', tmp_path / f'{name}.png')
    assert len(load(tmp_path, empty_masks='drop', share=0.5)) == 2
    assert 'show no object' not in caplog.text


def test_a_part_of_the_images_is_the_same_random_one_every_time(tmp_path):
    for k in range(30):
        write_pair(tmp_path / f'{k}.jpg', tmp_path / f'{k}.png')
    parts = []
    for seed in (1, 2):
        np.random.seed(seed)
        dataset = load(tmp_path, num_images=12)
        parts.append([dataset.get_data_info(k)['video_name'] for k in range(len(dataset))])
    assert parts[0] == parts[1] and len(set(parts[0])) == 12
    assert parts[0] != sorted(str(k) for k in range(30))[:12], 'not the first ones'
    with pytest.raises(AnnotationError, match='30 images, expected .*num_images=31. Add the missing'):
        load(tmp_path, num_images=31)


def test_what_is_wrong_is_named(tmp_path):
    with pytest.raises(VideoError, match=r'no image named \*\.jpg in this folder or below'):
        load(tmp_path)
    write_pair(tmp_path / 'a.jpg', tmp_path / 'a.png', level=1)
    with pytest.raises(AnnotationError, match=r'a\.png: no foreground; expected a grey mask'):
        load(tmp_path)[0]
    cv2.imwrite(str(tmp_path / 'a.png'), np.full((5, 5), 255, np.uint8))
    with pytest.raises(AnnotationError, match=r'a\.png: mask is 5x5, its frame is 56x40'):
        load(tmp_path)[0]
    (tmp_path / 'a.png').unlink()
    with pytest.raises(AnnotationError, match=r'a\.png: mask not found \(1 of 1 images'):
        load(tmp_path)


def coco(root, change=(), **kwargs) -> COCOImageDataset:
    """Three pictures: a polygon and a run length, a crowd alone, nothing."""
    (root / 'images').mkdir(exist_ok=True)
    names = ['a.jpg', 'b.jpg', 'c.jpg']
    for name in names:
        cv2.imwrite(str(root / 'images' / name), np.zeros((*SIZE, 3), np.uint8))
    polygon = dict(
        id=5,
        image_id=1,
        iscrowd=0,
        bbox=[2, 3, 10, 8],
        segmentation=[[2, 3, 12, 3, 12, 11, 2, 11]],
    )
    runs = dict(id=6, image_id=1, bbox=[12, 8, 28, 22], segmentation=rle(OBJECT))
    crowd = dict(id=7, image_id=2, iscrowd=1, bbox=[12, 8, 28, 22], segmentation=rle(OBJECT))
    content = dict(
        images=[dict(id=k + 1, file_name=n, height=SIZE[0], width=SIZE[1]) for k, n in enumerate(names)],
        annotations=[polygon, runs, crowd],
    )
    (root / 'coco.json').write_text(json.dumps({**content, **dict(change)}))
    shown = dict(pipeline=[PIPELINE[0], PIPELINE[-1]], clip_sampler=dict(num_frames=3))
    return COCOImageDataset(str(root), 'coco.json', 'images', **{**shown, **kwargs})


def test_coco_objects_one_by_one(tmp_path):
    dataset = coco(tmp_path, objects='single')
    assert len(dataset) == 2
    first, second = (dataset[k]['data_samples'].id_masks[0].numpy() for k in range(2))
    assert boxes_of_mask(first)[1].tolist() == [2, 3, 12, 11]
    assert boxes_of_mask(second)[1].tolist() == [12, 8, 40, 30] and set(np.unique(second)) == {0, 1}


def test_coco_objects_in_pairs_that_overlap(tmp_path):
    boxes = dict(left=(2, 3, 14, 11), right=(12, 8, 40, 30), away=(44, 2, 54, 10), tiny=(13, 9, 15, 11))
    entries = [
        dict(
            id=k,
            image_id=1,
            bbox=[box[0], box[1], box[2] - box[0], box[3] - box[1]],
            segmentation=rle(fill_box(box, SIZE)),
        )
        for k, box in enumerate(boxes.values())
    ]
    dataset = coco(tmp_path, dict(annotations=entries), objects='pair')
    assert len(dataset) == 1, 'away overlaps nothing, and tiny is too small for both'
    sample = dataset[0]['data_samples']
    expected = fill_box(boxes['left'], SIZE) | fill_box(boxes['right'], SIZE)
    assert sample.object_ids == [1] and np.array_equal(sample.id_masks[0], expected)
    assert sample.boxes[0, 0].tolist() == [2, 3, 40, 30]
    with pytest.raises(AnnotationError, match='no two objects whose boxes overlap'):
        coco(tmp_path, dict(annotations=entries[2:3]), objects='pair')
    with pytest.raises(
        ConfigError, match=r"objects: found 'two', expected one of \('all', 'single', 'pair'\)"
    ):
        coco(tmp_path, objects='two')


def test_small_coco_objects_can_be_left_out(tmp_path):
    small = dict(id=5, image_id=1, bbox=[2, 3, 10, 8], area=80, segmentation=[[2, 3, 12, 3, 12, 11, 2, 11]])
    large = dict(id=6, image_id=1, bbox=[12, 8, 28, 22], area=616, segmentation=rle(OBJECT))
    for min_pixels, objects in ((80, 2), (81, 1)):
        dataset = coco(tmp_path, dict(annotations=[small, large]), min_pixels=min_pixels)
        assert len(dataset.get_data_info(0)['objects']) == objects
    with pytest.raises(AnnotationError, match=r'annotations\[0\] lacks "area"; .*area for min_pixels'):
        coco(tmp_path, min_pixels=80)


def test_a_list_chooses_among_coco_images(tmp_path):
    entries = [dict(id=k, image_id=k, bbox=[12, 8, 28, 22], segmentation=rle(OBJECT)) for k in (1, 2, 3)]
    (tmp_path / 'some.txt').write_text('c.jpg\na.jpg\n')
    chosen = dict(image_set=str(tmp_path / 'some.txt'))
    dataset = coco(tmp_path, dict(annotations=entries), **chosen)
    assert [dataset.get_data_info(k)['video_name'] for k in range(len(dataset))] == ['a.jpg', 'c.jpg']
    (tmp_path / 'some.txt').write_text('c.jpg\nnowhere.jpg\n')
    with pytest.raises(AnnotationError, match=r'some\.txt: nowhere\.jpg is not in .*\(1 of 2 images'):
        coco(tmp_path, dict(annotations=entries), **chosen)


def test_coco_objects_in_polygons_and_run_lengths(tmp_path):
    dataset = coco(tmp_path)
    assert len(dataset) == 1, 'crowds and images without objects are left out'
    sample = dataset[0]['data_samples']
    assert sample.video_name == 'a.jpg' and sample.object_ids == [1, 2] and len(sample.id_masks) == 3
    boxes = boxes_of_mask(sample.id_masks[2].numpy())
    assert boxes[1].tolist() == [2, 3, 12, 11] and boxes[2].tolist() == [12, 8, 40, 30]
    assert (sample.supervision == Supervision.MASK).all()


def test_a_wrong_coco_file_is_named(tmp_path):
    with pytest.raises(
        AnnotationError, match=r'coco\.json: annotations\[0\] lacks "image_id"; the layout is that of COCO'
    ):
        coco(tmp_path, dict(annotations=[dict(id=1)]))
    with pytest.raises(AnnotationError, match=r'coco\.json: no image with an object'):
        coco(tmp_path, dict(annotations=[]))
    many = [dict(id=k, image_id=1, bbox=[0, 0, 1, 1], segmentation=rle(OBJECT)) for k in range(255)]
    with pytest.raises(AnnotationError, match=r'coco\.json: a\.jpg has 255 objects'):
        coco(tmp_path, dict(annotations=many))


@pytest.mark.parametrize('suffix', ['**/x', '/x.jpg', '*.jpg', '?.jpg', '[a].jpg', 'a\0', None, 5])
def test_an_image_suffix_is_the_end_of_a_name(tmp_path, suffix):
    with pytest.raises(ConfigError, match='image_suffix: found .*expected (the end of a name|`str`)'):
        load(tmp_path, image_suffix=suffix)


@pytest.mark.parametrize('root', [None, 5, [1]])
def test_a_root_is_a_path(root):
    with pytest.raises(ConfigError, match='StaticImageDataset.data_root: found .*expected `str`'):
        StaticImageDataset(root)


@pytest.mark.parametrize('supervision', ['mask', 'box'])
def test_coco_images_of_another_size_than_listed_are_named_before_masks_are_decoded(tmp_path, supervision):
    images = [dict(id=1, file_name='a.jpg', height=9000, width=9000)]
    runs = dict(size=[9000, 9000], counts=[9000 * 9000])
    entries = [dict(id=k, image_id=1, bbox=[2, 3, 10, 8], segmentation=runs) for k in range(200)]
    dataset = coco(tmp_path, dict(images=images, annotations=entries), supervision=supervision)
    start = time.process_time()
    with pytest.raises(AnnotationError, match=r'a\.jpg is listed as 9000x9000, .*a\.jpg is 56x40\. Use'):
        dataset[0]
    assert time.process_time() - start < 2


def test_linked_folders_of_classes_are_read(tmp_path):
    for name in ('ant', 'bee'):
        (tmp_path / 'all' / name).mkdir(parents=True)
        write_pair(tmp_path / 'all' / name / '1.jpg', tmp_path / 'all' / name / '1.png')
    (tmp_path / 'few').mkdir()
    (tmp_path / 'few' / 'bee').symlink_to('../all/bee')
    (tmp_path / 'few' / 'loop').symlink_to('.')
    (tmp_path / 'few' / '._1.jpg').touch()
    dataset = load(tmp_path / 'few')
    assert [dataset.get_data_info(k)['video_name'] for k in range(len(dataset))] == ['bee/1']
