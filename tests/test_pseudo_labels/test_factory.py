"""Labels on disk: whole, resumable, and made anew only where something changed."""

import csv
import json
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_box2seg import FINE_TUNE, build_box2seg, write_boxed_videos
from small_data import make_masks

from vosplug.datasets import DAVIS2017Dataset, VideoFolderDataset, YTVISDataset
from vosplug.datasets.transforms import LoadClip, PackClip
from vosplug.errors import AnnotationError, ConfigError
from vosplug.formats import read_id_mask, write_id_mask
from vosplug.models import Box2Seg, Box2SegInitializer, BoxToMask, GrabCutInitializer
from vosplug.pseudo_labels import (
    BoxTrack,
    BoxVideo,
    LabelFactory,
    Labeller,
    ManualMasks,
    Plan,
    Rules,
    Shard,
    build_labeller,
    read_box_videos,
    write_quality,
)


class Counting(Labeller):
    """Remembers which objects it was asked for."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.asked: list[tuple[str, int]] = []

    def label(self, video, source, object_ids, manual):
        """See the base."""
        self.asked += [(video.name, i) for i in object_ids]
        return super().label(video, source, object_ids, manual)


@pytest.fixture
def root(tmp_path) -> Path:
    return write_boxed_videos(tmp_path)


def run(root: Path, out: str = 'out', **kwargs) -> list[tuple[str, int]]:
    """Make all labels; what the network was asked for."""
    labeller = Counting(Box2SegInitializer(build_box2seg(), batch_size=3), fine_tune=FINE_TUNE)
    factory = LabelFactory(root / out, labeller, **kwargs)
    videos = read_box_videos(root / 'boxes.csv', root / 'videos')
    factory.make_all(videos)
    factory.finalize(videos)
    return labeller.asked


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob('*') if p.is_file()}


def manifest(root: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((root / 'out' / 'manifest.csv').open()))


def mask_of(root: Path, name: str, t: int) -> np.ndarray:
    return read_id_mask(root / 'out' / 'Annotations' / name / f'{t:05d}.png', binary=False)


ALL = [('bear', 3), ('bear', 7), ('cats/one', 2)]


def test_every_box_has_a_row_and_every_frame_a_mask(root):
    assert run(root) == ALL
    rows = manifest(root)
    assert len(rows) == 4 * 2 + 3 and {row['status'] for row in rows} <= {'ok', 'ignored'}
    assert (root / 'out' / 'videos.txt').read_text() == 'bear\ncats/one\n'
    for row in rows:
        shown = (mask_of(root, row['video'], int(row['frame'])) == int(row['object'])).any()
        assert shown == (row['status'] == 'ok') or row['video'] == 'bear'
        assert 0 <= float(row['score']) <= 1
    assert not list((root / 'out').rglob('.*')) and not any(
        (root / 'out' / 'work' / 'partial').rglob('*.png')
    )


def test_a_second_run_needs_no_inference_and_changes_no_byte(root):
    run(root)
    before = tree(root / 'out')
    assert run(root) == [] and tree(root / 'out') == before


def test_changed_rules_need_no_inference_and_give_the_files_of_a_fresh_run(root):
    run(root)
    rules = Rules('last', frozenset([('bear', 3, '00001')]), 0.3)
    assert run(root, rules=rules, truth=root / 'truth') == []
    run(root, 'fresh', rules=rules, truth=root / 'truth')
    assert tree(root / 'out') == tree(root / 'fresh')
    assert {row['reason'] for row in manifest(root)} >= {'listed'}


def test_corrections_make_only_their_objects_anew_and_stay_verbatim(root):
    run(root)
    before = {name: data for name, data in tree(root / 'out').items() if 'cats' in name}
    corrected = np.zeros((48, 64), np.uint8)
    corrected[5:9, 7:30] = 7
    write_id_mask(root / 'fixes' / 'bear' / '00002.png', corrected)
    fixes = ManualMasks(root / 'fixes', 'all')
    assert run(root, corrections=fixes) == [('bear', 7)]
    assert np.array_equal(mask_of(root, 'bear', 2) == 7, corrected == 7)
    after = tree(root / 'out')
    assert before == {name: after[name] for name in before}
    fixed = [row for row in manifest(root) if row['status'] == 'fixed']
    assert [(r['video'], r['object'], r['frame'], r['source']) for r in fixed] == [
        ('bear', '7', '00002', 'manual')
    ]
    run(root, 'fresh', corrections=fixes)
    assert tree(root / 'fresh') == after


def test_without_the_decisions_it_is_as_before(root):
    run(root)
    before = tree(root / 'out')
    run(root, manual=ManualMasks(root / 'truth'))
    assert tree(root / 'out') != before
    shutil.rmtree(root / 'out' / 'decisions')
    run(root)
    assert tree(root / 'out') == before


def test_fine_tuning_uses_one_mask_per_object_and_keeps_it(root):
    run(root, manual=ManualMasks(root / 'truth', 'middle'))
    by_hand = [row for row in manifest(root) if row['source'] == 'manual']
    assert [(r['video'], r['object'], r['frame']) for r in by_hand] == [
        ('bear', '3', '00002'), ('bear', '7', '00002'), ('cats/one', '2', '00001'),
    ]  # fmt: skip
    truth = read_id_mask(root / 'truth' / 'bear' / '00002.png')
    assert np.array_equal(mask_of(root, 'bear', 2), truth)


def test_what_nobody_knows_teaches_nothing(root, monkeypatch):
    for path in (root / 'truth').rglob('*.png'):
        mask = read_id_mask(path).copy()
        mask[mask == 0] = 255
        write_id_mask(path, mask)
    seen, train = [], Box2Seg.train_step
    monkeypatch.setattr(
        Box2Seg,
        'train_step',
        lambda self, batch, optim: (seen.extend(batch['data_samples']), train(self, batch, optim)),
    )
    labeller = Labeller(Box2SegInitializer(build_box2seg()), fine_tune=FINE_TUNE)
    factory = LabelFactory(root / 'out', labeller, manual=ManualMasks(root / 'truth'))
    factory.make_all(read_box_videos(root / 'boxes.csv', root / 'videos'))
    labels = [sample.gt_sem_seg.data for sample in seen if sample.video_name.startswith('cats/one')]
    assert len(labels) == 6 and set(np.unique(np.stack(labels))) == {1, 255}


class MiddleOfTheBox(BoxToMask):
    """The middle column of a box; remembers the frames with boxes that it was told of."""

    def forward(self, frames, t, boxes):
        self._seen = {u: rows.copy() for u, rows in boxes.items()}
        masks = np.zeros((len(boxes[t]), *frames[t].shape[:2]), np.float32)
        for mask, (x1, y1, x2, y2) in zip(masks, boxes[t], strict=True):
            mask[int(y1) : int(y2), int(x1 + x2) // 2] = 0.75
        return masks


def test_any_box_to_mask_model_makes_labels(root):
    model = MiddleOfTheBox()
    videos = read_box_videos(root / 'boxes.csv', root / 'videos')
    factory = LabelFactory(root / 'out', Labeller(model))
    factory.make_all(videos)
    rows = factory.store.read_state('masks', 'bear')
    assert all(score == 0.75 for row in rows.values() for _, score in row['frames'].values())
    video = videos[-1]
    given = next(iter(video.tracks.values())).boxes
    assert len(model._seen) == len(given)  # boxes of all frames, for models that look at several
    assert all(np.array_equal(rows[0], given[video.frames[u]][0]) for u, rows in model._seen.items())


def test_a_factory_can_be_sent_to_another_process(root):
    run(root)
    labeller = Labeller(Box2SegInitializer(build_box2seg(), batch_size=3), fine_tune=FINE_TUNE)
    factory = LabelFactory(root / 'sent', labeller)
    sent = pickle.loads(pickle.dumps(factory))
    assert sent.store.partial != factory.store.partial  # each has temporary files of its own
    videos = read_box_videos(root / 'boxes.csv', root / 'videos')
    sent.make_all(videos)
    assert factory.make_all(videos) == 0
    factory.finalize(videos)
    assert tree(root / 'sent') == tree(root / 'out')


def test_labels_are_made_anew_for_other_options_of_the_model_not_for_another_path_of_its_config(tmp_path):
    def digest(folder: str, iterations: int) -> str:
        path = tmp_path / folder / 'grabcut.py'
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"model = dict(type='vosplug.GrabCutInitializer', iterations={iterations})")
        return build_labeller(path).digest

    assert digest('a', 2) == digest('b', 2) != digest('a', 3)


def test_settings_without_a_text_of_their_own_do_not_make_labels_anew(root):
    """The text of most objects has their address, which differs in every process."""

    class Helper:
        pass

    models = [MiddleOfTheBox(), MiddleOfTheBox()]
    for model in models:
        model.helper = Helper()
    assert str(models[0].helper) != str(models[1].helper)
    assert Labeller(models[0]).digest == Labeller(models[1]).digest


def test_grabcut_makes_labels_and_cannot_be_fine_tuned(root):
    videos = read_box_videos(root / 'boxes.csv', root / 'videos')
    LabelFactory(root / 'out', Labeller(GrabCutInitializer(iterations=1))).make_all(videos)
    assert mask_of(root, 'bear', 0).any()
    labeller = Labeller(GrabCutInitializer(iterations=1), fine_tune=FINE_TUNE)
    with pytest.raises(ConfigError, match='GrabCutInitializer: has no network'):
        LabelFactory(root / 'out2', labeller, manual=ManualMasks(root / 'truth')).make_all(videos)


def test_fine_tuning_without_settings_is_an_error(root):
    labeller = Labeller(Box2SegInitializer(build_box2seg()))
    factory = LabelFactory(root / 'out', labeller, manual=ManualMasks(root / 'truth'))
    with pytest.raises(ConfigError, match='fine_tune'):
        factory.make_all(read_box_videos(root / 'boxes.csv', root / 'videos'))


def test_changed_boxes_make_their_object_anew(root):
    run(root)
    csv_file = root / 'boxes.csv'
    lines = csv_file.read_text().splitlines()
    first = next(k for k, line in enumerate(lines) if line.startswith('bear,00000,7'))
    lines[first] = 'bear,00000,7,1,30,20,46'
    csv_file.write_text('\n'.join(lines) + '\n')
    assert run(root) == [('bear', 7)]


def test_a_frame_that_came_back_is_labelled(root):
    frame = root / 'videos' / 'bear' / '00001.jpg'
    data = frame.read_bytes()
    frame.unlink()
    run(root)
    assert not (root / 'out' / 'Annotations' / 'bear' / '00001.png').exists()
    frame.write_bytes(data)
    assert run(root) == [('bear', 3), ('bear', 7)]
    run(root, 'fresh')
    assert tree(root / 'out') == tree(root / 'fresh')


def test_bad_boxes_and_frames_are_recorded_and_the_rest_is_labelled(root):
    frames = root / 'videos' / 'bear'
    (frames / '00001.jpg').unlink()
    (frames / '00003.jpg').write_bytes(b'no picture')
    table = root / 'boxes.csv'
    extra = ['bear,00000,9,nan,1,5,5', 'bear,00000,10,9,9,9,12', 'bear,00002,9,90,1,99,5']
    extra += ['bear,00002,10,1,1,9,9', 'bear,00002,10,2,2,9,9', 'bear,00007,3,1,1,9,9']
    table.write_text(table.read_text() + '\n'.join(extra) + '\n')
    run(root)
    skipped = [(r['object'], r['frame'], r['reason']) for r in manifest(root) if r['status'] == 'skipped']
    unread = 'frame missing or damaged'
    assert sorted(skipped) == sorted(
        [
            ('9', '00000', 'box not finite'),
            ('10', '00000', 'box without area'),
            ('9', '00002', 'box outside the image'),
            ('10', '00002', 'object twice in the frame'),
            ('3', '00001', unread),
            ('7', '00001', unread),
            ('3', '00003', unread),
            ('7', '00003', unread),
            ('3', '00007', unread),
        ]
    )
    written = sorted(p.name for p in (root / 'out' / 'Annotations' / 'bear').iterdir())
    assert written == ['00000.png', '00002.png']
    assert not (mask_of(root, 'bear', 0) == 0).any()
    assert {3, 7} <= set(np.unique(mask_of(root, 'bear', 2)))
    # JSON cannot say void: of frames with an object that may be anywhere it says nothing
    content = json.loads((root / 'out' / 'instances.json').read_text())
    ids = {video['id']: video['file_names'][0] for video in content['videos']}
    for track in content['annotations']:
        if ids[track['video_id']].startswith('bear'):
            assert not any(track['segmentations']) and not any(track['bboxes'])


def test_both_kinds_of_files_train_the_same(root):
    """DAVIS folders and YouTube-VIS JSON give a training clip the same labels, ignored masks included."""
    listed = frozenset([('bear', 3, '00002'), ('cats/one', 2, '00001')])
    run(root, rules=Rules(listed=listed))
    out = root / 'out'
    json_set = YTVISDataset(
        data_root=str(root), ann_file=str(out / 'instances.json'), frames_dir='videos', pipeline=[]
    )
    folder = out / 'Annotations'
    flat = root / 'flat'  # VideoFolderDataset lists one level of folders
    for name in ('bear', 'cats/one'):
        shutil.copytree(root / 'videos' / name, flat / 'frames' / Path(name).name)
        shutil.copytree(folder / name, flat / 'masks' / Path(name).name)
    png_set = VideoFolderDataset(data_root=str(flat), pipeline=[])
    for k, ids in ((0, [1, 2]), (1, [1])):
        clips = []
        for dataset, kept in ((json_set, ids), (png_set, [[3, 7], [2]][k])):
            record = dataset.open_video(dataset.get_data_info(k))
            frames = record.annotation.annotated_frames()
            clip = dict(record=record, frames=frames, object_ids=kept, kind='mask')
            clips.append(PackClip()(LoadClip()(clip))['data_samples'].id_masks.numpy())
        assert np.array_equal(*clips) and (clips[0] == 255).any()


def test_labels_are_an_annotation_folder_of_other_datasets(tmp_path):
    write_boxed_videos(tmp_path, {'bear': make_masks(4)})
    run(tmp_path)
    shutil.copytree(tmp_path / 'videos', tmp_path / 'davis' / 'JPEGImages' / '480p')
    dataset = DAVIS2017Dataset(
        data_root=str(tmp_path / 'davis'),
        ann_dir=str(tmp_path / 'out' / 'Annotations'),
        ann_file=str(tmp_path / 'out' / 'videos.txt'),
        pipeline=[],
    )
    record = dataset.open_video(dataset.get_data_info(0))
    assert np.array_equal(record.annotation.mask(1), mask_of(tmp_path, 'bear', 1))


def test_what_is_not_finished_is_not_summed_up(root):
    videos = read_box_videos(root / 'boxes.csv', root / 'videos')
    factory = LabelFactory(root / 'out', Labeller(Box2SegInitializer(build_box2seg())))
    factory.make_all(videos[:1])
    with pytest.raises(AnnotationError, match='cats/one is not finished'):
        factory.finalize(videos)


@given(st.lists(st.integers(0, 50), max_size=12), st.integers(1, 5))
def test_processes_share_all_videos_and_none_twice(counts, world_size):
    videos = []
    for k, count in enumerate(counts):
        track = BoxTrack('1', boxes={str(t): [np.zeros(4)] for t in range(count)})
        videos.append(BoxVideo(f'v{k}', [], {}, {1: track}, Path()))
    plan = Plan(videos, 1, Path('out'))
    shards = [plan.of_shard(Shard(rank, world_size)) for rank in range(world_size)]
    shares = [[videos[k] for k in chunks] for chunks in shards]
    assert sorted(v.name for share in shares for v in share) == sorted(v.name for v in videos)
    loads = [sum(v.num_boxes for v in share) for share in shares]
    assert max(loads) - min(loads) <= max(counts, default=0)


def test_quality_against_true_masks(root):
    """Perfect labels have J 1; a shrunken one lowers it by what it lacks."""
    run(root, manual=ManualMasks(root / 'truth', 'all'))
    videos = read_box_videos(root / 'boxes.csv', root / 'videos')
    rows = [list(row.values()) for row in manifest(root)]
    numbers = write_quality(root / 'out', videos, rows, root / 'truth')
    assert (numbers['J-Mean'], numbers['Recall@70'], numbers['Manual'], numbers['Masks']) == (1, 1, 11, 11)
    path = root / 'out' / 'Annotations' / 'cats' / 'one' / '00001.png'
    mask = read_id_mask(path, binary=False).copy()
    rows_of = np.flatnonzero((mask == 2).any(1))
    mask[rows_of[: len(rows_of) // 2]] = 0
    share = (mask == 2).sum() / (read_id_mask(root / 'truth' / 'cats' / 'one' / '00001.png') == 2).sum()
    write_id_mask(path, mask)
    numbers = write_quality(root / 'out', videos, rows, root / 'truth')
    assert numbers['J-Mean'] == pytest.approx((10 + share) / 11)
    assert numbers['Recall@70'] == pytest.approx(10 / 11)
    report = json.loads((root / 'out' / 'quality.json').read_text())
    assert report['labels']['Share-Manual'] == 1 and report['global']['Annotated-Masks'] == 11
    assert (root / 'out' / 'worst.png').stat().st_size > 1000


def test_quality_without_true_masks_summarises_the_manifest(root):
    run(root, manual=ManualMasks(root / 'truth'))
    videos = read_box_videos(root / 'boxes.csv', root / 'videos')
    numbers = write_quality(root / 'out', videos, [list(r.values()) for r in manifest(root)])
    assert numbers['Manual'] == 3 and numbers['Share-Manual'] == pytest.approx(3 / 11)
    assert 'J-Mean' not in numbers and (root / 'out' / 'worst.png').is_file()
