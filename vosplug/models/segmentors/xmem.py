"""XMem: sensory, working and long-term memory (Cheng & Schwing 2022; the model of Skogh 2024)."""

from collections.abc import Sequence

import torch
from torch import Tensor

from ...errors import ConfigError
from ...registry import MODELS
from ..aggregation import soft_aggregate
from ..memory import AnisotropicKey, LongTermMemory, anisotropic_similarity, space_time_read
from .matching import EncodedClip, MatchingSegmentor

# the published training (Cheng & Schwing 2022, Sec. 3.5 and their code)
TRAINING = dict(num_ref_frames=3, deep_update_prob=0.2)


class XMemState:
    """State of one video.

    ``features`` (1, C, h, w) and ``key``, each part (C, h, w), belong to frame ``t``. Sensory states are
    (1, N, Cs, h, w): ``before`` is what frame ``t`` started from, ``updated`` what its decoder made of it,
    ``sensory`` the newest that counts.
    """

    def __init__(self, memory: LongTermMemory) -> None:
        self.memory = memory
        self.t = -1
        self.features: Sequence[Tensor] = ()
        self.key: AnisotropicKey | None = None
        self.before: Tensor | None = None
        self.updated: Tensor | None = None
        self.sensory: Tensor | None = None
        self.last_memory = 0
        self.last_deep_update: int | None = None


