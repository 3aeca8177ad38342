"""Schemas of configs, and the checks against them."""

import difflib
import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, get_args

import msgspec
from mmengine.runner import Runner
from msgspec import UNSET, Meta, Struct, UnsetType

from ..errors import ConfigError

Positive = Annotated[int, Meta(ge=1)]
Count = Annotated[int, Meta(ge=0)]
NotNegative = Annotated[float, Meta(ge=0)]
# msgspec names types as JSON does
_WORDS = dict(Expected='expected', object='dict', array='list', null='None')
LogLevel = Literal['NOTSET', 'DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL', 0, 10, 20, 30, 40, 50]
# a registered component is checked by its own constructor
Component = dict[str, Any]


class TestOptions(Struct, forbid_unknown_fields=True):
    """``model.test_cfg`` of every segmentor; see :class:`~vosplug.models.StreamingSegmentor`."""

    __test__ = False  # not a test class for pytest

    short_side: Positive | None = None
    flip: bool | None = False
    # more than 16 times the working resolution is a mistake, and so is infinity
    scales: Annotated[tuple[Annotated[float, Meta(gt=0, le=16)], ...], Meta(min_length=1)] = (1.0,)
    aggregation: Component | None = None
    postprocess: list[Component] | None = None
    online: Component | None = None
    direction: Literal['forward', 'both'] = 'forward'
    out_of_memory: Literal['raise', 'shrink'] = 'raise'


class Typed(Struct):
    """A component that is read before it is built; its other keys are those of its type."""

    type: Any


class Model(Struct):
    """A model; its other keys are those of its type."""

    initializer: Typed | None = None


class Dataset(Struct):
    """A dataset; its other keys are those of its type."""

    pipeline_options: dict[str, Component] | None = None


class DataLoader(Struct):
    """A dataloader; its other keys are those of PyTorch's."""

    dataset: Dataset | UnsetType = UNSET
    batch_size: Positive | UnsetType = UNSET
    num_workers: Count | UnsetType = UNSET
    prefetch_factor: Positive | None = None
    sampler: Component | None = None
    batch_sampler: Component | None = None
    collate_fn: Component | None = None
    drop_last: bool = False
    persistent_workers: bool = False
    pin_memory: bool = False


class Loop(Struct):
    """A loop; its other keys are those of its type."""

    max_iters: Positive | UnsetType = UNSET
    max_epochs: Positive | UnsetType = UNSET
    val_interval: Positive | UnsetType = UNSET
    by_epoch: bool | UnsetType = UNSET


class Optimizer(Struct):
    """An optimizer; its other keys are those of its type."""

    lr: NotNegative | UnsetType = UNSET
    weight_decay: NotNegative | UnsetType = UNSET
    momentum: NotNegative | UnsetType = UNSET
    betas: tuple[NotNegative, NotNegative] | UnsetType = UNSET


class OptimWrapper(Struct):
    """An optimizer's wrapper; its other keys are those of its type."""

    optimizer: Optimizer | UnsetType = UNSET
    accumulative_counts: Positive | UnsetType = UNSET
    clip_grad: Component | None = None
    paramwise_cfg: Component | None = None


class LogProcessor(Struct):
    """A log processor; its other keys are those of its type."""

    window_size: Positive | UnsetType = UNSET


class Environment(Struct):
    """Settings of processes."""

    mp_cfg: dict[str, Any] | None = None
    dist_cfg: dict[str, Any] | None = None
    resource_limit: Positive | UnsetType = UNSET


class Randomness(Struct):
    """Seeds of a run."""

    seed: Count | None = None
    deterministic: bool = False
    diff_rank_seed: bool = False


