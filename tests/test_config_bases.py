"""Configs anywhere inherit from those of packages, and become one text."""

import copy
from unittest import mock

import pytest
from mmengine.config import Config

from vosplug.config import load_config
from vosplug.errors import ConfigError


def test_a_shipped_config_is_a_base_by_the_name_of_the_package(tmp_path):
    own = tmp_path / 'own.py'
    own.write_text(
        "_base_ = ['vosplug::stm/stm_tiny_synthetic-box.py']\nmodel = dict(memory=dict(top_k=7))\n"
        'seen = {{_base_.model.type}}\n'
    )
    config, base = load_config(own), load_config('stm/stm_tiny_synthetic-box.py')
    assert config.model.memory.top_k == 7 and config.seen == 'STM'
    assert config.model.backbone == base.model.backbone and config.train_cfg == base.train_cfg
    assert Config.fromfile(own).model == config.model


def test_a_config_of_mmsegmentation_is_a_base_with_either_distribution(tmp_path):
    (tmp_path / 'own.py').write_text("_base_ = 'mmseg::_base_/schedules/schedule_20k.py'\n")
    assert Config.fromfile(tmp_path / 'own.py').train_cfg.max_iters == 20000


def test_a_base_that_does_not_exist_is_named(tmp_path, monkeypatch):
    """A file of that name in the working directory is not meant."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'stm').mkdir()
    (tmp_path / 'stm/none.py').write_text('')
    (tmp_path / 'own.py').write_text("_base_ = 'vosplug::stm/none.py'\n")
    with pytest.raises(ConfigError, match=r'own\.py: .*vosplug::stm/none\.py: no such config file'):
        load_config(tmp_path / 'own.py')


@pytest.mark.parametrize('config', ['masktrack/masktrack-tiny.py', 'xmem_box/xmem_r50-r18_all_box.py'])
def test_the_text_of_a_config_is_the_config_and_is_not_formatted_for_each_checkpoint(config, tmp_path):
    cfg = load_config(config)
    with mock.patch('yapf.yapflib.yapf_api.FormatCode', side_effect=AssertionError):
        copy.deepcopy(cfg).dump(tmp_path / 'run.py')
        text = cfg.pretty_text
    assert (tmp_path / 'run.py').read_text() == text
    assert load_config(tmp_path / 'run.py').to_dict() == cfg.to_dict()


def test_the_text_of_a_config_that_imports_its_types_is_a_config(tmp_path):
    own = tmp_path / 'own.py'
    imports = 'from mmengine.config import read_base\nfrom mmengine.dataset import DefaultSampler\n'
    own.write_text(imports + 'sampler = dict(type=DefaultSampler, shuffle=True)\n')
    load_config(own).dump(tmp_path / 'run.py')
    assert load_config(tmp_path / 'run.py').sampler == dict(
        type='mmengine.dataset.DefaultSampler', shuffle=True
    )
