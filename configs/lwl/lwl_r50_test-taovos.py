# LWL on the validation set of TAO-VOS, with all frames: "only LWL can benefit from the higher frame rate"
# (Voigtlaender et al. 2021, Sec. 5.4).
_base_ = [
    '../_base_/models/lwl_r50.py',
    '../_base_/datasets/tao_vos_val.py',
    '../_base_/default_runtime.py',
]
test_dataloader = dict(dataset=dict(all_frames=True))
val_dataloader = test_dataloader
