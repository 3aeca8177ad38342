# Seven of the twenty validation sequences, on which the small experiments here are scored. To test on all:
# --cfg-options test_dataloader.dataset.ann_file=ImageSets/480p/val.txt
_base_ = ['./davis2016.py']
test_dataloader = dict(dataset=dict(ann_file='{{ fileDirname }}/davis2016_seven.txt'))
val_dataloader = test_dataloader
