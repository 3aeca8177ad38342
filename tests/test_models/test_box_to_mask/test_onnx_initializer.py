"""ONNX files as box-to-mask models: PyTorch's masks, in every place that makes masks from boxes."""

import copy
import json
import multiprocessing
import pickle
import re
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from box_to_mask_tester import BoxToMaskTester, mask_of
from doc_shell import REPO, blocks
from mmengine.registry import init_default_scope
from small_box2seg import CROP, build_box2seg, write_boxed_videos
from small_models import small_sta_net, small_stm

from vosplug.errors import CheckpointError, ConfigError
from vosplug.models import Box2Seg, Box2SegInitializer, ONNXBoxInitializer
from vosplug.models.box_to_mask import onnx_network
from vosplug.models.build import build_model
from vosplug.pseudo_labels import build_labeller
from vosplug.registry import MODELS
from vosplug.structures import ObjectPrompt, fill_box

REASON = 'onnx, onnxscript or onnxruntime is not installed; pip install "vosplug[onnx]"'
onnx = pytest.importorskip('onnx', reason=REASON)
pytest.importorskip('onnxscript', reason=REASON)
pytest.importorskip('onnxruntime', reason=REASON)

from vosplug.apis import export  # noqa: E402

TOLERANCE = 1e-5
BOX = (10, 8, 30, 26)
CRF = dict(max_iter=2, bi_xy_std=8, bi_rgb_std=20)


def network():
    """With everything that a Box2Seg may have."""
    model = build_box2seg()
    model.flip = True
    model.crf_options, model.crf = CRF, MODELS.build(dict(type='vosplug.DenseCRF', **CRF))
    return model


@pytest.fixture(scope='module')
def exported(tmp_path_factory) -> tuple[Path, float]:
    path = tmp_path_factory.mktemp('onnx') / 'small.onnx'
    model = network()
    difference = export.export_onnx(model, path, 'small')
    assert model.crf is not None
    return path, difference


@pytest.fixture
def file(exported) -> Path:
    return exported[0]


@pytest.fixture
def frames() -> list[np.ndarray]:
    return list(np.random.default_rng(0).integers(0, 255, (4, 48, 64, 3), np.uint8))


class TestONNX(BoxToMaskTester):
    @pytest.fixture(autouse=True)
    def keep(self, file):
        self.file = file

    def model(self):
        return ONNXBoxInitializer(self.file)


def changed(file: Path, target: Path, **entries) -> Path:
    """A copy of a file whose description of itself has other entries."""
    proto = onnx.load(file)
    (entry,) = proto.metadata_props
    entry.value = json.dumps(json.loads(entry.value) | entries)
    onnx.save(proto, target)
    return target


def test_masks_are_those_of_pytorch_in_batches_of_any_size(exported, frames):
    file, difference = exported
    assert 0 < difference < TOLERANCE
    ours = Box2SegInitializer(network())
    for size in (1, 3, 16):
        requests = [(frames, t, {t: np.float32([BOX, [20, 2, 63, 47]])}) for t in range(4)]
        found = list(ONNXBoxInitializer(file, batch_size=size).batched(iter(requests)))
        np.testing.assert_allclose(found, list(ours.batched(iter(requests))), atol=1e-3)  # the CRF amplifies
    onnx_probs = onnx_network.ONNXCropNetwork(file).object_probs
    model, rng = network(), np.random.default_rng(1)
    model.crf = None
    for count in (1, 5):
        crops = rng.integers(0, 256, (count, 4, *CROP['size']), np.uint8)
        np.testing.assert_allclose(onnx_probs(crops), model.crop_probs(list(crops)), atol=TOLERANCE)


def test_a_file_says_what_it_needs_and_names_no_place_of_its_maker(file):
    info = onnx_network.ONNXCropNetwork(file).info
    assert info.crop == onnx_network.CropSettings(**CROP) and info.crf == CRF and info.source == 'small'
    assert not re.search(rb'site-packages|\.py|/tmp|/home', file.read_bytes())
    assert onnx.load(file).opset_import[0].version == export.OPSET


def test_files_of_the_first_format_stay_readable(frames):
    """Written by ``onnx.helper``: its network returns the box."""
    model = ONNXBoxInitializer(REPO / 'tests' / 'data' / 'onnx' / 'filled_box.onnx')
    assert np.array_equal(mask_of(model, frames[0], BOX) > 0.5, fill_box(BOX, (48, 64)))


def test_settings_follow_from_the_file(file, tmp_path):
    other = ONNXBoxInitializer(changed(file, tmp_path / 'other.onnx', crf=None))
    settings = [m.settings for m in (ONNXBoxInitializer(file), ONNXBoxInitializer(file), other)]
    assert settings[0] == settings[1] != settings[2]


