# Ablation: all three losses as in the published code of BoxInst and MaskFreeVIS, on which the thesis builds.
_base_ = ['./xmem_r50-r18_all_box.py']
model = dict(
    decode_head=dict(
        loss_box=[
            {{_base_.published_projection}},
            {{_base_.published_pairwise}},
            {{_base_.published_temporal}},
        ],
    ),
)
