"""Import and export of annotations: N readers and N writers around one record."""

from .context import Context
from .convert import FORMATS, Format, Summary, convert
from .record import AnnotatedObject, AnnotatedVideo

__all__ = ['FORMATS', 'AnnotatedObject', 'AnnotatedVideo', 'Context', 'Format', 'Summary', 'convert']
