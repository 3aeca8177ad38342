"""What a user imports."""

from .inference import init_model
from .inferencer import VOSInferencer
from .zoo import zoo_models

__all__ = ['VOSInferencer', 'init_model', 'zoo_models']
