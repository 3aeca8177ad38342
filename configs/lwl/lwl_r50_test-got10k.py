# LWL on GOT-10k validation, from the first box.
_base_ = [
    '../_base_/models/lwl_r50.py',
    '../_base_/datasets/got10k.py',
    '../_base_/default_runtime.py',
]
model = dict(initializer=dict(type='Box2SegInitializer', config='box2seg-tiny'))
