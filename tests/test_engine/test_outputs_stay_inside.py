"""Whatever a dataset calls its videos and frames, outputs are written in their folder only."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from vosplug.apis import VOSInferencer
from vosplug.engine.hooks import MaskWriterHook, OverlayHook
from vosplug.errors import AnnotationError
from vosplug.evaluation.submission.archive import write_zip
from vosplug.formats.vot_folder import write_outputs
from vosplug.structures import ArraySource, FrameResult, ObjectPrompt, Prompts, VideoSample
from vosplug.visualization import VOSVisualizer

MASK = np.ones((16, 24), np.uint8)


def video(name: str, frame: str) -> VideoSample:
    source = ArraySource(np.zeros((1, 16, 24, 3), np.uint8), [frame])
    return VideoSample(name, source, Prompts.from_id_mask(MASK))


def write_masks(out: Path, name: str, frame: str) -> None:
    result = FrameResult(0, frame, MASK, {1: 1.0})
    MaskWriterHook(str(out)).after_frame(SimpleNamespace(), video(name, frame), result)


def draw(out: Path, name: str, frame: str) -> None:
    runner = SimpleNamespace(visualizer=VOSVisualizer('plain'), iter=0)
    result = FrameResult(0, frame, MASK, {1: 1.0})
    OverlayHook(str(out)).after_frame(runner, video(name, frame), result)


def infer(out: Path, name: str, frame: str) -> None:
    model = SimpleNamespace(stream=lambda source, prompts: iter([FrameResult(0, frame, MASK, {1: 1.0})]))
    VOSInferencer(model)(video(name, frame).source, {0: [ObjectPrompt(1, mask=MASK)]}, out)


@pytest.mark.parametrize('write', [write_masks, draw])
@pytest.mark.parametrize('name', ['../frames', '..', '.', 'a/../../frames', 'link'])
def test_hooks_refuse_videos_outside(tmp_path, write, name):
    out, frames = tmp_path / 'out', tmp_path / 'frames'
    out.mkdir()
    frames.mkdir()
    (out / 'link').symlink_to(frames)
    with pytest.raises(AnnotationError, match=r'"\.\."|"\." part|leads through a link'):
        write(out, name, '00000')
    with pytest.raises(AnnotationError, match='is absolute'):
        write(out, str(frames), '00000')
    assert not list(frames.iterdir()) and [path.name for path in out.iterdir()] == ['link']


@pytest.mark.parametrize('write', [write_masks, draw, infer])
def test_frames_outside_are_refused(tmp_path, write):
    with pytest.raises(AnnotationError, match='contains'):
        write(tmp_path / 'out', 'bear', '../../x')
    assert not [path for path in tmp_path.rglob('x*') if path.is_file()]


def test_backends_get_no_name_that_is_no_file_name(tmp_path):
    visualizer = VOSVisualizer('drawn', vis_backends=[dict(type='LocalVisBackend')], save_dir=str(tmp_path))
    with pytest.raises(AnnotationError, match='backslash'):
        OverlayHook().after_frame(
            SimpleNamespace(visualizer=visualizer, iter=0),
            video('..\\x', '00000'),
            FrameResult(0, '00000', MASK, {1: 1.0}),
        )


def test_zips_unpack_below_their_folder(tmp_path):
    with pytest.raises(AnnotationError, match=r'contains "\.\."'):
        write_zip(tmp_path / 'a.zip', {'../x.txt': lambda: b''})
    assert not list(tmp_path.iterdir())


def test_results_of_the_vot_toolkit_stay_in_its_folder(tmp_path):
    with pytest.raises(AnnotationError, match='contains'), write_outputs(tmp_path / 'run', ['1/../../x']):
        pass
