# Sec. 3.3: a third pass.
_base_ = ['./sta_mobilenetv2.py']
model = dict(passes=3)
