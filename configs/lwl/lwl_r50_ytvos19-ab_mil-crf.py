# Zhao et al. 2021, Table 4, "MIL+CRF": 77.8 J on YT300.
_base_ = ['./lwl_r50_ytvos19-ab_mil.py']
model = dict(decode_head=dict(loss_box=[dict(type='BoxTightnessMILLoss'), dict(type='DenseCRFLoss')]))
