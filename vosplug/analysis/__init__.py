"""Programs that use the whole package: demo, training curves, temporal consistency, annotation density."""
