_base_ = ['./xmem_mobilenetv2_proj_box.py']
model = dict(decode_head=dict(loss_box=[{{_base_.projection}}, {{_base_.temporal}}]))
custom_hooks = [{{_base_.temporal_ramp}}]
