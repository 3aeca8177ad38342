# MaskTrack_Box (Sec. 3.3): the box of the first frame is segmented by the network that was trained with
# boxes.
_base_ = ['./masktrack_mobilenetv2_online.py']
model = dict(
    initializer=dict(
        type='MaskTrackInitializer',
        config='masktrack/masktrack_mobilenetv2_boxes.py',
        checkpoint='work_dirs/masktrack_mobilenetv2_boxes/iter_2000.pth',
    ),
)
