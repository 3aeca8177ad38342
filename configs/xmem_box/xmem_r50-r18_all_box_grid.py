# Ablation: the projection loss of one image of B H x N T W (Fig. 3.3, right).
_base_ = ['./xmem_r50-r18_all_box.py']
model = dict(
    decode_head=dict(loss_box=[{{_base_.grid_projection}}, {{_base_.pairwise}}, {{_base_.temporal}}])
)