def test_every_process_has_a_session_of_its_own(file, frames, monkeypatch):
    """Threads of a session do not survive a fork, and data workers have one thread each."""
    monkeypatch.setattr(torch, 'get_num_threads', lambda: 3)
    model = ONNXBoxInitializer(file)
    expected = mask_of(model, frames[0], BOX)
    fork = multiprocessing.get_context('fork')
    answers = fork.Queue()

    def work():
        monkeypatch.setattr(torch, 'get_num_threads', lambda: 1)
        answers.put((mask_of(model, frames[0], BOX), threads_of(model)))

    worker = fork.Process(target=work)
    worker.start()
    found, threads = answers.get(timeout=60)
    worker.join(60)
    assert worker.exitcode == 0 and threads == 1 and threads_of(model) == 3
    np.testing.assert_allclose(found, expected, atol=TOLERANCE)
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert not other._onnx._sessions
        np.testing.assert_allclose(mask_of(other, frames[0], BOX), expected, atol=TOLERANCE)


def threads_of(model: ONNXBoxInitializer) -> int:
    return model._onnx._session.get_session_options().intra_op_num_threads


def test_it_starts_tracks_and_makes_datasets(file, frames):
    init_default_scope('vosplug')
    cfg = {**small_stm(), 'initializer': dict(type='ONNXBoxInitializer', file=str(file))}
    model = MODELS.build(cfg).eval()
    result = next(model.stream(frames, {0: [ObjectPrompt(4, box=BOX)]}))
    assert np.array_equal(result.mask == 4, mask_of(model.initializer, frames[0], BOX) > 0.5)
    assert not any(key.startswith('initializer') for key in model.state_dict())
    labeller = build_labeller(file, cfg_options={'model.batch_size': 2})
    assert isinstance(labeller.model, ONNXBoxInitializer) and labeller.model._batch_size == 2
    assert build_labeller(str(file)).digest == labeller.digest
    with pytest.raises(ConfigError, match='contains its weights'):
        build_model(file, 'weights.pth')


def test_the_command_labels_and_tracks_with_a_file(file, frames, tmp_path, monkeypatch):
    from vosplug.cli import main

    monkeypatch.chdir(write_boxed_videos(tmp_path))
    label = ['label', str(file), *('--videos', 'videos', '--boxes', 'boxes.csv', '--out', 'out')]
    assert not main(label) and len(list(Path('out/Annotations').rglob('*.png'))) == 7
    Path('stm.py').write_text(f'model = {small_stm()!r}\n')
    track = ['track', 'videos/bear', *('--box', '1@0:8,6,20,24', '--model', 'stm.py', '--write', 'masks')]
    assert not main([*track, '--box-model', str(file), '--out', 'by_file'])
    assert not main([*track, '--out', 'filled'])
    first = [cv2.imread(f'{out}/masks/00000.png') for out in ('by_file', 'filled')]
    assert not np.array_equal(*first)


@pytest.mark.parametrize(
    ('entries', 'message'),
    [
        (dict(kind='tracker'), 'kind'),
        (dict(format=2), 'format'),
        (dict(crop=dict(size=[33, 41], centre=1)), 'centre'),
        (dict(crop=dict(size=[33, -1])), 'positive'),
        (dict(crop=dict(size=[10**6, 10**6])), 'more than the limit'),
        (dict(crop=dict(size=[64, 64])), r'expected a single input uint8 \(B, 4, 64, 64\)'),
        (dict(crf=dict(rounds=3)), 'crf: .*rounds'),
        (dict(crf=dict(max_iter=0)), 'crf: .*max_iter is 0'),
    ],
)
def test_a_file_that_describes_itself_wrongly_is_refused(file, tmp_path, entries, message):
    with pytest.raises(CheckpointError, match=f'(?s)wrong.onnx: .*{message}'):
        ONNXBoxInitializer(changed(file, tmp_path / 'wrong.onnx', **entries))


def test_other_files_are_refused(file, tmp_path):
    proto = onnx.load(file)
    del proto.metadata_props[:]
    onnx.save(proto, tmp_path / 'foreign.onnx')
    (tmp_path / 'cut.onnx').write_bytes(file.read_bytes()[:-1000])
    (tmp_path / 'empty.onnx').write_bytes(b'')
    expected = dict(foreign="no metadata 'vosplug'", cut='cannot be read as an ONNX', empty='cannot be read')
    for name, message in (expected | dict(missing='no such file')).items():
        with pytest.raises(CheckpointError, match=rf'{name}\.onnx: .*{message}'):
            ONNXBoxInitializer(tmp_path / f'{name}.onnx')


@pytest.mark.parametrize('place', ['beside.bin', '../secret.bin', '{root}/secret.bin'])
def test_a_file_cannot_read_others(file, tmp_path, monkeypatch, place):
    (tmp_path / 'models').mkdir()
    monkeypatch.chdir(tmp_path / 'models')
    proto = onnx.load(file)
    weights = max(proto.graph.initializer, key=lambda tensor: len(tensor.raw_data))
    for secret in ('beside.bin', '../secret.bin'):
        Path(secret).write_bytes(weights.raw_data)
    weights.ClearField('raw_data')
    weights.data_location = onnx.TensorProto.EXTERNAL
    entry = weights.external_data.add()
    entry.key, entry.value = 'location', place.format(root=tmp_path)
    Path('reads.onnx').write_bytes(proto.SerializeToString())
    with pytest.raises(CheckpointError, match=r'reads\.onnx: .*names other files'):
        ONNXBoxInitializer('reads.onnx')


