"""Every component builds under the default scope of another package, without a prefix on its parts."""

import doctest
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from mmengine.registry import MODELS as ROOT_MODELS
from mmengine.registry import DefaultScope
from small_box2seg import CROP, small_box2seg
from small_data import make_masks, write_davis
from small_models import (
    resnet,
    small_lwl,
    small_lwl_box,
    small_mask_track,
    small_original_stm,
    small_seq2seq,
    small_sta_net,
    small_stm,
    small_xmem,
)
from trained_parts import make_checkpoint

from vosplug import registry
from vosplug.config import load_config
from vosplug.paths import config_root
from vosplug.registry import DATA_SAMPLERS, DATASETS, HOOKS, METRICS, MODELS, TRANSFORMS, VISUALIZERS

KEYS = dict(in_channels=[16, 32], out_channels=8)
VALUES = dict(backbone=resnet(3, in_channels=5, out_indices=(2,)), backbone_channels=32, out_channels=8)
PARTS = [
    dict(type='ExtraChannelResNet', depth=18),
    dict(type='DeepLabVGG16', width=4),
    dict(type='VGG16', width=4),
    dict(type='MobileNetV2'),
    dict(type='Xception65', middle_blocks=1),
    dict(type='BoxCropPreprocessor'),
    dict(type='VOSDataPreprocessor'),
    dict(type='TopDownNeck', in_channels=[8, 16], out_channels=[8]),
    dict(type='DenseCRF'),
    dict(type='CosineKeyProjection', **KEYS),
    dict(type='ConvKeyProjection', in_channels=32, out_channels=8),
    dict(type='AnisotropicKeyProjection', in_channels=32, out_channels=8),
    dict(type='CosineAnisotropicKeyProjection', **KEYS),
    dict(type='WorkingMemory'),
    dict(type='LongTermMemory'),
    dict(type='ConvLSTM', in_channels=8, channels=8),
    dict(type='FilterLearner'),
    dict(type='FewShotMemory'),
    dict(type='FilterFeatures', in_channels=8),
    dict(type='MaskLabelEncoder'),
    dict(type='BoxFeatureEncoder'),
    dict(type='BoxLabelEncoder'),
    dict(type='FilterFusion'),
    dict(type='MatchingFusion'),
    dict(type='ConcatFusion', frames=3),
    dict(type='GatedUpdate', in_channels=4, channels=4),
    dict(type='MultiScaleUpdate', in_channels=(4, 4, 4), mid_channels=4, channels=4),
    dict(type='MaskValueEncoder', key_channels=8, **VALUES),
    dict(type='KeyValueEncoder', key_channels=8, **VALUES),
    dict(type='FusionValueEncoder', key_channels=32, sensory_channels=4, **VALUES),
    small_original_stm()['decode_head'],
    small_xmem()['decode_head'],
    small_stm()['decode_head'],
    small_seq2seq()['decode_head'],
    small_sta_net()['decode_head'],
    small_mask_track()['network']['decode_head'] | dict(type='DeepLabV2Head'),
    dict(type='FilledBoxInitializer'),
    dict(type='GrabCutInitializer'),
    dict(type='Box2SegInitializer', config='box2seg-tiny'),
    dict(
        type='ONNXBoxInitializer', file=str(Path(__file__).parents[1] / 'data' / 'onnx' / 'filled_box.onnx')
    ),
    dict(type='STAInitializer', config=MODELS.build(small_sta_net())),
    dict(type='MaskTrackInitializer', config=MODELS.build(small_mask_track(guidance='box'))),
    dict(type='SAM2BoxInitializer', model=torch.nn.Identity()),
    dict(type='DISFlow'),
    dict(type='FlowFiles', folder='flow', direction='forward'),
    dict(type='CachedFlow', provider=dict(type='DISFlow'), folder='cache'),
    dict(type='BootstrappedCrossEntropyLoss'),
    dict(type='BoxBackgroundLoss'),
    dict(type='BoxProjectionLoss'),
    dict(type='BoxTightnessMILLoss'),
    dict(type='ColorPairwiseLoss'),
    dict(type='DenseCRFLoss'),
    dict(type='ObjectBinaryCrossEntropyLoss'),
    dict(type='ObjectDiceLoss'),
    dict(type='ObjectLovaszLoss'),
    dict(type='PartiallyHuberisedCrossEntropyLoss'),
    dict(type='SoftJaccardLoss'),
    dict(type='TemporalPatchConsistencyLoss'),
    dict(type='MaxScoreAggregation'),
    dict(type='SoftAggregation'),
    dict(type='OnlineAdapter', steps=1, optim_wrapper={}, pipeline=[dict(type='PackClip')]),
]
SEGMENTORS = [
    small_stm(),
    small_xmem(),
    small_mask_track(),
    small_seq2seq(),
    small_box2seg(),
    small_sta_net(),
    small_lwl(),
    small_lwl_box(),
    dict(type='StreamingModel', tracker=small_stm()),
    dict(type='SAM2Tracker', model=torch.nn.Identity()),
]
STEPS = [
    dict(type='LoadClip'),
    dict(type='ClipResize', short_side=40),
    dict(type='ClipRandomAffine'),
    dict(type='ClipCropToObject', context=0.5),
    dict(type='ClipRandomCrop', size=(32, 32)),
    dict(type='ClipRandomResizedCrop', size=(32, 32)),
    dict(type='ClipRandomFlip'),
    dict(type='PasteObject'),
    dict(type='PerFrame', transforms=[dict(type='mmseg.PhotoMetricDistortion')]),
    dict(type='StartMasks'),
    dict(type='InputMasks'),
    dict(type='PackClip'),
    dict(type='PackBoxClip', size=(32, 32)),
    dict(type='PackBoxCrop', size=(32, 32), margin=4),
]
SYNTHETIC = dict(type='SyntheticVOS', num_videos=2, pipeline=STEPS[:1])
FOLDER = dict(data_root='nowhere', lazy_init=True, pipeline=STEPS[:1])
DATA = [
    dict(type='DAVIS2017Dataset', **FOLDER),
    dict(type='DAVIS2016Dataset', **FOLDER),
    dict(type='VideoFolderDataset', **FOLDER),
    dict(type='LongVideoDataset', **FOLDER),
    dict(type='MixtureDataset', datasets=dict(a=SYNTHETIC, b=SYNTHETIC)),
    dict(type='StaticImageDataset', **FOLDER),
    dict(type='COCOImageDataset', ann_file='a.json', **FOLDER),
    dict(type='SegTrackV2Dataset', **FOLDER),
    SYNTHETIC,
    dict(type='TAOVOSDataset', **FOLDER),
    dict(type='GOT10kDataset', **FOLDER),
    dict(type='LaSOTDataset', **FOLDER),
    dict(type='TrackingNetDataset', **FOLDER),
    dict(type='VOT2020Dataset', **FOLDER),
    dict(type='YouTubeObjectsDataset', **FOLDER),
    dict(type='YouTubeVOSDataset', **FOLDER),
    dict(type='YTVISDataset', ann_file='a.json', **FOLDER),
]
HOOK_CONFIGS = [
    dict(type='AtomicCheckpointHook'),
    dict(type='ClipGapHook', gaps=[(0, 1)]),
    dict(type='CurriculumHook', stages=[dict(clips=dict(frames='all'))]),
    dict(type='LossRampHook', loss='loss_pairwise'),
    dict(type='MaskWriterHook', out_dir='out'),
    dict(type='OverlayHook'),
    dict(type='ReportHook', out_file='report.html'),
]
CONFIGS = [
    (MODELS, [*PARTS, *SEGMENTORS]),
    (TRANSFORMS, STEPS),
    (DATASETS, DATA),
    (HOOKS, HOOK_CONFIGS),
    (METRICS, [dict(type='VOSMetric')]),
]
NEEDS_ONNX = pytest.mark.skipif(not find_spec('onnxruntime'), reason='pip install "vosplug[onnx]"')
EVERY = [
    pytest.param(own, cfg, id=cfg['type'], marks=NEEDS_ONNX if 'ONNX' in cfg['type'] else ())
    for own, configs in CONFIGS
    for cfg in configs
]


