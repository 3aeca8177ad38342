# After pre-training on still images with masks, stage 0 of full supervision.
_base_ = ['./xmem_r50-r18_proj_box.py']
load_from = 'work_dirs/xmem_r50-r18_static/iter_150000.pth'
