"""What :mod:`vosplug.models.losses.protocols` promises, held against every loss.

A test file of a loss from outside the package is as short as ``test_protocols.py``: a subclass of
:class:`BoxLossTester`, :class:`ObjectLossTester` or :class:`PixelLossTester` with ``make_loss``.
"""

import pytest
import torch
from torch import Tensor, nn

from vosplug.models.losses.protocols import IGNORED_LOGIT

HEIGHT, WIDTH = 24, 32
EXTREME = 6e4  # almost half precision's largest number


class ClipLossTester:
    """What losses of boxes and of objects have in common: a clip (2, 3, 2) of maps, and a bool weight."""

    def make_loss(self) -> nn.Module:
        """The loss under test."""
        raise NotImplementedError

    def clip(self, seed: int = 0) -> dict[str, Tensor]:
        """Arguments of the loss: ``maps`` and what else belongs to them, with bool ``weight``."""
        raise NotImplementedError

    def call(self, clip: dict[str, Tensor], module: nn.Module | None = None) -> Tensor:
        """The loss (or that module), called as the head does."""
        raise NotImplementedError

    def value_and_gradient(self, clip: dict[str, Tensor]) -> tuple[float, Tensor]:
        maps = clip['maps'].detach().clone().requires_grad_()
        loss = self.call({**clip, 'maps': maps})
        assert loss.shape == () and loss.dtype == torch.float32
        loss.backward()
        return loss.item(), maps.grad

    def test_its_name_makes_mmengine_add_it_up(self):
        assert self.make_loss().loss_name.startswith('loss')

    def test_it_is_positive_and_its_gradient_lies_where_objects_count(self):
        clip = self.clip()
        value, gradient = self.value_and_gradient(clip)
        assert value > 0 and gradient.any() and not gradient[~clip['weight']].any()

    def test_no_weight_is_weight_everywhere(self):
        clip = self.clip()
        clip['weight'] = torch.ones_like(clip['weight'])
        every, _ = self.value_and_gradient(clip)
        assert self.value_and_gradient({**clip, 'weight': None})[0] == pytest.approx(every, rel=1e-6)

    def test_loss_weight_is_a_factor(self):
        module, clip = self.make_loss(), self.clip()
        once = self.call(clip, module).item()
        module.loss_weight *= 3
        assert self.call(clip, module).item() == pytest.approx(3 * once, rel=1e-6)

    def test_nothing_that_counts_gives_zero_and_a_gradient_of_zero(self):
        for factor in (1.0, EXTREME):
            clip = self.clip()
            clip['maps'] = self.scaled(clip['maps'], factor)
            clip['weight'] = torch.zeros_like(clip['weight'])
            value, gradient = self.value_and_gradient(clip)
            assert value == 0 and not gradient.any() and gradient.isfinite().all()

    def test_padding_slots_change_nothing(self):
        clip = self.clip()
        value, gradient = self.value_and_gradient(clip)
        more, more_gradient = self.value_and_gradient(self.with_padding_slot(clip))
        assert more == pytest.approx(value, rel=1e-6)
        torch.testing.assert_close(more_gradient[:, :, :2], gradient)
        assert not more_gradient[:, :, 2:].any()

    def test_extremes_of_half_precision_are_finite(self):
        clip = self.clip()
        clip['maps'] = self.scaled(clip['maps'], EXTREME).half()
        value, gradient = self.value_and_gradient(clip)
        assert torch.tensor(value).isfinite() and gradient.isfinite().all()

    def test_autocast_changes_nothing(self):
        clip = self.clip()
        value, _ = self.value_and_gradient(clip)
        with torch.autocast('cpu', torch.bfloat16):
            assert self.call(clip).item() == pytest.approx(value, rel=1e-5)

    def scaled(self, maps: Tensor, factor: float) -> Tensor:
        """Logits of that size and both signs."""
        return maps if factor == 1 else maps.sign() * factor

    def with_padding_slot(self, clip: dict[str, Tensor]) -> dict[str, Tensor]:
        """With a third slot that no object has."""
        return {
            **clip,
            'maps': torch.cat([clip['maps'], clip['maps'][:, :, :1].flip(-1)], 2),
            'weight': torch.cat([clip['weight'], torch.zeros_like(clip['weight'][:, :, :1])], 2),
        }


