# SAM 2.1 as a box-to-mask model, for `vosplug label`.
_base_ = ['../_base_/default_runtime.py']
model = dict(type='SAM2BoxInitializer', model='{{$SAM2_MODEL:facebook/sam2.1-hiera-tiny}}')
