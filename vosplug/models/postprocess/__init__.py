"""Post-processors: ``(frame, probs) -> probs`` at the source's resolution, for ``test_cfg.postprocess``."""

from .dense_crf import DenseCRF

__all__ = ['DenseCRF']
