"""Progress bars and progress logs."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

LOG_SECONDS = 10.0


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None] | None]:
    """Yield a callback ``(done, total)`` that updates a progress bar; None without a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    # takes 0.1 s to import, only needed in a terminal
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


_LISTENER: ContextVar[Callable[[str, int, int], None] | None] = ContextVar('listener', default=None)


@contextmanager
def listening(listener: Callable[[str, int, int], None]) -> Iterator[None]:
    """Context in which long steps report progress to a function: ``(what, done, total)``."""
    token = _LISTENER.set(listener)
    try:
        yield
    finally:
        _LISTENER.reset(token)


def report(what: str, done: int, total: int) -> None:
    """Report the progress of a long step to the listener, if there is one."""
    listener = _LISTENER.get()
    if listener is not None:
        listener(what, done, total)


def logged_steps(what: str, total: int) -> Iterator[int]:
    """Steps 0 to ``total - 1``, each reported to the listener, or without one logged every few seconds.

    Args:
        what: the steps do, such as ``'fine-tuning'``.
        total: number of steps.
    """
    from mmengine.logging import print_log

    began = last = time.monotonic()
    for step in range(total):
        report(what, step, total)
        yield step
        now = time.monotonic()
        if _LISTENER.get() is None and now - last >= LOG_SECONDS and step + 1 < total:
            last, left = now, (now - began) / (step + 1) * (total - step - 1)
            print_log(f'{what}: {step + 1} of {total} steps, {left:.0f} s left', logger='current')
