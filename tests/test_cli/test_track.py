"""``vosplug track``: prompts as arguments, progress, JSON, an interrupt."""

import argparse
import json

import cv2
import numpy as np
import pytest
from small_media import damage, write_video
from small_tracker import BrightTracker, bright, true_mask

from vosplug.cli import track
from vosplug.cli.prompt_arguments import add_prompt_arguments, parse_prompts
from vosplug.errors import ConfigError, PromptError
from vosplug.formats import read_id_mask, write_id_mask
from vosplug.structures import VideoFileSource

BOX = ['--box', '1@0:4,8,16,20']


def prompts_of(*arguments: str):
    parser = argparse.ArgumentParser()
    add_prompt_arguments(parser)
    return parse_prompts(parser.parse_args(arguments))


@pytest.fixture
def command(monkeypatch, capsys):
    """Run the command with a model that needs no network; yields exit code, stdout and stderr."""
    built = []

    def run(*arguments: str, model: BrightTracker | None = None):
        def init_model(*args):
            built.append(args)
            return model or BrightTracker()

        monkeypatch.setattr('vosplug.apis.init_model', init_model)
        parser = argparse.ArgumentParser()
        track.add_arguments(parser)
        code = track.run(parser.parse_args([str(a) for a in arguments]))
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    run.built = built
    return run


@pytest.fixture
def clip(tmp_path):
    return write_video(tmp_path / 'clip.mp4', [bright(t) for t in range(8)])


def test_every_kind_of_prompt(tmp_path):
    write_id_mask(tmp_path / 'ids.png', true_mask(0))
    cv2.imwrite(str(tmp_path / 'grey.png'), np.where(true_mask(2) == 2, 255, 0).astype(np.uint8))
    prompts = prompts_of(
        *('--box', '1@0:120,80,300.5,260', '--box', '9@35:1,2,3,4'),
        *('--point', '3@0:10,12', '--point', '3@0:50,6,0', '--point', '4@0:7,7'),
        *('--mask', f'2@0:{tmp_path / "ids.png"}', '--correct', f'2@60:{tmp_path / "grey.png"}'),
    )
    assert [*prompts] == [0, 35, 60]
    first = {p.object_id: p for p in prompts[0]}
    assert first[1].box.tolist() == [120, 80, 300.5, 260]
    assert first[3].points.tolist() == [[10, 12, 1], [50, 6, 0]] and first[4].points.tolist() == [[7, 7, 1]]
    assert np.array_equal(first[2].mask, true_mask(0) == 2)
    assert np.array_equal(prompts[60][0].mask, true_mask(2) == 2), 'the only value besides 0'


@pytest.mark.parametrize(
    ('arguments', 'says'),
    [
        ([], 'no prompt: give at least one, such as --box'),
        (['--box', '1@0'], r'--box 1@0: expected ID@FRAME:x1,y1,x2,y2, as in --box 1@0:120,80,300,260'),
        (['--box', '1:0:1,2,3,4'], 'expected ID@FRAME:x1,y1,x2,y2'),
        (['--box', 'a@0:1,2,3,4'], 'expected ID@FRAME'),
        (['--box', '1@-1:1,2,3,4'], 'expected ID@FRAME'),
        (['--box', '1@0:1,2,3'], "found '1,2,3', expected x1,y1,x2,y2"),
        (['--box', '1@0:1,2,3,b'], "found '1,2,3,b'"),
        (['--box', '1@0:5,2,3,4'], r'--box 1@0:5,2,3,4: .*has no area'),
        (['--box', '300@0:1,2,3,4'], r'--box 300@0.*ids must lie in 1\.\.254'),
        (['--box', '1@0:1,2,nan,4'], 'finite'),
        (['--point', '1@0:5'], "found '5', expected x,y or x,y,0"),
        (['--point', '1@0:5,5,7'], 'labels of points'),
        (['--point', '1@0:5,5,0'], 'labels of points must be 1'),
        (['--box', '1@0:1,2,3,4', '--point', '1@0:5,5'], 'object 1 already has another prompt in frame 0'),
        (['--correct', '1@0:a.png'], 'object 1 has no other prompt. Start it with'),
    ],
)
def test_a_wrong_prompt_is_named(arguments, says):
    with pytest.raises(PromptError, match=says):
        prompts_of(*arguments)


