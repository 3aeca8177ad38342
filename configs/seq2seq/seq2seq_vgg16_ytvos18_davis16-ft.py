# Table 3, DAVIS 2016 without online learning: 200 epochs of its 30 training videos, fine-tuning.
_base_ = ['./seq2seq_vgg16_davis16.py']
train_cfg = dict(max_iters=1500, val_interval=1500)
load_from = 'work_dirs/seq2seq_vgg16_ytvos18/iter_56000.pth'
