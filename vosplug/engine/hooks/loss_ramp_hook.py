"""Linear schedule of a loss's attribute."""

from numbers import Real

from mmengine.hooks import Hook
from mmengine.runner import Runner
from torch import nn

from ...errors import ConfigError
from ...registry import HOOKS


@HOOKS.register_module()
class LossRampHook(Hook):
    """Changes an attribute of all losses of one name linearly from ``start`` to ``end``.

    Skogh 2024, Sec. 4.3, warms up the pairwise and temporal losses this way (``loss_weight``, the defaults);
    XMem the bootstrapped cross entropy (``top_p``, 1 to 0.15, 20000 to 70000).

    Iteration ``i`` (``runner.iter``: iterations finished before it, so the first is 0) trains with
    :meth:`value` (i), also after resuming. The value is logged without the prefix
    ``loss_``, as ``pairwise.weight``, since mmengine averages logged losses over a window.

    Args:
        loss: ``loss_name`` of the modules.
        attribute: numeric attribute of the modules.
        start: value up to iteration ``begin``.
        end: value from iteration ``until`` on.
        begin: last iteration with ``start``.
        until: first iteration with ``end``.

    Raises:
        ConfigError: ``until`` is not after ``begin``; or, before training, no loss has this name or
            this attribute.
    """

    def __init__(
        self,
        loss: str,
        attribute: str = 'loss_weight',
        start: float = 0.0,
        end: float = 1.0,
        begin: int = 0,
        until: int = 10000,
    ) -> None:
        if until <= begin:
            raise ConfigError(f'LossRampHook.until: found {until}, expected more than begin={begin}.')
        self.loss, self.attribute = loss, attribute
        self.start, self.end, self.begin, self.until = start, end, begin, until
        self.modules: list[nn.Module] = []

    def value(self, iteration: int) -> float:
        """Value of the attribute in an iteration, counted from 0."""
        # exact at both ends: XMem counts pixels with int(number * top_p)
        if iteration <= self.begin:
            return self.start
        if iteration >= self.until:
            return self.end
        return self.start + (self.end - self.start) * (iteration - self.begin) / (self.until - self.begin)

    def before_train(self, runner: Runner) -> None:
        """Find the modules, or raise an error that lists the losses there are."""
        losses = [m for m in runner.model.modules() if isinstance(getattr(m, 'loss_name', None), str)]
        self.modules = [m for m in losses if m.loss_name == self.loss]
        if not self.modules:
            names = sorted({m.loss_name for m in losses})
            raise ConfigError(f'LossRampHook.loss: the model has no loss {self.loss!r}, it has {names}.')
        for module in self.modules:
            numbers = sorted(k for k, v in vars(module).items() if _is_number(v))
            if self.attribute not in numbers:
                raise ConfigError(
                    f'LossRampHook.attribute: {type(module).__name__} {self.loss!r} has no numeric '
                    f'attribute {self.attribute!r}, it has {numbers}.'
                )

    def before_train_iter(self, runner: Runner, batch_idx: int, data_batch: dict | None = None) -> None:
        """Set and log the value."""
        value = self.value(runner.iter)
        for module in self.modules:
            setattr(module, self.attribute, value)
        runner.message_hub.update_scalar(f'train/{self.loss}.{self.attribute}'.replace('loss_', ''), value)


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)
