# Skogh 2024, Sec. 4.3: pre-training on still images, with AdamW as in the main training.
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='AdamW', lr=1e-5, weight_decay=0.05))
param_scheduler = []
train_cfg = dict(type='VideoTrainLoop', max_iters=150_000, val_interval=50_000)
