# Single objects for small networks, in images at least 1% of 384x384 pixels; five sequences
# (davis2016_train_held_out_5.txt) are held out, too. The child config adds the pipeline.
_base_ = ['./coco_davis2016_objects.py']
train_dataloader = dict(
    dataset=dict(
        datasets=dict(
            coco=dict(min_pixels=1475),
            davis2016=dict(ann_file='{{ fileDirname }}/davis2016_train_25.txt'),
        ),
    ),
)
