"""Submissions to benchmark servers: checks and archives."""

from .archive import Problem
from .benchmarks import BENCHMARKS, SubmissionReport, check_submission, make_submission

__all__ = ['BENCHMARKS', 'Problem', 'SubmissionReport', 'check_submission', 'make_submission']
