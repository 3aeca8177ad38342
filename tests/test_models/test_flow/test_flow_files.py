"""Flow of other programs."""

import numpy as np
import pytest
from small_videos import CountingSource

from vosplug.errors import ConfigError, FlowError
from vosplug.formats.flow_file import write_flo
from vosplug.models import FlowFiles
from vosplug.registry import MODELS
from vosplug.structures import LastFrameSource, ReversedSource

SIZE = (6, 8)


def video(name: str | None = None, length: int = 4) -> CountingSource:
    source = CountingSource([np.zeros((*SIZE, 3), np.uint8)] * length)
    source.name = name
    return source


def write(folder, frames, size=SIZE, scale=1) -> None:
    """Files whose flow tells the index of their frame."""
    for t in frames:
        write_flo(folder / f'{t:05d}.flo', np.full((*size, 2), scale * t, np.float32))


def indices(provider, source) -> list[float]:
    flows = [provider(source, t) for t in range(len(source))]
    assert all(flow.shape == (*SIZE, 2) and flow.dtype == np.float32 for flow in flows)
    return [float(flow[0, 0, 0]) for flow in flows]


def test_backward_flow_belongs_to_its_frame_and_the_first_has_none(tmp_path):
    write(tmp_path / 'bear', [1, 2, 3])
    provider = MODELS.build(dict(type='FlowFiles', folder=str(tmp_path), direction='backward'))
    assert indices(provider, video('bear')) == [0, 1, 2, 3]
    write_flo(tmp_path / 'bear' / '00000.flo', np.ones((*SIZE, 2)))
    assert indices(provider, video('bear')) == [0, 1, 2, 3], 'not what another program put there'


def test_forward_flow_belongs_to_its_frame_and_the_last_takes_the_one_before(tmp_path):
    for t in range(3):
        write_flo(tmp_path / 'bear' / f'{t:05d}.flo', np.full((*SIZE, 2), 10 + t, np.float32))
    assert indices(FlowFiles(tmp_path, 'forward'), video('bear')) == [10, 11, 12, 12]


def test_a_video_played_backwards_needs_no_other_files(tmp_path):
    write(tmp_path / 'backward' / 'bear', [1, 2, 3])
    write(tmp_path / 'forward' / 'bear', [0, 1, 2])
    back = LastFrameSource(ReversedSource(video('bear')))
    assert indices(FlowFiles(tmp_path / 'backward', 'backward'), back) == [3, 2, 1, 1]
    assert indices(FlowFiles(tmp_path / 'forward', 'forward'), back) == [0, 2, 1, 0]
    again = ReversedSource(back)
    assert indices(FlowFiles(tmp_path / 'backward', 'backward'), again) == [0, 1, 2, 3]


@pytest.mark.parametrize('direction', ['backward', 'forward'])
def test_a_single_frame_has_no_flow(tmp_path, direction):
    assert not FlowFiles(tmp_path, direction)(video('bear', 1), 0).any()


@pytest.mark.parametrize('direction', ['backward', 'forward'])
def test_there_is_no_flow_behind_the_last_frame(tmp_path, direction):
    write(tmp_path / 'bear', range(6))
    with pytest.raises(IndexError):
        FlowFiles(tmp_path, direction)(video('bear'), 4)


def test_videos_have_folders_of_their_own(tmp_path):
    write(tmp_path / 'set' / 'bear', range(4))
    write(tmp_path / 'dog', range(4), scale=2)
    provider = FlowFiles(tmp_path, 'backward')
    bear, dog = video('set/bear'), video('dog')
    turns = [provider(source, t)[0, 0, 0] for t in range(4) for source in (bear, dog)]
    assert turns == [0, 0, 1, 2, 2, 4, 3, 6]


def test_a_video_without_a_name_has_its_files_in_the_folder_itself(tmp_path):
    write(tmp_path, range(1, 4))
    provider = FlowFiles(tmp_path, 'backward')
    assert indices(provider, video()) == [0, 1, 2, 3]
    # not the flow of some other video
    with pytest.raises(FlowError, match='bear/00001.flo: backward flow file not found'):
        provider(video('bear'), 1)


def test_no_frame_is_decoded(tmp_path):
    write(tmp_path, range(1, 4))
    source = video()
    assert FlowFiles(tmp_path, 'backward')(source, 2).any() and not source.decoded


@pytest.mark.parametrize(('direction', 'without'), [('backward', 'first'), ('forward', 'last')])
def test_a_missing_file_is_named(tmp_path, direction, without):
    with pytest.raises(
        FlowError,
        match=rf'bear/00002\.flo: {direction} flow file not found.*<folder>/<video>/<frame>\.flo.*{without}',
    ):
        FlowFiles(tmp_path, direction)(video('bear'), 2)


def test_flow_of_another_size_is_named(tmp_path):
    write(tmp_path / 'bear', [1], size=(3, 4))
    with pytest.raises(FlowError, match=r'bear/00001\.flo: the flow is 4x3, the video 8x6'):
        FlowFiles(tmp_path, 'backward')(video('bear'), 1)


def test_a_damaged_file_is_named(tmp_path):
    write(tmp_path / 'bear', [1])
    path = tmp_path / 'bear' / '00001.flo'
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(FlowError, match=r'bear/00001\.flo: .*truncated'):
        FlowFiles(tmp_path, 'backward')(video('bear'), 1)


def test_an_unknown_direction_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"FlowFiles\.direction: found 'both', expected .*'forward'"):
        FlowFiles(tmp_path, 'both')
