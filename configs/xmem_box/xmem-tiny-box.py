# The model shipped with vosplug; box prompts are segmented by box2seg-tiny.
_base_ = ['./xmem_mobilenetv2_stills_box.py']
model = dict(initializer=dict(_delete_=True, type='Box2SegInitializer', config='box2seg-tiny'))
