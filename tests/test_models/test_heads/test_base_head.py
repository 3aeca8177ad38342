"""What the base of all mask decoders hands to its losses."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from vosplug.errors import ConfigError
from vosplug.models.heads import BaseMaskHead
from vosplug.models.losses.protocols import IGNORED_LOGIT
from vosplug.registry import MODELS
from vosplug.structures import Supervision

VOID = 255


@MODELS.register_module()
class RecordingObjectLoss(nn.Module):
    """Keeps what it is called with; ``reads=None`` says nothing about it."""

    def __init__(self, reads: str | None = None, loss_name: str = 'loss_recorded') -> None:
        super().__init__()
        self.loss_name = loss_name
        if reads is not None:
            self.reads = reads

    def forward(self, pred, target, weight=None):
        self.seen = pred, target, weight
        return pred.sum() * 0


def targets() -> dict[str, torch.Tensor]:
    """Two frames of two objects, the second frame with boxes; a void pixel in the first."""
    id_masks = torch.zeros(1, 2, 4, 4, dtype=torch.uint8)
    id_masks[0, 0, :2], id_masks[0, 0, 2, :2], id_masks[0, 0, 3, 3] = 1, 2, VOID
    return dict(
        id_masks=id_masks,
        boxes=torch.tensor([[0.0, 0, 4, 2], [0, 2, 2, 3]]).expand(1, 2, 2, 4),
        supervision=torch.tensor([[[Supervision.MASK] * 2, [Supervision.BOX] * 2]]),
        valid=torch.ones(1, 2, dtype=torch.bool),
        images=torch.zeros(1, 2, 3, 4, 4),
    )


def head(*loss_object: dict) -> BaseMaskHead:
    return BaseMaskHead(loss_mask=[], loss_object=loss_object, loss_box=[])


@pytest.fixture
def logits() -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return (2 * torch.randn(1, 2, 2, 4, 4, generator=generator)).requires_grad_()


@pytest.mark.parametrize('reads', ['probs', None])
def test_an_object_loss_reads_probabilities_in_which_objects_compete(logits, reads):
    module = head(dict(type='RecordingObjectLoss', reads=reads))
    module.losses(logits, targets())
    prob, target, weight = module.loss_object[0].seen
    assert ((prob >= 0) & (prob <= 1)).all() and (prob.sum(2) <= 1 + 1e-6).all()
    assert not torch.allclose(prob[0, 0, :, 0], logits[0, 0, :, 0].sigmoid())
    assert not prob[0, 0, :, 3, 3].any() and not prob[0, 1].any(), 'ignored pixels'
    assert target[0, 0, 0].sum() == 8 and target[0, 0, 1].sum() == 2 and target[0, 1].sum() == 0
    assert weight.dtype == torch.bool and weight.tolist() == [[[True, True], [False, False]]]


def test_an_object_loss_may_read_raw_logits(logits):
    module = head(dict(type='RecordingObjectLoss', reads='logits'))
    module.losses(logits, targets())
    found, _, _ = module.loss_object[0].seen
    labelled = torch.ones(4, 4, dtype=torch.bool)
    labelled[3, 3] = False
    assert torch.equal(found[0, 0][:, labelled], logits[0, 0][:, labelled])
    assert (found[0, 0, :, 3, 3] == IGNORED_LOGIT).all() and (found[0, 1] == IGNORED_LOGIT).all()


def test_both_kinds_work_side_by_side(logits):
    module = head(
        dict(type='RecordingObjectLoss', reads='logits', loss_name='loss_a'),
        dict(type='RecordingObjectLoss', loss_name='loss_b'),
    )
    assert set(module.losses(logits, targets())) == {'loss_a', 'loss_b'}
    raw, prob = (loss.seen[0] for loss in module.loss_object)
    assert raw.min() < 0 <= prob.min()


def test_binary_cross_entropy_of_labelled_pixels(logits):
    losses = head(dict(type='ObjectBinaryCrossEntropyLoss')).losses(logits, targets())
    masks = targets()['id_masks'][0, 0]
    labelled = masks != VOID
    each = [
        F.binary_cross_entropy_with_logits(logits[0, 0, n][labelled], (masks[labelled] == n + 1).float())
        for n in range(2)
    ]
    assert losses['loss_bce'].item() == pytest.approx((sum(each) / 2).item(), rel=1e-6)
    losses['loss_bce'].backward()
    assert torch.equal(logits.grad[0].any(1), torch.stack([labelled, torch.zeros_like(labelled)]))


def test_an_object_loss_that_reads_something_else_is_named():
    with pytest.raises(ConfigError, match=r"RecordingObjectLoss.reads is 'odds', expected one of"):
        head(dict(type='RecordingObjectLoss', reads='odds'))
