"""Metrics for a Runner's ``val_evaluator`` and ``test_evaluator``."""

from .vos_metric import VOSMetric

__all__ = ['VOSMetric']
