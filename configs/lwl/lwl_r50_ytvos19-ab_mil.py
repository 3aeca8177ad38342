# Zhao et al. 2021, Table 4, "MIL": 77.7 J on YT300. A clip that starts from a box starts from the network's
# refinement of the filled box; the paper does not say how such clips start.
_base_ = ['./lwl_r50_ytvos19.py']
model = dict(
    initializer=dict(type='FilledBoxInitializer', refine=True),
    decode_head=dict(loss_box=[dict(type='BoxTightnessMILLoss')]),
)
train_dataloader = dict(dataset=dict(datasets=dict(boxes=dict(supervision='box'))))
