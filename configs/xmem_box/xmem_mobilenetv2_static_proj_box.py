_base_ = ['./xmem_mobilenetv2_proj_box.py']
load_from = 'work_dirs/xmem_mobilenetv2_static/iter_600.pth'
