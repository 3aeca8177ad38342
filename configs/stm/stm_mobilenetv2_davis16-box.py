# The same network and schedule; boxes only, for the first frame of a clip and for the losses.
_base_ = ['./stm_mobilenetv2_davis16-mask.py']
model = dict(initializer=dict(type='FilledBoxInitializer', refine=True))
train_dataloader = dict(dataset=dict(supervision='box'))
