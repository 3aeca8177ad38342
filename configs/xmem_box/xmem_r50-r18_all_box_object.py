# Ablation: the projection loss of each mask, then the mean (eq. 3.12; Fig. 3.3, left).
_base_ = ['./xmem_r50-r18_all_box.py']
model = dict(
    decode_head=dict(loss_box=[{{_base_.object_projection}}, {{_base_.pairwise}}, {{_base_.temporal}}])
)
