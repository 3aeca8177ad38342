# Partial supervision (Zhao et al. 2021, Sec. 4.2): YouTube-VOS 2019's training videos without YT300, a tenth
# of them, A, with masks, and the others, B, with boxes.
#     python tools/dataset_converters/split_videos.py ROOT/yt300/rest.txt ROOT/partial --parts a=0.1
_base_ = ['./lwl_clips.py']
part = _base_.train_dataloader.dataset.datasets.ytvos2019
train_dataloader = dict(
    sampler=dict(_delete_=True, type='MixtureSampler', weights=dict(masks=1, boxes=9)),
    dataset=dict(
        datasets=dict(
            _delete_=True,
            masks=dict(part, ann_file='partial/a.txt'),
            boxes=dict(part, ann_file='partial/rest.txt', supervision='box'),
        ),
    ),
)
