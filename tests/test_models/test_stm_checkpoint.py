"""The authors' checkpoint layout and ours, both ways and strictly."""

import subprocess
import sys

import pytest
import torch
from golden_networks import REPO
from stm_goldens import authors_weights, build

from vosplug.checkpoint import load_weights
from vosplug.errors import CheckpointError
from vosplug.models.stm_checkpoint import convert_stm


@pytest.fixture(scope='module')
def model():
    return build()


@pytest.fixture(scope='module')
def authors() -> dict[str, torch.Tensor]:
    return authors_weights()


def test_all_558_keys_go_there_and_back(model, authors):
    ours, to_ours = convert_stm(authors, model.state_dict())
    assert to_ours and ours.keys() == model.state_dict().keys()
    # three first convolutions are one, and no normalisation is inside
    assert len(ours) == len(authors) - 2 - 4 == 552
    back, to_ours = convert_stm(ours, model.state_dict())
    assert not to_ours and back.keys() == authors.keys() and len(back) == 558
    assert all(torch.equal(back[key], authors[key]) for key in authors)


def test_the_first_convolution_takes_image_mask_and_other_masks(model, authors):
    ours, _ = convert_stm(authors, model.state_dict())
    weight = ours['value_encoder.backbone.conv1.weight']
    assert torch.equal(weight[:, :3], authors['Encoder_M.conv1.weight'])
    assert torch.equal(weight[:, 3:4], authors['Encoder_M.conv1_m.weight'])
    assert torch.equal(weight[:, 4:], authors['Encoder_M.conv1_o.weight'])


def test_the_prefix_of_the_published_file_is_taken_off(model, authors):
    published = {f'module.{key}': value for key, value in authors.items()}
    ours, to_ours = convert_stm(published, model.state_dict())
    expected, _ = convert_stm(authors, model.state_dict())
    assert to_ours and ours.keys() == expected.keys()
    assert all(torch.equal(ours[key], expected[key]) for key in expected)


def test_the_counters_of_batches_are_kept(model, authors):
    name = 'res2.0.bn1.num_batches_tracked'
    state = dict(authors, **{f'Encoder_Q.{name}': torch.tensor(7)})
    ours, _ = convert_stm(state, model.state_dict())
    assert ours['backbone.layer1.0.bn1.num_batches_tracked'] == 7


@pytest.mark.parametrize(
    ('change', 'says'),
    [
        (lambda s: s.pop('Decoder.pred2.bias'), r"1 keys missing \(such as \['Decoder.pred2.bias'\]"),
        (lambda s: s.pop('Encoder_M.conv1_o.weight'), r"1 keys missing \(such as \['Encoder_M.conv1_o"),
        (lambda s: s.pop('Encoder_Q.mean'), r"1 keys missing \(such as \['Encoder_Q.mean'\]"),
        (lambda s: s.update(extra=torch.zeros(1)), r"1 unknown \(such as \['extra'\]"),
        (
            lambda s: s.update({'Decoder.pred2.bias': torch.zeros(3)}),
            r'1 of another shape .*pred2.bias.*3',
        ),
        (
            lambda s: s.update({'Encoder_M.conv1_m.weight': torch.zeros(64, 2, 7, 7)}),
            r'1 of another shape .*conv1_m.weight.*64, 2, 7, 7',
        ),
    ],
)
def test_a_checkpoint_that_does_not_fit_is_refused(model, authors, change, says):
    state = dict(authors)
    change(state)
    with pytest.raises(CheckpointError, match=f"STM.pth: expected STM weights in the authors' .*{says}"):
        convert_stm(state, model.state_dict(), 'STM.pth')


def test_our_layout_is_checked_as_well(model):
    state = dict(model.state_dict())
    del state['decode_head.predict.bias']
    with pytest.raises(CheckpointError, match=r'STM weights in our layout: 1 keys missing .*predict.bias'):
        convert_stm(state, model.state_dict())


@pytest.mark.parametrize('name', ['Encoder_M.mean', 'Encoder_Q.std'])
def test_another_normalisation_is_refused(model, authors, name):
    state = dict(authors, **{name: torch.full((1, 3, 1, 1), 0.5)})
    with pytest.raises(CheckpointError, match=rf'STM.pth: {name} is \[0.5, 0.5, 0.5\], expected ImageNet'):
        convert_stm(state, model.state_dict(), 'STM.pth')


def test_the_tool_writes_what_a_model_loads_and_back(model, authors, tmp_path):
    torch.save({f'module.{key}': value for key, value in authors.items()}, tmp_path / 'STM.pth')
    tool = REPO / 'tools' / 'model_converters' / 'stm_to_vosplug.py'
    for source, target, says in (
        ('STM.pth', 'ours.pth', '552 keys in our layout'),
        ('ours.pth', 'back.pth', "558 keys in the authors' layout"),
    ):
        command = [sys.executable, tool, tmp_path / source, tmp_path / target]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0 and says in done.stdout, done.stderr
    load_weights(model, tmp_path / 'ours.pth')
    assert torch.equal(model.decode_head.predict.weight, authors['Decoder.pred2.weight'])
    back = torch.load(tmp_path / 'back.pth', weights_only=True)
    assert all(torch.equal(back[key], authors[key]) for key in authors)
