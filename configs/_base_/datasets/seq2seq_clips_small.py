# Clips of one object for small networks: 5 to 7 frames of 25 of DAVIS 2016's training sequences at 240p; the
# other five (davis2016_train_held_out_5.txt) are held out for choosing.
_base_ = ['./davis2016_240p.py']
train_dataloader = dict(
    batch_size=2,
    dataset=dict(
        ann_file='{{ fileDirname }}/davis2016_train_25.txt',
        clip_sampler=dict(num_frames=(5, 7), max_gap=5, max_objects=1),
    ),
)