def weights() -> Tensor:
    """Bool (2, 3, 2); of the first object of the first clip, all frames count."""
    weight = torch.ones(2, 3, 2, dtype=torch.bool)
    weight[0, 1, 1] = weight[1, 0] = False
    return weight


class BoxLossTester(ClipLossTester):
    """Contract of a :class:`~vosplug.models.losses.BoxLoss`."""

    def clip(self, seed: int = 0) -> dict[str, Tensor]:
        generator = torch.Generator().manual_seed(seed)
        corner = torch.rand(2, 3, 2, 2, generator=generator) * torch.tensor([16, 12])
        sides = 8 + 4 * torch.rand(2, 3, 2, 2, generator=generator)
        return dict(
            maps=2 * torch.randn(2, 3, 2, HEIGHT, WIDTH, generator=generator),
            boxes=torch.cat([corner, corner + sides], -1).round(),
            # of low contrast, so that colours match
            images=120 + 2 * torch.rand(2, 3, 3, HEIGHT, WIDTH, generator=generator),
            weight=weights(),
        )

    def call(self, clip: dict[str, Tensor], module: nn.Module | None = None) -> Tensor:
        named = {'logits' if name == 'maps' else name: value for name, value in clip.items()}
        return (module or self.make_loss())(**named)

    def with_padding_slot(self, clip: dict[str, Tensor]) -> dict[str, Tensor]:
        boxes = torch.cat([clip['boxes'], torch.zeros(2, 3, 1, 4)], 2)
        return {**super().with_padding_slot(clip), 'boxes': boxes}

    def test_an_absent_object_is_finite(self):
        clip = self.clip()
        clip['boxes'][:, :, 1] = 0
        value, gradient = self.value_and_gradient(clip)
        assert torch.tensor(value).isfinite() and gradient.isfinite().all()

    def test_padded_pixels_of_an_image_change_nothing(self):
        """A clip beside a larger one is padded right and below with NaN; its logits there are background."""
        clip = self.clip()
        value, gradient = self.value_and_gradient(clip)
        padded = dict(
            clip,
            maps=nn.functional.pad(clip['maps'], (0, 8, 0, 8), value=-30.0),
            images=nn.functional.pad(clip['images'], (0, 8, 0, 8), value=torch.nan),
        )
        same, same_gradient = self.value_and_gradient(padded)
        # losses that do not see the image may average over the padding, where nothing is wrong
        assert 0.5 * value < same <= value * (1 + 1e-5) and same_gradient.isfinite().all()
        assert same_gradient[..., HEIGHT:, :].abs().max() < 1e-6 * gradient.abs().max() + 1e-9

    def test_it_works_on_single_images(self):
        clip = {name: value[0, 0] for name, value in self.clip().items()}
        assert self.call(clip).item() >= 0


