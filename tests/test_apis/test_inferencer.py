"""Tracking in one call: what is written, what stays when it stops, several videos, frames of a range."""

import json
import os
import signal
import threading
from pathlib import Path

import numpy as np
import pytest
from small_media import write_video
from small_tracker import BrightTracker, bright, true_mask

from vosplug.apis import TrackingInterrupted, VOSInferencer, init_model, run_vot_tracker
from vosplug.errors import ConfigError, OutputError, PromptError, VideoError
from vosplug.formats import read_id_mask
from vosplug.structures import ImageFolderSource, IteratorSource, ObjectPrompt, VideoFileSource

PROMPTS = {0: [ObjectPrompt(1, box=(4, 8, 16, 20))]}
FRAMES = [bright(t) for t in range(8)]


def tree(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob('*') if p.is_file())


def test_masks_and_overlay_by_default_and_what_is_returned(tmp_path):
    result = VOSInferencer(BrightTracker())(FRAMES, PROMPTS, tmp_path / 'out')
    assert result.frames == 8 and result.out_dir == Path(result) == tmp_path / 'out'
    assert result.files == {'masks': result / 'masks', 'overlay': result / 'overlay.mp4'}
    assert 0 < result.first_frame_s < result.seconds and result.fps > 0
    assert (result.dropped, result.damaged) == (0, 0)
    for t in range(8):
        assert np.array_equal(read_id_mask(result / 'masks' / f'{t:05d}.png'), true_mask(t))
    assert len(VideoFileSource(result / 'overlay.mp4')) == 8
    assert json.loads((result / 'track.json').read_text()) == dict(
        outputs=['masks', 'overlay.mp4'], complete=True, frames=8, dropped=0, damaged=0, cuts=[]
    )


def test_a_shorter_run_leaves_nothing_of_a_longer_one(tmp_path):
    inferencer = VOSInferencer(BrightTracker())
    inferencer(FRAMES, PROMPTS, tmp_path)
    (tmp_path / 'notes.txt').write_text('mine')
    inferencer(FRAMES[:3], PROMPTS, tmp_path, ['masks', 'csv'])
    masks = [f'masks/{t:05d}.png' for t in range(3)]
    assert tree(tmp_path) == [*masks, 'notes.txt', 'objects.csv', 'track.json']


def test_files_that_no_run_wrote_are_refused_and_stay(tmp_path):
    (tmp_path / 'masks').mkdir()
    (tmp_path / 'masks' / '00007.png').write_bytes(b'by hand')
    with pytest.raises(OutputError, match=r'masks: holds files that no run recorded.*Choose another out_dir'):
        VOSInferencer(BrightTracker())(FRAMES, PROMPTS, tmp_path)
    assert tree(tmp_path) == ['masks/00007.png']
    VOSInferencer(BrightTracker())(FRAMES, PROMPTS, tmp_path, ['csv'])
    assert (tmp_path / 'masks' / '00007.png').read_bytes() == b'by hand'


def test_a_record_from_others_removes_nothing_else(tmp_path):
    out, secret = tmp_path / 'out', tmp_path / 'secret'
    for folder in (out / 'mine', secret):
        folder.mkdir(parents=True)
        (folder / 'a.txt').write_text('a')
    (out / 'track.json').write_text(
        json.dumps(dict(outputs=['mine', '../secret', str(secret), 'track.json', 5]))
    )
    VOSInferencer(BrightTracker())(FRAMES, PROMPTS, out, ['csv'])
    assert (secret / 'a.txt').exists() and (out / 'mine' / 'a.txt').exists()


@pytest.mark.parametrize('text', ['', '[]', '{"outputs": 5}', '{"outputs": "masks"}', '\0'])
def test_a_damaged_record_is_none(tmp_path, text):
    (tmp_path / 'track.json').write_text(text)
    (tmp_path / 'masks').mkdir()
    (tmp_path / 'masks' / '0.png').write_bytes(b'')
    with pytest.raises(OutputError, match='masks: holds files'):
        VOSInferencer(BrightTracker())(FRAMES, PROMPTS, tmp_path)


def test_a_failed_start_leaves_the_former_run(tmp_path):
    VOSInferencer(BrightTracker())(FRAMES, PROMPTS, tmp_path)
    before = tree(tmp_path)
    with pytest.raises(RuntimeError, match='the model'):
        VOSInferencer(BrightTracker(fails_at=0))(FRAMES, PROMPTS, tmp_path)
    assert tree(tmp_path) == before


def test_an_error_on_the_way_leaves_no_half_file_and_the_next_run_cleans_up(tmp_path):
    with pytest.raises(RuntimeError, match='the model'):
        VOSInferencer(BrightTracker(fails_at=5))(
            FRAMES, PROMPTS, tmp_path, ['masks', 'overlay', 'json', 'csv']
        )
    assert tree(tmp_path) == [*(f'masks/{t:05d}.png' for t in range(5)), 'track.json']
    assert json.loads((tmp_path / 'track.json').read_text())['complete'] is False
    VOSInferencer(BrightTracker())(FRAMES[:2], PROMPTS, tmp_path)
    assert tree(tmp_path) == ['masks/00000.png', 'masks/00001.png', 'overlay.mp4', 'track.json']


