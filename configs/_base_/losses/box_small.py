# The same for 240p and 100 iterations from keys that match at once. Half the stride, since frames are half as
# large. Little weight on the projection: parts thinner than a cell of the keys cannot reach their box, and
# the way to reach it is to swell everywhere. More weight and more pairs for the other two: on DAVIS 2016
# matches between frames are as often right from a similarity of 0.005 on as from 0.05, and there are twice as
# many.
_base_ = ['./box.py']
projection = dict(loss_weight=0.1)
pairwise = dict(stride=2, threshold=0.1)
temporal = dict(stride=2, threshold=0.005, loss_weight=1.0)
pairwise_ramp = dict(until=10)
temporal_ramp = dict(end=1.0, until=10)
