# Single objects for small networks: those of COCO images, of at least 1% of a 384x384 image, and those of the
# frames of DAVIS 2016's training sequences at 240p. Held out for choosing: a tenth of the images
# (coco_mini_held_out.txt) and five sequences (davis2016_train_held_out_5.txt). The child config adds the
# pipeline.
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
                min_pixels=1475,
            ),
            davis2016=dict(
                type='DAVIS2016Dataset',
                data_root='{{$DAVIS2016_ROOT:data/davis2016}}',
                resolution='240p',
                ann_file='{{ fileDirname }}/davis2016_train_25.txt',
            ),
        ),
    ),
)
