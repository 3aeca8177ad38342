# Testing only; every 10th frame is a memory frame (Cheng & Schwing 2022, Sec. 4.1).
_base_ = [
    '../_base_/models/xmem_r50-r18.py',
    '../_base_/datasets/long_video.py',
    '../_base_/long_runtime.py',
]
model = dict(memory=dict(mem_every=10))
