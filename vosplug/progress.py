"""A bar for a person who waits."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None] | None]:
    """What to call with the number that is done and that of all; None unless a terminal is watching."""
    if not sys.stderr.isatty():
        yield None
        return
    # a tenth of a second that only a terminal pays
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
