"""J, F and statistics equal the official implementation's numbers (tests/data/goldens)."""

import json
from pathlib import Path

import numpy as np
import pytest

from vosplug.evaluation.functional import (
    DAVIS_COMPAT,
    boundary_f,
    boundary_map,
    davis_statistics,
    jaccard,
)

GOLDENS = Path(__file__).parents[2] / 'data' / 'goldens'
GOLDEN = json.loads((GOLDENS / 'davis_metrics.json').read_text())
ARRAYS = dict(np.load(GOLDENS / 'davis_metrics.npz'))
EXACT = dict(rel=0, abs=1e-12)


def masks(case: dict) -> list[np.ndarray]:
    """Ground truth, prediction and void of a case, bool (H, W)."""
    size = case['h'], case['w']
    packed = [ARRAYS[f'{case["name"]}_{kind}'] for kind in ('gt', 'pr', 'void')]
    return [np.unpackbits(p, count=size[0] * size[1]).reshape(size).astype(bool) for p in packed]


def edge_masks(name: str) -> tuple:
    zeros, ones = np.zeros((48, 64), bool), np.ones((48, 64), bool)
    blob = np.unpackbits(ARRAYS['blob_48x64'], count=48 * 64).reshape(48, 64).astype(bool)
    return {
        'both_empty': (zeros, zeros, None),
        'gt_empty': (zeros, blob, None),
        'pred_empty': (blob, zeros, None),
        'both_full': (ones, ones, None),
        'full_vs_empty': (ones, zeros, None),
        'full_vs_blob': (ones, blob, None),
        'all_void': (blob, ~blob, ones),
    }[name]


@pytest.mark.parametrize('case', GOLDEN['cases'], ids=lambda c: c['name'])
def test_mask_pairs(case):
    gt, pred, void = masks(case)
    assert jaccard(pred, gt) == pytest.approx(case['J'], **EXACT)
    assert jaccard(pred, gt, void) == pytest.approx(case['J_void'], **EXACT)
    assert boundary_f(pred, gt, void) == pytest.approx(case['F_void'], **EXACT)
    for bound_th in (0.008, 0.02, 3):
        assert boundary_f(pred, gt, bound_th=bound_th) == pytest.approx(case[f'F_bt{bound_th}'], **EXACT)
    assert boundary_map(gt).sum() == case['n_boundary_gt']


@pytest.mark.parametrize('name', GOLDEN['edge'])
def test_edge_cases(name):
    gt, pred, void = edge_masks(name)
    assert jaccard(pred, gt, void) == pytest.approx(GOLDEN['edge'][name]['J'], **EXACT)
    assert boundary_f(pred, gt, void) == pytest.approx(GOLDEN['edge'][name]['F'], **EXACT)


@pytest.mark.parametrize('name', GOLDEN['db_statistics'])
def test_statistics_of_the_official_code(name):
    found = davis_statistics(ARRAYS[f'stat_{name}'], compat=DAVIS_COMPAT)
    assert found == pytest.approx(GOLDEN['db_statistics'][name], nan_ok=True, **EXACT)


@pytest.mark.parametrize('name', GOLDEN['db_statistics'])
def test_statistics_differ_from_the_official_code_only_where_that_is_wrong(name):
    values, (mean, recall, decay) = ARRAYS[f'stat_{name}'], GOLDEN['db_statistics'][name]
    found = davis_statistics(values)
    assert found[:2] == pytest.approx((mean, recall), **EXACT)
    if len(values) < 256:
        assert found.decay == pytest.approx(decay, **EXACT)
    else:
        assert np.isnan(decay) and np.isfinite(found.decay)
