# LWL that also starts from boxes, as its own initializer; sizes are those that the authors publish.
_base_ = ['./lwl_r50.py']
model = dict(type='LWLBox', box_label_encoder=dict(type='BoxFeatureEncoder', feature_channels=512))
