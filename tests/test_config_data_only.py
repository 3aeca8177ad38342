"""Data-only configs run no code, whatever they name."""

import json
import runpy
import sys
from pathlib import Path

import pytest
import torch
import yaml
from malicious_files import Payload, malicious_checkpoint
from mmengine.config import Config
from mmengine.registry import MODELS as ROOT
from mmengine.registry import init_default_scope

from vosplug.apis import init_model
from vosplug.config import load_config, write_data_config
from vosplug.config.data_only import no_imports
from vosplug.errors import CheckpointError, ConfigError, VOSError
from vosplug.paths import config_root
from vosplug.registry import MODELS

SHIPPED = 'stm/stm_tiny_synthetic-box.py'
EXPORT = Path(__file__).parents[1] / 'tools' / 'export_config.py'
SUFFIXES = ('.yaml', '.json')


@pytest.fixture
def service(tmp_path):
    """Path of a data-only config with a model that builds."""
    write_data_config(load_config(SHIPPED), tmp_path / 'service.yaml')
    return tmp_path / 'service.yaml'


def changed(path: Path, **keys) -> Path:
    """A data-only config with other keys on top, as a file beside it."""
    other = path.with_name('changed.json')
    other.write_text(json.dumps({'_base_': path.name, **keys}))
    return other


@pytest.mark.parametrize('suffix', SUFFIXES)
@pytest.mark.parametrize(
    'name',
    [
        SHIPPED,
        'xmem_box/xmem-tiny-box.py',
        'masktrack/masktrack-tiny.py',
        'seq2seq/seq2seq-tiny.py',
        'box2seg/box2seg-tiny.py',
        'lwl/lwl-tiny.py',
    ],
)
def test_an_exported_config_builds_the_same_model(tmp_path, monkeypatch, suffix, name):
    monkeypatch.setattr(sys, 'argv', ['export_config.py', name, str(tmp_path / f'mine{suffix}')])
    runpy.run_path(str(EXPORT), run_name='__main__')
    exported, original = load_config(tmp_path / f'mine{suffix}'), load_config(name)
    assert json.dumps(exported.to_dict()) == json.dumps({key: original[key] for key in exported})
    init_default_scope('vosplug')
    states = [MODELS.build(cfg.model).state_dict() for cfg in (exported, original)]
    assert [(k, v.shape) for k, v in states[0].items()] == [(k, v.shape) for k, v in states[1].items()]


def test_bases_of_data_are_merged(tmp_path):
    (tmp_path / 'base.yaml').write_text(
        'model: {type: STM, backbone: {depth: 18, width: 2}}\nload_from: a.pth\n'
    )
    (tmp_path / 'mine.yaml').write_text(
        '_base_: base.yaml\nload_from: b.pth\nmodel: {backbone: {_delete_: true, depth: 50}}\n'
    )
    cfg = load_config(tmp_path / 'mine.yaml', {'model.backbone.depth': 34})
    assert cfg.model.to_dict() == dict(type='STM', backbone=dict(depth=34)) and cfg.load_from == 'b.pth'


# ------------------------------------------------------------------ nothing runs

PYTHON = 'import os\nos.mkdir({marker!r})\nmodel = dict(type="STM")\n'
MKDIR = {'type': 'os.mkdir', 'path': '{marker}'}
RUNNING = {
    'yaml tag': '!!python/object/apply:os.mkdir [{marker}]',
    'yaml tag in a value': 'work_dir: !!python/object/apply:os.mkdir [{marker}]',
    'yaml name': 'model: {{type: !!python/name:os.mkdir , path: {marker}}}',
    'yaml module': 'model: {{type: STM, backbone: !!python/module:evil_module }}',
    'base in Python': '_base_: evil.py',
    'bases, one in Python': '_base_: [good.yaml, evil.py]',
    'base of another package': '_base_: "mmseg::evil.py"',
    'base over two files': '_base_: between.yaml',
    'custom imports': 'custom_imports: {{imports: [evil_module]}}\nmodel: {{type: STM}}',
    'custom imports in a base': '_base_: importing.yaml',
    'a function as model': 'model: {{type: os.mkdir, path: {marker}}}',
    'a function as part': 'model: {{type: STM, backbone: {{type: os.mkdir, path: {marker}}}}}',
    'a function of subprocess': 'model: {{type: subprocess.check_call, args: [mkdir, {marker}]}}',
    'a function of mmengine': 'model: {{type: mmengine.mkdir_or_exist, dir_name: {marker}}}',
    'a function of a known scope': 'model: {{type: mmengine.utils.mkdir_or_exist, dir_name: {marker}}}',
    'a module as component': 'model: {{type: evil_module}}',
    'a module as scope': 'model: {{type: evil.STM}}',
    'a module as _scope_': 'model: {{type: STM, _scope_: evil}}',
    'a module as default scope': 'default_scope: evil\nmodel: {{type: STM}}',
    'a hook': 'model: {{type: STM}}\ncustom_hooks: [{{type: os.mkdir, path: {marker}}}]',
    'a step of a pipeline': 'val_dataloader: {{dataset: {{pipeline: [{{type: os.mkdir, path: {marker}}}]}}}}',
    'a constructor': 'optim_wrapper: {{type: OptimWrapper, constructor: evil_module.x}}',
    'a program as config of a part': 'model: {{type: STM, initializer: {{type: Box2SegInitializer, '
    'config: {folder}/evil.py, checkpoint: x.pth}}}}',
}


