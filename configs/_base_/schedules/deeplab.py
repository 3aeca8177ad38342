# Perazzi et al. 2017, Sec. 4: SGD with batches of 10 (the dataset's), a learning rate of 1e-3 with a
# polynomial policy, momentum 0.9, weight decay 5e-4, 20k iterations, "identical to those proposed in"
# DeepLabv2, whose published solver and prototxt have the rest: power 0.9, ten times the rate for the last
# layer, twice the rate and no decay for biases.
sgd = dict(
    type='OptimWrapper',
    optimizer=dict(type='SGD', lr=1e-3, momentum=0.9, weight_decay=5e-4),
    paramwise_cfg=dict(
        bias_lr_mult=2,
        bias_decay_mult=0,
        custom_keys={
            'conv_seg.weight': dict(lr_mult=10),
            'conv_seg.bias': dict(lr_mult=20, decay_mult=0),
        },
    ),
)
poly = [dict(type='PolyLR', power=0.9, eta_min=0, by_epoch=False)]
iterations = dict(type='VideoTrainLoop', max_iters=20_000, val_interval=20_000)
