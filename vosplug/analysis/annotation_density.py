"""Accuracy as a function of the number of annotated frames (Perazzi et al. 2017, Sec. 5.4 and Fig. 4)."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mmengine.config import Config
from mmengine.logging import print_log
from mmengine.registry import init_default_scope
from torch import nn

from ..config import DATA_ONLY, config_errors, load_config
from ..errors import ConfigError
from ..evaluation import Protocol, VOSMetric, copy_nearest_prompt
from ..evaluation.functional import IOU_QUANTILES, QuantileCurves, iou_quantile_curves
from ..evaluation.scores import PerFrame
from ..formats.text_file import read_json, write_json
from ..models.build import build_model
from ..models.zoo import find_zoo_model
from ..registry import DATASETS, METRICS
from ..structures import FrameResult, VideoSample
from ..visualization.plot_style import save_figure
from ..visualization.score_plots import plot_quantiles

# settings of the paper's figure; None: the first annotated frame alone
EVERY = (None, 40, 30, 20, 10, 5, 3, 2)
KINDS = ('mask', 'box')
XLABEL = {'mask': 'frames annotated by masks (%)', 'box': 'frames annotated by boxes (%)'}


def load_both_ways(
    config: str, checkpoint: str | Path | None = None, device: str = 'cpu', cfg_options: dict | None = None
) -> tuple[Config, nn.Module]:
    """Load a config and its model as in the paper: both directions, adaptation to all annotated frames.

    Args:
        config: config file, shipped config, or name of the zoo, with test data and a ``VOSMetric``.
        checkpoint: weights; not needed for names, or for a model without weights.
        device: torch device.
        cfg_options: config overrides.

    Raises:
        ConfigError: no such config, one without a model or test data, or weights are missing.
        CheckpointError: the checkpoint does not fit.
    """
    path: str | Path = config
    if not config.endswith(('.py', *DATA_ONLY)):
        path, weights = find_zoo_model(config)
        checkpoint = checkpoint or weights
    cfg = load_config(path, cfg_options)
    for key in ('model', 'test_dataloader', 'test_evaluator'):
        if not cfg.get(key):
            raise ConfigError(f'{cfg.filename}: has no `{key}`; expected a config that can be tested.')
    segmentor = cfg.model.get('tracker', cfg.model)  # of a StreamingModel
    segmentor.test_cfg = {**(segmentor.get('test_cfg') or {}), 'direction': 'both'}
    if segmentor.test_cfg.get('online'):
        segmentor.test_cfg.online.all_prompts = True
    model = build_model(cfg, checkpoint)
    if checkpoint is None and model.state_dict():
        raise ConfigError(f'{cfg.filename}: this model needs weights; give the checkpoint after the config.')
    return cfg, model.to(device).eval()


def annotation_density(
    cfg: Config,
    model: Any,
    path: str | Path,
    kinds: Sequence[str] = KINDS,
    every: Sequence[int | None] = EVERY,
) -> Iterator[dict]:
    """Score a model and a baseline at several annotation densities, with the config's own metric.

    Annotated frames are scored too, as far as the metric's protocol scores them; DAVIS leaves out the first
    and the last frame. The model's initializer turns boxes into masks. The baseline is
    :func:`~vosplug.evaluation.copy_nearest_prompt`. The file is written after every setting; settings already
    in it are not computed again.

    Args:
        cfg: config from :func:`load_both_ways`.
        model: model from :func:`load_both_ways`.
        path: JSON file.
        kinds: kinds of annotation, ``'mask'`` and ``'box'``.
        every: annotate every k-th annotated frame of the dataset, from the first one on; None: the first
            alone.

    Yields:
        dict: of each setting: ``kind``, ``every``; ``percent``, the share of frames that are annotated;
        ``mean`` and ``quantiles`` as :func:`~vosplug.evaluation.functional.iou_quantile_curves` defines them;
        ``J``: video -> object id -> values of its frames; the same for the baseline. All J in [0, 1].

    Raises:
        ConfigError: the file is from another model or config, or the metric has no J.
    """
    path, made_by = Path(path), _fingerprint(cfg, model)
    settings: dict[str, dict] = {}
    if path.exists():
        report = read_json(path)
        if report.get('made_by') != made_by:
            raise ConfigError(
                f'{path}: was made by another model, checkpoint or config. Write to another folder, or '
                'delete the file.'
            )
        settings = report['settings']
    for kind in kinds:
        for k in every:
            name = setting_name(kind, k)
            if name not in settings:
                settings[name] = _measure(cfg, model, kind, k)
                write_json(path, dict(made_by=made_by, quantiles=IOU_QUANTILES, settings=settings))
            yield settings[name]


def setting_name(kind: str, every: int | None) -> str:
    """Key of a setting in the file."""
    return f'{kind}, first' if every is None else f'{kind}, every {every}'


def write_density_plots(folder: str | Path, settings: Sequence[dict]) -> list[Path]:
    """Write ``mask.png`` and ``box.png`` for the kinds that have settings, each atomically.

    Of settings with the same share of annotated frames, the last is drawn.

    Args:
        folder: created if missing.
        settings: results of :func:`annotation_density`.

    Returns:
        list: the files written.
    """
    paths = []
    for kind in KINDS:
        own = [s for s in settings if s['kind'] == kind]
        if own:
            model, baseline = (_curves({s['percent']: s[key] for s in own}) for key in ('J', 'baseline_J'))
            figure = plot_quantiles(model, XLABEL[kind], baseline)
            paths.append(Path(folder) / f'{kind}.png')
            save_figure(paths[-1], figure)
    return paths


def _measure(cfg: Config, model: Any, kind: str, every: int | None) -> dict:
    """Results of one setting."""
    init_default_scope(cfg.get('default_scope', 'vosplug'))
    with config_errors(cfg):
        dataset = DATASETS.build({**cfg.test_dataloader.dataset, 'prompt': kind, 'prompt_every': every})
        metric = METRICS.build(cfg.test_evaluator)
    if not isinstance(metric, VOSMetric):
        raise ConfigError(
            f'{cfg.filename}, test_evaluator: found {type(metric).__name__}, expected a VOSMetric.'
        )
    protocol = metric.protocol
    annotated, frames, found, copied = 0, 0, [], []
    for i in range(len(dataset)):
        video = dataset[i]['data_samples']
        annotated, frames = annotated + len(video.require_prompts()), frames + len(video.source)
        found.append(_score(protocol, video, model.stream(video.source, video.require_prompts())))
        copied.append(_score(protocol, video, copy_nearest_prompt(video)))
        print_log(f'{setting_name(kind, every)}: {i + 1}/{len(dataset)} {video.name}', logger='current')
    percent = 100 * annotated / frames
    entry = dict(kind=kind, every=every, annotated=annotated, frames=frames)
    for prefix, results in (('', found), ('baseline_', copied)):
        scores = _region_similarity(protocol.summarise(results).per_frame, cfg)
        curves = _curves({percent: scores})
        values = dict(mean=float(curves.mean[0]), quantiles=curves.quantiles[0].tolist(), J=scores)
        entry |= {prefix + key: value for key, value in values.items()}
    return dict(entry, percent=percent)


def _score(protocol: Protocol, video: VideoSample, results: Iterable[FrameResult]) -> dict:
    scores = protocol.start(video)
    for result in results:
        scores.add(video, result)
    return scores.finish()


def _region_similarity(per_frame: PerFrame, cfg: Config) -> dict[str, dict[str, list[float]]]:
    """Video -> object id, as text -> J of its frames."""
    if not all('J' in scores for by_id in per_frame.values() for scores in by_id.values()):
        raise ConfigError(
            f'{cfg.filename}, test_evaluator: its protocol has no J; expected one that scores masks, '
            'such as davis2016.'
        )
    return {video: {str(i): s['J'] for i, s in by_id.items()} for video, by_id in per_frame.items()}


def _curves(settings: Mapping[float, Mapping[str, Mapping[str, Sequence[float]]]]) -> QuantileCurves:
    """Quantile curves; every object of a video counts as a separate sequence."""
    return iou_quantile_curves(
        {
            percent: [s for by_id in scores.values() for s in by_id.values()]
            for percent, scores in settings.items()
        }
    )


def _fingerprint(cfg: Config, model: nn.Module) -> str:
    """Hash of the config and weights on which all results depend."""
    digest = hashlib.sha256(repr([cfg.model, cfg.test_dataloader.dataset, cfg.test_evaluator]).encode())
    for name, value in sorted(model.state_dict().items()):
        digest.update(name.encode() + value.cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()
