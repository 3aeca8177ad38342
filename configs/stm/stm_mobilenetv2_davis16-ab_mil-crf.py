# Zhao et al. 2021, Table 4, "MIL+CRF", at small scale.
_base_ = ['./stm_mobilenetv2_davis16-ab_mil.py']
model = dict(decode_head=dict(loss_box=[{{_base_.tightness}}, dict(type='DenseCRFLoss')]))