class RunConfig(Struct):
    """A whole config, or a part of one: arguments of mmengine's Runner; other keys are variables."""

    model: Model | UnsetType = UNSET
    data_preprocessor: Component | None = None
    train_dataloader: DataLoader | None = None
    val_dataloader: DataLoader | None = None
    test_dataloader: DataLoader | None = None
    train_cfg: Loop | None = None
    val_cfg: Loop | None = None
    test_cfg: Loop | None = None
    val_evaluator: Component | list[Component] | None = None
    test_evaluator: Component | list[Component] | None = None
    optim_wrapper: OptimWrapper | None = None
    param_scheduler: Component | list[Component] | None = None
    default_hooks: dict[str, Component | None] | None = None
    custom_hooks: list[Component] | None = None
    visualizer: Component | None = None
    log_processor: LogProcessor | None = None
    log_level: LogLevel = 'INFO'
    env_cfg: Environment | None = None
    randomness: Randomness | UnsetType = UNSET
    total_batch_size: Positive | None = None
    work_dir: str | None = None
    experiment_name: str | None = None
    load_from: str | None = None
    resume: bool = False
    launcher: str = 'none'
    default_scope: str | None = None
    custom_imports: Component | None = None


# keys read by from_cfg or the tools besides the Runner's arguments
_EXTRA_KEYS = {
    'activation_checkpointing',
    'auto_scale_lr',
    'compile',
    'custom_imports',
    'data_preprocessor',
    'efficient_conv_bn_eval',
    'find_unused_parameters',
    'model_wrapper_cfg',
    'pseudo_labels',
    'seed',
    'sync_bn',
    'total_batch_size',
}
RUN_KEYS = set(inspect.signature(Runner.__init__).parameters) - {'self', 'cfg'} | _EXTRA_KEYS
TEST_OPTIONS = {field.name for field in msgspec.structs.fields(TestOptions)}


def check_test_options(options: object) -> None:
    """Raise a ConfigError unless ``options`` are a segmentor's ``test_cfg``."""
    check_keys(options, TestOptions, 'model.test_cfg')


def check_keys(data: object, schema: type[Struct], where: str = '') -> None:
    """Raise a ConfigError that names the first key of a wrong type or value.

    Args:
        data: dict of a config.
        schema: what it must hold.
        where: key of ``data`` itself.
    """
    try:
        msgspec.convert(data, schema)
    except msgspec.ValidationError as error:
        reason, _, path = str(error).partition(' - at `$')
        path = path.removesuffix('`')
        key = f'{where}{path}'.removeprefix('.')
        unknown = re.search('unknown field `(.+)`', reason)
        if unknown:
            known = sorted(field.name for field in msgspec.structs.fields(schema))
            hint = did_you_mean(unknown[1], known)
            raise ConfigError(f'{key}: unknown {unknown[1]!r}{hint} Known are {known}.') from error
        lacking = re.search('missing required field `(.+)`', reason)
        if lacking:
            raise ConfigError(
                f'{key}: found {_short(_value_at(data, path))}, which has no `{lacking[1]}`. Add it.'
            ) from error
        expected = re.sub(r', got `\w+`$', '', reason)
        if reason.startswith('Invalid enum value'):
            expected = f'expected one of {get_args(schema.__annotations__[path.removeprefix(".")])}'
        for theirs, ours in _WORDS.items():
            expected = expected.replace(theirs, ours)
        found = _value_at(data, path)
        raise ConfigError(f'{key}: found {_short(found)}, {expected}. Correct it in the config.') from error


def did_you_mean(key: str, known: list[str], cutoff: float = 0.6) -> str:
    """End of a message about an unknown key: a suggestion, or a full stop."""
    close = difflib.get_close_matches(key, known, 1, cutoff)
    return f'. Did you mean {close[0]!r}?' if close else '.'


def _value_at(data: Any, path: str) -> Any:
    for name, index in re.findall(r'\.(\w+)|\[(\d+)\]', path.split('[...]')[0]):
        data = data[name] if name else data[int(index)]
    return data


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f'{text[:77]}...'


def components(value: Any, path: str = '') -> Iterator[tuple[str, Mapping]]:
    """Every dict with a ``type`` in a config, with its key."""
    if isinstance(value, Mapping):
        if 'type' in value:
            yield path, value
        for key in value:
            yield from components(value[key], f'{path}.{key}' if path else str(key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from components(item, f'{path}[{index}]')


def check_types(cfg: Mapping) -> None:
    """Raise a ConfigError unless every ``type`` is the name of a component, or a component itself."""
    for path, component in components(cfg):
        kind = component['type']
        if not (isinstance(kind, str) and kind.strip('. ') == kind != '') and not callable(kind):
            raise ConfigError(
                f'{path}.type: found {_short(kind)}, expected the name of a component, such as STM.'
            )
