"""Sends segmented frames to mmengine's visualisation backends."""

from collections.abc import Sequence
from importlib.util import find_spec

import cv2
import numpy as np
from mmengine.visualization import Visualizer

from ..errors import ConfigError
from ..registry import VISUALIZERS
from ..structures import FrameResult
from .overlay import draw_overlay, put_caption

# packages that mmengine's backends import when they first log
_PACKAGES = {
    'TensorboardVisBackend': 'tensorboard',
    'WandbVisBackend': 'wandb',
    'MLflowVisBackend': 'mlflow',
    'ClearMLVisBackend': 'clearml',
    'NeptuneVisBackend': 'neptune',
    'DVCLiveVisBackend': 'dvclive',
    'AimVisBackend': 'aim',
}


@VISUALIZERS.register_module()
class VOSVisualizer(Visualizer):
    """Visualizer for video object segmentation; see :class:`mmengine.visualization.Visualizer`.

    Args:
        name: name of the instance, required in configs, since mmengine looks the instance up by it.
        alpha: opacity of the objects' colours, in [0, 1].
        vis_backends: mmengine's configs, or names of backends without options.
        kwargs: keyword arguments of the base class, such as ``save_dir``.

    Raises:
        ConfigError: a backend's package is not installed.

    Example:
        >>> from vosplug.registry import VISUALIZERS
        >>> VISUALIZERS.build(dict(type='VOSVisualizer', name='vis', alpha=0.6)).alpha
        0.6
    """

    def __init__(
        self,
        name: str = 'visualizer',
        alpha: float = 0.5,
        vis_backends: str | Sequence[str | dict] | None = None,
        **kwargs,
    ) -> None:
        given = [vis_backends] if isinstance(vis_backends, str) else vis_backends or []
        backends = [dict(type=backend) if isinstance(backend, str) else backend for backend in given]
        for backend in backends:
            package = _PACKAGES.get(str(backend.get('type')).split('.')[-1])
            if package and find_spec(package) is None:
                raise ConfigError(
                    f'visualizer.vis_backends: {backend["type"]} needs the package {package}, which is not '
                    f'installed: pip install {package}'
                )
        super().__init__(name, vis_backends=backends or None, **kwargs)
        self.alpha = alpha

    def draw(
        self, image: np.ndarray, result: FrameResult, annotation: np.ndarray | None = None
    ) -> np.ndarray:
        """Draw one result on its frame, next to the ground truth if given.

        Args:
            image: uint8 (H, W, 3) BGR.
            result: its segmentation, at the image's size.
            annotation: ground truth id mask uint8 (H, W), or None.

        Returns:
            np.ndarray: uint8 BGR; (H, W, 3), or wider and with a caption if ground truth is given.
        """
        picture = draw_overlay(image, result.mask, self.alpha)
        if annotation is None:
            return picture
        truth = draw_overlay(image, annotation, self.alpha)
        gap = np.full((image.shape[0], 4, 3), 32, np.uint8)
        return put_caption(cv2.hconcat([picture, gap, truth]), f'{result.name}: prediction | ground truth')

    def add_frame(
        self,
        name: str,
        image: np.ndarray,
        result: FrameResult,
        annotation: np.ndarray | None = None,
        step: int = 0,
    ) -> np.ndarray:
        """Draw one result, next to the ground truth if given, and send it to every backend.

        Args:
            name: identifier of the image in the backends.
            image: uint8 (H, W, 3) BGR.
            result: its segmentation, at the image's size.
            annotation: ground truth id mask uint8 (H, W), or None.
            step: global step of the recording.

        Returns:
            np.ndarray: the image, uint8 BGR; (H, W, 3), or wider and with captions if ground truth is given.
        """
        picture = self.draw(image, result, annotation)
        self.add_image(name, np.ascontiguousarray(picture[..., ::-1]), step)
        return picture
