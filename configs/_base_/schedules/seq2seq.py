# Xu et al. 2018, Sec. 4.3: Adam with an initial learning rate of 1e-5; 80 epochs of about 2,800 videos, in
# batches of 4. Annotated frames first; once the loss is stable, clips have frames without annotation, too.
# The paper does not say when a loss is stable.
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='Adam', lr=1e-5))
param_scheduler = []
train_cfg = dict(type='VideoTrainLoop', max_iters=56_000, val_interval=56_000)
annotated = dict(clips=dict(frames='annotated'))
all_frames = dict(clips=dict(frames='all'))
curriculum = dict(type='CurriculumHook', stages=[annotated, all_frames])
