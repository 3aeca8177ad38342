_base_ = ['./xmem_mobilenetv2_proj-pair_first-mask.py']
load_from = 'work_dirs/xmem_mobilenetv2_static/iter_600.pth'
