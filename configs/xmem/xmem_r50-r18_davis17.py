# Stages 0 and 3: the original network and training; the first one leaves what this one starts from.
_base_ = ['./xmem_r50-r18_no-static_davis17.py']
load_from = 'work_dirs/xmem_r50-r18_static/iter_150000.pth'
