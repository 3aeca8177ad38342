# Table 3.1: DAVIS 2017's training split alone, prepared as in training; masks give the labels to compare.
_base_ = ['./xmem_r50-r18_all_box.py']
train_dataloader = dict(
    sampler=dict(weights=dict(_delete_=True, davis2017=1)),
    dataset=dict(
        supervision='mask',
        datasets=dict(
            _delete_=True,
            davis2017=dict(
                type='DAVIS2017Dataset',
                data_root='{{$DAVIS2017_ROOT:data/davis2017}}',
                ann_file='ImageSets/2017/train.txt',
            ),
        ),
    ),
)
