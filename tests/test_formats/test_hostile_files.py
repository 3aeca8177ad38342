"""Malformed files of every format end in a named error, or in annotations whose invariants hold.

``VOSPLUG_HOSTILE`` is the number of malformed variants per format, 40 without it.
"""

import contextlib
import copy
import json
import os
import struct
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hostile import malformed
from small_data import make_masks, rle, ytvis_content

from vosplug.errors import AnnotationError, VOSError
from vosplug.formats.attributes import read_attributes
from vosplug.formats.box_text import read_box_sequences, read_boxes
from vosplug.formats.coco_json import read_coco
from vosplug.formats.exchange import FORMATS as EXCHANGED
from vosplug.formats.exchange import Context
from vosplug.formats.exchange.convert import write_all
from vosplug.formats.exchange.table import writable
from vosplug.formats.flow_file import read_flo
from vosplug.formats.image_set import read_image_set
from vosplug.formats.mmtracking import read_cocovid
from vosplug.formats.mmtracking_lists import is_info_list, read_info_list, read_sot_infos
from vosplug.formats.output_path import output_path
from vosplug.formats.rle import decode_mask, decode_segmentation, encode_mask
from vosplug.formats.tao_json import read_tao
from vosplug.formats.vot_folder import read_queries
from vosplug.formats.vot_sequence import read_vot_sequence
from vosplug.formats.vot_text import read_regions
from vosplug.formats.youtube_vos_meta import read_meta
from vosplug.formats.ytvis_json import YTVISFile
from vosplug.pseudo_labels import read_box_videos
from vosplug.structures.vot_raster import rasterise
from vosplug.structures.vot_region import Mask, Polygon, Rectangle

VARIANTS = int(os.environ.get('VOSPLUG_HOSTILE', 40))
VIDEOS = {'bear': make_masks(3), 'cats/one': make_masks(2, (2,))}
SIZE = VIDEOS['bear'].shape[1:]
BOXES = b'10,12,20,30\n11,12,20.5,30\n12.25,13,20,nan\n'


def tracked(key: str) -> dict:
    """Images and annotations of TAO or CocoVID."""
    content = dict(videos=[], images=[], annotations=[], categories=[dict(id=1, name='bear')])
    for k, (name, masks) in enumerate(VIDEOS.items(), 1):
        content['videos'].append(dict(id=k, name=name))
        for t, mask in enumerate(masks):
            image = dict(id=10 * k + t, video_id=k, file_name=f'{name}/{t:05d}.jpg', height=48, width=64)
            content['images'].append({**image, 'frame_index': t, 'frame_id': t})
            for i in np.unique(mask[mask > 0]).tolist():
                entry = {'image_id': 10 * k + t, key: i, 'category_id': 1, 'bbox': [4, 5.5, 10, 12]}
                entry |= dict(id=len(content['annotations']), segmentation=rle(mask == i), iscrowd=0, cover=8)
                content['annotations'].append(entry)
    return content


def coco() -> dict:
    polygon = [[2, 3, 12, 3, 12, 11, 2, 11], [20.5, 20, 30, 20, 30, 30]]
    images = [dict(id=k, file_name=f'{k}.jpg', height=SIZE[0], width=SIZE[1]) for k in (1, 2)]
    masks = [rle(VIDEOS['bear'][0] == 3), polygon]
    entries = [
        dict(id=k, image_id=k, bbox=[2, 3, 10, 8], area=80, iscrowd=0, segmentation=mask)
        for k, mask in enumerate(masks, 1)
    ]
    return dict(images=images, annotations=entries)


def compressed() -> dict:
    """YouTube-VIS with compressed run lengths and polygons."""
    content = ytvis_content(VIDEOS)
    for track in content['annotations'][1:]:
        masks = (decode_mask(m['counts'], SIZE) if m else None for m in track['segmentations'])
        track['segmentations'] = [
            m is not None and dict(size=SIZE, counts=encode_mask(m)) or None for m in masks
        ]
    content['annotations'][0]['segmentations'][0] = [[2, 3, 12, 3, 12, 11, 2, 11]]
    return content


def check_mask(mask: np.ndarray, size: tuple[int, int]) -> None:
    assert mask.shape == tuple(size) and mask.dtype in (bool, np.uint8)
    assert not (mask.view(np.uint8) > 254).any()


def check_box(box: np.ndarray) -> None:
    assert np.shape(box) == (4,) and np.isfinite(box).all()


def use_ytvis(path: Path) -> None:
    file = YTVISFile(path)
    for video in file.videos:
        annotation, size = file.annotation(video), (video.height, video.width)
        assert all(isinstance(name, str) for name in file.track_categories(video).values())
        if size[0] * size[1] > 10**6:
            continue
        for t in range(len(video.file_names)):
            mask, boxes = annotation.mask(t), annotation.boxes(t)
            if mask is not None:
                check_mask(mask, size)
                assert set(np.unique(mask)) <= set(range(len(file.tracks(video)) + 1))
            for i, box in boxes.items():
                assert 1 <= i <= 254
                check_box(box)


