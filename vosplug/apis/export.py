"""Export of networks to ONNX files."""

import contextlib
import copy
import logging
import warnings
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import torch
from torch import Tensor, nn

from ..analysis.real_clip import BOXES, CLIP
from ..atomic import atomic_path
from ..errors import CheckpointError, ConfigError
from ..models import Box2Seg
from ..models.box_to_mask.onnx_network import INFO_KEY, CropSettings, ONNXCropNetwork, ONNXInfo
from ..structures import VideoFileSource
from ..version import __version__

OPSET = 20
TOLERANCE = 1e-4  # of probabilities; another order of summation changes them by some 1e-6


def export_onnx(model: nn.Module, path: str | Path, source: str = '') -> float:
    """Export a box-to-mask network to an ONNX file, and check it against PyTorch.

    The graph takes crops of :meth:`~vosplug.structures.BoxCrop.image`, uint8 (B, 4, H, W), and returns
    probabilities float32 (B, H, W), for any B; it includes normalisation and, if the network uses it, flip
    averaging, but not the CRF. How a box becomes a crop is in the file's metadata
    (:class:`~vosplug.models.box_to_mask.onnx_network.ONNXInfo`). A
    :class:`~vosplug.models.ONNXBoxInitializer` reads the file.

    Args:
        model: a :class:`~vosplug.models.Box2Seg`; it is not modified.
        path: file to write, ``.onnx``. Nothing is written if a check fails.
        source: where the network comes from, noted in the file.

    Returns:
        float: largest difference between the probabilities of onnxruntime and PyTorch, on random crops and on
        those of a photograph.

    Raises:
        ConfigError: another kind of model, another suffix, a network that the exporter cannot handle, or
            missing packages.
        CheckpointError: the file gives other probabilities than the network.
        OutputError: the file cannot be written.
    """
    onnx = _import_onnx()
    path = Path(path)
    if path.suffix != '.onnx':
        raise ConfigError(f'{path}: expected a name that ends in .onnx.')
    if not isinstance(model, Box2Seg):
        raise ConfigError(
            f'{type(model).__name__} cannot be exported, only Box2Seg: trackers have a memory that changes '
            'from frame to frame, and STANet learns filters while it runs.'
        )
    network = copy.deepcopy(model).cpu().float().eval()
    info = ONNXInfo(
        kind='box-to-mask',
        format=1,
        crop=CropSettings(**network.crop),
        crf=network.crf_options,
        input='uint8 (B, 4, H, W): RGB, and the filled box as 0 or 255; of the crop around a box',
        output='float32 (B, H, W): probability of the object',
        source=source,
        vosplug=__version__,
    )
    proto = _exported(network)
    entry = proto.metadata_props.add()
    entry.key, entry.value = INFO_KEY, msgspec.json.encode(info).decode()
    with atomic_path(path) as partial:
        partial.write_bytes(proto.SerializeToString())
        onnx.checker.check_model(str(partial), full_check=True)
        difference = _difference(network, ONNXCropNetwork(partial))
        if not difference <= TOLERANCE:
            raise CheckpointError(
                f'{path}: not written: its probabilities differ from those of PyTorch by up to '
                f'{difference:.2g}, more than {TOLERANCE:g}.'
            )
    return difference


class _Graph(nn.Module):
    """The exported graph: crops uint8 (B, 4, H, W) to probabilities (B, H, W)."""

    def __init__(self, network: Box2Seg) -> None:
        super().__init__()
        self.network = network

    def forward(self, crops: Tensor) -> Tensor:
        # as one clip: a list of crops would have a fixed length
        return self.network.object_probs(self.network.data_preprocessor(dict(inputs=[crops]))['inputs'][0])


def _exported(network: Box2Seg) -> Any:
    """The network as an ``onnx.ModelProto``."""
    crops = torch.zeros(2, 4, *network.crop['size'], dtype=torch.uint8)
    try:
        with torch.no_grad(), _quiet():
            program: Any = torch.onnx.export(
                _Graph(network).eval(),
                (crops,),
                dynamo=True,
                opset_version=OPSET,
                input_names=['crops'],
                output_names=['probs'],
                dynamic_shapes=({0: torch.export.Dim('batch')},),
                verbose=False,
            )
    except torch.onnx.errors.OnnxExporterError as error:
        reason = str(error.__cause__ or error).strip().splitlines()[0]
        raise ConfigError(f'PyTorch cannot export this network: {reason:.300}') from error
    proto = program.model_proto
    # remove paths of this machine and lines of its code
    for part in (*proto.graph.node, *proto.graph.value_info, *proto.graph.input, *proto.graph.output):
        del part.metadata_props[:]
        part.doc_string = ''
    return proto


def _difference(network: Box2Seg, exported: ONNXCropNetwork) -> float:
    """Largest difference of probabilities, for crops of noise and of a photograph, alone and together."""
    image = VideoFileSource(CLIP)[0]
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (4, *network.crop['size']), np.uint8)
    real = [
        network.crop_of(np.array(box, np.float32), image.shape[:2]).image(image) for box in BOXES.values()
    ]
    network.crf = None  # not in the graph either
    batches = [np.stack(batch) for batch in ([noise], [noise, *real])]
    return max(
        float(np.abs(exported.object_probs(batch) - np.stack(network.crop_probs(list(batch)))).max())
        for batch in batches
    )


@contextlib.contextmanager
def _quiet() -> Any:
    """Silence the exporter, which reports on packages that are not needed."""
    logger = logging.getLogger('torch.onnx')
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            yield
    finally:
        logger.setLevel(level)


def _import_onnx() -> Any:
    try:
        import onnx
        import onnxscript  # noqa: F401  torch.onnx needs it
    except ImportError as error:
        raise ConfigError(f'{error.name} is not installed: pip install "vosplug[onnx]".') from None
    return onnx
