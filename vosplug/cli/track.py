"""``vosplug track``: a video and prompts in, masks out."""

import argparse
import os
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ConfigError
from .arguments import add_json
from .output import json_output
from .prompt_arguments import add_prompt_arguments, parse_prompts

if TYPE_CHECKING:
    from ..apis import Progress, TrackingResult
    from ..models import BaseVideoSegmentor, StreamingModel
    from ..structures import VideoLike

HELP = 'track objects of a video from boxes, points or masks, and write masks and videos of them'
EXAMPLE = 'vosplug track clip.mp4 --box 1@0:120,80,300,260 --out out/'
_INTERVAL = 5.0  # seconds between two lines of progress outside a terminal


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        'source',
        help='video file, folder or pattern of frames, pattern of videos ("clips/*.mp4", all with the same '
        'prompts), address (rtsp://..., https://...), or the number of a camera',
    )
    add_prompt_arguments(parser)
    parser.add_argument('--out', required=True, metavar='FOLDER', help='an earlier run in it is replaced')
    parser.add_argument(
        '--write',
        default='masks,overlay',
        metavar='NAMES',
        help='outputs, separated by commas: masks, overlay, cutout (WebM), cutout-png, csv, json, coco, '
        'ytvis, cvat, label-studio, yolo-seg, mots, report (default: %(default)s)',
    )
    parser.add_argument(
        '--report', action='store_true', help='also a page of overlays, scores and speed: report.html'
    )
    parser.add_argument(
        '--model',
        nargs='+',
        default=['xmem-tiny-box'],
        metavar=('NAME', 'CHECKPOINT'),
        help='a model of the zoo, or a config and a checkpoint (default: xmem-tiny-box)',
    )
    parser.add_argument(
        '--box-model',
        nargs='+',
        metavar=('NAME', 'CHECKPOINT'),
        help="box-to-mask model to use instead of the model's own: likewise, or an .onnx file",
    )
    parser.add_argument('--frames', metavar='START:STOP:STEP', help='only these frames, such as 10:200:2')
    parser.add_argument('--device', default='cpu', help='cpu, cuda, cuda:1, mps (default: %(default)s)')
    parser.add_argument(
        '--skip-damaged', action='store_true', help='use the previous frame in place of a damaged one'
    )
    parser.add_argument(
        '--both-directions',
        action='store_true',
        help='track backwards in time from the prompts, too; takes twice as long',
    )
    parser.add_argument(
        '--on-cut',
        choices=['warn', 'stop', 'ignore'],
        default='warn',
        help='after a scene cut, objects not prompted again lose presence (warn) or are removed (stop)',
    )
    add_json(parser)


def run(args: argparse.Namespace) -> int:
    """Run the command; 130 if it was interrupted, after finishing the files of the frames so far."""
    results: dict[str, TrackingResult] = {}  # of all finished videos, and of one that was interrupted
    with json_output(args.json) as emit:
        try:
            _track(args, results)
            code = 0
        except KeyboardInterrupt:
            code = 130
            print(f'interrupted{"" if results else "; nothing is written"}', file=sys.stderr, flush=True)
        for name, result in results.items():
            print(f'{name}: {result.frames} frames in {result.seconds:.1f} s -> {result.out_dir}')
        # the only video is written to the folder itself, others below it
        alone = next((result for result in results.values() if result.out_dir == Path(args.out)), None)
        videos = dict(videos={name: _summary(result) for name, result in results.items()})
        emit(dict(interrupted=code == 130) | (_summary(alone) if alone else videos))
    return code


def _track(args: argparse.Namespace, results: 'dict[str, TrackingResult]') -> None:
    prompts, frames = parse_prompts(args), _frames(args.frames)
    names = args.write.split(',') + ['report'] * args.report
    say = _Printer()
    say.line(f'loading {args.model[0]}')

    from ..apis import TrackingInterrupted, VOSInferencer
    from ..apis.outputs import check_outputs

    check_outputs(names)
    inferencer = VOSInferencer(_model(args))
    videos = _videos(args)
    for name, video in videos.items():
        say.line(f'opening {name}')
        out = Path(args.out, name) if len(videos) > 1 else Path(args.out)
        try:
            results[name] = inferencer(video, prompts, out, names, frames, say.progress, args.on_cut)
        except TrackingInterrupted as interrupt:
            results[name] = interrupt.result
            raise
        say.end(results[name])


