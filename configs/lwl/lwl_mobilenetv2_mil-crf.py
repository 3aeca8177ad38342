# Zhao et al. 2021, Table 4, "MIL+CRF", at small scale.
_base_ = ['./lwl_mobilenetv2_mil.py']
model = dict(decode_head=dict(loss_box=[{{_base_.tightness}}, dict(type='DenseCRFLoss')]))
