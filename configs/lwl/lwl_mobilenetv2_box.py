# The small LWL, also starting from boxes; only the box encoder is trained.
_base_ = ['./lwl_mobilenetv2.py']
model = dict(
    type='LWLBox',
    box_label_encoder=dict(type='BoxFeatureEncoder', feature_channels=128, channels=(32, 32, 16)),
)
train_dataloader = dict(dataset=dict(clip_sampler=dict(num_frames=2)))
load_from = 'work_dirs/lwl_mobilenetv2/iter_300.pth'
train_cfg = dict(max_iters=200, val_interval=200)
val_dataloader = dict(dataset=dict(prompt='box'))
test_dataloader = val_dataloader