@pytest.fixture
def evil(tmp_path, monkeypatch):
    """A folder on the path of modules, where every module and program would leave a marker."""
    marker = str(tmp_path / 'ran')
    for name in ('evil.py', 'evil_module.py', 'evil/registry.py', 'evil/__init__.py'):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(PYTHON.format(marker=marker))
    (tmp_path / 'good.yaml').write_text('model: {type: STM}')
    (tmp_path / 'between.yaml').write_text('_base_: evil.py')
    (tmp_path / 'importing.yaml').write_text('custom_imports: {imports: evil_module}')
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    assert not (tmp_path / 'ran').exists()


@pytest.mark.parametrize('what', RUNNING)
def test_a_config_of_data_that_would_run_code_is_refused(evil, what):
    text = RUNNING[what].format(marker=evil / 'ran', folder=evil)
    (evil / 'service.yaml').write_text(text)
    with pytest.raises(ConfigError, match=r'\.(yaml|py): '):
        init_model(evil / 'service.yaml')


def test_options_of_a_config_of_data_are_held_to_the_same(evil):
    write_data_config(load_config(SHIPPED), evil / 'service.yaml')
    run = {'model.backbone': dict(type='os.mkdir', path=str(evil / 'ran'))}
    for config in (evil / 'service.yaml', load_config(evil / 'service.yaml')):
        with pytest.raises(ConfigError, match=r"service\.yaml: model\.backbone\.type: found 'os\.mkdir'"):
            init_model(config, cfg_options=run)
    with pytest.raises(ConfigError, match='custom_imports'):
        load_config(evil / 'service.yaml', {'custom_imports.imports': ['evil_module']})


def test_a_file_named_by_a_config_of_data_may_be_malicious_too(evil, service):
    bad = malicious_checkpoint(2, evil / 'ran', evil / 'bad.pth', {})
    pretrained = dict(init_cfg=dict(type='Pretrained', checkpoint=str(bad)))
    with pytest.raises(CheckpointError, match=r'bad\.pth'):
        init_model(changed(service, model=pretrained))
    torch.save(Payload(evil / 'ran'), evil / 'bad.pth')
    with pytest.raises(CheckpointError, match=r'bad\.pth'):
        init_model(service, evil / 'bad.pth')


def test_names_to_import_are_not_looked_up_while_a_config_of_data_builds(evil):
    """Also where a component builds a part from a key that is not called ``type``."""
    run = dict(type='os.mkdir', path=str(evil / 'ran'))
    for name in ('os.mkdir', 'evil_module', 'evil.STM'):
        with no_imports(), pytest.raises(KeyError):
            ROOT.build({**run, 'type': name})
    assert ROOT.build(dict(type='torch.nn.Identity'))  # any other config may


def test_shipped_configs_and_models_are_parts_of_the_package(service):
    for config in ('box2seg-tiny', 'box2seg/box2seg-tiny.py'):
        initializer = dict(type='Box2SegInitializer', config=config)
        if config.endswith('.py'):
            initializer['checkpoint'] = str(config_root().parent / 'vosplug/zoo/box2seg-tiny.safetensors')
        model = init_model(changed(service, model=dict(initializer=initializer)))
        assert type(model.initializer).__name__ == 'Box2SegInitializer'


# ------------------------------------------------------------------ files that are no configs


