# Ablation: the temporal loss without detach regularisation (eq. 3.21 instead of 3.22, Sec. 3.3.1).
_base_ = ['./xmem_r50-r18_all_box.py']
model = dict(
    decode_head=dict(loss_box=[{{_base_.projection}}, {{_base_.pairwise}}, {{_base_.plain_temporal}}])
)
