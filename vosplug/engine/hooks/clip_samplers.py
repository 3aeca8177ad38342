"""Access to the clip samplers that hooks change."""

from mmengine.runner import Runner

from ...datasets.clip_sampler import ClipSampler
from ...datasets.mixture import leaf_datasets
from ...errors import ConfigError


def clip_samplers(runner: Runner, hook: str) -> list[ClipSampler]:
    """Clip samplers of all training datasets; running workers see their changes, too.

    Args:
        runner: runner of the training.
        hook: name for the message.

    Raises:
        ConfigError: there are none.
    """
    dataset = runner.train_dataloader.dataset
    samplers = [leaf.clip_sampler for leaf in leaf_datasets(dataset) if hasattr(leaf, 'clip_sampler')]
    if not samplers:
        raise ConfigError(
            f'{hook}: no clip_sampler in {type(dataset).__name__}; expected a vosplug dataset, or a '
            'combination of several. Remove the hook, or train on such a dataset.'
        )
    return samplers
