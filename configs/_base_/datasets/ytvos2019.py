# YouTube-VOS 2019 validation, 507 videos; the rest as in 2018.
_base_ = ['./ytvos2018.py']
test_dataloader = dict(dataset=dict(data_root='{{$YTVOS2019_ROOT:data/ytvos2019}}'))
val_dataloader = test_dataloader
