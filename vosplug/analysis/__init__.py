"""Programs over the whole package: the demo, training curves, the colour matches of a dataset."""
