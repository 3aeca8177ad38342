# Ablation: the temporal loss of consecutive frames only, without the cycle of eq. 3.19.
_base_ = ['./xmem_r50-r18_all_box.py']
model = dict(
    decode_head=dict(loss_box=[{{_base_.projection}}, {{_base_.pairwise}}, {{_base_.consecutive_temporal}}])
)
