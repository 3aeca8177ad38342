# Voigtlaender et al. 2021, eq. 2 and Sec. 3.2: a loss that bounds what wrong labels do.
robust_loss = dict(type='PartiallyHuberisedCrossEntropyLoss', tau=3)