def use_coco(path: Path) -> None:
    content = read_coco(path, areas=True)
    sizes = {image.id: (image.height, image.width) for image in content.images}
    for entry in content.annotations:
        size = sizes.get(entry.image_id, SIZE)
        if size[0] * size[1] < 10**6:
            check_mask(decode_segmentation(entry.segmentation, size), size)
        check_box(np.float32(entry.bbox))


def use_tao(path: Path) -> None:
    content = read_tao(path)
    assert sum(map(len, content.frames().values())) == len(content.images)
    for _, entry, category in content.boxes(path):
        check_box(np.float32(entry.bbox))
        assert isinstance(category, str)


def use_cocovid(path: Path) -> None:
    for video in read_cocovid(path):
        for track in video.objects:
            assert len(track.frames) == len(track.boxes) == len(track.visible) == len(track.segmentations)
            assert np.isfinite(track.boxes).all() and (track.frames < len(video.frame_files)).all()
            for segmentation in track.segmentations:
                if segmentation is not None:
                    decode_segmentation(segmentation, SIZE)


def use_box_videos(path: Path) -> None:
    for video in read_box_videos(path, path.parent / 'videos'):
        assert set(video.tracks) <= set(range(1, 255)) and len(set(video.frames)) == len(video.frames)
        for frame in video.frames:
            assert output_path('out', video.name, f'{frame}.png').is_relative_to('out')
        for track in video.tracks.values():
            assert set(track.boxes) <= set(video.frames)
            assert all(box.shape == (4,) for boxes in track.boxes.values() for box in boxes)


def use_boxes(path: Path) -> None:
    boxes = read_boxes(path)
    assert boxes.shape == (len(boxes), 4) and not np.isinf(boxes.astype(np.float32)).any()


def use_got10k(path: Path) -> None:
    for sequence in read_box_sequences('got10k', path, ['seq']):
        assert len(sequence.boxes) == len(sequence.visible) == len(sequence.shown)
        assert sequence.cover is None or set(sequence.cover.tolist()) <= set(range(9))


def use_lasot(path: Path) -> None:
    for sequence in read_box_sequences('lasot', path):
        assert len(sequence.boxes) == len(sequence.visible)


def use_info_list(path: Path) -> None:
    is_info_list(path)
    for video in read_info_list(path):
        assert len(video.files) == len(video.numbers) <= 10**6
    for video in read_sot_infos(path, path.parent):
        assert all(np.isfinite(track.boxes).all() for track in video.objects)


def use_regions(path: Path) -> None:
    for region in read_regions(path):
        check_mask(rasterise(region, (0, 0, 63, 47)), (48, 64))
        assert isinstance(region, Mask | Polygon | Rectangle | tuple | int)


def use_vot(path: Path) -> None:
    sequence = read_vot_sequence(path.parent)
    assert len(sequence.anchors) == len(sequence.regions) and min(sequence.size) > 0


def use_names(path: Path) -> None:
    for name in read_image_set(path):
        assert output_path('out', name).is_relative_to('out')


def use_meta(path: Path) -> None:
    for objects in read_meta(path).values():
        assert set(objects) <= set(range(1, 255)) and all(isinstance(c, str) for c in objects.values())


def use_attributes(path: Path) -> None:
    for name, own in read_attributes(path).items():
        assert isinstance(name, str) and all(isinstance(attribute, str) for attribute in own)


def use_flow(path: Path) -> None:
    flow = read_flo(path)
    assert flow.ndim == 3 and flow.dtype == np.float32 and not np.isinf(flow).any()


def use_queries(path: Path) -> None:
    for query in read_queries(path.parent, 5):
        assert 0 <= query.frame < 5


def use_exchanged(name: str, path: Path) -> None:
    """Read, check, and write in every format; what is written lies below the folder."""
    context = Context(size=SIZE)
    videos = EXCHANGED[name].read(path, context)
    for video in videos:
        frames = set(range(len(video.frame_names)))
        assert set(video.annotated) <= frames and len(video.frame_files) == len(video.frame_names)
        assert len(set(video.frame_names)) == len(video.frame_names)
        assert output_path('out', video.name, 'x.png').is_relative_to('out')
        assert len({obj.id for obj in video.objects}) == len(video.objects)
        for obj in video.objects:
            assert obj.id >= 1 and isinstance(obj.category, str) and set(obj.frames) <= set(video.annotated)
            for t in obj.masks if (video.size or SIZE)[0] * (video.size or SIZE)[1] <= 10**6 else ():
                check_mask(video.mask(obj, t), video.known_size())
    if sum(len(video.annotated) for video in videos) > 100 or any(max(v.size or SIZE) > 1000 for v in videos):
        return
    for target in writable():
        with tempfile.TemporaryDirectory() as folder, contextlib.suppress(VOSError):
            suffix = EXCHANGED[target].suffix or ''
            write_all(Path(folder, 'in', f'out{suffix}'), copy.deepcopy(videos), target, Context(size=SIZE))
        assert not Path(folder).exists()


