"""Base class of mask decoders, which computes the losses of a clip."""

from collections.abc import Mapping, Sequence
from typing import get_args

import torch
from mmengine.model import BaseModule
from torch import Tensor, nn

from ...errors import ConfigError, VOSError
from ...registry import MODELS
from ...structures import Supervision
from ...structures.box_ops import VOID
from ..aggregation import soft_aggregate
from ..losses.protocols import IGNORED_LOGIT, ObjectMaps

OBJECT_MAPS = get_args(ObjectMaps)


class BaseMaskHead(BaseModule):
    """A decoder with losses, selected by the supervision of each object in each frame.

    Args:
        loss_mask: losses of labelled pixels (:class:`~vosplug.models.losses.PixelLoss`).
        loss_object: losses of whole masks (:class:`~vosplug.models.losses.ObjectLoss`), on aggregated
            probabilities or raw logits, according to its attribute ``reads``.
        loss_box: losses of boxes (:class:`~vosplug.models.losses.BoxLoss`).
        init_cfg: mmengine's.

    Raises:
        ConfigError: a loss whose name does not start with ``loss``, two losses of the same name, or an object
            loss with an unknown value of ``reads``.
    """

    def __init__(
        self,
        loss_mask: Sequence[dict] = (dict(type='mmseg.CrossEntropyLoss', avg_non_ignore=True),),
        loss_object: Sequence[dict] = (),
        loss_box: Sequence[dict] = (dict(type='BoxProjectionLoss'),),
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.loss_mask = _built('loss_mask', loss_mask)
        self.loss_object = _built('loss_object', loss_object)
        self.loss_box = _built('loss_box', loss_box)
        names = [
            module.loss_name for part in (self.loss_mask, self.loss_object, self.loss_box) for module in part
        ]
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise ConfigError(
                f'{type(self).__name__}: several losses are named {repeated[0]!r}, so that one would '
                'replace the others; give each its own loss_name.'
            )
        for module in self.loss_object:
            if _reads(module) not in OBJECT_MAPS:
                raise ConfigError(
                    f'loss_object: {type(module).__name__}.reads is {_reads(module)!r}, expected one of '
                    f'{OBJECT_MAPS}.'
                )

    def losses(self, logits: Tensor, targets: dict[str, Tensor]) -> dict[str, Tensor]:
        """Losses of a clip: mask losses for mask supervision, box losses for box supervision.

        In a frame that has both, the losses of masks ignore the boxes. Losses for a kind of supervision that
        no frame has are left out, so that the log shows only those that train.

        Args:
            logits: (B, T, N, H, W), independent per object.
            targets: ``id_masks`` (B, T, H, W), ``boxes`` (B, T, N, 4), ``supervision`` (B, T, N), ``valid``
                (B, N), ``images`` RGB in 0..255 (B, T, 3, H, W), NaN where a clip was padded.

        Returns:
            dict: loss name -> scalar; the mask losses, which are 0, if nothing is supervised.
        """
        valid = targets['valid'].unsqueeze(1)
        has_mask = (targets['supervision'] == Supervision.MASK.value) & valid
        has_box = (targets['supervision'] == Supervision.BOX.value) & valid
        if not has_box.any():
            return self._mask_losses(logits, targets, valid, has_mask)
        losses = self._mask_losses(logits, targets, valid, has_mask) if has_mask.any() else {}
        for module in self.loss_box:
            loss = module(logits=logits, boxes=targets['boxes'], images=targets['images'], weight=has_box)
            losses[module.loss_name] = _scalar(loss, module)
        return losses

    def _mask_losses(
        self, logits: Tensor, targets: dict[str, Tensor], valid: Tensor, has_mask: Tensor
    ) -> dict[str, Tensor]:
        """Losses of frames in which some object has a mask; the other frames are ignored."""
        odds = soft_aggregate(logits.sigmoid() * valid[..., None, None])
        frames = has_mask.any(-1)[..., None, None]
        labels = torch.where(frames, targets['id_masks'], VOID).long()
        losses = {}
        # a mean over only void pixels is 0/0
        count = (labels != VOID).sum().clamp(min=1)
        for module in self.loss_mask:
            loss = module(odds.flatten(0, 1), labels.flatten(0, 1), ignore_index=VOID, avg_factor=count)
            losses[module.loss_name] = _scalar(loss, module)
        if self.loss_object:
            losses |= self._object_losses(logits, odds, labels, has_mask)
        return losses

    def _object_losses(
        self, logits: Tensor, odds: Tensor, labels: Tensor, has_mask: Tensor
    ) -> dict[str, Tensor]:
        """Object losses, each on the maps that it reads."""
        labelled = (labels != VOID).unsqueeze(2)
        slots = torch.arange(1, logits.shape[2] + 1, device=logits.device).view(-1, 1, 1)
        target = (labels.unsqueeze(2) == slots).to(odds.dtype)
        maps = dict(
            probs=odds.softmax(2)[:, :, 1:] * labelled, logits=logits.masked_fill(~labelled, IGNORED_LOGIT)
        )
        return {
            m.loss_name: _scalar(m(maps[_reads(m)], target, weight=has_mask), m) for m in self.loss_object
        }


def _built(key: str, configs: Sequence[dict]) -> nn.ModuleList:
    if isinstance(configs, Mapping):
        raise ConfigError(f'{key}: found one loss, expected a list of losses; write [dict(type=...)].')
    modules = nn.ModuleList(MODELS.build(cfg) for cfg in configs)
    for module in modules:
        name = getattr(module, 'loss_name', None)
        if not isinstance(name, str) or not name.startswith('loss'):
            raise ConfigError(
                f'{key}: {type(module).__name__}.loss_name is {name!r}, expected a name that starts with '
                "'loss'; losses with other names are only logged."
            )
    return modules


def _scalar(loss: Tensor, module: nn.Module) -> Tensor:
    if not isinstance(loss, Tensor) or loss.ndim:
        found = f'a tensor of shape {tuple(loss.shape)}' if isinstance(loss, Tensor) else type(loss).__name__
        raise VOSError(
            f'{type(module).__name__}: returned {found}, expected a scalar: the mean over what is '
            'supervised, times loss_weight.'
        )
    return loss


def _reads(loss: nn.Module) -> str:
    return getattr(loss, 'reads', 'probs')
