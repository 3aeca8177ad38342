# Xu et al. 2018, Table 2, "Ours (w/o OL)". Frames without annotation are in train_all_frames; without these,
# --cfg-options train_dataloader.dataset.all_frames=False custom_hooks="[]"
_base_ = [
    '../_base_/models/seq2seq_vgg16.py',
    '../_base_/datasets/seq2seq_clips.py',
    '../_base_/datasets/ytvos2018_split.py',
    '../_base_/schedules/seq2seq.py',
    '../_base_/long_runtime.py',
]
train_dataloader = dict(dataset=dict(all_frames=True, **_base_.train_videos))
custom_hooks = [{{_base_.curriculum}}]
