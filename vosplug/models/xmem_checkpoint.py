"""Converts checkpoints between the layout of XMem's authors and ours."""

from pathlib import Path

from torch import Tensor

from .checkpoint_layout import renamed, translate

# ours -> theirs, applied in this order to the start of a key
_RULES = [
    (r'^backbone\.layer1\.', 'key_encoder.res2.'),
    (r'^backbone\.', 'key_encoder.'),
    (r'^key_projection\.key\.', 'key_proj.key_proj.'),
    (r'^key_projection\.shrinkage\.', 'key_proj.d_proj.'),
    (r'^key_projection\.selection\.', 'key_proj.e_proj.'),
    (r'^value_encoder\.backbone\.', 'value_encoder.'),
    (r'^value_encoder\.sensory_update\.', 'value_encoder.hidden_reinforce.'),
    (r'^decode_head\.sensory_update\.laterals\.0\.', 'decoder.hidden_update.g16_conv.'),
    (r'^decode_head\.sensory_update\.laterals\.1\.', 'decoder.hidden_update.g8_conv.'),
    (r'^decode_head\.sensory_update\.laterals\.2\.', 'decoder.hidden_update.g4_conv.'),
    (r'^decode_head\.sensory_update\.update\.', 'decoder.hidden_update.'),
    (r'^decode_head\.skips\.0\.', 'decoder.up_16_8.skip_conv.'),
    (r'^decode_head\.skips\.1\.', 'decoder.up_8_4.skip_conv.'),
    (r'^decode_head\.refine\.0\.', 'decoder.up_16_8.out_conv.'),
    (r'^decode_head\.refine\.1\.', 'decoder.up_8_4.out_conv.'),
    (r'^decode_head\.predict\.', 'decoder.pred.'),
    (r'^decode_head\.fuse\.', 'decoder.fuser.'),
    (r'^value_encoder\.fuse\.', 'value_encoder.fuser.'),
    (r'\.attention\.channel\.0\.', '.attention.ChannelGate.mlp.1.'),
    (r'\.attention\.channel\.2\.', '.attention.ChannelGate.mlp.3.'),
    (r'\.attention\.spatial\.', '.attention.SpatialGate.spatial.conv.'),
    (r'(fuser\.block\d|out_conv)\.skip\.', r'\1.downsample.'),
]


def xmem_key(ours: str) -> str:
    """The authors' name of one of our keys."""
    return renamed(ours, _RULES)


def convert_xmem(
    state: dict[str, Tensor], ours: dict[str, Tensor], path: str | Path = 'checkpoint'
) -> tuple[dict[str, Tensor], bool]:
    """Translate a checkpoint in either direction, strictly.

    Args:
        state: weights in the authors' layout, or in ours.
        ours: state dict of the model, for its keys and shapes.
        path: of the checkpoint, for messages.

    Returns:
        tuple: the weights in the other layout, and whether that is ours.

    Raises:
        CheckpointError: a key is missing, unexpected, or of another shape.
    """
    return translate(state, ours, xmem_key, 'XMem', path)
