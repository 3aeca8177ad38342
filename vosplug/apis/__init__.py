"""The public Python API."""

from ..models.zoo import zoo_models
from .inference import init_box2seg, init_model
from .inferencer import VOSInferencer

__all__ = ['VOSInferencer', 'init_box2seg', 'init_model', 'zoo_models']
