"""Every output of tracking, read back."""

import csv
import json
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest
from small_media import write_video
from small_tracker import SIZE, BrightTracker, bright, true_mask

from vosplug.apis import VOSInferencer
from vosplug.apis.outputs import OUTPUTS
from vosplug.errors import ConfigError
from vosplug.formats.exchange import FORMATS, Context
from vosplug.structures import ArraySource, ObjectPrompt, VideoFileSource

PROMPTS = {0: [ObjectPrompt(1, box=(4, 8, 16, 20))]}
FRAMES = [bright(t) for t in range(8)]


def track(source, folder, *outputs, **options):
    first = options['frames'].start if 'frames' in options else 0
    return VOSInferencer(BrightTracker())(source, {first: PROMPTS[0]}, folder, outputs, **options)


def times(path) -> list[Fraction]:
    with av.open(str(path)) as file:
        stream = file.streams.video[0]
        return sorted(p.pts * stream.time_base for p in file.demux(stream) if p.size)


def test_an_overlay_plays_in_browsers(tmp_path):
    track(FRAMES, tmp_path, 'overlay')
    with av.open(str(tmp_path / 'overlay.mp4')) as file:
        stream = file.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ('h264', 'yuv420p')
        assert stream.average_rate == 25
    data = (tmp_path / 'overlay.mp4').read_bytes()
    assert data.index(b'moov') < data.index(b'mdat'), 'the index comes first'
    frame = VideoFileSource(tmp_path / 'overlay.mp4')[4]
    red = frame[10:18, 14:22].reshape(-1, 3).mean(0)
    assert red[2] > red[0] + 50, 'object 1 is tinted in red'


@pytest.mark.parametrize('fps', [Fraction(25), Fraction(30000, 1001), Fraction(24000, 1001)])
def test_an_overlay_has_the_rate_of_its_source(tmp_path, fps):
    path = write_video(tmp_path / 'a.mp4', FRAMES, fps)
    track(path, tmp_path / 'out', 'overlay')
    overlay = VideoFileSource(tmp_path / 'out' / 'overlay.mp4')
    assert overlay.fps == fps and [overlay.timestamp(t) for t in range(8)] == [t / fps for t in range(8)]


def test_an_overlay_has_the_times_of_a_variable_rate(tmp_path):
    pts = [0, 40, 41, 300, 310, 1000, 1001, 5000]
    path = write_video(tmp_path / 'a.mkv', FRAMES, pts=pts, time_base=Fraction(1, 1000))
    for name in ('overlay', 'cutout'):
        result = track(path, tmp_path / name, name)
        assert times(result.files[name]) == [Fraction(t, 1000) for t in pts]
    result = track(path, tmp_path / 'range', 'overlay', frames=slice(1, 7, 2))
    assert times(result.files['overlay']) == [Fraction(t - 40, 1000) for t in (40, 300, 1000)]


def sound(path) -> tuple[str, np.ndarray, float]:
    """Codec, samples and start of the audio of a file."""
    with av.open(str(path)) as file:
        stream = file.streams.audio[0]
        frames = list(file.decode(stream))
        samples = np.concatenate([f.to_ndarray().reshape(-1) for f in frames]).astype(float)
        return stream.codec_context.name, samples / np.abs(samples).max(), float(frames[0].time)


@pytest.mark.parametrize(
    ('name', 'audio', 'copied'),
    [('a.mp4', 'aac', 'aac'), ('a.mkv', 'pcm_s16le', 'aac'), ('b.mkv', 'flac', 'flac')],
)
def test_an_overlay_keeps_the_sound(tmp_path, name, audio, copied):
    frames = [bright(t % 8) for t in range(50)]
    path = write_video(tmp_path / name, frames, audio=audio)
    track(path, tmp_path / 'out', 'overlay')
    codec, samples, start = sound(tmp_path / 'out' / 'overlay.mp4')
    assert codec == copied and len(samples) / 8000 == pytest.approx(2, abs=0.3) and abs(start) < 0.15
    spectrum = np.abs(np.fft.rfft(samples[2000:10000]))
    assert spectrum.argmax() == pytest.approx(440, abs=3), 'Hz'


def test_the_sound_of_a_range_is_that_of_its_frames(tmp_path):
    frames = [bright(t % 8) for t in range(100)]
    path = write_video(tmp_path / 'a.mp4', frames, audio='aac')
    track(path, tmp_path / 'out', 'overlay', frames=slice(25, 50))
    _, samples, start = sound(tmp_path / 'out' / 'overlay.mp4')
    assert len(samples) / 8000 == pytest.approx(1, abs=0.3) and abs(start) < 0.15
    assert len(VideoFileSource(tmp_path / 'out' / 'overlay.mp4')) == 25


def test_a_silent_video_gives_a_silent_overlay(tmp_path):
    track(write_video(tmp_path / 'a.mp4', FRAMES), tmp_path / 'out', 'overlay')
    with av.open(str(tmp_path / 'out' / 'overlay.mp4')) as file:
        assert not file.streams.audio


