# Tables 4.3 and 4.4, third row.
_base_ = ['./xmem_r50-r18_proj_box.py']
model = dict(decode_head=dict(loss_box=[{{_base_.projection}}, {{_base_.temporal}}]))
custom_hooks = [{{_base_.clip_gap_hook}}, {{_base_.temporal_ramp}}]