def test_operators_of_others_are_refused(file, tmp_path):
    proto = onnx.load(file)
    proto.graph.node[0].domain = 'evil'
    onnx.save(proto, tmp_path / 'custom.onnx')
    with pytest.raises(CheckpointError, match=r'custom\.onnx: cannot be read'):
        ONNXBoxInitializer(tmp_path / 'custom.onnx')


@pytest.mark.parametrize('providers', [['CUDAExecutionProvider'], 'CPUExecutionProvider', []])
def test_providers_that_are_not_there_are_named(file, providers):
    with pytest.raises(ConfigError, match='CPUExecutionProvider'):
        ONNXBoxInitializer(file, providers=providers)


def test_missing_and_old_packages_are_named(file, tmp_path, monkeypatch):
    import onnxruntime

    monkeypatch.setattr(onnxruntime, '__version__', '1.23.2')
    with pytest.raises(ConfigError, match=r'found onnxruntime 1\.23\.2, expected 1\.24'):
        ONNXBoxInitializer(file)
    monkeypatch.setitem(sys.modules, 'onnxruntime', None)
    with pytest.raises(ConfigError, match=r'onnxruntime is not installed: pip install "vosplug\[onnx\]"'):
        ONNXBoxInitializer(file)
    monkeypatch.setitem(sys.modules, 'onnxscript', None)
    with pytest.raises(ConfigError, match=r'onnxscript is not installed: pip install "vosplug\[onnx\]"'):
        export.export_onnx(network(), tmp_path / 'a.onnx')


def test_what_cannot_be_exported_is_refused(tmp_path, monkeypatch):
    init_default_scope('vosplug')
    with pytest.raises(ConfigError, match='STANet cannot be exported'):
        export.export_onnx(MODELS.build(small_sta_net()), tmp_path / 'a.onnx')
    with pytest.raises(ConfigError, match='ends in .onnx'):
        export.export_onnx(network(), tmp_path / 'a.pb')

    def unknown(network, crops):
        raise NotImplementedError('selection of points')

    monkeypatch.setattr(Box2Seg, 'object_probs', unknown)
    with pytest.raises(ConfigError, match='PyTorch cannot export this network: .*selection of points'):
        export.export_onnx(network(), tmp_path / 'a.onnx')
    assert not list(tmp_path.iterdir())


def test_a_file_that_differs_from_pytorch_is_not_written(file, tmp_path, monkeypatch):
    proto = onnx.load(file)
    del proto.metadata_props[:]
    monkeypatch.setattr(export, '_exported', lambda network: proto)
    other = network()
    torch.nn.init.normal_(other.decode_head.conv_seg.weight)
    with pytest.raises(CheckpointError, match=r'other\.onnx: not written: .* differ'):
        export.export_onnx(other, tmp_path / 'other.onnx')
    assert not list(tmp_path.iterdir())


def test_the_example_of_the_page_needs_neither_pytorch_nor_vosplug(file, tmp_path, monkeypatch):
    (example,) = (b.text for b in blocks(REPO / 'docs' / 'deployment.md', 'python') if 'InferenceS' in b.text)
    image = np.random.default_rng(2).integers(0, 255, (48, 64, 3), np.uint8)
    cv2.imwrite(str(tmp_path / 'photo.png'), image)
    left, top, right, bottom = BOX
    names = example.replace('box2seg-tiny.onnx', str(file)).replace('photo.jpg', str(tmp_path / 'photo.png'))
    assert '229, 92, 312, 288' in names
    code = names.replace('229, 92, 312, 288', f'{left}, {top}, {right}, {bottom}')
    with monkeypatch.context() as without:
        for name in ('torch', 'vosplug'):
            without.setitem(sys.modules, name, None)
        found: dict = {}
        exec(code, found)
    model = network()
    model.crf = None
    expected = mask_of(Box2SegInitializer(model), image, BOX)
    np.testing.assert_allclose(found['mask'], expected, atol=TOLERANCE)
    assert (expected > 0.5).any()


@pytest.mark.slow
def test_the_shipped_model_gives_the_same_masks(tmp_path):
    from vosplug.analysis.real_clip import BOXES, CLIP
    from vosplug.structures import VideoFileSource

    assert export.export_onnx(build_model('box2seg-tiny'), tmp_path / 'tiny.onnx') < TOLERANCE
    request = [VideoFileSource(CLIP)[0]], 0, {0: np.float32(list(BOXES.values()))}
    ours, onnx_masks = (
        Box2SegInitializer('box2seg-tiny')(*request),
        build_model(tmp_path / 'tiny.onnx')(*request),
    )
    both, either = ((f(ours > 0.5, onnx_masks > 0.5)).sum() for f in (np.logical_and, np.logical_or))
    assert both / either > 0.999 and either > 1000
