# Single objects of COCO images and of DAVIS 2016's training sequences at 240p; a tenth of the images
# (coco_mini_held_out.txt) is held out for choosing settings. The child config adds the pipeline.
_base_ = ['./clip_loader.py']
train_dataloader = dict(
    batch_size=8,
    sampler=dict(_delete_=True, type='MixtureSampler', weights=dict(coco=5, davis2016=3)),
    dataset=dict(
        type='MixtureDataset',
        clip_sampler=dict(num_frames=1, max_objects=1),
        datasets=dict(
            coco=dict(
                type='COCOImageDataset',
                data_root='{{$COCO_MINI_ROOT:data/coco-mini}}',
                ann_file='instances.json',
                image_dir='images',
                image_set='{{ fileDirname }}/coco_mini_train.txt',
                objects='single',
                min_pixels=400,
            ),
            davis2016=dict(
                type='DAVIS2016Dataset',
                data_root='{{$DAVIS2016_ROOT:data/davis2016}}',
                resolution='240p',
                ann_file='ImageSets/480p/train.txt',
            ),
        ),
    ),
)