def _model(args: argparse.Namespace) -> 'BaseVideoSegmentor | StreamingModel':
    from ..apis import init_model
    from ..models.box_to_mask import as_box_to_mask
    from ..models.build import check_tracker

    for option, given in (('--model', args.model), ('--box-model', args.box_model)):
        if given and len(given) > 2:
            raise ConfigError(f'{option}: found {given}, expected a name, or a config and a checkpoint.')
    options = {'model.test_cfg.direction': 'both'} if args.both_directions else None
    config, checkpoint = (*args.model, None)[:2]
    model: Any = init_model(config, checkpoint, args.device, options)
    check_tracker(model)
    if args.box_model:
        tracker = getattr(model, 'tracker', model)  # of a StreamingModel
        config, checkpoint = (*args.box_model, None)[:2]
        initializer = as_box_to_mask(init_model(config, checkpoint, args.device, None))
        initializer.refine = tracker.initializer.refine  # the model was trained with it
        tracker.initializer = initializer
    return model


def _videos(args: argparse.Namespace) -> 'dict[str, VideoLike | int]':
    """Name -> video to open."""
    from ..structures import VideoFileSource
    from ..structures.image_file import IMAGE_SUFFIXES
    from ..structures.live_source import is_address
    from ..structures.open_video import matching

    source = args.source
    if source.isdecimal() and not Path(source).exists():
        return {f'camera {source}': int(source)}
    if is_address(source):
        return {source: source}
    found = matching(source)
    if found is None:
        files = [Path(source)]
    elif all(path.suffix.lower() in IMAGE_SUFFIXES for path in found):
        return {source: source}
    else:
        files = found
    names = [path.stem for path in files]
    if len({*names}) < len(names):
        shared = os.path.commonpath([path.parent for path in files])
        names = [path.relative_to(shared).as_posix() for path in files]
    damaged = 'skip' if args.skip_damaged else 'error'
    return {
        name: path if path.is_dir() else VideoFileSource(path, damaged)
        for name, path in zip(names, files, strict=True)
    }


def _frames(text: str | None) -> slice | None:
    if text is None:
        return None
    parts = text.split(':')
    if not 2 <= len(parts) <= 3 or not all(re.fullmatch(r'\d*', part) for part in parts):
        raise ConfigError(f'--frames {text}: expected START:STOP or START:STOP:STEP, as in 10:200:2.')
    return slice(*(int(part) if part else None for part in parts))


def _summary(result: 'TrackingResult') -> dict[str, Any]:
    return dict(
        out_dir=str(result.out_dir),
        files={name: str(path) for name, path in result.files.items()},
        frames=result.frames,
        seconds=round(result.seconds, 3),
        first_frame_s=round(result.first_frame_s, 3),
        fps=round(result.fps, 2),
        dropped=result.dropped,
        damaged=result.damaged,
        cuts=list(result.cuts),
    )


class _Printer:
    """Progress on stderr: one line that changes in a terminal, otherwise a line every few seconds."""

    def __init__(self) -> None:
        self._changes = sys.stderr.isatty()
        self._last, self._stage = 0.0, ''

    def line(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    def progress(self, progress: 'Progress') -> None:
        """Show the progress, in a terminal at most ten times a second."""
        new = progress.stage != self._stage
        now = time.monotonic()
        if not new and now - self._last < (0.1 if self._changes else _INTERVAL):
            return
        self._last, self._stage = now, progress.stage
        text = _described(progress)
        if self._changes:
            print(f'\r\x1b[K{text}', end='', file=sys.stderr, flush=True)
        else:
            self.line(text)

    def end(self, result: 'TrackingResult') -> None:
        """Print the line of a finished video."""
        text = (
            f'{result.frames} frames, the first after {result.first_frame_s:.1f} s, then {result.fps:.1f} fps'
        )
        if result.dropped:
            text += f', {result.dropped} frames dropped'
        if result.damaged:
            text += f', {result.damaged} damaged frames skipped'
        if result.cuts:
            text += f', scene cuts at frames {", ".join(map(str, result.cuts))}'
        self.line(f'\r\x1b[K{text}' if self._changes else text)
        self._stage = ''


def _described(progress: 'Progress') -> str:
    total = '' if progress.total is None else f'/{progress.total}'
    if progress.first_frame_s is None or progress.stage != 'tracking':
        return f'{progress.stage} {progress.done}{total} ({progress.seconds:.0f} s)'
    after = progress.seconds - progress.first_frame_s
    fps = (progress.done - 1) / after if after > 0 else 0.0
    text = f'frame {progress.done}{total}'
    if fps:
        text += f', {fps:.1f} fps'
        if progress.total is not None:
            text += f', {(progress.total - progress.done) / fps:.0f} s left'
    return f'{text} (the first after {progress.first_frame_s:.1f} s)'
