# Settings shared by test datasets: whole videos, one by one.
test_dataloader = dict(
    batch_size=1,
    num_workers=0,
    sampler=dict(type='VideoSampler'),
    collate_fn=dict(type='pseudo_collate'),
)
val_dataloader = test_dataloader
val_cfg = dict(type='VideoValLoop')
test_cfg = dict(type='VideoTestLoop')
