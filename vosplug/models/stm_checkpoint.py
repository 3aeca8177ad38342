"""Converts checkpoints between the layout of Oh et al. 2019 and ours."""

from pathlib import Path

import torch
from torch import Tensor

from ..errors import CheckpointError
from .checkpoint_layout import in_authors_layout, renamed

# ours -> theirs, applied in this order
_RULES = [
    (r'^backbone\.', 'Encoder_Q.'),
    (r'^value_encoder\.backbone\.', 'Encoder_M.'),
    (r'^(Encoder_.)\.layer1\.', r'\1.res2.'),
    (r'^(Encoder_.)\.layer2\.', r'\1.res3.'),
    (r'^(Encoder_.)\.layer3\.', r'\1.res4.'),
    (r'^key_projection\.projection\.', 'KV_Q_r4.Key.'),
    (r'^decode_head\.query_value\.', 'KV_Q_r4.Value.'),
    (r'^value_encoder\.key\.', 'KV_M_r4.Key.'),
    (r'^value_encoder\.value\.', 'KV_M_r4.Value.'),
    (r'^decode_head\.fuse\.', 'Decoder.convFM.'),
    (r'^decode_head\.block\.', 'Decoder.ResMM.'),
    (r'^decode_head\.skips\.0\.', 'Decoder.RF3.skip.'),
    (r'^decode_head\.skips\.1\.', 'Decoder.RF2.skip.'),
    (r'\.skip\.0\.', '.convFS.'),
    (r'\.skip\.1\.', '.ResFS.'),
    (r'^decode_head\.refine\.0\.', 'Decoder.RF3.ResMM.'),
    (r'^decode_head\.refine\.1\.', 'Decoder.RF2.ResMM.'),
    (r'^decode_head\.predict\.', 'Decoder.pred2.'),
]
# the authors split the memory encoder's first convolution into three: image, mask and the others' masks
_STEM = 'Encoder_M.conv1.weight'
_STEM_PARTS = {_STEM: 3, 'Encoder_M.conv1_m.weight': 1, 'Encoder_M.conv1_o.weight': 1}
# the authors' network normalises images itself, ours gets normalised images
_IMAGENET = {'mean': (0.485, 0.456, 0.406), 'std': (0.229, 0.224, 0.225)}
_NORMALISATION = {
    f'{encoder}.{name}': torch.tensor(value).view(1, 3, 1, 1)
    for encoder in ('Encoder_M', 'Encoder_Q')
    for name, value in _IMAGENET.items()
}


def stm_key(ours: str) -> str:
    """The authors' name of one of our keys."""
    return renamed(ours, _RULES)


def convert_stm(
    state: dict[str, Tensor], ours: dict[str, Tensor], path: str | Path = 'checkpoint'
) -> tuple[dict[str, Tensor], bool]:
    """Translate a checkpoint in either direction, strictly.

    Args:
        state: weights in the authors' layout, optionally with DataParallel's prefix as published, or in ours.
        ours: state dict of the model, for its keys and shapes.
        path: of the checkpoint, for messages.

    Returns:
        tuple: the weights in the other layout, and whether that is ours.

    Raises:
        CheckpointError: a key is missing, unexpected, or of another shape, or the image normalisation differs
            from ImageNet's mean and deviation.
    """
    state = {key.removeprefix('module.'): value for key, value in state.items()}
    names = {stm_key(key): key for key in ours}
    shapes = {key: value.shape for key, value in ours.items()}
    to_ours = in_authors_layout(state, _authors_shapes(names, shapes), shapes, 'STM', path)
    if to_ours:
        _check_normalisation(state, path)
        state[_STEM] = torch.cat([state[part] for part in _STEM_PARTS], 1)
        return {key: state[name] for name, key in names.items()}, True
    converted = {stm_key(key): value for key, value in state.items()}
    stem = converted[_STEM].split(list(_STEM_PARTS.values()), 1)
    converted.update(zip(_STEM_PARTS, (part.clone() for part in stem), strict=True))
    converted.update((name, value.clone()) for name, value in _NORMALISATION.items())
    return converted, False


def _authors_shapes(names: dict[str, str], ours: dict[str, torch.Size]) -> dict[str, torch.Size]:
    shapes = {name: ours[key] for name, key in names.items()}
    out_channels, _, *kernel = shapes[_STEM]
    for part, channels in _STEM_PARTS.items():
        shapes[part] = torch.Size([out_channels, channels, *kernel])
    return shapes | {name: value.shape for name, value in _NORMALISATION.items()}


def _check_normalisation(state: dict[str, Tensor], path: str | Path) -> None:
    for name, expected in _NORMALISATION.items():
        if not torch.allclose(state[name].float(), expected, atol=1e-4):
            raise CheckpointError(
                f"{path}: {name} is {state[name].flatten().tolist()}, expected ImageNet's "
                f'{expected.flatten().tolist()}: the checkpoint was trained with another normalisation.'
            )
