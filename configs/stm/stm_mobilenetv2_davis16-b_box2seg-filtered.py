_base_ = ['./stm_mobilenetv2_davis16-b.py']
train_dataloader = dict(
    dataset=dict(ann_dir='{{$DAVIS2016_LABELS:PseudoLabels}}/box2seg-filtered/Annotations')
)
