# Zhao et al. 2021, Table 4, "MIL", at small scale: part A of DAVIS 2016's training set has masks, part B
# boxes.
_base_ = ['./stm_mobilenetv2_davis16-mask.py']
davis2016 = dict(type='DAVIS2016Dataset', data_root='{{$DAVIS2016_ROOT:data/davis2016}}', resolution='240p')
lists = '{{ fileDirname }}/../_base_/datasets'
train_dataloader = dict(
    sampler=dict(_delete_=True, type='MixtureSampler', weights=dict(masks=1, boxes=1)),
    dataset=dict(
        _delete_=True,
        type='MixtureDataset',
        clip_sampler=dict(num_frames=3, max_gap=10),
        pipeline={{_base_.clips_240p}},
        datasets=dict(
            masks=dict(davis2016, ann_file=f'{lists}/davis2016_part_a.txt'),
            boxes=dict(davis2016, ann_file=f'{lists}/davis2016_part_b.txt', supervision='box'),
        ),
    ),
)
model = dict(decode_head=dict(loss_box=[{{_base_.tightness}}]))
