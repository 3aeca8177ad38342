# The model that comes with vosplug, 2.7 M parameters: one network as Initializer and Encoder, which takes the
# previous frame's mask as input and starts from masktrack-tiny's weights; trained on clips of COCO images,
# too. Box prompts are segmented by box2seg-tiny. Online learning adapts it to a video's objects.
_base_ = [
    '../_base_/models/seq2seq_mobilenetv2_previous-mask.py',
    '../_base_/datasets/masktrack_clips_small.py',
    '../_base_/datasets/davis2016_seven.py',
    '../_base_/schedules/adamw_2000.py',
    '../_base_/schedules/seq2seq_online_small.py',
    '../_base_/default_runtime.py',
]
masktrack_weights = 'work_dirs/masktrack-tiny/iter_2000.pth'
model = dict(
    initializer=dict(type='Box2SegInitializer', config='box2seg-tiny'),
    backbone=dict(
        strides=(1, 2, 2, 2, 1, 1, 1),
        dilations=(1, 1, 1, 1, 1, 2, 2),
        out_indices=(1, 2, 6),
        init_cfg=dict(type='Pretrained', checkpoint=masktrack_weights, prefix='network.backbone.'),
    ),
    in_channels=320,
    channels=96,
    reach=0.5,
    memory=dict(in_channels=96, channels=96),
    decode_head=dict(in_channels=96),
    test_cfg=dict(
        online=dict(
            _base_.seq2seq_online,
            parts=['backbone', 'project', 'start_hidden', 'start_cell', 'decode_head'],
        )
    ),
)
train_dataloader = dict(dataset=dict(clip_sampler=dict(num_frames=(4, 7), max_gap=5)))
custom_hooks = [*_base_.custom_hooks, _base_.curriculum]