def test_a_mask_without_the_object_is_named(tmp_path):
    write_id_mask(tmp_path / 'ids.png', true_mask(0))
    with pytest.raises(PromptError, match=r'--mask 7@0:.*values \[1, 2\], expected some of value 7'):
        prompts_of('--mask', f'7@0:{tmp_path / "ids.png"}')
    with pytest.raises(ValueError, match=r'gone\.png'):
        prompts_of('--mask', f'7@0:{tmp_path / "gone.png"}')


def test_a_video_is_tracked_and_progress_is_told(command, clip, tmp_path):
    code, out, err = command(clip, *BOX, '--out', tmp_path / 'out')
    assert code == 0 and out.startswith('clip: 8 frames in ') and out.endswith(f's -> {tmp_path / "out"}\n')
    assert 'loading xmem-tiny-box' in err and 'opening clip' in err
    assert '8 frames, the first after' in err
    assert np.array_equal(read_id_mask(tmp_path / 'out' / 'masks' / '00005.png'), true_mask(5))
    assert command.built == [('xmem-tiny-box', None, 'cpu', None)]


def test_json_for_machines(command, clip, tmp_path):
    code, out, _ = command(clip, *BOX, '--out', tmp_path / 'out', '--write', 'csv,json', '--json')
    result = json.loads(out)
    assert code == 0 and result['frames'] == 8 and result['interrupted'] is False
    assert result['files'] == {k: str(tmp_path / 'out' / f'objects.{k}') for k in ('csv', 'json')}
    assert {'seconds', 'first_frame_s', 'fps', 'dropped', 'damaged', 'out_dir'} <= result.keys()


def test_an_interrupt_exits_with_130_and_whole_files(command, clip, tmp_path):
    model = BrightTracker(fails_at=4, error=KeyboardInterrupt)
    code, out, err = command(clip, *BOX, '--out', tmp_path / 'out', '--json', model=model)
    result = json.loads(out)
    assert code == 130 and 'interrupted' in err and result['interrupted'] is True and result['frames'] == 4
    assert len(VideoFileSource(tmp_path / 'out' / 'overlay.mp4')) == 4


def test_an_interrupt_before_the_first_frame(command, clip, tmp_path):
    model = BrightTracker(fails_at=0, error=KeyboardInterrupt)
    code, out, err = command(clip, *BOX, '--out', tmp_path / 'out', '--json', model=model)
    assert (
        code == 130 and json.loads(out) == dict(interrupted=True, videos={}) and 'nothing is written' in err
    )


@pytest.mark.parametrize(('fails_at', 'written'), [(0, {'a': 3}), (2, {'a': 3, 'b': 2})])
def test_an_interrupt_reports_the_videos_before(command, tmp_path, fails_at, written):
    class InterruptedInSecond(BrightTracker):
        def stream(self, source, prompts):
            self.fails_at = fails_at if source.name == 'b' else None
            return super().stream(source, prompts)

    for name in ('a', 'b', 'c'):
        write_video(tmp_path / f'{name}.mp4', [bright(t) for t in range(3)])
    model = InterruptedInSecond(error=KeyboardInterrupt)
    arguments = (tmp_path / '*.mp4', *BOX, '--out', tmp_path / 'out', '--json', '--write', 'csv')
    code, out, err = command(*arguments, model=model)
    result = json.loads(out)
    assert code == 130 and result['interrupted'] and 'nothing is written' not in err
    assert {name: video['frames'] for name, video in result['videos'].items()} == written
    assert all(f'{name}: {frames} frames in' in err for name, frames in written.items())


