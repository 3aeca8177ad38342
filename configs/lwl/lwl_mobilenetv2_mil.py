# Zhao et al. 2021, Table 4, "MIL", at small scale: masks of part A, boxes of part B. A clip that starts from
# a box starts from the network's refinement of the filled box.
_base_ = [
    '../_base_/models/lwl_mobilenetv2.py',
    '../_base_/datasets/davis2016_ab_240p.py',
    '../_base_/losses/box_small.py',
    '../_base_/schedules/lwl_small.py',
    '../_base_/default_runtime.py',
]
model = dict(
    initializer=dict(type='FilledBoxInitializer', refine=True),
    decode_head=dict(loss_box=[{{_base_.tightness}}]),
)
