"""Training data of the small recipes in small, below the folder ``...`` that their commands name."""

import json
from pathlib import Path

import cv2
import numpy as np
import torch
from doc_shell import REPO
from mmseg.models.backbones import MobileNetV2
from small_data import make_frames, make_masks, rle, write_frames, xywh

from vosplug.formats import write_id_mask

LISTS = REPO / 'configs' / '_base_' / 'datasets'


def write_recipe_data(data: Path) -> None:
    """DAVIS 2016 for training at 240p, COCO-mini, and random weights where those of ImageNet are expected."""
    davis = data / 'davis2016'
    masks = make_masks(6, size=(96, 160))
    train = [*names_of('davis2016_part_a.txt'), *names_of('davis2016_part_b.txt')]
    (davis / 'ImageSets' / '480p' / 'train.txt').write_text('\n'.join(train))
    for name in train:
        write_frames(davis / 'JPEGImages' / '240p' / name, make_frames(masks))
        for t, mask in enumerate(masks):
            write_id_mask(davis / 'Annotations' / '240p' / name / f'{t:05d}.png', mask)
    write_coco(data / 'coco-mini', [*names_of('coco_mini_train.txt'), *names_of('coco_mini_held_out.txt')])
    with torch.random.fork_rng():
        torch.manual_seed(0)
        torch.save(MobileNetV2().state_dict(), data / 'mobilenet_v2-b0353104.pth')
    (data.parent / '...').symlink_to(data)


def write_coco(root: Path, names: list[str]) -> None:
    """Images of two objects whose boxes overlap."""
    mask = np.zeros((96, 128), np.uint8)
    mask[40:90, 50:100] = 2
    mask[20:70, 20:70] = 1
    (root / 'images').mkdir(parents=True)
    content = dict(images=[], annotations=[], categories=[dict(id=1, name='block')])
    for k, name in enumerate(names):
        cv2.imwrite(str(root / 'images' / name), make_frames(mask[None])[0])
        content['images'].append(dict(id=k, file_name=name, height=96, width=128))
        for i in (1, 2):
            shown = dict(area=int((mask == i).sum()), segmentation=rle(mask == i), bbox=xywh(mask, i))
            content['annotations'].append(dict(id=2 * k + i, image_id=k, category_id=1, iscrowd=0, **shown))
    (root / 'instances.json').write_text(json.dumps(content))


def names_of(file: str) -> list[str]:
    """Lines of a list of the configs."""
    return (LISTS / file).read_text().split()
