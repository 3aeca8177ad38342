_base_ = ['./xmem_mobilenetv2_proj_box.py']
model = dict(decode_head=dict(loss_box=[{{_base_.projection}}, {{_base_.pairwise}}, {{_base_.temporal}}]))
custom_hooks = [{{_base_.pairwise_ramp}}, {{_base_.temporal_ramp}}]
