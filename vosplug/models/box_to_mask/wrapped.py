"""Networks as box-to-mask models."""

import inspect
from typing import Any

from torch import nn

from ...errors import ConfigError
from .base import BoxToMask, NetworkBoxToMask
from .box2seg import Box2Seg
from .box2seg_initializer import Box2SegInitializer
from .sta_initializer import STAInitializer
from .sta_net import STANet

WRAPPERS: dict[type[nn.Module], type[NetworkBoxToMask]] = {
    Box2Seg: Box2SegInitializer,
    STANet: STAInitializer,
}


def as_box_to_mask(model: nn.Module, **options: Any) -> BoxToMask:
    """Wrap a network as a box-to-mask model.

    Args:
        model: a box-to-mask model, or a network: :class:`~vosplug.models.Box2Seg` or
            :class:`~vosplug.models.STANet`.
        options: of the network's :class:`Box2SegInitializer` or :class:`STAInitializer`.

    Raises:
        ConfigError: another kind of model, or an option that it does not have.
    """
    if isinstance(model, BoxToMask):
        if options:
            raise ConfigError(
                f'{type(model).__name__}: is already a box-to-mask model; set the options '
                f'{sorted(options)} in its config.'
            )
        return model
    wrapper = next((wrapper for kind, wrapper in WRAPPERS.items() if isinstance(model, kind)), None)
    if wrapper is None:
        raise ConfigError(
            f'{type(model).__name__} does not make masks from boxes; use a model that does, such as Box2Seg.'
        )
    known = inspect.signature(wrapper).parameters.keys() - {'config', 'checkpoint'}
    if not options.keys() <= known:
        raise ConfigError(
            f'{wrapper.__name__}: found the options {sorted(options.keys() - known)}, expected some of '
            f'{sorted(known)}.'
        )
    return wrapper(model.eval(), **options)
