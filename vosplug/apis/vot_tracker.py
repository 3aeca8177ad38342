"""Runs a model as a tracker of the VOT toolkit."""

import configparser
import io
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from ..errors import ConfigError, PromptError
from ..formats.vot_folder import VOTQuery, read_frames, read_queries, write_outputs
from ..formats.vot_text import UNKNOWN
from ..models import StreamingModel
from ..models.build import check_tracker
from ..models.streaming import StreamingSegmentor
from ..structures import FrameResult, ImageFolderSource, ObjectPrompt, Prompts, boxes_of_mask
from ..structures.box_ops import in_image
from ..structures.vot_raster import mask_region, rasterise
from ..structures.vot_region import Mask, Point, Polygon, Rectangle, VOTRegion

PROMPTS = ('mask', 'box')


def run_vot_tracker(
    model: StreamingSegmentor | StreamingModel,
    folder: str | Path,
    prompt: str = 'mask',
    rectangles: bool = False,
) -> None:
    """Track the objects of a folder that the VOT toolkit prepared, and write its results there.

    See :mod:`vosplug.formats.vot_folder` for the files. Queried masks and polygons become mask prompts,
    rectangles box prompts and points point prompts. All objects are tracked together; the confidence of an
    object is its ``FrameResult.presence``.

    Args:
        model: from :func:`vosplug.apis.init_model`.
        folder: folder of the run.
        prompt: ``'box'`` starts objects from the tight bounding boxes of queried masks and polygons, too.
        rectangles: write tight bounding boxes instead of masks.

    Raises:
        ConfigError: an unknown kind of prompt, or a model that does not track objects.
        AnnotationError: a file of the toolkit is missing or damaged.
        PromptError: a query that cannot be a prompt, such as text alone.
        VideoError: a frame cannot be read.
    """
    if prompt not in PROMPTS:
        raise ConfigError(f'prompt: found {prompt!r}, expected one of {PROMPTS}.')
    check_tracker(model)
    paths = read_frames(folder)
    queries = read_queries(folder, len(paths))
    names = [f'{t:08d}' for t in range(len(paths))]
    source = ImageFolderSource(folder, paths, frame_names=names)
    prompts: dict[int, list[ObjectPrompt]] = {}
    for object_id, query in enumerate(queries, 1):
        prompts.setdefault(query.frame, []).append(_prompt(object_id, query, source.size, prompt))
    with write_outputs(folder, [query.object_id for query in queries]) as add:
        for result in model.stream(source, Prompts(prompts)):
            add(*zip(*_states(result, queries, rectangles), strict=True))


def trackers_ini_section(name: str, label: str, command: Sequence[str]) -> str:
    """Section of a workspace's ``trackers.ini`` that makes the toolkit run a command by the folder protocol.

    Args:
        name: the toolkit's identifier of the tracker.
        label: shown in reports.
        command: program and arguments; the toolkit runs it in a temporary folder, so paths are absolute.

    Raises:
        ConfigError: the name has characters that the toolkit refuses.
    """
    if not name or not name.replace('_', '').replace('-', '').isalnum() or not name.isascii():
        raise ConfigError(f'tracker {name!r}: the VOT toolkit allows only letters, digits, - and _ in names.')
    registry = configparser.ConfigParser()
    values = dict(label=label, protocol='folder', command=shlex.join(command))
    registry[name] = {key: value.replace('%', '%%') for key, value in values.items()}
    text = io.StringIO()
    registry.write(text)
    return text.getvalue().rstrip() + '\n'


def _prompt(object_id: int, query: VOTQuery, size: tuple[int, int], kind: str) -> ObjectPrompt:
    """Prompt of a query, for a video of (H, W) pixels."""
    height, width = size
    region = query.region
    try:
        if isinstance(region, Rectangle):
            x, y, w, h = region
            box = ObjectPrompt(object_id, box=np.array([x, y, x + w, y + h]))
            if not in_image((x, y, x + w, y + h), size):
                raise PromptError(f'rectangle {[*region]} lies outside the {width}x{height} image.')
            return box
        if isinstance(region, Point):
            return ObjectPrompt(object_id, points=np.array([[*region, 1]]))
        if isinstance(region, Mask | Polygon):
            mask = rasterise(region, (0, 0, width - 1, height - 1))
            if not mask.any():
                raise PromptError(f'the region has no pixel in the {width}x{height} image.')
            if kind == 'box':
                return ObjectPrompt(object_id, box=boxes_of_mask(mask.astype(np.uint8))[1])
            return ObjectPrompt(object_id, mask=mask)
    except PromptError as error:
        raise PromptError(f'{query.path}, line 2: {error}') from None
    raise PromptError(
        f'{query.path}, line 2: expected a mask, a rectangle, a polygon or a point, found the special code '
        f'{region}. Objects that are only described by text cannot be tracked.'
    )


def _states(
    result: FrameResult, queries: Sequence[VOTQuery], rectangles: bool
) -> Iterator[tuple[VOTRegion, float]]:
    """Region and confidence of every queried object in a frame."""
    boxes = boxes_of_mask(result.mask)
    for object_id, query in enumerate(queries, 1):
        region: VOTRegion = UNKNOWN
        if object_id in boxes and result.index >= query.frame:
            left, top, right, bottom = boxes[object_id].tolist()
            box = Rectangle(left, top, right - left, bottom - top)
            region = box if rectangles else mask_region(result.mask == object_id)
        yield region, result.presence.get(object_id, 0.0)
