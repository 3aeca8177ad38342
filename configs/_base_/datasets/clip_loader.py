# What all training datasets share, and what two of them do.
grey_clips = dict(  # XMem's published code: 5% of the clips; weights of B, G and R
    type='RandomGrayscale', prob=0.05, keep_channels=True, channel_weights=(0.114, 0.587, 0.299)
)
train_dataloader = dict(
    batch_size=4,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='InfiniteSampler', shuffle=True),
    collate_fn=dict(type='pseudo_collate'),
)
