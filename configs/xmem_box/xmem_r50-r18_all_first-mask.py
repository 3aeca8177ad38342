# Tables 4.5 and 4.6: the first frame of a clip, wherever it lies in the video, has masks.
_base_ = ['./xmem_r50-r18_all_box.py']
train_dataloader = dict(dataset=dict(supervision='first_mask'))
