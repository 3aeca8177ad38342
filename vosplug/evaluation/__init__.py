"""Evaluation: array functions, protocols, metrics and baselines.

``vosplug.evaluation.functional`` needs neither torch nor mmengine, so modules that do are imported lazily.
"""

from importlib import import_module

_HOMES = {
    'PROTOCOLS': '.protocols',
    'Protocol': '.protocols',
    'Scores': '.scores',
    'VOSMetric': '.metrics',
    'box_oracle': '.baselines',
    'build_protocol': '.protocols',
    'copy_first_mask': '.baselines',
    'copy_nearest_prompt': '.baselines',
    'evaluate_folders': '.folders',
    'evaluate_stream': '.baselines',
    'filled_box': '.baselines',
}

__all__ = sorted(_HOMES)


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    return getattr(import_module(_HOMES[name], __name__), name)
