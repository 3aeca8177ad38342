# LWL that starts from boxes by itself; sizes are those that its authors publish.
_base_ = ['./lwl_r50.py']
model = dict(type='LWLBox', box_label_encoder=dict(type='BoxFeatureEncoder', feature_channels=512))
