# Cheng & Schwing 2022 (XMem) as published; Skogh 2024, Sec. 3.1.1: only the 15% hardest pixels are used, all
# of them at first.
hardest_pixels = dict(
    type='LossRampHook',
    loss='loss_bootstrapped_ce',
    attribute='top_p',
    start=1.0,
    end=0.15,
    begin=20_000,
    until=70_000,
)
