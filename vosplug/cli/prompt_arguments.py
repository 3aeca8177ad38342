"""Prompts on the command line: ``--box 1@0:120,80,300,260``."""

import argparse
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import PromptError

if TYPE_CHECKING:
    import numpy as np

    from ..structures import ObjectPrompt

# option -> its value after ID@FRAME:, and an example
_FORMS = {
    '--box': ('x1,y1,x2,y2', '--box 1@0:120,80,300,260'),
    '--point': ('x,y or x,y,0 for a point off the object', '--point 1@0:210,160'),
    '--mask': ('FILE', '--mask 1@0:first.png'),
    '--correct': ('FILE', '--correct 1@60:fixed.png'),
}
_PLACE = re.compile(r'(\d+)@(\d+):(.+)', re.DOTALL)


def add_prompt_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options that give prompts, each of which may be given several times."""
    group = parser.add_argument_group(
        'prompts', 'each begins with ID@FRAME: the number of the object (1..254) and of the frame, from 0'
    )

    def add(option: str, metavar: str, text: str) -> None:
        group.add_argument(option, action='append', default=[], metavar=f'ID@FRAME:{metavar}', help=text)

    add('--box', 'X1,Y1,X2,Y2', 'box in pixels, right and bottom exclusive')
    add('--point', 'X,Y[,0]', 'a point on the object, or off it with ,0')
    add('--mask', 'FILE', 'PNG in which the object has the value ID, or the only value besides 0')
    add('--correct', 'FILE', 'likewise, a corrected mask of an object that another prompt started')


def parse_prompts(args: argparse.Namespace) -> 'dict[int, list[ObjectPrompt]]':
    """Frame -> prompts.

    Raises:
        PromptError: an argument of another form, a correction of an unknown object, two prompts of an object
            in a frame, or no prompt at all.
        AnnotationError: a mask cannot be read.
    """
    import numpy as np

    from ..structures import ObjectPrompt

    prompts: dict[int, dict[int, ObjectPrompt]] = {}

    def put(option: str, text: str, frame: int, **given: Any) -> None:
        try:
            prompt = ObjectPrompt(**given)
        except PromptError as error:
            raise PromptError(f'{option} {text}: {error}') from None
        known = prompts.setdefault(frame, {})
        if prompt.object_id in known:
            raise PromptError(
                f'{option} {text}: object {prompt.object_id} already has another prompt in frame {frame}.'
            )
        known[prompt.object_id] = prompt

    for text in args.box:
        object_id, frame, value = _place('--box', text)
        put('--box', text, frame, object_id=object_id, box=np.array(_numbers('--box', text, value, {4})))
    points: dict[tuple[int, int], list[list[float]]] = {}
    for text in args.point:
        object_id, frame, value = _place('--point', text)
        x, y, *label = _numbers('--point', text, value, {2, 3})
        points.setdefault((object_id, frame), []).append([x, y, *(label or [1])])
    for (object_id, frame), rows in points.items():
        put('--point', f'{object_id}@{frame}:...', frame, object_id=object_id, points=np.array(rows))
    for option, texts in (('--mask', args.mask), ('--correct', args.correct)):
        for text in texts:
            object_id, frame, value = _place(option, text)
            if option == '--correct' and not any(object_id in known for known in prompts.values()):
                raise PromptError(
                    f'{option} {text}: object {object_id} has no other prompt. Start it with --box, --point '
                    'or --mask.'
                )
            put(option, text, frame, object_id=object_id, mask=_mask(option, text, value, object_id))
    if not prompts:
        raise PromptError(f'no prompt: give at least one, such as {_FORMS["--box"][1]}.')
    return {frame: list(known.values()) for frame, known in sorted(prompts.items())}


def _place(option: str, text: str) -> tuple[int, int, str]:
    found = _PLACE.fullmatch(text)
    if found is None:
        form, example = _FORMS[option]
        raise PromptError(f'{option} {text}: expected ID@FRAME:{form}, as in {example}.')
    return int(found[1]), int(found[2]), found[3]


def _numbers(option: str, text: str, value: str, counts: set[int]) -> Sequence[float]:
    form, example = _FORMS[option]
    try:
        numbers = [float(part) for part in value.split(',')]
    except ValueError:
        numbers = []
    if len(numbers) not in counts:
        raise PromptError(f'{option} {text}: found {value!r}, expected {form}, as in {example}.')
    return numbers


def _mask(option: str, text: str, file: str, object_id: int) -> 'np.ndarray':
    import numpy as np

    from ..formats import read_id_mask

    mask = read_id_mask(Path(file))
    values = [int(v) for v in np.unique(mask) if v]
    if object_id in values:
        return mask == object_id
    if len(values) == 1:
        return mask == values[0]
    raise PromptError(
        f'{option} {text}: {file} has pixels of values {values[:20]}, expected some of value {object_id}, '
        'or a single value besides 0.'
    )