@pytest.fixture(params=['mmseg', 'mmdet'])
def scope(request):
    """A default scope that is not vosplug's."""
    if request.param == 'mmdet':
        request.getfixturevalue('mmdet')
    with DefaultScope.overwrite_default_scope(request.param):
        yield request.param


@pytest.mark.parametrize(('own', 'cfg'), EVERY)
def test_component_builds_from_its_own_registry_and_by_its_full_name(scope, own, cfg):
    expected = own.get(cfg['type'])
    assert type(own.build(cfg)) is expected
    assert type(own.root.build({**cfg, 'type': f'vosplug.{cfg["type"]}'})) is expected


@pytest.mark.parametrize(('own', 'configs'), CONFIGS, ids=lambda x: getattr(x, 'name', ''))
def test_every_registered_component_is_among_them(own, configs):
    own.import_from_location()
    shipped = {name for name, part in own.module_dict.items() if part.__module__.startswith('vosplug.')}
    assert {cfg['type'] for cfg in configs} == shipped


def test_sampler_and_visualizer_build(scope):
    mixture = DATASETS.build(dict(type='MixtureDataset', datasets=dict(a=SYNTHETIC)))
    cfg = dict(type='MixtureSampler', weights=dict(a=1))
    assert type(DATA_SAMPLERS.build(cfg, default_args=dict(dataset=mixture))).__name__ == 'MixtureSampler'
    assert type(VISUALIZERS.build(dict(type='VOSVisualizer', name=scope))).__name__ == 'VOSVisualizer'


