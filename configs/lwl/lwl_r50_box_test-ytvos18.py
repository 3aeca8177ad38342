# LWL from boxes on YouTube-VOS 2018: 70.2 (Skogh 2024, Table 4.1).
_base_ = [
    '../_base_/models/lwl_r50_box.py',
    '../_base_/datasets/ytvos2018.py',
    '../_base_/default_runtime.py',
]
test_dataloader = dict(dataset=dict(prompt='box'))
val_dataloader = test_dataloader
