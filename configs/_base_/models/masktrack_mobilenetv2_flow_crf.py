# The extended system: flow, and a dense CRF on the result (Sec. 5.2).
_base_ = ['./masktrack_mobilenetv2_flow.py']
model = dict(test_cfg=dict(postprocess=[dict(type='DenseCRF')]))
