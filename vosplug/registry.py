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
DATA_SAMPLERS = root.Registry(
    'data sampler',
    parent=root.DATA_SAMPLERS,
    scope='vosplug',
    locations=['vosplug.datasets'],
)

# mmengine looks these up in the config's scope; vosplug adds nothing to them
OPTIMIZERS = root.Registry('optimizer', parent=root.OPTIMIZERS, scope='vosplug')
OPTIM_WRAPPERS = root.Registry('optim_wrapper', parent=root.OPTIM_WRAPPERS, scope='vosplug')
OPTIM_WRAPPER_CONSTRUCTORS = root.Registry(
    'optimizer wrapper constructor', parent=root.OPTIM_WRAPPER_CONSTRUCTORS, scope='vosplug'
)
PARAM_SCHEDULERS = root.Registry('parameter scheduler', parent=root.PARAM_SCHEDULERS, scope='vosplug')
VISBACKENDS = root.Registry('vis_backend', parent=root.VISBACKENDS, scope='vosplug')
WEIGHT_INITIALIZERS = root.Registry('weight initializer', parent=root.WEIGHT_INITIALIZERS, scope='vosplug')
