_base_ = ['./stm_mobilenetv2_davis16-b_box2seg-middle.py', '../_base_/losses/robust.py']
model = dict(decode_head=dict(loss_mask=[{{_base_.robust_loss}}]))