@MODELS.register_module()
class XMem(MatchingSegmentor):
    """Reads a bounded memory of keys and values, and carries a sensory state from frame to frame.

    Args:
        memory: ``mem_every``: so many frames after a remembered one the next is remembered;
            ``deep_update_every``: frames between two deep updates of the sensory state, -1: with every
            remembered frame; the rest is the config of a :class:`~vosplug.models.memory.LongTermMemory`
            unless it names another type.
        train_cfg: ``num_ref_frames``: frames in memory at a training step, drawn from those before it;
            ``deep_update_prob``: chance of a deep update at a training step.
        kwargs: of :class:`MatchingSegmentor`; values come from a
            :class:`~vosplug.models.memory.FusionValueEncoder`, masks from a
            :class:`~vosplug.models.heads.SensoryDecodeHead`.

    Raises:
        ConfigError: an unknown or impossible option.
    """

    def __init__(self, memory: dict | None = None, train_cfg: dict | None = None, **kwargs) -> None:
        super().__init__(**kwargs)
        self.memory_cfg = dict(type='LongTermMemory') | (memory or {})
        self.mem_every = self.memory_cfg.pop('mem_every', 5)
        self.deep_update_every = self.memory_cfg.pop('deep_update_every', -1)
        if self.mem_every < 1:
            raise ConfigError(f'model.memory.mem_every: found {self.mem_every}, expected 1 or more.')
        self.start()  # wrong options fail here, not in the first video
        self.train_cfg = TRAINING | (train_cfg or {})
        unknown = set(self.train_cfg) - set(TRAINING)
        if unknown:
            raise ConfigError(f'model.train_cfg: unknown {sorted(unknown)}; known are {sorted(TRAINING)}.')
        self.sensory_channels = self.decode_head.sensory_channels

    # ------------------------------------------------------------------ training

    def clip_logits(self, clip: EncodedClip, frames: Sequence[int], masks: Tensor, valid: Tensor) -> Tensor:
        """See the base; every frame but the last is remembered with its predicted masks."""
        size = clip.images.shape[-2:]
        sensory = self._no_sensory(masks, clip.key.key)
        values, logits = [], []
        for k in range(1, len(frames)):
            before, t = frames[k - 1], frames[k]
            value, sensory = self.value_encoder(
                clip.images[:, before], clip.features[-1][:, before], masks, sensory, self._deep_update(k)
            )
            values.append(value)
            read = self._read_clip(clip.key, list(frames[:k]), torch.stack(values, 1), t)
            features = [f[:, t] for f in clip.features]
            step, sensory = self.decode_head(features, read, sensory, size, update=k < len(frames) - 1)
            logits.append(step)
            masks = soft_aggregate(step.sigmoid() * valid[..., None, None]).softmax(1)[:, 1:]
        return torch.stack(logits, 1)

    def _deep_update(self, k: int) -> bool:
        """The first frame always renews the sensory state, later ones by chance and only in training."""
        return k == 1 or (self.training and torch.rand(()).item() < self.train_cfg['deep_update_prob'])

    def _read_clip(self, key: AnisotropicKey, frames: list[int], values: Tensor, t: int) -> Tensor:
        """Values (B, N, Cv, h, w) that frame ``t`` reads of values (B, K, N, Cv, h, w) of K frames."""
        picked = self._reference_frames(len(values), len(frames)).to(values.device)
        rows = torch.arange(len(values), device=values.device).unsqueeze(1)
        where = torch.tensor(frames, device=values.device)[picked]
        similarity = anisotropic_similarity(
            key.key[rows, where].transpose(1, 2).flatten(2),
            key.shrinkage[rows, where].flatten(1),
            key.key[:, t].flatten(2),
            key.selection[:, t].flatten(2),
        )
        stored = values[rows, picked].permute(0, 2, 3, 1, 4, 5)
        read = space_time_read(similarity, stored.flatten(3).flatten(1, 2))
        return read.view(*stored.shape[:3], *stored.shape[-2:])

    def _reference_frames(self, batch: int, frames: int) -> Tensor:
        """Which of so many frames each clip keeps in memory, (B, R): drawn in training, else the newest."""
        number = min(frames, self.train_cfg['num_ref_frames'])
        if self.training:
            return torch.stack([torch.randperm(frames)[:number] for _ in range(batch)])
        return torch.arange(frames - number, frames).expand(batch, -1)

    def _no_sensory(self, masks: Tensor, key: Tensor) -> Tensor:
        """An empty sensory state (B, N, Cs, h, w) for masks (B, N, H, W)."""
        return key.new_zeros(*masks.shape[:2], self.sensory_channels, *key.shape[-2:])

    # ------------------------------------------------------------------ inference

    def start(self) -> XMemState:
        """See the base."""
        return XMemState(MODELS.build(self.memory_cfg))

    def _begin(self, state: XMemState, t: int, image: Tensor) -> None:
        """Encode a frame once; it starts from the sensory state that the one before left."""
        if state.t != t:
            state.features, key = self.encode(image)
            state.key = AnisotropicKey(*(part[0] for part in key))
            state.before = state.sensory
            state.updated = None
            state.t = t

    def _is_due(self, state: XMemState, t: int) -> bool:
        return t - state.last_memory >= self.mem_every

    def segment(self, state: XMemState, t: int, image: Tensor) -> Tensor:
        """See the base."""
        self._begin(state, t, image)
        read = state.memory.read(state.key)
        # a deep update would replace it
        update = self.deep_update_every >= 0 or not self._is_due(state, t)
        logits, state.updated = self.decode_head(
            state.features, read[None], state.sensory, image.shape[-2:], update
        )
        return logits[0]

    def remember(self, state: XMemState, t: int, image: Tensor, probs: Tensor, prompted: bool) -> None:
        """See the base."""
        self._begin(state, t, image)
        remembered = prompted or self._is_due(state, t)
        together = self.deep_update_every < 0
        taken = state.before if (together and remembered) or state.updated is None else state.updated
        sensory = self._no_sensory(probs[None], state.key.key)
        if taken is not None:
            sensory[:, : taken.shape[1]] = taken
        if remembered:
            last = state.last_deep_update
            deep = together or last is None or last == t or t - last >= self.deep_update_every
            values, sensory = self.value_encoder(image, state.features[-1], probs[None], sensory, deep)
            state.memory.add(t, state.key, values[0])
            state.last_memory = t
            state.last_deep_update = t if deep else last
        state.sensory = sensory
