# Ablation: the projection loss of merged objects, which needs no association between frames (Sec. 3.2.1).
_base_ = ['./xmem_r50-r18_all_box.py']
model = dict(
    decode_head=dict(loss_box=[{{_base_.merged_projection}}, {{_base_.pairwise}}, {{_base_.temporal}}])
)
