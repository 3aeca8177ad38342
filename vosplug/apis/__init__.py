"""What a user imports."""

from .inference import init_model
from .inferencer import VOSInferencer

__all__ = ['VOSInferencer', 'init_model']
