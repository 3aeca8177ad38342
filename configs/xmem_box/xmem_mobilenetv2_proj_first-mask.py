_base_ = ['./xmem_mobilenetv2_proj_box.py']
train_dataloader = dict(dataset=dict(supervision='first_mask'))
