# The same for 240p and 300 iterations: half the stride, since the frames are half as large, and the same
# share of the training for the warm-up.
_base_ = ['./box.py']
pairwise = dict(stride=2)
temporal = dict(stride=2)
pairwise_ramp = dict(until=30)
temporal_ramp = dict(until=30)
