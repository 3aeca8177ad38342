# Skogh 2024, Sec. 4.3; tables 4.3 and 4.4, first row. Box supervision only; a clip's first masks are filled
# boxes.
_base_ = [
    '../_base_/models/xmem_r50-r18.py',
    '../_base_/datasets/ytvos2018_davis16_clips.py',
    '../_base_/datasets/davis2017.py',
    '../_base_/losses/box.py',
    '../_base_/schedules/xmem_main.py',
    '../_base_/long_runtime.py',
]
model = dict(decode_head=dict(loss_mask=[], loss_object=[], loss_box=[{{_base_.projection}}]))
train_dataloader = dict(dataset=dict(supervision='box'))
custom_hooks = [{{_base_.clip_gap_hook}}]
