# Voigtlaender et al. 2021, Table 3, "Box2Seg Labels": the same training on other labels.
_base_ = ['./stm_r50_ytvos18.py']
train_dataloader = dict(dataset=dict(ann_dir='PseudoLabels/box2seg/Annotations'))
