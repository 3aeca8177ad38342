"""Registries of vosplug: scope ``vosplug``, children of mmengine's roots.

Example:
    >>> from vosplug.registry import MODELS
    >>> MODELS.build(dict(type='BoxProjectionLoss')).loss_name
    'loss_projection'
"""

from typing import Any

from mmengine import registry as root


class Registry(root.Registry):
    """mmengine's registry, whose :meth:`build` finds vosplug's components under any default scope.

    mmengine looks up names without a scope in the registry of the default scope, whichever registry is asked.
    A segmentor of vosplug inside an MMSegmentation config (``default_scope = 'mmseg'``) would look for its
    components in MMSegmentation. Here a name without a scope is vosplug's component if there is one, and
    otherwise that of the default scope; where both have one, ``mmseg.MobileNetV2`` selects MMSegmentation's.
    The default scope is not changed, so components of other packages find their own.

    mmengine itself builds a config's model, data preprocessor, datasets, hooks, metrics and loops, through
    its root registries: under another default scope these need the prefix, as in ``vosplug.STM``.

    Example:
        >>> from mmengine.registry import DefaultScope
        >>> from mmengine.registry import MODELS as ROOT
        >>> from vosplug.registry import MODELS
        >>> with DefaultScope.overwrite_default_scope('mmseg'):
        ...     neck = ROOT.build(dict(type='vosplug.TopDownNeck', in_channels=[8, 16], out_channels=[8]))
        ...     ours = MODELS.build(dict(type='BoxProjectionLoss'))
        ...     theirs = MODELS.build(dict(type='DiceLoss'))
        >>> [type(part).__module__.split('.')[0] for part in (neck, ours, theirs)]
        ['vosplug', 'vosplug', 'mmseg']
    """

    def build(self, cfg: dict, *args: Any, **kwargs: Any) -> Any:
        """Build a component; a ``_scope_`` in the config is respected, as in mmengine.

        Raises:
            KeyError: the name is registered neither in vosplug nor in the default scope.
        """
        return super().build(self.with_class(cfg), *args, **kwargs)

    def with_class(self, cfg: dict) -> dict:
        """The config with the class in place of the name, if the name is vosplug's and has no scope.

        For builders of mmengine, which use its root registries: they accept a class under any default scope,
        without importing the scope's package.
        """
        name = cfg.get('type') if isinstance(cfg, dict) else None
        if isinstance(name, str) and '_scope_' not in cfg:
            self.import_from_location()
            if name in self.module_dict:
                cfg = cfg.copy()
                cfg['type'] = self.module_dict[name]
        return cfg


def short_name(kind: str | type) -> str:
    """Name of a component of vosplug: of a config's ``type``, with or without scope, or a class."""
    return kind.removeprefix('vosplug.') if isinstance(kind, str) else kind.__name__


MODELS = Registry('model', parent=root.MODELS, scope='vosplug', locations=['vosplug.models'])
DATASETS = Registry('dataset', parent=root.DATASETS, scope='vosplug', locations=['vosplug.datasets'])
TRANSFORMS = Registry(
    'transform',
    parent=root.TRANSFORMS,
    scope='vosplug',
    locations=['vosplug.datasets.transforms'],
)
HOOKS = Registry('hook', parent=root.HOOKS, scope='vosplug', locations=['vosplug.engine.hooks'])
LOOPS = Registry('loop', parent=root.LOOPS, scope='vosplug', locations=['vosplug.engine'])
METRICS = Registry('metric', parent=root.METRICS, scope='vosplug', locations=['vosplug.evaluation.metrics'])
VISUALIZERS = Registry(
    'visualizer',
    parent=root.VISUALIZERS,
    scope='vosplug',
    locations=['vosplug.visualization'],
)
DATA_SAMPLERS = Registry(
    'data sampler',
    parent=root.DATA_SAMPLERS,
    scope='vosplug',
    locations=['vosplug.datasets'],
)

# mmengine looks these up in the config's scope, so that they must exist in vosplug's
OPTIMIZERS = Registry('optimizer', parent=root.OPTIMIZERS, scope='vosplug')
OPTIM_WRAPPERS = Registry(
    'optim_wrapper', parent=root.OPTIM_WRAPPERS, scope='vosplug', locations=['vosplug.engine.bfloat16']
)
OPTIM_WRAPPER_CONSTRUCTORS = Registry(
    'optimizer wrapper constructor', parent=root.OPTIM_WRAPPER_CONSTRUCTORS, scope='vosplug'
)
PARAM_SCHEDULERS = Registry('parameter scheduler', parent=root.PARAM_SCHEDULERS, scope='vosplug')
VISBACKENDS = Registry('vis_backend', parent=root.VISBACKENDS, scope='vosplug')
WEIGHT_INITIALIZERS = Registry('weight initializer', parent=root.WEIGHT_INITIALIZERS, scope='vosplug')
