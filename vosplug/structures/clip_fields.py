"""Registry of the fields of training clips: axes, fill value, interpolation and type."""

from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import ConfigError
from .box_ops import VOID

INTERPOLATIONS = ('nearest', 'linear')
SPATIAL_DTYPES = ('bool', 'uint8', 'float32')  # types that OpenCV can warp


@dataclass(frozen=True)
class ClipField:
    """One field of :class:`~vosplug.structures.VOSDataSample`.

    A transform of the pipeline puts the field into its ``results`` as an array with these axes (with T first,
    also as a list of T arrays). Geometric transforms then warp it with the images (without T, like the clip's
    first frame), ``PackClip`` packs it, the data preprocessor pads it, and
    :func:`~vosplug.structures.stack_fields` stacks it.

    Values are resampled, never transformed. A map of displacements or lengths in pixels, such as optical
    flow, must be computed after the geometric transforms: a flip would have to negate it, a resize to scale
    it, and transforms that differ between frames would invalidate it.

    Attributes:
        name: key in ``results`` and of the sample.
        axes: names of the axes, such as ``'T N H W'``. T frames, N object slots, H and W pixels; any
            other, such as C, has a fixed length in all clips. H and W come together, last.
        fill: value outside the image and in padded frames and slots.
        interpolation: how a map is resampled, ``'nearest'`` or ``'linear'``.
        dtype: NumPy's name of the type; a map is ``'bool'``, ``'uint8'`` or ``'float32'``.

    Raises:
        ConfigError: axes in a wrong order or repeated, or an interpolation or type not allowed for maps.
    """

    name: str
    axes: str
    fill: float = 0
    interpolation: str = 'nearest'
    dtype: str = 'float32'

    def __post_init__(self) -> None:
        names = self.axes.split()
        misplaced = 'T' in names[1:] or ({'H', 'W'} & set(names) and names[-2:] != ['H', 'W'])
        if misplaced or len(set(names)) < len(names):
            raise ConfigError(
                f'clip field {self.name!r}: found axes {self.axes!r}, expected each once, T first and H W '
                "last, as in 'T N H W'."
            )
        if self.interpolation not in INTERPOLATIONS:
            raise ConfigError(
                f'clip field {self.name!r}: found interpolation {self.interpolation!r}, expected one of '
                f'{INTERPOLATIONS}.'
            )
        if self.is_map and self.dtype not in SPATIAL_DTYPES:
            raise ConfigError(
                f'clip field {self.name!r}: found dtype {self.dtype!r}, expected one of {SPATIAL_DTYPES} for '
                'a field with H and W.'
            )

    @property
    def is_map(self) -> bool:
        """Whether the field is spatial and warped with the images."""
        return self.axes.endswith('H W')

    @property
    def in_time(self) -> bool:
        """Whether the field has one entry per frame."""
        return self.axes.startswith('T')

    def check_shape(self, shape: tuple[int, ...], sizes: dict[str, int]) -> None:
        """Raise ConfigError unless ``shape`` has the field's axes, with the given lengths."""
        names = self.axes.split()
        if len(shape) != len(names) or any(
            size != sizes.get(name, size) for name, size in zip(names, shape, strict=True)
        ):
            expected = ', '.join(f'{name}={sizes[name]}' if name in sizes else name for name in names)
            raise ConfigError(
                f'clip field {self.name!r}: expected axes ({expected}), found shape {tuple(shape)}. Correct '
                'the transform that makes it, or the axes it was registered with.'
            )


_FIELDS: dict[str, ClipField] = {}


def register_clip_field(
    name: str, axes: str, fill: float = 0, interpolation: str = 'nearest', dtype: str = 'float32'
) -> ClipField:
    """Register a field of training clips; call it where the transform that creates it is defined.

    >>> register_clip_field('previous_mask', 'T N H W', interpolation='linear').is_map
    True

    Args:
        name: see :class:`ClipField`, also for the other arguments.
        axes: of the array.
        fill: value outside the image.
        interpolation: of a map.
        dtype: NumPy's name.

    Raises:
        ConfigError: the name is already registered differently; see also :class:`ClipField`.
    """
    field = ClipField(name, axes, fill, interpolation, dtype)
    if _FIELDS.setdefault(name, field) != field:
        raise ConfigError(f'clip field {name!r}: already registered as {_FIELDS[name]}. Choose another name.')
    return field


def clip_fields(present: Iterable[str]) -> list[ClipField]:
    """The registered fields among ``present``, such as the keys of a pipeline's results."""
    present = set(present)
    return [field for field in _FIELDS.values() if field.name in present]


register_clip_field('id_masks', 'T H W', VOID, dtype='uint8')
register_clip_field('boxes', 'T N xyxy')
register_clip_field('visible', 'T N', dtype='bool')
register_clip_field('supervision', 'T N', dtype='int64')
register_clip_field('annotated', 'T', dtype='bool')
register_clip_field('valid', 'N', dtype='bool')
register_clip_field('start_masks', 'N H W', interpolation='linear')
register_clip_field('input_masks', 'T N H W', interpolation='linear')