def test_frames_models_and_directions(command, clip, tmp_path):
    arguments = [clip, '--box', '1@2:4,8,16,20', '--out', tmp_path / 'out', '--write', 'masks']
    code, _, _ = command(
        *arguments, '--frames', '2:7:2', '--model', 'a.py', 'b.pth', '--device', 'cuda:0', '--both-directions'
    )
    assert code == 0 and len(list((tmp_path / 'out' / 'masks').iterdir())) == 3
    assert command.built == [('a.py', 'b.pth', 'cuda:0', {'model.test_cfg.direction': 'both'})]


@pytest.mark.parametrize(
    ('arguments', 'says'),
    [
        (['--frames', '5'], '--frames 5: expected START:STOP'),
        (['--frames', '1:2:3:4'], 'expected START:STOP'),
        (['--frames', 'a:b'], 'expected START:STOP'),
        (['--frames', '5:2'], 'expected start:stop:step with'),
        (['--write', 'masks,video'], "outputs: found 'video', expected one of masks"),
        (['--model', 'a', 'b', 'c'], '--model: found'),
    ],
)
def test_wrong_options_are_named(command, clip, tmp_path, arguments, says):
    with pytest.raises(ConfigError, match=says):
        command(clip, *BOX, '--out', tmp_path / 'out', *arguments)


def test_a_pattern_of_videos_and_one_of_frames(command, tmp_path):
    for name in ('a', 'b'):
        write_video(tmp_path / f'{name}.mp4', [bright(t) for t in range(3)])
        cv2.imwrite(str(tmp_path / f'{name}.png'), bright(0))
    code, out, _ = command(tmp_path / '*.mp4', *BOX, '--out', tmp_path / 'out', '--json', '--write', 'csv')
    assert code == 0 and {k: v['frames'] for k, v in json.loads(out)['videos'].items()} == {'a': 3, 'b': 3}
    assert (tmp_path / 'out' / 'a' / 'objects.csv').exists()
    code, out, _ = command(tmp_path / '*.png', *BOX, '--out', tmp_path / 'two', '--json', '--write', 'masks')
    assert json.loads(out)['frames'] == 2


def test_videos_of_one_name_in_several_folders(command, tmp_path):
    for folder in ('a', 'b'):
        (tmp_path / folder).mkdir()
        write_video(tmp_path / folder / 'clip.mp4', [bright(t) for t in range(3)])
    pattern, out = tmp_path / '*' / 'clip.mp4', tmp_path / 'out'
    code, printed, _ = command(pattern, *BOX, '--out', out, '--json', '--write', 'csv')
    assert code == 0 and [*json.loads(printed)['videos']] == ['a/clip.mp4', 'b/clip.mp4']
    assert all((out / folder / 'clip.mp4' / 'objects.csv').exists() for folder in ('a', 'b'))


def test_damaged_frames_are_skipped_when_asked_for(command, tmp_path):
    options = {'x264-params': 'keyint=4:min-keyint=4:scenecut=0:bframes=0'}
    clean = write_video(tmp_path / 'a.mp4', [bright(t) for t in range(8)], options=options)
    path = damage(clean, tmp_path / 'b.mp4', 3)
    with pytest.raises(ValueError, match=r'frame 3 .*is damaged'):
        command(path, *BOX, '--out', tmp_path / 'out')
    with pytest.warns(UserWarning, match='frame 3 '):
        code, out, err = command(path, *BOX, '--out', tmp_path / 'out', '--skip-damaged', '--json')
    assert json.loads(out)['damaged'] == 1 and '1 damaged frames skipped' in err


def test_the_module_needs_no_heavy_imports():
    import subprocess
    import sys

    code = (
        'import sys, vosplug.cli.track; print({"torch", "mmengine", "cv2", "av", "numpy"} & set(sys.modules))'
    )
    found = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == 'set()'
