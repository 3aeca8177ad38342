"""The array functions load without the deep-learning stack; the metrics are found by the registry."""

import subprocess
import sys


def run(code: str) -> str:
    return subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True).stdout


def test_functional_imports_neither_torch_nor_mmengine():
    found = run("import sys, vosplug.evaluation.functional; print({'torch', 'mmengine'} & set(sys.modules))")
    assert found.strip() == 'set()'


def test_a_config_finds_the_metric_by_name():
    found = run(
        "from vosplug.registry import METRICS; print(METRICS.build(dict(type='VOSMetric')).protocol.name)"
    )
    assert found.splitlines()[-1] == 'davis2017'
