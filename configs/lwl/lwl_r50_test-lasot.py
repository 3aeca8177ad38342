# LWL on LaSOT, from the first box.
_base_ = [
    '../_base_/models/lwl_r50.py',
    '../_base_/datasets/lasot.py',
    '../_base_/default_runtime.py',
]
model = dict(initializer=dict(type='Box2SegInitializer', config='box2seg-tiny'))
