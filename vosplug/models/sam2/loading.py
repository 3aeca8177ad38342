"""Loads SAM 2 from the Hugging Face Hub or a folder, without running code from there."""

from importlib import import_module
from pathlib import Path
from typing import Any

import torch

from ...checkpoint import weights_of
from ...errors import CheckpointError, ConfigError

OLDEST = '4.57.1'
CLASSES = {'sam2_video': 'Sam2VideoModel', 'sam2': 'Sam2Model'}  # model_type in config.json -> class
ADVICE = (
    'Give a name such as facebook/sam2.1-hiera-tiny, or a folder with config.json and model.safetensors: '
    'hf download facebook/sam2.1-hiera-tiny --local-dir FOLDER'
)


def import_transformers() -> Any:
    """The package ``transformers``, imported when SAM 2 is used.

    Raises:
        ConfigError: not installed, or a version without SAM 2 for videos.
    """
    try:
        transformers = import_module('transformers')
    except ModuleNotFoundError as error:
        if error.name != 'transformers':
            raise
        raise ConfigError(
            'SAM 2 needs the package transformers, which is not installed: pip install "vosplug[sam2]"'
        ) from None
    if not hasattr(transformers, 'Sam2VideoModel'):
        raise ConfigError(
            f'SAM 2 needs transformers {OLDEST} or newer, found {transformers.__version__}: '
            'pip install --upgrade "vosplug[sam2]"'
        )
    return transformers


def load_sam2(source: str | Path, local_files_only: bool = False, video: bool = False) -> Any:
    """Load a trained SAM 2: ``transformers.Sam2VideoModel``, or ``Sam2Model`` for images.

    No code of the source runs: weights are read from safetensors only, and modules are those of transformers.

    Args:
        source: name on the Hugging Face Hub, or a folder.
        local_files_only: look up a name only in the cache, never on the network.
        video: require a video model.

    Returns:
        transformers.PreTrainedModel: float32, in eval mode.

    Raises:
        ConfigError: see :func:`import_transformers`.
        CheckpointError: no such name or folder, missing or damaged files, another model, or weights that are
            incomplete or NaN.
    """
    transformers = import_transformers()
    _check_folder(source)
    options = dict(local_files_only=local_files_only or Path(source).is_dir(), trust_remote_code=False)
    try:
        kind = transformers.AutoConfig.from_pretrained(source, **options).model_type
    except Exception as error:  # transformers raises many exception types
        raise _unreadable(source, error) from error
    expected = ['sam2_video'] if video else [*CLASSES]
    if kind not in expected:
        raise CheckpointError(
            f'{source}: config.json describes a model of type {kind!r}, expected '
            f'{" or ".join(expected)}. {ADVICE}'
        )
    try:
        model, report = getattr(transformers, CLASSES[kind]).from_pretrained(
            source,
            use_safetensors=True,
            attn_implementation='sdpa',  # a config may name one that would be downloaded and run
            dtype=torch.float32,
            output_loading_info=True,
            **options,
        )
    except Exception as error:
        raise _unreadable(source, error) from error
    lacking = sorted(map(str, [*report['missing_keys'], *report['mismatched_keys']]))
    if lacking:
        raise CheckpointError(
            f'{source}: {len(lacking)} weights of {CLASSES[kind]} are missing or of another shape, such as '
            f'{lacking[:2]}. The file is incomplete or belongs to another model. {ADVICE}'
        )
    weights_of(model.state_dict(), source)
    return model.eval()


def _check_folder(source: str | Path) -> None:
    path = Path(source)
    if path.is_dir():
        weights = any(path.glob('model*.safetensors'))
        if not weights or not (path / 'config.json').is_file():
            found = sorted(file.name for file in path.iterdir())[:5]
            raise CheckpointError(
                f'{source}: not a SAM 2 model, expected config.json and model.safetensors, found {found}. '
                f'{ADVICE}'
            )
    elif path.is_file() or path.is_absolute() or len(path.parts) > 2 or str(source).startswith(('.', '~')):
        raise CheckpointError(f'{source}: no such folder. {ADVICE}')


def _unreadable(source: str | Path, error: Exception) -> CheckpointError:
    reason = ' '.join(str(error).split())
    return CheckpointError(f'{source}: cannot be loaded ({type(error).__name__}: {reason:.300}). {ADVICE}')
