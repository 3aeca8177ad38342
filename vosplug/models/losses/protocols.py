"""The contracts of the three kinds of losses, and their common conventions.

Every loss is a registered ``nn.Module`` with a ``loss_name`` that starts with ``loss``: mmengine adds up the
entries whose names do, and logs the others. B clips of T frames with N object slots give

- maps (B, T, N, H, W), of any float type; a loss computes in float32;
- ``boxes`` (B, T, N, 4), xyxy in pixels of the maps, right and bottom exclusive; all 0 for an absent object;
- ``weight``, bool (B, T, N): the objects that this kind of loss supervises in each frame. False for padding
  slots, for frames without annotation and for other kinds of supervision; None: all True;
- ``images`` (B, T, 3, H, W), RGB in 0..255, NaN where a frame was padded to the size of its batch.

Box and object losses return a scalar, already multiplied by ``loss_weight``. With an all-False ``weight`` it
is a finite 0 whose gradient is 0, and slots or padded pixels that do not count change nothing.
``tests/test_models/test_losses/loss_tester.py`` holds every loss to this.
"""

from typing import Literal, Protocol

from torch import Tensor

ObjectMaps = Literal['probs', 'logits']

# Stands for "certain background" in the logits that an object loss reads: the cross entropy against a target
# of 0 is exactly 0 there, and so is its gradient. The smallest finite number in half precision.
IGNORED_LOGIT = -65504.0


class PixelLoss(Protocol):
    """A loss of labelled pixels with MMSegmentation's signature, so it also works as its ``loss_decode``.

    The head calls it with the logits of the background and of every object after aggregation; frames without
    masks consist of ``ignore_index``.
    """

    loss_name: str

    def __call__(
        self,
        pred: Tensor,
        target: Tensor,
        weight: Tensor | None = None,
        avg_factor: float | Tensor | None = None,
        ignore_index: int = 255,
        reduction_override: str | None = None,
    ) -> Tensor:
        """Loss of K frames.

        Args:
            pred: logits (K, C, H, W), C = N + 1.
            target: int64 (K, H, W), class of each pixel.
            weight: (K, H, W), factor per pixel.
            avg_factor: number of labelled pixels, the divisor of a mean over pixels.
            ignore_index: label of ignored pixels.
            reduction_override: replaces the module's own ``'mean'``, ``'sum'`` or ``'none'``.
        """


class ObjectLoss(Protocol):
    """A loss of each object's mask.

    Attributes:
        loss_name: key in the log.
        reads: ``'probs'`` (the default without this attribute): probabilities after aggregation, in which
            objects and background compete and sum to 1; ``'logits'``: the decoder's raw logits, independent
            per object.
    """

    loss_name: str
    reads: ObjectMaps = 'probs'

    def __call__(self, pred: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
        """Loss of the objects that count; the head passes the first two by position.

        Ignored pixels (void, and padding) look like certain background: probability 0 or
        :data:`IGNORED_LOGIT`, and target 0.

        Args:
            pred: maps (B, T, N, H, W), see ``reads``.
            target: float, same shape, 1 where the object is, else 0.
            weight: bool (B, T, N).
        """


class BoxLoss(Protocol):
    """A loss of each object's logits against its box; the head passes everything by keyword.

    It also works without the axes B and T, as in MMDetection's instance heads, unless it compares frames.
    """

    loss_name: str

    def __call__(self, logits: Tensor, boxes: Tensor, images: Tensor, weight: Tensor | None = None) -> Tensor:
        """Loss of the objects that count.

        Args:
            logits: (B, T, N, H, W), independent per object.
            boxes: (B, T, N, 4).
            images: (B, T, 3, H, W), NaN where padded.
            weight: bool (B, T, N).
        """
