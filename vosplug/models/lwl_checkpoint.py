"""Converts checkpoints of STANet and LWL between the layout of their authors and ours."""

import re
from pathlib import Path

from torch import Tensor

from ..errors import CheckpointError
from .checkpoint_layout import renamed, translate

# ours -> theirs, applied in this order
_RULES = [
    (r'^backbone\.', 'feature_extractor.'),
    (r'^(features|key_projection)\.conv\.', 'target_model.feature_extractor.0.'),
    (r'^(fusion|memory\.learner)\.', 'target_model.filter_optimizer.residual_module.'),
    (r'^mask_fusion\.', 'target_model_segm.filter_optimizer.residual_module.'),
    (r'\.regularisation$', '.filter_reg'),
    # theirs: filters learn from the `bbox_encoder`, and the decoder gets the output of the `label_encoder`
    (r'^box_encoder\.', 'bbox_encoder.'),
    (r'^(frame|value)_encoder\.', 'label_encoder.'),
    (r'^mask_encoder\.', 'segm_encoder.'),
    (r'^(box_label_encoder)\.blocks\.', r'\1.res.'),
    (r'^(\w+_encoder)\.stem\.', r'\1.conv_block.0.'),
    (r'^(\w+_encoder)\.block(\d)\.', r'\1.res\2.'),
    (r'^(\w+_encoder\.res\.?\d)\.skip\.', r'\1.downsample.'),
    (r'^(\w+_encoder)\.labels\.', r'\1.label_pred.'),
    (r'^(\w+_encoder)\.weights\.', r'\1.samp_w_pred.'),
    (r'^decode_head\.reduce\.', 'decoder.project.conv1.'),
    (r'^decode_head\.predict\.', 'decoder.project.conv2.'),
    (r'^decode_head\.levels\.(\d)\.(reduce|transform)\.', r'decoder.TSE.\1.\2.'),
    (r'^decode_head\.levels\.(\d)\.project\.', r'decoder.proj.\1.'),
    (r'^decode_head\.levels\.(\d)\.attention\.', r'decoder.CAB.\1.convreluconv.'),
    (r'^decode_head\.levels\.(\d)\.block(\d)\.project\.', r'decoder.RRB\2.\1.conv1x1.'),
    (r'^decode_head\.levels\.(\d)\.block(\d)\.block\.', r'decoder.RRB\2.\1.bblock.'),
]
# theirs sees BGR, as Mask R-CNN's backbone does; ours sees RGB
_FIRST = 'backbone.conv1.weight'


def lwl_key(ours: str) -> str:
    """The authors' name of one of our keys."""
    name = renamed(ours, _RULES)
    # ours count levels from the coarsest, theirs are named after the backbone's levels
    return re.sub(r'^(decoder\.\w+)\.(\d)\.', lambda m: f'{m[1]}.layer{4 - int(m[2])}.', name)


def convert_lwl(
    state: dict[str, Tensor], ours: dict[str, Tensor], path: str | Path = 'checkpoint'
) -> tuple[dict[str, Tensor], bool]:
    """Translate a checkpoint in either direction, strictly.

    Args:
        state: weights in the authors' layout (the key ``net`` of their files), or in ours.
        ours: state dict of the model, for its keys and shapes.
        path: of the checkpoint, for messages.

    Returns:
        tuple: the weights in the other layout, and whether that is ours.

    Raises:
        CheckpointError: a key is missing, unexpected, or of another shape, or another backbone.
    """
    if _FIRST not in ours:
        raise CheckpointError(
            f"{path}: the model has no {_FIRST}, expected a ResNet backbone, like the authors'. Use such "
            'a config, for example sta/sta_r50.py or lwl/lwl_r50_test-davis17.py.'
        )
    converted, to_ours = translate(state, ours, lwl_key, 'STANet or LWL', path)
    first = _FIRST if to_ours else lwl_key(_FIRST)
    return converted | {first: converted[first].flip(1)}, to_ours
