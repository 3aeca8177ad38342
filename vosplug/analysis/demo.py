"""The demo: box-supervised training on generated videos, testing, baselines and a report."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.config import Config

from ..engine.runner import build_runner, resume_latest
from ..evaluation import copy_first_mask, evaluate_stream, filled_box
from ..formats.output_path import output_path
from ..formats.text_file import write_json
from ..registry import DATASETS, METRICS
from ..structures import FrameResult, VideoSample
from ..visualization import draw_overlay, write_gif, write_mp4, write_report
from ..visualization.overlay import draw_errors, put_caption
from ..visualization.report import cards, charts, clips, percent, table, words
from ..visualization.video_report import SCORE_WORDS
from .real_clip import write_real_clip
from .training_curves import read_scalars

MARGINS = {'copy_first_mask': 0.10, 'filled_box': 0.05}
LABELS = {
    'model': 'box-supervised model, first-frame mask prompt',
    'copy_first_mask': 'first mask copied to every frame',
    'filled_box': 'ground-truth box of every frame, filled (oracle)',
}


def run_demo(cfg: Config, shown: int = 4) -> dict:
    """Train and test a config, score the baselines on the same videos, track a real clip, write a report.

    An interrupted training is resumed; a finished one is not repeated.

    Writes into ``cfg.work_dir``: ``cup.mp4`` and ``cup.gif``, ``<video>.mp4`` and ``<video>.gif`` (model,
    ground truth, errors), ``index.html`` and ``summary.json``.

    Args:
        cfg: a config with training and test data.
        shown: number of test videos to draw.

    Returns:
        dict: the content of ``summary.json``: scores per method, and ``wall_s``.
    """
    began = time.perf_counter()
    out_dir = Path(cfg.work_dir)
    resume_latest(cfg)
    runner = build_runner(_without_validation(cfg))
    runner.train()
    trained = time.perf_counter()

    dataset = DATASETS.build(cfg.test_dataloader.dataset)
    recorder = _Recorder(runner.model.eval(), shown)
    methods = {'model': recorder, 'copy_first_mask': copy_first_mask, 'filled_box': filled_box}
    summary: dict = {name: _score(cfg, dataset, method) for name, method in methods.items()}
    summary['wall_s'] = round(time.perf_counter() - began, 1)
    summary['train_s'] = round(trained - began, 1)
    write_report(
        out_dir,
        'vosplug: video object segmentation from boxes',
        {
            'A shipped model on a real video': clips([write_real_clip(out_dir)]),
            'Trained here, on generated videos with boxes': cards(
                {f'J&F (%): {LABELS[name]}': percent(summary[name]['J&F-Mean']) for name in methods}
            ),
            'Clips': clips(recorder.write(out_dir)),
            'All numbers, in percent': table(
                [{'method': LABELS[n], **{k: percent(v) for k, v in summary[n].items()}} for n in methods]
            ),
            'What they mean': words(SCORE_WORDS),
            'Training': charts(_curves(out_dir), 'iteration'),
        },
    )
    write_json(out_dir / 'summary.json', summary)
    return summary


def shortfalls(summary: dict) -> list[str]:
    """Messages about baselines that the model does not beat by the required margin; empty if none."""
    ours = summary['model']['J&F-Mean']
    return [
        f'{LABELS[name]}: {summary[name]["J&F-Mean"]:.3f}; the model has {ours:.3f}, expected {margin} more'
        for name, margin in MARGINS.items()
        if not ours >= summary[name]['J&F-Mean'] + margin
    ]


def format_summary(summary: dict) -> str:
    """A table for the terminal, in percent."""
    lines = [f'{"":48} {"J&F":>6} {"J":>6} {"F":>6}']
    for name, label in LABELS.items():
        scores = (100 * summary[name][key] for key in ('J&F-Mean', 'J-Mean', 'F-Mean'))
        lines.append(f'{label:48} ' + ' '.join(f'{score:6.1f}' for score in scores))
    return '\n'.join(lines)


def _without_validation(cfg: Config) -> Config:
    cfg = cfg.copy()
    for key in ('val', 'test'):
        cfg[f'{key}_cfg'] = cfg[f'{key}_dataloader'] = cfg[f'{key}_evaluator'] = None
    return cfg


def _score(cfg: Config, dataset, method: Callable[[VideoSample], Iterator[FrameResult]]) -> dict:
    videos = (dataset[i]['data_samples'] for i in range(len(dataset)))
    return evaluate_stream(METRICS.build(cfg.test_evaluator), videos, method)


def _curves(work_dir: Path) -> dict[str, list[tuple[float, float]]]:
    """Loss curves of the run, without those that are 0 throughout."""
    logged = read_scalars(work_dir)
    return {k: sorted(c.items()) for k, c in logged.items() if k.startswith('loss') and any(c.values())}


class _Recorder:
    """Streams a model, and records animations of the first videos."""

    def __init__(self, model: Any, shown: int) -> None:
        self.model, self.shown = model, shown
        self.clips: dict[str, list[np.ndarray]] = {}

    def __call__(self, video: VideoSample) -> Iterator[FrameResult]:
        draw = len(self.clips) < self.shown
        for result in self.model.stream(video.source, video.prompts):
            if draw:
                self.clips.setdefault(video.name, []).append(self._picture(video, result))
            yield result

    @staticmethod
    def _picture(video: VideoSample, result: FrameResult) -> np.ndarray:
        frame = video.source[result.index]
        boxes = video.annotation.boxes(result.index)
        truth = video.annotation.mask(result.index)
        shown = [
            draw_overlay(frame, result.mask, boxes=boxes),
            draw_overlay(frame, truth),
            draw_errors(frame, result.mask, truth),
        ]
        return put_caption(np.hstack(shown), f'{result.name}: model (true boxes) | ground truth | errors')

    def write(self, out_dir: Path) -> list[dict]:
        """Write every clip as GIF and MP4; returns their entries in the report."""
        for name, frames in self.clips.items():
            write_gif(output_path(out_dir, f'{name}.gif'), frames, fps=8)
            write_mp4(output_path(out_dir, f'{name}.mp4'), frames, fps=8)
        return [
            dict(name=name, gif=f'{name}.gif', caption='model, ground truth, error map')
            for name in self.clips
        ]
