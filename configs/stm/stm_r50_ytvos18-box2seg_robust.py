# Voigtlaender et al. 2021, Table 3, "Box2Seg labels + Robust Loss".
_base_ = ['./stm_r50_ytvos18-box2seg.py', '../_base_/losses/robust.py']
model = dict(decode_head=dict(loss_mask=[{{_base_.robust_loss}}]))
