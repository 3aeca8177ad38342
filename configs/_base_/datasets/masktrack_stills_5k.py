# Perazzi et al. 2017, Table 1, "Reduced offline training": 5k images. Which ones is not known; here it is the
# same share of each set, drawn at random and the same in every run.
_base_ = ['./masktrack_stills.py']
train_dataloader = dict(
    sampler=dict(weights=dict(msra10k=4115, ecssd=412, pascal_s=350, sod=123)),
    dataset=dict(
        datasets=dict(
            msra10k=dict(num_images=4115),
            ecssd=dict(num_images=412),
            pascal_s=dict(num_images=350),
            sod=dict(num_images=123),
        ),
    ),
)
