# SAM 2.1 as its authors trained it, from masks of the first frame; tested only.
_base_ = ['../_base_/datasets/davis2016.py', '../_base_/default_runtime.py']
# model: a name on the Hugging Face Hub, downloaded once, or a folder
model = dict(
    type='StreamingModel',
    tracker=dict(type='SAM2Tracker', model='{{$SAM2_MODEL:facebook/sam2.1-hiera-tiny}}'),
)
