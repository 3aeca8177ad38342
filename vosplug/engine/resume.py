"""Finds the checkpoint that a training continues from."""

import logging
import re
from pathlib import Path

from mmengine.dist import broadcast_object_list, is_main_process
from mmengine.logging import print_log
from mmengine.runner import Runner

from ..checkpoint import read_checkpoint
from ..errors import CheckpointError
from ..files import is_file

LAST = 'last_checkpoint'  # names the newest checkpoint of its folder
_NUMBERED = re.compile(r'(?:iter|epoch)_(\d+)\.pth')
_NEEDED = {'meta', 'state_dict', 'optimizer', 'message_hub'}


def saved_checkpoints(work_dir: str | Path) -> list[Path]:
    """Checkpoints that a training has saved in its work dir, the newest first."""
    numbered = ((_NUMBERED.fullmatch(path.name), path) for path in Path(work_dir).glob('*.pth'))
    found = [(int(match[1]), path) for match, path in numbered if match]
    return [path for _, path in sorted(found, reverse=True)]


def find_checkpoint(work_dir: str | Path) -> Path | None:
    """The checkpoint to resume from: the last one, or the newest intact one, with a warning.

    Args:
        work_dir: work dir of the training, possibly moved since.

    Returns:
        Path: None if there is no checkpoint.

    Raises:
        CheckpointError: none of the checkpoints is intact.
    """
    folder, problems = Path(work_dir), []
    candidates = saved_checkpoints(folder)
    try:
        named = folder / (folder / LAST).read_text('utf-8').strip()
    except FileNotFoundError:
        problems = [f'{folder / LAST}: missing'] if candidates else []
    except (OSError, UnicodeDecodeError) as error:
        problems = [f'{folder / LAST}: cannot be read ({error})']
    else:
        beside = folder / named.name  # the folder may have been moved, or copied
        named = beside if is_file(beside) else named
        candidates = [named, *(path for path in candidates if path != named)]
    for path in candidates:
        problem = _problem(path)
        if problem is None:
            if problems:
                print_log(
                    f'{"; ".join(problems)}. Resuming from {path}, the newest intact checkpoint.',
                    logger='current',
                    level=logging.WARNING,
                )
            return path
        problems.append(problem)
    if problems:
        raise CheckpointError(
            f'{"; ".join(problems)}. No checkpoint of {folder} can be resumed from. Restore one, or start '
            'again in another work dir.'
        )
    return None


def _problem(path: Path) -> str | None:
    """Reason why a training cannot be resumed from a file; None if it can."""
    try:
        missing = _NEEDED - read_checkpoint(path).keys()
    except CheckpointError as error:
        return str(error).rstrip('.')
    return f'{path}: lacks {sorted(missing)}, so it is not a training checkpoint' if missing else None


def choose_start(runner: Runner) -> None:
    """Select the checkpoint that a resumed training starts from.

    Raises:
        CheckpointError: none of the checkpoints is intact.
    """
    if not runner._resume or runner._load_from is not None:
        return
    # the main process decides, since other machines of a cluster may see files late
    answer: list = [None]
    if is_main_process():
        try:
            answer = [find_checkpoint(runner.work_dir)]
        except CheckpointError as error:
            answer = [error]
    broadcast_object_list(answer)
    (start,) = answer
    if isinstance(start, CheckpointError):
        raise start
    runner._resume, runner._load_from = start is not None, start and str(start)
