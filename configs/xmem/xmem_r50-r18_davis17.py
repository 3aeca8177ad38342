# Stages 0 and 3: the original network and training, starting from the checkpoint of stage 0.
_base_ = ['./xmem_r50-r18_no-static_davis17.py']
load_from = 'work_dirs/xmem_r50-r18_static/iter_150000.pth'
