# The extended system: flow, and a dense CRF on the result (Sec. 5.2), with the options of box2seg-tiny for
# videos of twice the resolution.
_base_ = ['./masktrack_mobilenetv2_flow.py']
crf = dict(type='DenseCRF', max_iter=3, bi_xy_std=60, bi_rgb_std=5, bi_w=2, pos_w=1)
model = dict(test_cfg=dict(postprocess=[crf]))
