"""Perazzi et al. 2017, Fig. 4: scores by the number of annotated frames, with numbers computed by hand."""

import json
import runpy
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image
from small_data import write_davis

from vosplug.analysis.annotation_density import (
    annotation_density,
    load_both_ways,
    write_density_plots,
)
from vosplug.errors import ConfigError
from vosplug.evaluation.functional import IOU_QUANTILES
from vosplug.models import StreamingSegmentor
from vosplug.registry import MODELS

TOOL = Path(__file__).parents[2] / 'tools' / 'analysis_tools' / 'annotation_density.py'
CONFIG = """
default_scope = 'vosplug'
model = dict(type='StreamingModel', tracker=dict(type='CopiesLastMask'))
test_dataloader = dict(
    dataset=dict(
        type='DAVIS2016Dataset', data_root=r'{root}', ann_file='ImageSets/train.txt', test_mode=True
    )
)
test_evaluator = dict(type='VOSMetric', protocol='davis2016', out_file=r'{root}/scores.json')
"""
BARS, SQUARE = 'bars', 'square'
STREAMS: list[str] = []


class CopiesLastMask(StreamingSegmentor):
    """Copies the last mask."""

    def start(self, video):
        STREAMS.append('started')
        return SimpleNamespace(probs=None)

    def segment(self, state, frame):
        return torch.logit(state.probs, eps=1e-4)

    def remember(self, state, frame, probs, prompted):
        state.probs = probs


def moving(columns: list[int], length: int = 9) -> np.ndarray:
    """Six rows of some columns, one pixel further right in every frame."""
    masks = np.zeros((length, 12, 24), np.uint8)
    for t, mask in enumerate(masks):
        mask[3:9, [c + 2 + t for c in columns]] = 1
    return masks


@pytest.fixture
def config(tmp_path) -> Path:
    MODELS.register_module(module=CopiesLastMask, force=True)
    STREAMS.clear()
    root = write_davis(tmp_path / 'davis', {BARS: moving([0, 1, 4, 5]), SQUARE: moving([0, 1, 2, 3, 4, 5])})
    path = tmp_path / 'copies.py'
    path.write_text(CONFIG.format(root=root))
    return path


def density(config: Path, path: Path, **options) -> list[dict]:
    return list(annotation_density(*load_both_ways(str(config)), path, **options))


# IoU of a copy by its distance in frames, up to 7
SHIFTED_SQUARE = [1, 5 / 7, 4 / 8, 3 / 9, 2 / 10, 1 / 11, 0, 0]
SHIFTED_BARS = [1, 2 / 6, 0, 1 / 7, 2 / 6, 1 / 7, 0, 0]
BOX_OVER_BARS = [24 / 36, 18 / 42, 12 / 48, 12 / 48, 12 / 48, 6 / 54, 0, 0]
# distances of frames 1 to 7 of 9
DISTANCES = {None: [1, 2, 3, 4, 5, 6, 7], 4: [1, 2, 1, 0, 1, 2, 1], 2: [1, 0, 1, 0, 1, 0, 1]}


@pytest.mark.parametrize(('kind', 'bars'), [('mask', SHIFTED_BARS), ('box', BOX_OVER_BARS)])
def test_a_tracker_that_copies_has_the_baseline_s_scores_which_follow_from_distances(
    config, tmp_path, kind, bars
):
    found = density(config, tmp_path / 'out.json', kinds=[kind], every=[None, 4, 2])
    assert [(s['kind'], s['every']) for s in found] == [(kind, None), (kind, 4), (kind, 2)]
    assert [(s['annotated'], s['frames']) for s in found] == [(2, 18), (6, 18), (10, 18)]
    assert [s['percent'] for s in found] == pytest.approx([100 / 9, 300 / 9, 500 / 9])
    for setting in found:
        distances = DISTANCES[setting['every']]
        expected = {BARS: [bars[d] for d in distances], SQUARE: [SHIFTED_SQUARE[d] for d in distances]}
        for prefix in ('', 'baseline_'):
            for name, series in expected.items():
                assert setting[f'{prefix}J'][name]['1'] == pytest.approx(series), (prefix, name)
            assert setting[f'{prefix}mean'] == pytest.approx(np.mean([*expected.values()]))
            quantiles = np.quantile(np.concatenate([*expected.values()]), IOU_QUANTILES)
            assert setting[f'{prefix}quantiles'] == pytest.approx(quantiles)