def test_an_interrupt_finishes_all_files_with_the_same_frames(tmp_path):
    model = BrightTracker(fails_at=5, error=KeyboardInterrupt)
    outputs = ['masks', 'overlay', 'json', 'csv', 'coco']
    with pytest.raises(TrackingInterrupted, match='after 5 frames') as stopped:
        VOSInferencer(model)(FRAMES, PROMPTS, tmp_path, outputs)
    assert stopped.value.result.frames == 5 and isinstance(stopped.value, KeyboardInterrupt)
    assert len(VideoFileSource(tmp_path / 'overlay.mp4')) == 5
    assert len(json.loads((tmp_path / 'objects.json').read_text())['frames']) == 5
    assert len(json.loads((tmp_path / 'coco.json').read_text())['images']) == 5
    assert json.loads((tmp_path / 'track.json').read_text())['complete'] is False


def test_an_interrupt_while_files_are_written_waits_for_them(tmp_path, monkeypatch):
    from vosplug.apis.outputs import images

    real = images.write_id_mask

    def interrupted(path, mask):
        real(path, mask)
        if path.stem == '00002':
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(images, 'write_id_mask', interrupted)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in a job in the background
    try:
        with pytest.raises(TrackingInterrupted, match='after 3 frames'):
            VOSInferencer(BrightTracker())(FRAMES, PROMPTS, tmp_path)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
    assert len(VideoFileSource(tmp_path / 'overlay.mp4')) == 3


def test_an_interrupt_before_the_first_frame_writes_nothing(tmp_path):
    model = BrightTracker(fails_at=0, error=KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt) as stopped:
        VOSInferencer(model)(FRAMES, PROMPTS, tmp_path)
    assert not isinstance(stopped.value, TrackingInterrupted) and not tree(tmp_path)


def test_frame_by_frame_and_closed_early(tmp_path):
    run = VOSInferencer(BrightTracker()).track(FRAMES, PROMPTS, tmp_path)
    assert [next(run).index for _ in range(3)] == [0, 1, 2]
    run.close()
    assert len(VideoFileSource(tmp_path / 'overlay.mp4')) == 3


def test_in_another_thread(tmp_path):
    thread = threading.Thread(target=VOSInferencer(BrightTracker()), args=(FRAMES, PROMPTS, tmp_path))
    thread.start()
    thread.join(30)
    assert len(VideoFileSource(tmp_path / 'overlay.mp4')) == 8


@pytest.mark.parametrize('interleaved', [False, True])
def test_several_videos_with_one_model(tmp_path, interleaved):
    model = BrightTracker()
    videos = {
        name: (IteratorSource((bright(t) for t in range(n)), name=name), PROMPTS)
        for name, n in (('a', 3), ('b', 5))
    }
    results = VOSInferencer(model).track_videos(videos, tmp_path, interleaved, outputs=['masks'])
    assert {name: result.frames for name, result in results.items()} == {'a': 3, 'b': 5}
    for name, result in results.items():
        assert result.out_dir == tmp_path / name
        for t in range(result.frames):
            assert np.array_equal(read_id_mask(result / 'masks' / f'{t:05d}.png'), true_mask(t))
    order = ''.join(name for name, _ in model.calls)
    assert order == ('abababbb' if interleaved else 'aaabbbbb')


def test_an_interrupt_finishes_the_other_videos_of_a_round(tmp_path):
    class Stopping(BrightTracker):
        def stream(self, source, prompts):
            self.fails_at = 2 if source.name == 'b' else None
            return super().stream(source, prompts)

    videos = {n: (IteratorSource((bright(t) for t in range(6)), name=n), PROMPTS) for n in ('a', 'b')}
    with pytest.raises(TrackingInterrupted):
        VOSInferencer(Stopping(error=KeyboardInterrupt)).track_videos(videos, tmp_path, interleaved=True)
    assert len(VideoFileSource(tmp_path / 'a' / 'overlay.mp4')) >= 2
    assert len(VideoFileSource(tmp_path / 'b' / 'overlay.mp4')) == 2


