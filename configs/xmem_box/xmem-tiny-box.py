# The model that comes with vosplug: a box starts a track by the Box2Seg that comes along.
_base_ = ['./xmem_mobilenetv2_stills_box.py']
model = dict(initializer=dict(_delete_=True, type='Box2SegInitializer', config='box2seg-tiny'))
