"""The demo can be run again, and after an interruption."""

from mmengine.registry import init_default_scope
from tiny_run import write_config

from vosplug.analysis.demo import run_demo
from vosplug.config import load_config


def test_a_demo_that_is_repeated_or_was_interrupted_has_the_same_scores(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # where the config's scores go
    init_default_scope('vosplug')

    def scores(name: str) -> dict:
        cfg = load_config(write_config(tmp_path / f'{name}.py'))  # every run has a visualizer of its own
        cfg.work_dir = str(tmp_path / 'demo')
        summary = run_demo(cfg, shown=1)
        return {key: value for key, value in summary.items() if not key.endswith('_s')}

    first = scores('first')
    assert (tmp_path / 'demo' / 'index.html').exists()
    assert scores('again') == first
    (tmp_path / 'demo' / 'iter_4.pth').unlink()  # what an interruption leaves
    (tmp_path / 'demo' / 'last_checkpoint').write_text('iter_2.pth\n')
    assert scores('resumed') == first
    assert (tmp_path / 'demo' / 'iter_4.pth').exists()
