# Still images of MaskTrack: Perazzi et al. 2017, Sec. 4, "Offline training": MSRA10K, ECSSD, PASCAL-S and
# SOD, "an aggregated set of 11 282 training images". The sets have 12,150 images; which 868 were left out is
# not known, so all are used here, each as often as any other. The child config adds the pipeline.
_base_ = ['./clip_loader.py', './salient_objects.py']
total_batch_size = 10  # Sec. 4
train_dataloader = dict(
    batch_size=total_batch_size,
    num_workers=4,
    # images in each
    sampler=dict(
        _delete_=True,
        type='MixtureSampler',
        weights=dict(msra10k=10000, ecssd=1000, pascal_s=850, sod=300),
    ),
    dataset=dict(
        type='MixtureDataset',
        clip_sampler=dict(num_frames=1, max_objects=1),
        datasets=dict(
            msra10k={{_base_.msra10k}},
            ecssd={{_base_.ecssd}},
            pascal_s={{_base_.pascal_s}},
            sod={{_base_.sod}},
        ),
    ),
)
