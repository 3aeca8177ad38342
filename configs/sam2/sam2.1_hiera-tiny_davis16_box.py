# SAM 2.1 from the box of the first frame, which it takes as a prompt itself.
_base_ = ['./sam2.1_hiera-tiny_davis16.py']
test_dataloader = dict(dataset=dict(prompt='box'))
val_dataloader = test_dataloader
