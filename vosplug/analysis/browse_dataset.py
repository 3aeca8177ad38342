"""Pictures of the items of a config's datasets: training clips after the pipeline, and test videos."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import Tensor

from ..datasets.draws import seed_draws
from ..errors import ConfigError
from ..formats.output_path import output_path
from ..registry import DATASETS
from ..structures import Supervision, VideoSample, VOSDataSample, boxes_of_mask
from ..structures.image_file import write_image
from ..visualization import draw_overlay
from ..visualization.contact_sheet import contact_sheet

COLUMNS = 4
Pictures = list[tuple[np.ndarray, str]]  # with captions


def browse_dataset(
    cfg: Config, out_dir: str | Path, split: str = 'train', count: int = 10, seed: int = 0
) -> Iterator[Path]:
    """Draw items of a dataset, each into one image: its frames with masks, boxes and kinds of supervision.

    Void, which mask losses ignore, is hatched; with box supervision this is the inside of the boxes.

    Args:
        cfg: config.
        out_dir: folder of the images, ``<number>_<video>.png``.
        split: ``'train'``, ``'val'`` or ``'test'``.
        count: number of items: random ones of a training set, the first videos of the other sets.
        seed: of items and augmentation.

    Yields:
        Path: of every image.

    Raises:
        ConfigError: a config without this dataset, or items of a kind that cannot be drawn.
    """
    loader = cfg.get(f'{split}_dataloader')
    if not loader:
        raise ConfigError(f'{split}_dataloader: missing in this config; expected a dataset to browse.')
    init_default_scope(cfg.get('default_scope') or 'vosplug')
    dataset = DATASETS.build(loader.dataset)
    seed_draws(seed)
    order = np.random.permutation(len(dataset)) if split == 'train' else np.arange(len(dataset))
    for number, index in enumerate(order[:count]):
        seed_draws(seed, number)
        name, pictures = item_pictures(dataset[int(index)])
        images, captions = zip(*pictures, strict=True)
        size = tuple(np.max([image.shape[:2] for image in images], 0).tolist())
        path = output_path(out_dir, f'{number:03d}_{name.replace("/", "_")}.png')
        write_image(path, contact_sheet(images, captions, min(COLUMNS, len(images)), size))
        yield path


def item_pictures(item: dict) -> tuple[str, Pictures]:
    """Name of the video, and its frames with captions.

    Args:
        item: item of a dataset: a packed clip, a packed crop (or several) around a box, or a test video.

    Raises:
        ConfigError: an item of another kind.
    """
    sample = item.get('data_samples')
    if isinstance(sample, VideoSample):
        return sample.name, _video_pictures(sample)
    if isinstance(sample, VOSDataSample):
        return sample.video_name, _clip_pictures(item['inputs'], sample)
    if hasattr(sample, 'gt_sem_seg'):
        inputs = item['inputs'].reshape(-1, *item['inputs'].shape[-3:])
        caption = f'{sample.frame_name}: object {sample.object_id}'
        return sample.video_name, _crop_pictures(inputs, sample.gt_sem_seg.data, caption)
    raise ConfigError(
        f'found items with {type(sample).__name__} as data_samples; expected a pipeline that ends in '
        'PackClip, PackBoxCrop or PackBoxClip.'
    )


def _clip_pictures(inputs: Tensor, sample: VOSDataSample) -> Pictures:
    """Frames of a training clip as the model gets them; object slots have the colours of their number."""
    pictures = []
    for t, name in enumerate(sample.frame_names):
        shown = [i for i in range(sample.visible.shape[1]) if sample.visible[t, i]]
        boxes = {i + 1: sample.boxes[t, i].tolist() for i in shown}
        kinds = [f'{i + 1} {Supervision(int(sample.supervision[t, i])).name.lower()}' for i in shown]
        image = np.ascontiguousarray(inputs[t].permute(1, 2, 0).numpy())
        drawn = draw_overlay(image, sample.id_masks[t].numpy(), boxes=boxes)
        pictures.append((drawn, f'{name}: {", ".join(kinds) or "no object"}'))
    return pictures


def _crop_pictures(inputs: Tensor, labels: Tensor, caption: str) -> Pictures:
    """Crops around an object, with its labels and the box that is the network's fourth channel."""
    pictures = []
    for t, (crop, label) in enumerate(zip(inputs, labels, strict=True)):
        image = np.ascontiguousarray(crop[:3].permute(1, 2, 0).numpy()[..., ::-1])
        boxes = boxes_of_mask((crop[3] != 0).numpy())
        drawn = draw_overlay(image, label.numpy().astype(np.uint8), boxes=boxes, labels=False)
        pictures.append((drawn, caption if len(inputs) == 1 else f'{caption}, crop {t + 1}'))
    return pictures


def _video_pictures(video: VideoSample) -> Pictures:
    """Evenly spaced frames of a test video: those with prompts or annotation, or any if there are none."""
    known = {*(video.prompts or ()), *(video.annotation.annotated_frames() if video.annotation else ())}
    frames = sorted(known) or list(range(len(video.source)))
    chosen = np.unique(np.linspace(0, len(frames) - 1, 2 * COLUMNS).round().astype(int))
    return [_frame_picture(video, frames[k]) for k in chosen]


def _frame_picture(video: VideoSample, t: int) -> tuple[np.ndarray, str]:
    """A frame with its ground truth, and boxes of its prompts, or else of its objects."""
    image = video.source[t]
    mask = video.annotation.mask(t) if video.annotation else None
    prompts = video.prompts.get(t, []) if video.prompts else []
    boxes = video.annotation.boxes(t) if video.annotation else {}
    boxes = {p.object_id: p.box for p in prompts if p.box is not None} or boxes
    drawn = draw_overlay(image, np.zeros(image.shape[:2], np.uint8) if mask is None else mask, boxes=boxes)
    kinds = [f'{p.object_id} {"mask" if p.mask is not None else "box"}' for p in prompts]
    return drawn, f'{video.source.frame_names[t]}' + (f': prompts {", ".join(kinds)}' if kinds else '')
