# Tables 4.3 and 4.4, last row.
_base_ = ['./xmem_r50-r18_proj_box.py']
model = dict(decode_head=dict(loss_box=[{{_base_.projection}}, {{_base_.pairwise}}, {{_base_.temporal}}]))
custom_hooks = [{{_base_.clip_gap_hook}}, {{_base_.pairwise_ramp}}, {{_base_.temporal_ramp}}]
