"""Programs over the whole package: demo, training curves, temporal consistency."""
