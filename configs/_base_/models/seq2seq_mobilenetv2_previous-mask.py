# One network as Initializer and Encoder, with the previous frame's mask as input: annotated masks at first,
# its own once the loss is stable (Xu et al. 2018, Sec. 5.4, "Encoder variants").
_base_ = ['./seq2seq_mobilenetv2.py']
model = dict(backbone=dict(in_channels=4), start_backbone=None, previous_mask=True)
curriculum = dict(
    type='CurriculumHook',
    stages=[dict(model=dict(teacher_forcing=1.0)), dict(model=dict(teacher_forcing=0.0))],
    window=150,
)
