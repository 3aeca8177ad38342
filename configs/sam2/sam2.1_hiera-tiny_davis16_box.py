# From the box of the first frame, which SAM 2 takes itself.
_base_ = ['./sam2.1_hiera-tiny_davis16.py']
test_dataloader = dict(dataset=dict(prompt='box'))
val_dataloader = test_dataloader
