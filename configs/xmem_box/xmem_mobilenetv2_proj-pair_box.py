_base_ = ['./xmem_mobilenetv2_proj_box.py']
model = dict(decode_head=dict(loss_box=[{{_base_.projection}}, {{_base_.pairwise}}]))
custom_hooks = [{{_base_.pairwise_ramp}}]
