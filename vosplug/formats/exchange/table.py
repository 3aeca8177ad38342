"""Table of annotation formats."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...errors import ConfigError
from ...files import is_dir, shown_path
from ..json_kind import json_kind
from . import coco, cvat, cvat_writer, label_studio, mots, native, single_object, tao, yolo, ytvis
from .context import Context
from .record import AnnotatedVideo

Reader = Callable[[Path, Context], list[AnnotatedVideo]]
Writer = Callable[[Path, Sequence[AnnotatedVideo], Context], None]


@dataclass(frozen=True)
class Format:
    """An annotation format.

    Attributes:
        title: short description.
        read: file or folder -> videos.
        write: videos -> file or folder; None: the format is read-only.
        keeps: which a file can hold of ``boxes``, ``masks`` (``both`` of an object in a frame), ``void``,
            ``occluded``, ``categories``, ``ids``, ``frames`` (which are annotated), ``empty`` (frames without
            objects).
        suffix: of a file; None: a folder, or either.
    """

    title: str
    read: Reader
    write: Writer | None
    keeps: frozenset[str]
    suffix: str | None = None


def _keeps(text: str) -> frozenset[str]:
    return frozenset(text.split())


FORMATS: dict[str, Format] = {
    'cvat': Format(
        'CVAT for video 1.1, an XML file or a folder of them',
        cvat.read_cvat,
        cvat_writer.write_cvat,
        _keeps('boxes masks occluded categories empty'),
    ),
    'label-studio': Format(
        "Label Studio's JSON of VideoRectangle",
        label_studio.read_label_studio,
        label_studio.write_label_studio,
        _keeps('boxes categories empty'),
        '.json',
    ),
    'coco': Format(
        'COCO instances, of still images or of videos',
        coco.read_coco_videos,
        coco.write_coco,
        _keeps('boxes masks both void occluded categories ids frames empty'),
        '.json',
    ),
    'ytvis': Format(
        'YouTube-VIS JSON',
        ytvis.read_ytvis,
        ytvis.write_ytvis,
        _keeps('boxes masks both categories ids frames empty'),
        '.json',
    ),
    'tao': Format(
        'TAO JSON', tao.read_tao_videos, tao.write_tao, _keeps('boxes categories frames empty'), '.json'
    ),
    'cocovid': Format(
        'CocoVID JSON of MMTracking and MMDetection', tao.read_cocovid_videos, None, frozenset(), '.json'
    ),
    'mots': Format(
        'MOTS text, a file per video', mots.read_mots, mots.write_mots, _keeps('masks void ids empty')
    ),
    'got10k': Format('GOT-10k', single_object.read_got10k, single_object.write_got10k, _keeps('boxes empty')),
    'lasot': Format('LaSOT', single_object.read_lasot, single_object.write_lasot, _keeps('boxes empty')),
    'trackingnet': Format(
        'TrackingNet', single_object.read_trackingnet, single_object.write_trackingnet, _keeps('boxes empty')
    ),
    'vot': Format('VOT', single_object.read_vot, single_object.write_vot, _keeps('boxes masks empty')),
    'yolo': Format(
        'YOLO text, boxes', yolo.read_yolo, yolo.write_yolo, _keeps('boxes categories ids frames empty')
    ),
    'yolo-seg': Format(
        'YOLO text, polygons',
        yolo.read_yolo,
        yolo.write_yolo_seg,
        _keeps('masks categories ids frames empty'),
    ),
    'davis': Format(
        'indexed PNG, <video>/<frame>.png, as in DAVIS',
        native.read_davis,
        native.write_davis,
        _keeps('masks void ids frames empty'),
    ),
    'csv': Format(
        'boxes as CSV, for pseudo-labels',
        native.read_boxes,
        native.write_boxes,
        _keeps('boxes categories ids'),
        '.csv',
    ),
}
SINGLE_OBJECT = ('got10k', 'lasot', 'trackingnet', 'vot')


def writable() -> list[str]:
    """Names of the writable formats."""
    return [name for name, known in FORMATS.items() if known.write is not None]


def guess_format(path: Path) -> str:
    """Infer the format of a file or folder.

    Raises:
        ConfigError: it cannot be inferred.
        AnnotationError: JSON that is damaged.
    """
    if is_dir(path):
        for name, pattern in _IN_FOLDERS:
            if next(path.glob(pattern), None) is not None:
                return name
    elif path.suffix.lower() == '.json':
        return json_kind(path)
    return format_by_suffix(path)


# file names that identify a folder's format; YOLO and MOTS have none. PNG may lie in a folder of one video,
# and below Annotations/<folder>/<video>
_IN_FOLDERS = (
    ('got10k', '*/cover.label'), ('lasot', '*/full_occlusion.txt'), ('lasot', '*/*/full_occlusion.txt'),
    ('trackingnet', 'anno/*.txt'), ('vot', '*/groundtruth.txt'), ('davis', '*/*.png'), ('davis', '*/*/*.png'),
    ('cvat', '*.xml'), ('davis', '*.png'), ('davis', '*/*/*/*.png'),
)  # fmt: skip


def format_by_suffix(path: Path) -> str:
    """Infer the format from the suffix of a name.

    Raises:
        ConfigError: none, or several.
    """
    names = {'.xml': 'cvat', '.csv': 'csv'}
    if path.suffix.lower() in names:
        return names[path.suffix.lower()]
    raise ConfigError(
        f'{shown_path(path)}: the name does not show the format; give one of {", ".join(FORMATS)}.'
    )


def format_by_name(name: str) -> Format:
    """A format by its name.

    Raises:
        ConfigError: there is none.
    """
    if name not in FORMATS:
        raise ConfigError(f'format {name!r:.60}: unknown, expected one of {", ".join(FORMATS)}.')
    return FORMATS[name]
