"""A SAM 2 of a million parameters with random weights, whose every path shows in what comes out."""

import functools
from pathlib import Path

import pytest
import torch

transformers = pytest.importorskip('transformers', reason='needs transformers: pip install "vosplug[sam2]"')

SIDE = 64  # of the square that it sees
SEED = 5  # of those tried, the one with masks of most kinds
HIDDEN = 128  # twice the channels of a memory, which transformers has fixed


def config() -> 'transformers.Sam2VideoConfig':
    backbone = dict(
        model_type='sam2_hiera_det_model',
        hidden_size=8,
        image_size=[SIDE, SIDE],
        window_positional_embedding_background_size=[2, 2],
        blocks_per_stage=[1, 1, 2, 1],
        embed_dim_per_stage=[8, 16, 32, 64],
        num_attention_heads_per_stage=[1, 1, 2, 2],
        window_size_per_stage=[4, 4, 4, 2],
        global_attention_blocks=[3],
    )
    vision = dict(
        model_type='sam2_vision_model',
        backbone_config=backbone,
        backbone_channel_list=[64, 32, 16, 8],
        backbone_feature_sizes=[[SIDE // k] * 2 for k in (4, 8, 16)],
        fpn_hidden_size=HIDDEN,
    )
    return transformers.Sam2VideoConfig(
        vision_config=vision,
        prompt_encoder_config=dict(hidden_size=HIDDEN, image_size=SIDE),
        mask_decoder_config=dict(
            hidden_size=HIDDEN,
            mlp_dim=32,
            num_hidden_layers=1,
            num_attention_heads=2,
            iou_head_hidden_dim=16,
        ),
        image_size=SIDE,
        memory_attention_hidden_size=HIDDEN,
        memory_attention_num_layers=1,
        memory_attention_feed_forward_hidden_size=32,
        memory_attention_rope_feat_sizes=[SIDE // 16] * 2,
        memory_encoder_hidden_size=HIDDEN,
        mask_downsampler_embed_dim=HIDDEN,
        memory_fuser_num_layers=1,
        memory_fuser_embed_dim=HIDDEN,
        memory_fuser_intermediate_dim=32,
    )


@functools.cache
def small_sam2(seed: int = SEED) -> 'transformers.Sam2VideoModel':
    """The model, in eval mode; leave it as it is."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = transformers.Sam2VideoModel(config())
        for parameter in model.parameters():
            if parameter.ndim > 1:
                std = 0.5 if parameter.numel() < 3 * HIDDEN else (parameter[0].numel()) ** -0.5
                torch.nn.init.normal_(parameter, std=1.4 * std)
            elif not parameter.detach().any():
                torch.nn.init.normal_(parameter, std=0.1)
        for head in model.mask_decoder.output_hypernetworks_mlps:
            # of either sign
            head.proj_out.weight.data -= head.proj_out.weight.mean(0)
            head.proj_out.weight.data *= 0.06
        # objects are seen
        torch.nn.init.constant_(model.mask_decoder.pred_obj_score_head.proj_out.bias, 20)
    return model.eval()


@functools.cache
def small_sam2_of_images() -> 'transformers.Sam2Model':
    """The model of images with the same weights."""
    video = config().to_dict()
    keys = ('vision_config', 'prompt_encoder_config', 'mask_decoder_config')
    model = transformers.Sam2Model(transformers.Sam2Config(**{key: video[key] for key in keys}))
    own = model.state_dict()
    model.load_state_dict({key: value for key, value in small_sam2().state_dict().items() if key in own})
    return model.eval()


def write_small_sam2(folder: Path) -> Path:
    """The model as users have it: a folder with config.json and model.safetensors."""
    transformers.utils.logging.disable_progress_bar()
    small_sam2().save_pretrained(folder)
    return folder