def dump(content: object) -> bytes:
    return json.dumps(content).encode()


CSV = b'video,frame,object,x1,y1,x2,y2,category\nbear,00000,3,1,2,30,40,bear\nbear,00001,3,1,2,30.5,40,\n'
LIST = b'header\nvideos/bear,videos/bear/groundtruth.txt,1,3\n'
REGIONS = b'm0,0,8,6,3,5,40\n1,2,30,20\n1,1,9,1,9,9\n0\nnan,nan,nan,nan\n'
BINARY = b'\x01\x00' + struct.pack('<IB4fB2h3H3H', 2, 1, 1, 2, 30, 20, 3, 0, 0, 8, 6, 3, 3, 5, 40)
SEQUENCE = b'width=64\nheight=48\nlength=5\nchannels.color=color/%08d.jpg\n'
DB_INFO = (
    b'sequences:\n- {name: bear, attributes: [DEF], year: 2016}\n- {name: boat, attributes: [], year: 2017}\n'
)
META = dict(
    videos=dict(bear=dict(objects={'1': dict(category='bear', frames=['00000']), '2': dict(category='x')}))
)
TOOLS = Path(__file__).parents[1] / 'data' / 'annotations'
FLOW = struct.pack('<f2i', 202021.25, 3, 2) + np.arange(12, dtype='<f4').tobytes()

# name of the file -> its content, and what reads all of it
FORMATS: dict[str, tuple[bytes, Callable[[Path], None]]] = {
    'ytvis.json': (dump(ytvis_content(VIDEOS)), use_ytvis),
    'ytvis_compressed.json': (dump(compressed()), use_ytvis),
    'coco.json': (dump(coco()), use_coco),
    'tao.json': (dump(tracked('track_id')), use_tao),
    'cocovid.json': (dump(tracked('instance_id')), use_cocovid),
    'boxes_ytvis.json': (dump(ytvis_content(VIDEOS)), use_box_videos),
    'boxes_tao.json': (dump(tracked('track_id')), use_box_videos),
    'boxes_cocovid.json': (dump(tracked('instance_id')), use_box_videos),
    'boxes.csv': (CSV, use_box_videos),
    'groundtruth.txt': (BOXES, use_boxes),
    'seq/groundtruth.txt': (BOXES, lambda path: use_got10k(path.parents[1])),
    'seq/cover.label': (b'8\n7\n0\n', lambda path: use_got10k(path.parents[1])),
    'seq/meta_info.ini': (b'[META]\nresolution: (640, 480)\n', lambda path: use_got10k(path.parents[1])),
    'lasot/cat/cat-1/full_occlusion.txt': (b'0,1,0', lambda path: use_lasot(path.parents[2])),
    'infos.txt': (LIST, use_info_list),
    'regions.txt': (REGIONS, use_regions),
    'regions.bin': (BINARY, use_regions),
    'vot/sequence': (SEQUENCE, use_vot),
    'vot/anchor.value': (b'1\n0\n0\n0\n-1\n', use_vot),
    'vot/groundtruth.txt': (REGIONS, use_vot),
    'run/query_1.txt': (b'0\n1,2,30,20\n', use_queries),
    'val.txt': (
        b'bear\ncats/one\n*with a space\n/JPEGImages/a/00000.jpg /Annotations/a/00000.png\n',
        use_names,
    ),
    'meta.json': (dump(META), use_meta),
    'attributes.json': (dump(dict(bear=['DEF'], boat=[])), use_attributes),
    'db_info.yaml': (DB_INFO, use_attributes),
    'attributes.txt': (b'Sequence FM DEF\nbear False True\n', use_attributes),
    'a.flo': (FLOW, use_flow),
    'exchange/cvat.xml': (
        (TOOLS / 'cvat_export.xml').read_bytes(),
        lambda path: use_exchanged('cvat', path),
    ),
    'exchange/label_studio.json': (
        (TOOLS / 'label_studio_export.json').read_bytes(),
        lambda path: use_exchanged('label-studio', path),
    ),
    'exchange/coco_video.json': (
        (TOOLS / 'coco_from_cvat.json').read_bytes(),
        lambda path: use_exchanged('coco', path),
    ),
    'exchange/coco.json': (dump(coco()), lambda path: use_exchanged('coco', path)),
    'exchange/ytvis.json': (dump(compressed()), lambda path: use_exchanged('ytvis', path)),
    'exchange/tao.json': ((TOOLS / 'tao.json').read_bytes(), lambda path: use_exchanged('tao', path)),
    'exchange/cocovid.json': (dump(tracked('instance_id')), lambda path: use_exchanged('cocovid', path)),
    'exchange/mots/0002.txt': ((TOOLS / '0002.txt').read_bytes(), lambda path: use_exchanged('mots', path)),
    'exchange/yolo/street/1.txt': (
        b'0 0.3 0.2 0.3 0.2 3\n1 0.6 0.2 0.7 0.2 0.7 0.5 0.6 0.5 7\n',
        lambda path: use_exchanged('yolo', path.parents[1]),
    ),
    'exchange/still/1.txt': (
        b'0 0.3 0.2 0.3 0.2\n1 0.6 0.2 0.7 0.2 0.7 0.5 0.6 0.5\n',
        lambda path: use_exchanged('yolo', path.parent),
    ),
    'exchange/boxes.csv': (CSV, lambda path: use_exchanged('csv', path)),
    'exchange/vot/ball/groundtruth.txt': (REGIONS, lambda path: use_exchanged('vot', path.parents[1])),
    'exchange/trackingnet/anno/a.txt': (
        b'10,12,20,30\n11,12,20.5,30\n0,0,0,0\n',
        lambda path: use_exchanged('trackingnet', path.parents[1]),
    ),
}


