# Table 3, Concat: encodings of three frames side by side through a small network.
_base_ = ['./sta_r50.py']
model = dict(fusion=dict(_delete_=True, type='ConcatFusion', frames=3))
