# YouTube-Objects, 126 videos "with more than 20 000 frames" (Perazzi et al. 2017, Sec. 5.1): a method sees
# all of them; every tenth is annotated and scored. For the annotated frames only, which come with the masks:
# --cfg-options test_dataloader.dataset.all_frames=False
_base_ = ['./video_loader.py']
test_dataloader = dict(
    dataset=dict(
        type='YouTubeObjectsDataset',
        data_root='{{$YOUTUBE_OBJECTS_ROOT:data/youtube_objects}}',
        all_frames=True,
        test_mode=True,
    )
)
val_dataloader = test_dataloader
test_evaluator = dict(type='VOSMetric', protocol='youtube_objects')
val_evaluator = test_evaluator
