_base_ = ['../_base_/models/xmem_r50-r18.py', '../_base_/default_runtime.py']
