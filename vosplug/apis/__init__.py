"""The public Python API; each name is imported on first use, together with PyTorch."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..models.zoo import zoo_models
    from .export import export_onnx
    from .inference import init_box2seg, init_model
    from .inferencer import VOSInferencer
    from .tracking import Progress, TrackingInterrupted, TrackingResult
    from .vot_tracker import run_vot_tracker, trackers_ini_section

_MODULES = {
    'Progress': '.tracking',
    'TrackingInterrupted': '.tracking',
    'TrackingResult': '.tracking',
    'VOSInferencer': '.inferencer',
    'export_onnx': '.export',
    'init_box2seg': '.inference',
    'init_model': '.inference',
    'run_vot_tracker': '.vot_tracker',
    'trackers_ini_section': '.vot_tracker',
    'zoo_models': '..models.zoo',
}

__all__ = [
    'Progress',
    'TrackingInterrupted',
    'TrackingResult',
    'VOSInferencer',
    'export_onnx',
    'init_box2seg',
    'init_model',
    'run_vot_tracker',
    'trackers_ini_section',
    'zoo_models',
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    return getattr(import_module(_MODULES[name], __name__), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})