class ObjectLossTester(ClipLossTester):
    """Contract of an :class:`~vosplug.models.losses.ObjectLoss`."""

    def clip(self, seed: int = 0) -> dict[str, Tensor]:
        generator = torch.Generator().manual_seed(seed)
        logits = 2 * torch.randn(2, 3, 2, HEIGHT, WIDTH, generator=generator)
        target = (torch.rand(logits.shape, generator=generator) > 0.5).float()
        return dict(maps=self.readable(logits), target=target, weight=weights())

    def reads_logits(self) -> bool:
        return getattr(self.make_loss(), 'reads', 'probs') == 'logits'

    def readable(self, logits: Tensor) -> Tensor:
        return logits if self.reads_logits() else logits.sigmoid()

    def scaled(self, maps: Tensor, factor: float) -> Tensor:
        return super().scaled(maps, factor) if self.reads_logits() else maps.round()

    def call(self, clip: dict[str, Tensor], module: nn.Module | None = None) -> Tensor:
        return (module or self.make_loss())(clip['maps'], clip['target'], weight=clip['weight'])

    def with_padding_slot(self, clip: dict[str, Tensor]) -> dict[str, Tensor]:
        target = torch.cat([clip['target'], torch.zeros(2, 3, 1, HEIGHT, WIDTH)], 2)
        return {**super().with_padding_slot(clip), 'target': target}

    def test_it_says_what_it_reads(self):
        assert getattr(self.make_loss(), 'reads', 'probs') in ('probs', 'logits')

    def test_ignored_pixels_change_nothing(self):
        clip = self.clip()
        value, gradient = self.value_and_gradient(clip)
        ignored = IGNORED_LOGIT if self.reads_logits() else 0.0
        padded = dict(
            clip,
            maps=nn.functional.pad(clip['maps'], (0, 8, 0, 8), value=ignored),
            target=nn.functional.pad(clip['target'], (0, 8, 0, 8)),
        )
        same, same_gradient = self.value_and_gradient(padded)
        assert same == pytest.approx(value, rel=1e-5)
        torch.testing.assert_close(same_gradient[..., :HEIGHT, :WIDTH], gradient, rtol=1e-4, atol=1e-7)


class PixelLossTester:
    """Contract of a :class:`~vosplug.models.losses.PixelLoss`."""

    def make_loss(self) -> nn.Module:
        """The loss under test."""
        raise NotImplementedError

    def batch(self) -> tuple[Tensor, Tensor]:
        generator = torch.Generator().manual_seed(0)
        pred = 2 * torch.randn(2, 3, HEIGHT, WIDTH, generator=generator)
        return pred.requires_grad_(), torch.randint(0, 3, (2, HEIGHT, WIDTH), generator=generator)

    def test_its_name_makes_mmengine_add_it_up(self):
        assert self.make_loss().loss_name.startswith('loss')

    def test_ignored_pixels_change_nothing(self):
        pred, target = self.batch()
        loss = self.make_loss()
        expected = loss(pred, target, avg_factor=target.numel()).item()
        padded = nn.functional.pad(pred.detach(), (0, 8), value=5.0).requires_grad_()
        labels = nn.functional.pad(target, (0, 8), value=255)
        found = loss(padded, labels, ignore_index=255, avg_factor=target.numel())
        found.backward()
        assert found.item() == pytest.approx(expected, rel=1e-5)
        assert not padded.grad[..., WIDTH:].any() and padded.grad.any()

    def test_no_label_gives_zero_and_a_gradient_of_zero(self):
        pred, target = self.batch()
        loss = self.make_loss()(pred, torch.full_like(target, 255), ignore_index=255, avg_factor=1)
        loss.backward()
        assert loss == 0 and not pred.grad.any()

    def test_a_weight_of_zero_removes_a_pixel(self):
        pred, target = self.batch()
        loss = self.make_loss()(pred, target, weight=torch.zeros(target.shape), avg_factor=target.numel())
        loss.backward()
        assert loss == 0 and not pred.grad.any()

    def test_reductions(self):
        pred, target = self.batch()
        loss = self.make_loss()
        each = loss(pred, target, reduction_override='none')
        assert each.shape[0] == 2
        assert loss(pred, target, reduction_override='sum').item() == pytest.approx(
            each.sum().item(), rel=1e-5
        )

    def test_extremes_of_half_precision_are_finite(self):
        pred, target = self.batch()
        half = (pred.detach().sign() * EXTREME).half().requires_grad_()
        loss = self.make_loss()(half, target)
        loss.backward()
        assert loss.isfinite() and half.grad.isfinite().all()
