"""Programs over the whole package: demo, curves, temporal consistency, number of annotated frames."""
