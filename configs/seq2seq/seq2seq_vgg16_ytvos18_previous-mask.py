# Sec. 5.4, "Encoder variants": one network takes frame and mask, those of the prompted frame for the first
# state, then each frame with the previous frame's mask: annotated masks at first, its own once the loss is
# stable.
_base_ = ['./seq2seq_vgg16_ytvos18.py']
model = dict(
    backbone=dict(in_channels=4),
    start_backbone=None,
    previous_mask=True,
)
custom_hooks = [
    dict(
        type='CurriculumHook',
        stages=[
            dict(model=dict(teacher_forcing=1.0), **_base_.annotated),
            dict(model=dict(teacher_forcing=0.0)),
            _base_.all_frames,
        ],
    )
]
