# Each video is played forward, backward and forward again.
_base_ = ['./xmem_r50-r18_long-video.py']
test_dataloader = dict(dataset=dict(repeats=3))
val_dataloader = test_dataloader
