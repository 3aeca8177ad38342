# Adds pairs of objects whose boxes overlap, as one object, such as a rider and a horse. Five training
# sequences of DAVIS 2016 (davis2016_train_held_out_5.txt) are held out for choosing settings, too.
_base_ = ['./box_crops_mixed.py']
some = _base_.train_dataloader.dataset.datasets
train_dataloader = dict(
    sampler=dict(weights=dict(_delete_=True, coco=4, coco_pairs=2, davis2016=3, synthetic=1)),
    dataset=dict(
        datasets=dict(
            _delete_=True,
            coco=some.coco,
            coco_pairs={**some.coco, 'objects': 'pair'},
            davis2016={**some.davis2016, 'ann_file': '{{ fileDirname }}/davis2016_train_25.txt'},
            synthetic=some.synthetic,
        ),
    ),
)
