# SAM 2.1 as its authors trained it, from masks of the first frame; tested only.
_base_ = ['../_base_/datasets/davis2016.py', '../_base_/default_runtime.py']
# a name on Hugging Face's hub, which downloads it once, or a folder
sam2_model = '{{$SAM2_MODEL:facebook/sam2.1-hiera-tiny}}'
model = dict(type='StreamingModel', tracker=dict(type='SAM2Tracker', model=sam2_model))
