# Forward, backward, forward.
_base_ = ['./xmem_r50-r18_long-video.py']
test_dataloader = dict(dataset=dict(repeats=3))
val_dataloader = test_dataloader
