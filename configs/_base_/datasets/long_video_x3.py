# Played forward, backward, forward, as XMem tests (Cheng and Schwing 2022).
_base_ = ['./long_video.py']
test_dataloader = dict(dataset=dict(repeats=3))
val_dataloader = test_dataloader
