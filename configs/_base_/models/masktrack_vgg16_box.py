# MaskTrack_Box (Sec. 3.3): the box of the first frame is segmented by the network that was trained with
# boxes.
_base_ = ['./masktrack_vgg16_online.py']
model = dict(
    initializer=dict(
        type='MaskTrackInitializer',
        config='masktrack/masktrack_vgg16_boxes.py',
        checkpoint='work_dirs/masktrack_vgg16_boxes/iter_20000.pth',
    ),
)
