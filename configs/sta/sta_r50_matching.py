# Table 3, the dense matching that the paper calls "STA".
_base_ = ['./sta_r50.py']
model = dict(fusion=dict(_delete_=True, type='MatchingFusion'))
