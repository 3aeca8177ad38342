# Table 3.1: YouTube-VOS 2018's training split alone.
_base_ = ['./xmem_r50-r18_all_box.py']
train_dataloader = dict(
    sampler=dict(weights=dict(_delete_=True, ytvos2018=1)),
    dataset=dict(
        supervision='mask',
        datasets=dict(
            _delete_=True,
            ytvos2018=dict(
                type='YouTubeVOSDataset', data_root='{{$YTVOS2018_ROOT:data/ytvos2018}}', split='train'
            ),
        ),
    ),
)
