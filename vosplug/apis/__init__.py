"""The public Python API."""

from ..models.zoo import zoo_models
from .inference import init_box2seg, init_model
from .inferencer import VOSInferencer
from .tracking import Progress, TrackingInterrupted, TrackingResult
from .vot_tracker import run_vot_tracker, trackers_ini_section

__all__ = [
    'Progress',
    'TrackingInterrupted',
    'TrackingResult',
    'VOSInferencer',
    'init_box2seg',
    'init_model',
    'run_vot_tracker',
    'trackers_ini_section',
    'zoo_models',
]
