# Still images with masks of their salient objects, each set in the layout of its archives: MSRA10K (10,000
# images), ECSSD (1,000), PASCAL-S (850) and SOD (300). Child configs choose one: dataset={{_base_.ecssd}}.
msra10k = dict(
    type='StaticImageDataset',
    data_root='{{$MSRA10K_ROOT:data/msra10k}}',
    image_dir='MSRA10K_Imgs_GT/Imgs',
)
ecssd = dict(
    type='StaticImageDataset',
    data_root='{{$ECSSD_ROOT:data/ecssd}}',
    image_dir='images',
    mask_dir='ground_truth_mask',
)
# A grey value is the share of the subjects who chose a segment. The threshold of one half (Li et al. 2014),
# grey 128, may leave an image without an object.
pascal_s = dict(
    type='StaticImageDataset',
    data_root='{{$PASCAL_S_ROOT:data/pascal_s}}',
    image_dir='datasets/imgs/pascal',
    mask_dir='datasets/masks/pascal',
    empty_masks='drop',
)
# SOD was published as object boundaries (.mat) for images of BSDS300; this is its common version with binary
# masks, which has no standard layout.
sod = dict(
    type='StaticImageDataset',
    data_root='{{$SOD_ROOT:data/sod}}',
    image_dir='images',
    mask_dir='masks',
)
