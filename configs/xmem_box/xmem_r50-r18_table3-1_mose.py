# Table 3.1: MOSE's training split alone. It has YouTube-VOS' layout: <root>/train/JPEGImages and Annotations.
_base_ = ['./xmem_r50-r18_all_box.py']
train_dataloader = dict(
    sampler=dict(weights=dict(_delete_=True, mose=1)),
    dataset=dict(
        supervision='mask',
        datasets=dict(
            _delete_=True,
            mose=dict(type='YouTubeVOSDataset', data_root='{{$MOSE_ROOT:data/mose}}', split='train'),
        ),
    ),
)
