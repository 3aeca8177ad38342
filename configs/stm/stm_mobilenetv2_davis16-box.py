# The same network and schedule; training sees boxes only: they start a clip and they supervise it.
_base_ = ['./stm_mobilenetv2_davis16-mask.py']
model = dict(initializer=dict(type='FilledBoxInitializer', refine=True))
train_dataloader = dict(dataset=dict(supervision='box'))