@pytest.mark.parametrize(
    'path', sorted((config_root() / '_base_' / 'models').glob('*.py')), ids=lambda p: p.stem
)
def test_a_shipped_model_builds_in_a_config_of_another_package(scope, path, tmp_path):
    model = load_config(path).model
    make_checkpoint(model, tmp_path / 'trained.pth')
    crop = dict(crop=CROP) if model.type in ('Box2Seg', 'STANet') else {}  # comes with its data
    built = ROOT_MODELS.build({**model, **crop, 'type': f'vosplug.{model.type}'})
    assert type(built).__name__ == model.type and type(built).__module__.startswith('vosplug.')
    assert type(built.data_preprocessor).__module__.startswith('vosplug.')


def test_names_without_a_scope_inside_a_segmentor_are_ours_then_those_of_the_default_scope():
    plain = {**small_stm()['backbone'], 'type': 'ResNet'}
    with DefaultScope.overwrite_default_scope('mmseg'):
        model = ROOT_MODELS.build({**small_stm(), 'type': 'vosplug.STM', 'backbone': plain})
        assert DefaultScope.get_current_instance().scope_name == 'mmseg'
    assert type(model.backbone).__module__.startswith('mmseg.')
    assert type(model.decode_head).__module__.startswith('vosplug.')


def test_a_name_of_both_packages_is_ours_and_a_scope_decides():
    with DefaultScope.overwrite_default_scope('mmseg'):
        ours, prefixed, scoped = (
            MODELS.build(cfg)
            for cfg in (
                dict(type='MobileNetV2'),
                dict(type='mmseg.MobileNetV2'),
                dict(type='MobileNetV2', _scope_='mmseg'),
            )
        )
    modules = [type(model).__module__.split('.')[0] for model in (ours, prefixed, scoped)]
    assert modules == ['vosplug', 'mmseg', 'mmseg']


def test_an_unknown_name_is_named_and_no_config_is_changed():
    cfg = dict(type='BoxProjectionLoss')
    with DefaultScope.overwrite_default_scope('mmseg'):
        with pytest.raises(KeyError, match='BoxProjectionLos is not in the mmseg::model registry'):
            MODELS.build(dict(type='BoxProjectionLos'))
        MODELS.build(cfg)
    assert cfg == dict(type='BoxProjectionLoss')


def test_a_dataset_reads_its_clips_with_our_transforms(scope, tmp_path):
    write_davis(tmp_path, {'bear': make_masks()})
    dataset = DATASETS.build(
        dict(
            type='DAVIS2017Dataset',
            data_root=str(tmp_path),
            ann_file='ImageSets/train.txt',
            pipeline=[step for step in STEPS if not step['type'].startswith('PackBox')],
        )
    )
    assert dataset[0]['inputs'].shape[-2:] == (32, 32)


def test_the_example_of_the_docstring_runs():
    assert doctest.testmod(registry).attempted >= 6
    assert doctest.testmod(registry).failed == 0
