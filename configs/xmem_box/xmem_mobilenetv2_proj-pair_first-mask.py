_base_ = ['./xmem_mobilenetv2_proj-pair_box.py']
train_dataloader = dict(dataset=dict(supervision='first_mask'))
