# Training samples of MaskTrack: a frame and a deformed mask (Perazzi et al. 2017, Sec. 3.1 and 4; scale,
# shift and dilation are the transform's defaults).
input_masks = dict(type='InputMasks', variants=2)  # "for each image two different masks are generated"
crop = dict(type='ClipRandomCrop', size=(321, 321))  # crop and mirroring as in DeepLabv2's published prototxt
flip = dict(type='ClipRandomFlip', prob=0.5)
sample_steps = [dict(type='LoadClip'), input_masks, flip, crop, dict(type='PackClip')]
# Sec. 3.2: "image flipping and rotations" on top; the paper does not say by how much.
rotation = dict(type='ClipRandomAffine', degrees=30, scale=(1, 1), shear=0, shift=0, jitter=0)
online_steps = [dict(type='InputMasks'), flip, rotation, crop, dict(type='PackClip')]
