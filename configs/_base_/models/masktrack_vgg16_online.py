# MaskTrack with online fine-tuning (Perazzi et al. 2017, Sec. 3.2 and 4): 200 iterations of all layers on
# about 10^3 samples made of the annotated frames, for each object, "with the same learning parameters as for
# offline training".
_base_ = ['./masktrack_vgg16.py', '../datasets/masktrack_steps.py', '../schedules/deeplab.py']
model = dict(
    test_cfg=dict(
        online=dict(
            type='OnlineAdapter',
            steps=200,
            batch_size=10,
            num_frames=1,
            num_samples=1000,
            per_object=True,
            optim_wrapper={{_base_.sgd}},
            param_scheduler={{_base_.poly}},
            pipeline={{_base_.online_steps}},
        ),
    ),
)
