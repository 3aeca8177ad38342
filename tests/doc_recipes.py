"""Recipes of the configs in small: lists, weights, and data below the folder ``...`` that commands name."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import torch
from doc_shell import REPO
from mmengine.registry import DefaultScope
from mmseg.models.backbones import MobileNetV2
from small_data import make_frames, make_masks, rle, write_frames, xywh

from vosplug.config import load_config
from vosplug.formats import write_id_mask
from vosplug.models.lwl_checkpoint import convert_lwl
from vosplug.models.xmem_checkpoint import convert_xmem
from vosplug.registry import MODELS

LISTS = REPO / 'configs' / '_base_' / 'datasets'


def write_recipe_data(data: Path) -> None:
    """DAVIS 2016 for training at 240p, COCO-mini, and random weights where those of ImageNet are expected."""
    davis = data / 'davis2016'
    masks = make_masks(12, size=(96, 160))  # every fourth of them is a video, too
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


def write_configs(folder: Path) -> None:
    """A copy of the configs whose lists are cut to two images, two videos for training, one for tests."""
    shutil.copytree(REPO / 'configs', folder)
    for path in folder.glob('_base_/datasets/*.txt'):
        names = path.read_text().splitlines(keepends=True)
        path.write_text(''.join(names[: 1 if 'held_out' in path.stem or 'seven' in path.stem else 2]))


def write_authors_weights(folder: Path, page: str) -> None:
    """Checkpoints as other projects publish them, at random, where a page converts them."""
    if 'XMem.pth' in page:
        state = weights_at_random('xmem/xmem_r50-r18_davis17.py', convert_xmem)
        torch.save(state, folder / 'XMem.pth')
    if 'lwl_theirs.pth' in page:
        state = weights_at_random('lwl/lwl_r50_test-davis17.py', convert_lwl)
        torch.save(dict(net=state), folder / 'lwl_theirs.pth')


def weights_at_random(config: str, convert: Callable) -> dict[str, torch.Tensor]:
    """Weights of the network of a config, in the authors' layout."""
    with DefaultScope.overwrite_default_scope('vosplug'):
        model = MODELS.build(load_config(config).model)
    return convert(model.state_dict(), model.state_dict(), config)[0]


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
