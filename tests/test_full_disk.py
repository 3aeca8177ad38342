"""Every writer on a full disk: a named error, and nothing that looks like a result."""

from pathlib import Path

import numpy as np
import pytest
from hostile_files import full_disk

from vosplug.apis import VOSInferencer
from vosplug.errors import OutputError
from vosplug.evaluation.scores import Scores
from vosplug.evaluation.submission.archive import write_zip
from vosplug.formats import write_id_mask
from vosplug.formats.box_text import write_boxes
from vosplug.formats.flow_file import write_flo
from vosplug.formats.text_file import write_json, write_lines
from vosplug.formats.vot_folder import write_outputs
from vosplug.structures import FrameResult
from vosplug.structures.image_file import write_image
from vosplug.visualization import write_gif, write_mp4, write_report

FRAMES = [np.random.default_rng(t).integers(0, 255, (96, 128, 3), dtype=np.uint8) for t in range(8)]
NOISE = FRAMES[0][..., 0].copy()
SCORES = Scores('davis2017', None, dict(J=0.5), {'v' * 90: {i: dict(J=0.5) for i in range(99)}}, {})


def write_vot(folder: Path) -> None:
    with write_outputs(folder, ['1', '2']) as add:
        for _ in range(600):
            add([0, 0], [0.5, 0.5])


class Model:
    """Its masks are noise, which does not compress."""

    def stream(self, source, prompts):
        for t, name in enumerate(source.frame_names):
            yield FrameResult(t, name, NOISE, {})


WRITERS = {
    'mask': lambda folder: write_id_mask(folder / 'a.png', NOISE),
    'image': lambda folder: write_image(folder / 'a.jpg', FRAMES[0]),
    'flow': lambda folder: write_flo(folder / 'a.flo', np.ones((96, 128, 2))),
    'lines': lambda folder: write_lines(folder / 'a.txt', map(str, range(5000))),
    'JSON': lambda folder: write_json(folder / 'a.json', dict(numbers=list(range(5000)))),
    'boxes': lambda folder: write_boxes(folder / 'a.txt', np.ones((2000, 4))),
    'VOT': write_vot,
    'zip': lambda folder: write_zip(folder / 'a.zip', {'a.png': NOISE.tobytes}),
    'GIF': lambda folder: write_gif(folder / 'a.gif', FRAMES),
    'MP4': lambda folder: write_mp4(folder / 'a.mp4', FRAMES),
    'report': lambda folder: write_report(folder, 'title', dict(scores='1' * 5000)),
    'inferencer': lambda folder: VOSInferencer(Model())(FRAMES, {}, folder),
    'CSV': lambda folder: SCORES.write_csv(folder),
}


@pytest.mark.parametrize('kind', WRITERS)
def test_a_full_disk_gives_a_named_error_and_no_half_file(tmp_path, kind):
    with full_disk(4000), pytest.raises(OutputError, match=f'{tmp_path}.*cannot be written.*Free space'):
        WRITERS[kind](tmp_path)
    left = [path for path in tmp_path.rglob('*') if path.is_file()]
    assert [path.name for path in left] == (['global.csv'] if kind == 'CSV' else [])
    WRITERS[kind](tmp_path)


@pytest.mark.parametrize('kind', WRITERS)
def test_a_file_in_the_way_gives_a_named_error(tmp_path, kind):
    (tmp_path / 'out').touch()
    with pytest.raises(OutputError, match='cannot be written'):
        WRITERS[kind](tmp_path / 'out')


def test_masks_of_a_video_that_were_written_before_are_whole(tmp_path):
    empty = np.zeros_like(NOISE)
    with full_disk(1200), pytest.raises(OutputError, match=r'2\.png'):
        for t, mask in enumerate([empty, empty, NOISE]):
            write_id_mask(tmp_path / f'{t}.png', mask)
    assert sorted(p.name for p in tmp_path.iterdir()) == ['0.png', '1.png']
