# Voigtlaender et al. 2021, eq. 2 and Sec. 3.2: a loss that bounds the influence of wrong labels.
robust_loss = dict(type='PartiallyHuberisedCrossEntropyLoss', tau=3)
