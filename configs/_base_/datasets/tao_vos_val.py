# TAO-VOS validation, 126 videos annotated at 1 fps (Voigtlaender et al. 2021, Sec. 4). Here a method sees the
# annotated frames; with all_frames=True it sees all of them, at about 30 fps, and the same ones are scored.
# The paper (Sec. 5.4) reports the better of the two.
_base_ = ['./video_loader.py']
test_dataloader = dict(
    dataset=dict(
        type='TAOVOSDataset',
        data_root='{{$TAOVOS_ROOT:data/taovos}}',
        split='valid',
        all_frames=False,
        test_mode=True,
    )
)
val_dataloader = test_dataloader
test_evaluator = dict(type='VOSMetric', protocol='tao_vos')
val_evaluator = test_evaluator
