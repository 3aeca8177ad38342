"""Registries of vosplug: scope ``vosplug``, children of mmengine's roots.

Example:
    >>> from vosplug.registry import MODELS
    >>> MODELS.build(dict(type='BoxProjectionLoss')).loss_name
    'loss_projection'
"""

from mmengine import registry as root

MODELS = root.Registry('model', parent=root.MODELS, scope='vosplug', locations=['vosplug.models'])
DATASETS = root.Registry('dataset', parent=root.DATASETS, scope='vosplug', locations=['vosplug.datasets'])
TRANSFORMS = root.Registry(
    'transform',
    parent=root.TRANSFORMS,
    scope='vosplug',
    locations=['vosplug.datasets.transforms'],
)
HOOKS = root.Registry('hook', parent=root.HOOKS, scope='vosplug', locations=['vosplug.engine.hooks'])
LOOPS = root.Registry('loop', parent=root.LOOPS, scope='vosplug', locations=['vosplug.engine'])
METRICS = root.Registry(
    'metric', parent=root.METRICS, scope='vosplug', locations=['vosplug.evaluation.metrics']
)
VISUALIZERS = root.Registry(
    'visualizer',
    parent=root.VISUALIZERS,
    scope='vosplug',
    locations=['vosplug.visualization'],
)
WEIGHT_INITIALIZERS = root.Registry(
    'weight initializer',
    parent=root.WEIGHT_INITIALIZERS,
    scope='vosplug',
    locations=['vosplug.models'],
)
