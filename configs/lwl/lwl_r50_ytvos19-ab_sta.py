# Zhao et al. 2021, Table 4, "Ours": 78.9 J on YT300, with the masks that STANet, trained on A
# (sta_r50_ytvos19-a.py), makes from the boxes of B.
_base_ = ['./lwl_r50_ytvos19.py']
train_dataloader = dict(
    dataset=dict(datasets=dict(boxes=dict(ann_dir='partial/sta/Annotations'))),
)
