"""Limits of XMem's memory."""

from dataclasses import dataclass, replace

from ...errors import ConfigError


@dataclass(frozen=True)
class LongTermOptions:
    """Limits of :class:`LongTermMemory`; names and defaults of Cheng & Schwing 2022 (XMem).

    Args:
        enable_long_term: consolidate older frames into prototypes; without it, ``max_work_frames`` frames are
            kept.
        min_mid_term_frames: a consolidation keeps the first frame and the newest ones, one fewer than this.
        max_mid_term_frames: frames in working memory that trigger a consolidation.
        num_prototypes: added by each consolidation.
        max_long_term_elements: maximum number of prototypes; the least used are evicted.
        top_k: memory positions that a query reads; None reads all.
        max_work_frames: maximum number of frames without long-term memory; the oldest except the first are
            evicted.

    Raises:
        ConfigError: inconsistent limits.
    """

    enable_long_term: bool = True
    min_mid_term_frames: int = 5
    max_mid_term_frames: int = 10
    num_prototypes: int = 128
    max_long_term_elements: int = 10000
    top_k: int | None = 30
    max_work_frames: int = 64

    def __post_init__(self) -> None:
        if not 1 <= self.min_mid_term_frames < self.max_mid_term_frames:
            raise ConfigError(
                f'model.memory: found min_mid_term_frames={self.min_mid_term_frames} and max_mid_term_frames='
                f'{self.max_mid_term_frames}, expected min_mid_term_frames of 1 or more and a larger '
                'max_mid_term_frames.'
            )
        if not 1 <= self.num_prototypes <= self.max_long_term_elements:
            raise ConfigError(
                f'model.memory: found num_prototypes={self.num_prototypes} and max_long_term_elements='
                f'{self.max_long_term_elements}, expected num_prototypes of 1 or more and '
                'max_long_term_elements no smaller.'
            )
        if self.top_k is not None and self.top_k < 1:
            raise ConfigError(f'model.memory.top_k: found {self.top_k}, expected 1 or more, or None.')
        if self.max_work_frames < 2:
            raise ConfigError(
                f'model.memory.max_work_frames: found {self.max_work_frames}, expected 2 or more.'
            )

    def halved(self) -> 'LongTermOptions':
        """About half of these limits, as far as they can be lowered."""
        frames = max(1, self.min_mid_term_frames // 2)
        return replace(
            self,
            min_mid_term_frames=frames,
            max_mid_term_frames=max(frames + 1, self.max_mid_term_frames // 2),
            max_long_term_elements=max(self.num_prototypes, self.max_long_term_elements // 2),
            max_work_frames=max(2, self.max_work_frames // 2),
        )
