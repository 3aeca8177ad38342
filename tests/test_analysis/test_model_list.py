"""The list of shipped models and configs is what the files say, without importing PyTorch."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import pytest

from vosplug.analysis.model_list import read_safetensors_header, shipped_configs, shipped_models
from vosplug.apis import init_model, zoo_models
from vosplug.cli import models as command
from vosplug.errors import CheckpointError, ConfigError
from vosplug.paths import ZOO, config_root


def run(capsys, *words: str) -> str:
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    assert not command.run(parser.parse_args(words))
    return capsys.readouterr().out


def test_models_have_the_numbers_of_their_networks():
    models = {model.name: model for model in shipped_models()}
    assert list(models) == zoo_models()
    for name in ('xmem-tiny-box', 'lwl-tiny'):
        network = init_model(name)
        assert models[name].parameters == sum(p.numel() for p in network.parameters())
        assert models[name].config.config == str(Path(network.cfg.filename).relative_to(config_root()))
    assert all('non-commercial' in m.licence and 3 < m.size_mb < 6 and m.task for m in models.values())


def test_json_and_text_have_every_model_with_its_scores(capsys):
    listed = json.loads(run(capsys, '--json'))['models']
    assert [model['name'] for model in listed] == zoo_models()
    (xmem,) = (model for model in listed if model['name'] == 'xmem-tiny-box')
    assert xmem['results'][0]['Metrics']['J&F'] == 79.7 and xmem['parameters'] > 1e6
    text = run(capsys)
    assert all(f'{name}: ' in text for name in zoo_models()) and 'J&F 79.7' in text


def test_configs_are_chosen_by_a_part_or_a_pattern(capsys):
    every = json.loads(run(capsys, '--configs', '--json'))['configs']
    assert {c['config'] for c in every} == {
        p.relative_to(config_root()).as_posix() for p in config_root().glob('[a-z]*/*.py')
    }
    found = [config.name for config in shipped_configs('davis16-ab')]
    assert found == ['stm_mobilenetv2_davis16-ab_mil', 'stm_mobilenetv2_davis16-ab_mil-crf']
    assert {config.method for config in shipped_configs('lwl/*')} == {'LWL'}
    with pytest.raises(ConfigError, match='davis99'):
        shipped_configs('davis99')


def test_damaged_weights_are_named(tmp_path):
    weights = (ZOO / 'lwl-tiny.safetensors').read_bytes()
    for content in (b'', weights[:100], weights[:-1], weights + b'0'):
        (tmp_path / 'lwl.safetensors').write_bytes(content)
        with pytest.raises(CheckpointError, match=r'lwl\.safetensors'):
            read_safetensors_header(tmp_path / 'lwl.safetensors')


def test_listing_imports_no_pytorch():
    code = (
        'import sys, argparse; from vosplug.cli import doctor, models; '
        'models.run(argparse.Namespace(configs=None, json=False)); '
        'assert not {"torch", "mmengine"} & set(sys.modules)'
    )
    done = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True)
    assert done.returncode == 0 and 'xmem-tiny-box' in done.stdout, done.stderr
