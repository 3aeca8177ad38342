"""What a user imports."""

from .inference import init_box2seg, init_model
from .inferencer import VOSInferencer
from .zoo import zoo_models

__all__ = ['VOSInferencer', 'init_box2seg', 'init_model', 'zoo_models']
