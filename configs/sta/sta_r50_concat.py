# Table 3, Concat: the concatenated encodings of three frames pass through a small network.
_base_ = ['./sta_r50.py']
model = dict(fusion=dict(_delete_=True, type='ConcatFusion', frames=3))
