# Both: clips to train on, whole videos to test on.
_base_ = ['./clip_loader.py', './video_loader.py']
