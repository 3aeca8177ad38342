"""Curriculum: training in stages, each of which lasts until the loss is stable."""

from collections.abc import Sequence
from numbers import Real
from typing import Any

import torch
from mmengine.dist import all_reduce
from mmengine.hooks import Hook
from mmengine.runner import Runner

from ...datasets.clip_settings import check_settings
from ...errors import ConfigError
from ...registry import HOOKS
from ..video_runner import unwrapped
from .clip_samplers import clip_samplers

INFO = 'curriculum'  # key in the message hub: stage, its first iteration, and those of each stage's clips
PARTS = {'clips', 'model'}
CLIPS = {'num_frames', 'max_gap', 'frames'}


@HOOKS.register_module()
class CurriculumHook(Hook):
    """Changes clip sampling and numeric attributes of the model once the loss is stable.

    Xu et al. 2018 train on annotated frames first and add others "when the training losses become stable"
    (Sec. 4.3), and in one variant replace annotated masks by predictions then (Sec. 5.4). They do not say
    when a loss is stable. Here it is when its mean over a window of iterations is not lower than over the
    window before by more than a small share; both windows lie in the stage. All processes of a training
    change together, by the mean of their losses. Every change is logged, and
    training resumes in the stage of its checkpoint. Clips change ``delay`` iterations later than
    the model.

    Args:
        stages: settings of each stage: ``clips`` sets ``num_frames``, ``max_gap`` and ``frames`` of all clip
            samplers, ``model`` sets numeric attributes of the model, such as ``teacher_forcing``. Settings
            that a stage does not name stay as they are.
        window: length of a window in iterations.
        tolerance: share by which a stable loss may still fall from window to window.
        loss: logged name of the loss; the sum of all losses by default.
        delay: iterations from a change until the first clips that have it, since workers prefetch clips; at
            least their number times the dataloader's prefetch factor.

    Raises:
        ConfigError: no stages, an unknown setting, or numbers out of range.
    """

    def __init__(
        self,
        stages: Sequence[dict],
        window: int = 1000,
        tolerance: float = 0.01,
        loss: str = 'loss',
        delay: int = 32,
    ) -> None:
        if not stages or window < 1 or min(tolerance, delay) < 0:
            raise ConfigError(
                f'CurriculumHook: found {len(stages)} stages, window={window}, tolerance={tolerance} and '
                f'delay={delay}; expected at least one stage, window >= 1, tolerance >= 0 and delay >= 0.'
            )
        for stage in stages:
            unknown = (set(stage) - PARTS) | (set(stage.get('clips', ())) - CLIPS)
            if unknown:
                raise ConfigError(
                    f'CurriculumHook.stages: unknown {sorted(unknown)}; a stage has {sorted(PARTS)}, clips '
                    f'have {sorted(CLIPS)}.'
                )
            check_settings(**(dict(max_gap=1, num_frames=1, frames='all') | dict(stage.get('clips', {}))))
        self.stages, self.window, self.tolerance = stages, window, tolerance
        self.loss, self.delay = loss, delay

    def before_train(self, runner: Runner) -> None:
        """Enter the stage that training starts or resumes in.

        Raises:
            ConfigError: workers prefetch more batches than ``delay``, or the model lacks a stage's attribute.
        """
        loader = runner.train_dataloader
        ahead = loader.num_workers * (loader.prefetch_factor or 0)
        if ahead > self.delay:
            raise ConfigError(
                f'CurriculumHook.delay: found {self.delay}, expected at least {ahead}, the number of batches '
                "that the dataloader's workers prefetch."
            )
        model = unwrapped(runner.model)
        for key in (key for stage in self.stages for key in stage.get('model', {})):
            if not isinstance(getattr(model, key, None), Real):
                raise ConfigError(
                    f'CurriculumHook.stages: {type(model).__name__} has no numeric attribute {key!r}; '
                    "expected the name of one, such as 'teacher_forcing'."
                )
        if INFO not in runner.message_hub.runtime_info:
            runner.message_hub.update_info(INFO, [0, runner.iter, [0]])
        *_, clips = runner.message_hub.get_info(INFO)
        for stage, clips_from in zip(self.stages, clips, strict=False):
            self._apply(runner, stage, clips_from)

    def after_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None, outputs: dict | None = None
    ) -> None:
        """Enter the next stage once the loss is stable.

        Raises:
            ConfigError: after a window, no loss of this name has been logged.
        """
        stage, begin, clips = runner.message_hub.get_info(INFO)
        done = runner.iter + 1
        if stage + 1 >= len(self.stages) or (done - begin) % self.window:
            return
        logged = runner.message_hub.log_scalars
        if f'train/{self.loss}' not in logged:
            names = sorted(name.removeprefix('train/') for name in logged if 'loss' in name)
            raise ConfigError(f'CurriculumHook.loss: found {self.loss!r}, the training has logged {names}.')
        if done - begin < 2 * self.window:
            return
        losses = logged[f'train/{self.loss}'].data[0]
        means = torch.tensor([losses[-2 * self.window : -self.window].mean(), losses[-self.window :].mean()])
        all_reduce(means, 'mean')  # each process logs the losses of its own clips; all change together
        before, last = means.tolist()
        if last >= before * (1 - self.tolerance):
            clips = [*clips, done + self.delay]
            runner.message_hub.update_info(INFO, [stage + 1, done, clips])
            self._apply(runner, self.stages[stage + 1], clips[-1])
            runner.logger.info(
                f'CurriculumHook: iteration {done}, {self.loss} {last:.4g} after {before:.4g} is stable; '
                f'stage {stage + 2} of {len(self.stages)}: {self.stages[stage + 1]}'
            )

    def _apply(self, runner: Runner, stage: dict, clips_from: int) -> None:
        if stage.get('clips'):
            for sampler in clip_samplers(runner, type(self).__name__):
                sampler.change(clips_from, **stage['clips'])
        for key, value in stage.get('model', {}).items():
            setattr(unwrapped(runner.model), key, value)