def test_a_cutout_is_transparent_where_no_object_is(tmp_path):
    track(FRAMES, tmp_path, 'cutout')
    with av.open(str(tmp_path / 'cutout.webm')) as file:
        stream = file.streams.video[0]
        assert stream.metadata.get('alpha_mode', stream.metadata.get('ALPHA_MODE')) == '1'
        decoder = av.CodecContext.create('libvpx-vp9', 'r')
        images = [
            f.to_ndarray(format='rgba') for p in file.demux(stream) if p.size for f in decoder.decode(p)
        ]
    assert len(images) == 8
    for t, image in enumerate(images):
        opaque = cv2.erode((true_mask(t) > 0).astype(np.uint8), np.ones((5, 5))) > 0
        clear = cv2.dilate((true_mask(t) > 0).astype(np.uint8), np.ones((5, 5))) == 0
        assert image[..., 3][opaque].min() > 200 and image[..., 3][clear].max() < 50


def test_cutouts_as_images(tmp_path):
    track(FRAMES, tmp_path, 'cutout-png')
    for t in range(8):
        image = cv2.imread(str(tmp_path / 'cutout' / f'{t:05d}.png'), cv2.IMREAD_UNCHANGED)
        opaque = true_mask(t) > 0
        assert np.array_equal(image[..., 3], np.where(opaque, 255, 0))
        assert np.array_equal(image[..., :3], FRAMES[t] * opaque[..., None])


def test_a_table_of_boxes_areas_scores_and_presence(tmp_path):
    track(write_video(tmp_path / 'a.mp4', FRAMES), tmp_path / 'out', 'csv', 'json')
    with open(tmp_path / 'out' / 'objects.csv', newline='') as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 16
    assert rows[2] == dict(
        frame='1', name='00001', time='0.04', object='1',
        x1='6', y1='8', x2='18', y2='20', area='144', score='0.9', presence='1.0',
    )  # fmt: skip
    assert rows[7] == dict(
        frame='3', name='00003', time='0.12', object='2',
        x1='', y1='', x2='', y2='', area='0', score='0.0', presence='0.0',
    )  # fmt: skip
    found = json.loads((tmp_path / 'out' / 'objects.json').read_text())
    assert found['video'] == dict(name='a', width=64, height=48, fps=25.0)
    assert [frame['frame'] for frame in found['frames']] == list(range(8))
    assert found['frames'][1]['objects'][0] == dict(
        id=1, box=[6, 8, 18, 20], area=144, score=0.9, presence=1.0
    )
    assert found['frames'][3]['objects'][1] == dict(id=2, box=None, area=0, score=0.0, presence=0.0)


@pytest.mark.parametrize('kind', ['coco', 'ytvis', 'cvat', 'mots', 'label-studio', 'yolo-seg'])
def test_annotations_of_other_programs_are_read_back(tmp_path, kind):
    result = track(write_video(tmp_path / 'a.mp4', FRAMES), tmp_path / 'out', kind)
    [video] = FORMATS[kind].read(result.files[kind], Context(size=SIZE))
    assert [obj.id for obj in video.objects] == [1, 2]
    for t in range(8):
        for obj in video.objects:
            expected = true_mask(t) == obj.id
            shown = t in obj.frames
            assert shown == expected.any()
            if shown and kind != 'label-studio':
                assert np.array_equal(video.mask(obj, t), expected)
            if shown:
                ys, xs = np.nonzero(expected)
                box = (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)
                assert video.box(obj, t) == pytest.approx(box, abs=1e-3)


def test_all_outputs_at_once(tmp_path):
    result = track(FRAMES, tmp_path, *OUTPUTS)
    assert {*result.files} == {*OUTPUTS} and all(path.exists() for path in result.files.values())
    assert len({output.target for output in OUTPUTS.values()}) == len(OUTPUTS)


@pytest.mark.parametrize('name', [n for n in OUTPUTS if n not in ('cutout', 'cutout-png')])
def test_the_name_of_a_video_need_not_be_utf8(tmp_path, name):
    source = ArraySource(FRAMES)
    source.name = 'clip\udce9'
    result = track(source, tmp_path, name)
    assert result.files[name].exists()


def test_a_table_of_frames_whose_names_are_not_utf8(tmp_path):
    result = track(ArraySource(FRAMES, [f'{t}\udce9' for t in range(8)]), tmp_path, 'csv')
    with open(result.files['csv'], encoding='utf-8') as file:
        assert next(csv.DictReader(file))['name'] == '0\\udce9'


def test_without_pyav_there_are_overlays_but_no_transparent_videos(tmp_path, without_pyav, monkeypatch):
    monkeypatch.setattr('vosplug.apis.outputs.videos.has_pyav', lambda: False)
    track(FRAMES, tmp_path, 'overlay')
    assert cv2.VideoCapture(str(tmp_path / 'overlay.mp4')).get(cv2.CAP_PROP_FRAME_COUNT) == 8
    with pytest.raises(ConfigError, match='cutout: a transparent video needs PyAV'):
        track(FRAMES, tmp_path / 'b', 'cutout')