@pytest.fixture
def folder(tmp_path):
    """All files, valid; each test damages one."""
    for name, (content, _) in FORMATS.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    frames = tmp_path / 'videos' / 'bear'
    frames.mkdir(parents=True)
    for t in range(3):
        (frames / f'{t:05d}.jpg').write_bytes(b'')
    (frames / 'groundtruth.txt').write_bytes(BOXES)
    (tmp_path / 'seq' / 'absence.label').write_bytes(b'0\n0\n1\n')
    (tmp_path / 'lasot' / 'cat' / 'cat-1' / 'groundtruth.txt').write_bytes(BOXES)
    (tmp_path / 'lasot' / 'cat' / 'cat-1' / 'out_of_view.txt').write_bytes(b'0,0,0')
    return tmp_path


@pytest.mark.parametrize('name', FORMATS)
def test_valid_files_are_read(folder, name):
    FORMATS[name][1](folder / name)


@pytest.mark.parametrize('name', FORMATS)
def test_malformed_files_are_named_or_harmless(folder, name):
    content, use = FORMATS[name]
    path, accepted = folder / name, 0
    for seed in range(VARIANTS):
        path.write_bytes(malformed(content, seed))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter('error')
                use(path)
            accepted += 1
        except VOSError as error:
            assert len(str(error)) < 3000 and '\0' not in str(error)
        except Exception as error:
            kept = Path(os.environ.get('TMPDIR', '/tmp'), f'hostile_{name.replace("/", "_")}_{seed}')
            kept.write_bytes(path.read_bytes())
            raise AssertionError(
                f'{name}, seed {seed}: {type(error).__name__}: {error}; see {kept}'
            ) from error
    assert accepted < VARIANTS, 'no variant was malformed'


@pytest.mark.parametrize('name', FORMATS)
@pytest.mark.parametrize('make', ['folder', 'pipe', 'loop', 'zeros', 'missing'])
def test_what_is_no_file_is_named(folder, name, make):
    path = folder / name
    path.unlink()
    if make == 'folder':
        path.mkdir()
    elif make == 'pipe':
        os.mkfifo(path)
    elif make == 'loop':
        path.symlink_to(path.name)
    elif make == 'zeros':
        path.symlink_to('/dev/zero')
    with pytest.raises(VOSError):
        FORMATS[name][1](path)


@pytest.mark.parametrize('depth', [10**5])
@pytest.mark.parametrize('name', [name for name in FORMATS if name.endswith('.json')])
def test_deep_json_is_named(folder, name, depth):
    (folder / name).write_bytes(b'{"videos":' + b'[' * depth)
    with pytest.raises(AnnotationError, match=rf'{Path(name).name}: '):
        FORMATS[name][1](folder / name)


def test_malformed_names_of_classes_are_named_or_harmless(tmp_path):
    (tmp_path / '1.txt').write_bytes(b'0 0.3 0.2 0.3 0.2 3\n')
    for seed in range(VARIANTS):
        (tmp_path / 'data.yaml').write_bytes(malformed(b'names:\n  0: car\n  1: person\nnc: 2\n', seed))
        with contextlib.suppress(VOSError):
            use_exchanged('yolo', tmp_path)
