# Training clips and test videos.
_base_ = ['./clip_loader.py', './video_loader.py']
