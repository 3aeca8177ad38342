"""Metrics for a Runner's ``val_evaluator`` and ``test_evaluator``."""

from .jf_metric import JFMetric

__all__ = ['JFMetric']
