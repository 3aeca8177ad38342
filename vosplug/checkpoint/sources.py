"""Sources of weights for mmengine, all read by :func:`~.files.read_checkpoint`."""

import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlparse

import torch
from mmengine.dist import barrier, get_rank
from mmengine.fileio import register_handler
from mmengine.logging import print_log
from mmengine.runner.checkpoint import (
    CheckpointLoader,
    get_deprecated_model_names,
    get_external_models,
    get_mmcls_models,
    get_torchvision_models,
)
from torch.hub import HASH_REGEX, download_url_to_file

from ..errors import CheckpointError, ConfigError
from ..paths import ZOO
from .files import read_checkpoint
from .pickles import PlainPickleHandler, PlainYamlHandler
from .weights import weights_of


def use_safe_checkpoints() -> None:
    """Make mmengine read weights, pickles and YAML as data.

    Importing vosplug does this, as soon as mmengine's Runner is imported; see :mod:`vosplug.import_hook`.
    """
    for prefixes, loader in _LOADERS.items():
        CheckpointLoader.register_scheme(list(prefixes), loader, force=True)
    register_handler(['pickle', 'pkl'])(PlainPickleHandler)
    register_handler(['yaml', 'yml'])(PlainYamlHandler)


def load_from_local(filename: str, map_location: str | None = None) -> dict:
    """Load a checkpoint from a path.

    ``meta['config']``, which mmengine would execute when training resumes, is dropped.
    """
    path = os.path.expanduser(filename)
    checkpoint = read_checkpoint(path, map_location)
    weights_of(checkpoint, path)
    if 'state_dict' in checkpoint and 'config' in checkpoint.get('meta', {}):
        meta = {key: value for key, value in checkpoint['meta'].items() if key != 'config'}
        checkpoint = {**checkpoint, 'meta': meta}
    return checkpoint


def load_from_http(filename: str, map_location: str | None = None) -> dict:
    """Load a checkpoint from a URL, downloaded once into PyTorch's cache."""
    first = get_rank() == 0
    if not first:
        barrier()
    try:
        path = _downloaded(filename)
    finally:
        if first:
            barrier()
    return load_from_local(path, map_location)


def _downloaded(url: str) -> str:
    """Path of the downloaded file; a hash in its name (``name-0123abcd.pth``) must match its content."""
    name = os.path.basename(urlparse(url).path)
    if name in ('', '.', '..'):
        raise CheckpointError(f'{url}: names no file, expected a URL that ends in the name of a checkpoint.')
    path = Path(torch.hub.get_dir(), 'checkpoints', name)
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            download_url_to_file(url, str(path), progress=sys.stderr.isatty())
        except (OSError, ValueError) as error:
            raise CheckpointError(
                f'{url}: cannot be downloaded ({error}). Download it yourself and give the path of the file.'
            ) from error
    named = HASH_REGEX.search(name)
    if named:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        if not found.startswith(named[1]):
            path.unlink()
            raise CheckpointError(
                f'{url}: the downloaded file has the hash {found[: len(named[1])]}, expected {named[1]} '
                'from its name. It was deleted; download it again, or ask its publisher.'
            )
    return str(path)


def load_from_torchvision(filename: str, map_location: str | None = None) -> dict:
    """Load weights listed by torchvision."""
    network = _name(filename)
    try:
        urls = get_torchvision_models()
    except ModuleNotFoundError as error:
        if error.name != 'torchvision':
            raise
        raise ConfigError(
            f'init_cfg.checkpoint={filename}: torchvision, which lists the URLs of these weights, is not '
            f'installed. Set the variable {network.upper()}_WEIGHTS to a file of the weights '
            f'({network}-*.pth from https://download.pytorch.org/models/), or `pip install torchvision`.'
        ) from None
    return load_from_http(_url(filename, urls), map_location)


def load_from_openmmlab(filename: str, map_location: str | None = None) -> dict:
    """Load weights from OpenMMLab's list, or from the user's list in ``MMENGINE_HOME``."""
    name = _name(filename)
    url = _url(f'openmmlab://{get_deprecated_model_names().get(name, name)}', get_external_models())
    if urlparse(url).scheme in ('http', 'https'):
        return load_from_http(url, map_location)
    home = os.environ.get('MMENGINE_HOME') or Path(os.environ.get('XDG_CACHE_HOME', '~/.cache'), 'mmengine')
    return load_from_local(str(Path(home, url)), map_location)


def load_from_mmcls(filename: str, map_location: str | None = None) -> dict:
    """Load a backbone from MMClassification's list."""
    checkpoint = load_from_http(_url(filename, get_mmcls_models()), map_location)
    state = weights_of(checkpoint, filename)
    part = 'backbone.'
    return dict(state_dict={k.removeprefix(part): v for k, v in state.items() if k.startswith(part)})


def load_from_zoo(filename: str, map_location: str | None = None) -> dict:
    """Load a shipped model, ``zoo://xmem-tiny-box``, or a part of it, ``zoo://xmem-tiny-box/backbone``.

    Logs the licence, which models trained from these weights inherit.
    """
    name, _, part = _name(filename).partition('/')
    known = sorted(path.stem for path in ZOO.glob('*.safetensors'))
    if name not in known:
        raise CheckpointError(f'{filename}: no such model comes with vosplug, expected one of {known}.')
    checkpoint = read_checkpoint(ZOO / f'{name}.safetensors', map_location)
    prefix = f'{part}.' if part else ''
    state = {k.removeprefix(prefix): v for k, v in checkpoint['state_dict'].items() if k.startswith(prefix)}
    if not state:
        raise CheckpointError(f'{filename}: {name} has no part {part!r}.')
    licence = checkpoint['meta']['licence']
    print_log(f'{filename}: weights that come with vosplug; licence: {licence}.', 'current')
    return dict(state_dict=state)


def load_from_elsewhere(filename: str, map_location: str | None = None) -> dict:
    """Reject remote stores, whose content mmengine would unpickle from memory."""
    raise CheckpointError(
        f'{filename}: weights cannot be read from this storage, expected a path or an http(s) URL. Download '
        'the file and give its path.'
    )


def _name(filename: str) -> str:
    return filename.split('://', 1)[1]


def _url(filename: str, urls: dict[str, str]) -> str:
    name = _name(filename)
    if name not in urls:
        raise CheckpointError(
            f'{filename}: no weights of this name are known, expected one such as {sorted(urls)[:3]}.'
        )
    return urls[name]


_LOADERS: dict[tuple[str, ...], Callable[..., dict]] = {
    ('',): load_from_local,
    ('http://', 'https://'): load_from_http,
    ('torchvision://', 'modelzoo://'): load_from_torchvision,
    ('openmmlab://', 'open-mmlab://'): load_from_openmmlab,
    ('mmcls://',): load_from_mmcls,
    ('zoo://',): load_from_zoo,
    ('pavi://', r'(\S+\:)?s3://', r'(\S+\:)?petrel://'): load_from_elsewhere,
}
