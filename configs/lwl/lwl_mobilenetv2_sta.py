# Zhao et al. 2021, Table 4, "Ours", at small scale: masks of part A, and for part B the masks that STANet,
# trained on part A, makes from boxes.
_base_ = [
    '../_base_/models/lwl_mobilenetv2.py',
    '../_base_/datasets/davis2016_ab_240p.py',
    '../_base_/schedules/lwl_small.py',
    '../_base_/default_runtime.py',
]
labels = '{{$DAVIS2016_LABELS:PseudoLabels}}/sta/Annotations'
train_dataloader = dict(dataset=dict(datasets=dict(boxes=dict(supervision='mask', ann_dir=labels))))
