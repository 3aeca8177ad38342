"""Networks in ONNX files, run by onnxruntime."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import msgspec
import numpy as np
import torch
from msgspec import Struct

from ...errors import CheckpointError, ConfigError
from ...files import read_regular, shown_path
from ...limits import check_limit
from ...structures import BoxCrop
from ...structures.box_crop import check_crop
from ..postprocess import DenseCRF
from .crop_masks import aligned

INFO_KEY = 'vosplug'
"""Key of the file's metadata under which :class:`ONNXInfo` is stored as JSON."""
CPU = ('CPUExecutionProvider',)


class CropSettings(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Arguments of :meth:`BoxCrop.around`."""

    size: tuple[int, int]
    margin: float = 0.0
    relative_margin: float = 0.0


class ONNXInfo(Struct, frozen=True):
    """Metadata of an ONNX file written by :func:`~vosplug.apis.export_onnx`.

    Attributes:
        kind: kind of network.
        format: version of these entries, and of the input and output.
        crop: how the network's input is cropped around a box.
        crf: options of the :class:`~vosplug.models.DenseCRF` that follows, which is not in the graph.
        input: description of the network's input.
        output: likewise.
        source: config and checkpoint, or name, of the network.
        vosplug: version that exported it.
    """

    kind: Literal['box-to-mask']
    format: Literal[1]
    crop: CropSettings
    crf: dict[str, int | float] | None
    input: str
    output: str
    source: str
    vosplug: str


class ONNXCropNetwork:
    """A network that segments crops, from a file written by :func:`~vosplug.apis.export_onnx`.

    Each process opens its own session, with as many threads as PyTorch uses there. The file can neither refer
    to other files nor bring its own operators.

    Args:
        file: path of the file.
        providers: execution providers of onnxruntime, in order of preference.

    Raises:
        ConfigError: onnxruntime is missing or too old, or has no such provider.
        CheckpointError: the file is missing, damaged, or was not exported by vosplug.
    """

    def __init__(self, file: str | Path, providers: Sequence[str] = CPU) -> None:
        self.file, self.providers = shown_path(file), _checked(providers)
        self._model = read_regular(file, CheckpointError)
        self.digest = hashlib.sha256(self._model).hexdigest()
        self._sessions: dict[int, Any] = {}  # by process: threads of a session do not survive a fork
        self.info = self._read_info()
        self.crf = self._built_crf()

    def __getstate__(self) -> dict:
        return self.__dict__ | dict(_sessions={})

    def crop_of(self, box: np.ndarray, shape: tuple[int, int]) -> BoxCrop:
        """The crop that the network sees for a box, xyxy in pixels, in an image of ``shape`` (H, W)."""
        return BoxCrop.around(box, shape, **msgspec.structs.asdict(self.info.crop))

    def crop_probs(self, inputs: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Probability of the object in each crop, float32 (H, W).

        Args:
            inputs: uint8 (4, H, W) each, of :meth:`BoxCrop.image`.
        """
        probs = list(self.object_probs(np.stack(inputs)))
        if self.crf is None:
            return probs
        return [aligned(self.crf, p, x) for p, x in zip(probs, inputs, strict=True)]

    def object_probs(self, crops: np.ndarray) -> np.ndarray:
        """The network's output, float32 (B, H, W), for crops uint8 (B, 4, H, W); without the CRF."""
        try:
            (probs,) = self._session.run(None, {self._session.get_inputs()[0].name: crops})
        except Exception as error:  # onnxruntime raises many types of its own
            raise CheckpointError(f'{self.file}: cannot be run ({_reason(error)}).') from error
        expected = (len(crops), *crops.shape[-2:])
        if probs.shape != expected or probs.dtype != np.float32:
            raise CheckpointError(
                f'{self.file}: returned {probs.dtype} {probs.shape}, expected float32 {expected}. Export it '
                'again.'
            )
        return probs

    @property
    def _session(self) -> Any:
        """The session of this process."""
        # sessions inherited from another process are kept: closing them would wait for their threads
        if os.getpid() not in self._sessions:
            self._sessions[os.getpid()] = self._open()
        return self._sessions[os.getpid()]

    def _open(self) -> Any:
        runtime = import_onnxruntime()
        options = runtime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors
        options.add_session_config_entry('session.load_model_format', 'ONNX')
        # files with external weights would be looked up here, where there can be none
        options.add_session_config_entry('session.model_external_initializers_file_folder_path', os.devnull)
        try:
            return runtime.InferenceSession(self._model, options, providers=self.providers)
        except Exception as error:  # onnxruntime raises many types of its own
            raise CheckpointError(
                f'{self.file}: cannot be read as an ONNX model in a single file ({_reason(error)}). It '
                'is damaged or names other files; export it again with tools/deployment/export_onnx.py.'
            ) from error

    def _read_info(self) -> ONNXInfo:
        text = self._session.get_modelmeta().custom_metadata_map.get(INFO_KEY)
        if text is None:
            raise CheckpointError(
                f'{self.file}: has no metadata {INFO_KEY!r}, which describes how boxes are cropped and '
                'what the network sees. Export the model with tools/deployment/export_onnx.py.'
            )
        try:
            info = msgspec.json.decode(text, type=ONNXInfo)
            check_crop(**msgspec.structs.asdict(info.crop))
        except (msgspec.DecodeError, ConfigError) as error:
            raise CheckpointError(
                f'{self.file}: metadata {INFO_KEY!r}: {error}. The file is damaged or from another '
                'version of vosplug; export it again.'
            ) from None
        height, width = info.crop.size
        check_limit('MAX_PIXELS', height * width, f'{self.file}: {height}x{width} crops', CheckpointError)
        found = [(x.type, x.shape[1:]) for x in self._session.get_inputs()]
        if found != [('tensor(uint8)', [4, height, width])] or len(self._session.get_outputs()) != 1:
            raise CheckpointError(
                f'{self.file}: takes {found}, expected a single input uint8 (B, 4, {height}, {width}), and '
                'one output. Export it again.'
            )
        return info

    def _built_crf(self) -> DenseCRF | None:
        try:
            return None if self.info.crf is None else DenseCRF(**self.info.crf)  # type: ignore[arg-type]
        except (TypeError, ConfigError) as error:
            raise CheckpointError(f'{self.file}: metadata {INFO_KEY!r}: crf: {error}') from None


def import_onnxruntime() -> ModuleType:
    """The module onnxruntime.

    Raises:
        ConfigError: it is not installed, or older than 1.24: older versions read any file that a model names.
    """
    try:
        import onnxruntime
    except ImportError:
        raise ConfigError('onnxruntime is not installed: pip install "vosplug[onnx]".') from None
    if tuple(map(int, onnxruntime.__version__.split('.')[:2])) < (1, 24):
        raise ConfigError(
            f'found onnxruntime {onnxruntime.__version__}, expected 1.24 or newer: older versions read any '
            'file that a model names. Upgrade it: pip install "vosplug[onnx]".'
        )
    return onnxruntime


def _checked(providers: Sequence[str]) -> list[str]:
    known = import_onnxruntime().get_available_providers()
    if isinstance(providers, str) or not providers or not all(name in known for name in providers):
        raise ConfigError(
            f'providers: found {providers!r}, expected a list of providers that this onnxruntime has: '
            f'{known}. Other providers need another package, such as onnxruntime-gpu.'
        )
    return list(providers)


def _reason(error: Exception) -> str:
    return ' '.join(str(error).split())[:300] or type(error).__name__
