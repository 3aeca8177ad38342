"""Archives for the servers that score test sets, checked before they are uploaded."""

from .archive import Problem
from .benchmarks import BENCHMARKS, SubmissionReport, check_submission, make_submission

__all__ = ['BENCHMARKS', 'Problem', 'SubmissionReport', 'check_submission', 'make_submission']
