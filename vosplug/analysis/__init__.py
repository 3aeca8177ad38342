"""Programs over the whole package: demo, training curves, temporal consistency, number of annotated frames."""