def test_finished_settings_are_read_and_new_ones_added(config, tmp_path):
    path = tmp_path / 'out.json'
    cfg, model = load_both_ways(str(config))
    first = next(annotation_density(cfg, model, path, every=[4, 2]))  # interrupted
    assert list(json.loads(path.read_text())['settings']) == ['mask, every 4']
    STREAMS.clear()
    again = list(annotation_density(cfg, model, path, ['mask'], [4]))
    assert not STREAMS and again == [first]
    both = list(annotation_density(cfg, model, path, ['mask'], [2, 4]))
    assert STREAMS and [s['every'] for s in both] == [2, 4] and both[1] == first
    assert list(json.loads(path.read_text())['settings']) == ['mask, every 4', 'mask, every 2']
    assert not (tmp_path / 'davis' / 'scores.json').exists()


def test_results_of_another_config_or_model_are_not_mixed_in(config, tmp_path):
    density(config, tmp_path / 'out.json', kinds=['mask'], every=[4])
    options = {'model.tracker.test_cfg.flip': True}
    with pytest.raises(ConfigError, match=r'out\.json: was made by another model, checkpoint or config'):
        next(annotation_density(*load_both_ways(str(config), cfg_options=options), tmp_path / 'out.json'))


def test_both_directions_and_adaptation_to_all_prompts_are_switched_on(config):
    online = "dict(type='OnlineAdapter', steps=2, optim_wrapper=dict(), pipeline=[dict(type='PackClip')])"
    test_cfg = f"model['tracker']['test_cfg'] = dict(short_side=12, online={online})\n"
    config.write_text(config.read_text() + test_cfg)
    _, model = load_both_ways(str(config))
    assert model.tracker.direction == 'both' and model.tracker.online.all_prompts
    assert model.tracker.test_cfg['short_side'] == 12


def test_models_without_weights_and_configs_that_cannot_be_tested_are_named(tmp_path):
    with pytest.raises(ConfigError, match='needs weights; give the checkpoint'):
        load_both_ways('xmem_box/xmem_tiny_synthetic-box.py')
    (tmp_path / 'half.py').write_text("model = dict(type='StreamingModel')")
    with pytest.raises(ConfigError, match=r'half\.py: has no `test_dataloader`'):
        load_both_ways(str(tmp_path / 'half.py'))


def test_plots_are_of_the_kinds_that_were_measured(config, tmp_path):
    settings = density(config, tmp_path / 'out.json', kinds=['box'], every=[None, 4, 2])
    (path,) = write_density_plots(tmp_path / 'plots', settings)
    assert path.name == 'box.png' and [p.name for p in (tmp_path / 'plots').iterdir()] == ['box.png']
    with Image.open(path) as picture:
        assert min(picture.size) > 200 and len(picture.convert('RGB').getcolors(1 << 24)) > 50


def run_tool(monkeypatch, *args: object) -> None:
    monkeypatch.setattr(sys, 'argv', [TOOL.name, *map(str, args)])
    runpy.run_path(str(TOOL), run_name='__main__')


def test_the_tool_writes_and_prints_what_was_asked_for(config, tmp_path, monkeypatch, capsys):
    out = tmp_path / 'out'
    run_tool(monkeypatch, config, '--out', out, '--every', 'first', 4, '--kinds', 'mask')
    assert sorted(p.name for p in out.iterdir()) == ['annotation_density.json', 'mask.png']
    report = json.loads((out / 'annotation_density.json').read_text())
    assert report['quantiles'] == list(IOU_QUANTILES)
    printed = capsys.readouterr().out
    for setting in report['settings'].values():
        assert f'{100 * setting["mean"]:.1f}' in printed and f'{setting["percent"]:.1f}' in printed


@pytest.mark.parametrize('wrong', ['0', 'last', '-3'])
def test_the_tool_refuses_impossible_steps(config, tmp_path, monkeypatch, capsys, wrong):
    with pytest.raises(SystemExit):
        run_tool(monkeypatch, config, '--out', tmp_path / 'out', '--every', wrong)
    assert 'argument --every' in capsys.readouterr().err


def test_the_tool_names_what_it_cannot_measure(config, tmp_path, monkeypatch):
    options = ('--cfg-options', 'test_dataloader.dataset.prompt_each=3')
    with pytest.raises(SystemExit, match=r'ConfigError: .*copies\.py: .*prompt_each'):
        run_tool(monkeypatch, config, '--out', tmp_path / 'out', *options)
