# COCO 2017 training images, one random object of each.
_base_ = ['./box_crops.py']
total_batch_size = 16
train_dataloader = dict(
    batch_size=total_batch_size,
    num_workers=8,
    dataset=dict(
        type='COCOImageDataset',
        data_root='{{$COCO_ROOT:data/coco}}',
        ann_file='annotations/instances_train2017.json',
        image_dir='train2017',
    ),
)
