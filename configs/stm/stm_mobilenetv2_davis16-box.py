# The same network and schedule, with boxes only: for a clip's first frame and for the losses.
_base_ = ['./stm_mobilenetv2_davis16-mask.py']
model = dict(initializer=dict(type='FilledBoxInitializer', refine=True))
train_dataloader = dict(dataset=dict(supervision='box'))