@pytest.mark.parametrize(
    ('text', 'named'),
    [
        ('', 'holds a NoneType, expected a dict'),
        ('[1, 2]', 'holds a list, expected a dict'),
        ('a: [1', 'cannot be read as a data-only config'),
        ('{{x}}: 1', 'cannot be read as a data-only config'),
        ('work_dir: "{{$HOME:x}}"', "work_dir: found '{{.*not substituted"),
        ('1: 2', 'the key 1 is a int'),
        ('on: 2', 'the key True is a bool'),
        ('when: 2026-01-01', 'when: found a date'),
        ('x: !!binary aGk=', 'x: found a bytes'),
        ('x: !!set {a}', 'x: found a set'),
        ('a: &a [*a]', 'levels, expected a config'),
        ('[' * 5000, 'cannot be read as a data-only config'),
        ('_base_: {a: b}', '_base_: found .*expected a path'),
        ('_base_: [3]', '_base_: found 3'),
        ('_base_: nowhere.yaml', 'nowhere.yaml: no such config'),
        ('_base_: mine.yaml', 'is its own base'),
        ('text: a', 'text is reserved'),
        ('model: 3', 'model: found 3'),
        ('modle: {type: STM}', "unknown key 'modle'"),
    ],
)
def test_what_is_no_config_is_named(tmp_path, text, named):
    (tmp_path / 'mine.yaml').write_text(text)
    with pytest.raises(ConfigError, match=rf'mine\.yaml: .*{named}'):
        load_config(tmp_path / 'mine.yaml')


def test_references_that_grow_are_refused(tmp_path):
    lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]']
    lines += [f'a{i}: &a{i} [{", ".join([f"*a{i - 1}"] * 9)}]' for i in range(1, 12)]
    (tmp_path / 'bomb.yaml').write_text('\n'.join(lines))
    with pytest.raises(ConfigError, match=r'bomb\.yaml: .*more than 100000 values'):
        load_config(tmp_path / 'bomb.yaml')


def test_a_config_that_imports_modules_cannot_be_exported(tmp_path):
    (tmp_path / 'mine.py').write_text('custom_imports = dict(imports=["json"])\nmodel = dict(type="STM")')
    with pytest.raises(ConfigError, match='custom_imports'):
        write_data_config(load_config(tmp_path / 'mine.py'), tmp_path / 'out.yaml')
    assert not (tmp_path / 'out.yaml').exists()


def test_an_export_holds_the_runner_s_keys_only_and_reads_back(tmp_path):
    write_data_config(load_config(SHIPPED), tmp_path / 'out.yaml')
    data = yaml.safe_load((tmp_path / 'out.yaml').read_text())
    assert 'model' in data and 'temporal_ramp' not in data
    assert isinstance(load_config(tmp_path / 'out.yaml'), Config)


def test_bases_that_multiply_are_refused(tmp_path):
    for k in range(25):
        (tmp_path / f'{k}.yaml').write_text(f'_base_: [{k + 1}.yaml, {k + 1}.yaml]\n')
    (tmp_path / '25.yaml').write_text('{}\n')
    with pytest.raises(ConfigError, match='more than 200 bases'):
        load_config(tmp_path / '0.yaml')


@pytest.mark.parametrize(
    'model',
    [
        dict(type='mmseg.CrossEntropyLoss', class_weight='evil.yaml'),
        dict(type='mmseg.LoadBiomedicalImageFromFile', decode_backend='pickle'),
    ],
)
def test_files_that_a_config_of_data_names_run_no_code(tmp_path, monkeypatch, model):
    monkeypatch.chdir(tmp_path)
    (tmp_path / 'evil.yaml').write_text("!!python/object/apply:os.system ['touch ran']\n")
    (tmp_path / 'config.json').write_text(json.dumps(dict(model=model)))
    with pytest.raises(VOSError, match='plain values|pickles can run code'):
        init_model(tmp_path / 'config.json')
    assert not (tmp_path / 'ran').exists()


@pytest.mark.parametrize('base', [5, None, 1.5, True, {'a': 'b.yaml'}, [5], [None], 'a\0.yaml', 'x' * 300])
def test_a_base_is_a_path_or_a_list_of_paths(tmp_path, base):
    (tmp_path / 'a.json').write_text(json.dumps({'_base_': base}))
    with pytest.raises(ConfigError, match=r'a\.json: _base_: '):
        load_config(tmp_path / 'a.json')


@pytest.mark.parametrize('suffix', SUFFIXES)
def test_a_byte_order_mark_is_no_part_of_a_config(service, suffix):
    config = service.with_name(f'with_mark{suffix}')
    config.write_text(json.dumps({'_base_': service.name}), encoding='utf-8-sig')
    assert load_config(config).model == load_config(service).model