def test_a_range_keeps_the_numbers_of_the_source(tmp_path):
    seen = []

    class Recording(BrightTracker):
        def stream(self, source, prompts):
            seen.append(dict(prompts))
            return super().stream(source, prompts)

    write_video(tmp_path / 'clip.mp4', FRAMES)
    prompts = {4: PROMPTS[0]}
    inferencer = VOSInferencer(Recording())
    result = inferencer(tmp_path / 'clip.mp4', prompts, tmp_path / 'out', ['masks', 'json'], slice(2, 7, 2))
    assert [p.stem for p in sorted((result / 'masks').iterdir())] == ['00002', '00004', '00006']
    assert [*seen[0]] == [1], "the model counts the range's frames"
    found = json.loads((result / 'objects.json').read_text())
    assert [(f['frame'], f['time']) for f in found['frames']] == [(2, 0.08), (4, 0.16), (6, 0.24)]
    with pytest.raises(PromptError, match=r'prompt in frame 3: this frame is not among those tracked, 2:7:2'):
        inferencer(FRAMES, {3: PROMPTS[0]}, tmp_path / 'b', frames=slice(2, 7, 2))


@pytest.mark.parametrize(
    ('prompts', 'says'),
    [
        ({0: PROMPTS[0][0]}, 'prompts of frame 0: expected a list of ObjectPrompt, found ObjectPrompt'),
        (PROMPTS[0], r'prompts: expected \{frame: \[ObjectPrompt, ...\]\}, found \[ObjectPrompt'),
    ],
)
def test_prompts_of_another_form_are_named(tmp_path, prompts, says):
    with pytest.raises(PromptError, match=says):
        VOSInferencer(BrightTracker())(FRAMES, prompts, tmp_path)


def test_prompts_from_a_generator_reach_the_model(tmp_path):
    seen = []

    class Recording(BrightTracker):
        def stream(self, source, prompts):
            seen.extend(list(prompts[0]))
            return super().stream(source, prompts)

    VOSInferencer(Recording())(FRAMES, {0: iter(PROMPTS[0])}, tmp_path, ['masks'])
    assert seen == PROMPTS[0]


def test_a_generator_is_tracked_in_bounded_memory(tmp_path):
    alive = []

    def frames():
        for t in range(8):
            frame = bright(t)
            alive.append(frame)
            yield frame

    result = VOSInferencer(BrightTracker())(frames(), PROMPTS, tmp_path, ['masks'])
    assert result.frames == 8


def test_progress_is_told(tmp_path):
    seen = []
    VOSInferencer(BrightTracker())(FRAMES, PROMPTS, tmp_path, ['csv'], on_progress=seen.append)
    assert [(p.stage, p.done, p.total) for p in seen] == [('tracking', t + 1, 8) for t in range(8)]
    assert seen[-1].first_frame_s <= seen[-1].seconds


def test_steps_of_online_adaptation_are_told(tmp_path):
    from vosplug.progress import report

    class Adapting(BrightTracker):
        def stream(self, source, prompts):
            for step in range(3):
                report('adapting online', step, 3)
            yield from super().stream(source, prompts)

    seen = []
    VOSInferencer(Adapting())(FRAMES, PROMPTS, tmp_path, ['csv'], on_progress=seen.append)
    assert [(p.stage, p.done, p.total) for p in seen[:3]] == [('adapting online', k, 3) for k in range(3)]
    assert seen[0].first_frame_s is None
    report('adapting online', 0, 3)
    assert len(seen) == 11, 'only who listens is told'


def test_a_model_that_does_not_track_is_named(tmp_path):
    network = init_model('box2seg-tiny')
    with pytest.raises(ConfigError, match='Box2Seg does not track objects; use a model that does'):
        VOSInferencer(network)
    with pytest.raises(ConfigError, match='Box2Seg does not track objects'):
        run_vot_tracker(network, tmp_path)


def test_damaged_frames_are_counted(tmp_path):
    from small_media import damage

    options = {'x264-params': 'keyint=4:min-keyint=4:scenecut=0:bframes=0'}
    clean = write_video(tmp_path / 'a.mp4', FRAMES, options=options)
    source = VideoFileSource(damage(clean, tmp_path / 'b.mp4', 3), damaged='skip')
    with pytest.warns(UserWarning, match='frame 3 '):
        result = VOSInferencer(BrightTracker())(source, PROMPTS, tmp_path / 'out')
    assert result.frames == 8 and result.damaged == 1


@pytest.mark.parametrize('outputs', [['mask'], [], 'overlay,masks'])
def test_what_is_no_output(tmp_path, outputs):
    with pytest.raises(ConfigError, match='outputs: .*expected one of masks, overlay, cutout, '):
        VOSInferencer(BrightTracker())(FRAMES, PROMPTS, tmp_path, outputs)


def test_names_of_frames_lead_nowhere_else(tmp_path):
    import cv2

    cv2.imwrite(str(tmp_path / '0.png'), bright(0))
    source = ImageFolderSource(tmp_path, [tmp_path / '0.png'], frame_names=['../../evil'])
    with pytest.raises(ValueError, match=r'evil.*contains "\.\."'):
        VOSInferencer(BrightTracker())(source, PROMPTS, tmp_path / 'out')


def test_an_empty_generator_is_named(tmp_path):
    with pytest.raises(VideoError, match='no frames|ends before'):
        VOSInferencer(BrightTracker())(iter(()), PROMPTS, tmp_path)
