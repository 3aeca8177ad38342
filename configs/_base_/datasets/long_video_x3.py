# Each video is played forward, backward and forward again, as in XMem's tests (Cheng and Schwing 2022).
_base_ = ['./long_video.py']
test_dataloader = dict(dataset=dict(repeats=3))
val_dataloader = test_dataloader
