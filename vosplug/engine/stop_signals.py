"""Signals that ask a training to stop."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import torch
from mmengine.dist import all_reduce, get_world_size

SIGNALS = (signal.SIGINT, signal.SIGTERM)
_ECHO = 5  # seconds in which launchers may send a signal again, to a process and to its group


class TrainingStopped(Exception):
    """A signal has stopped a training, whose state is saved.

    Attributes:
        exit_code: 128 + the signal's number, as in shells: 130 for SIGINT, 143 for SIGTERM.
    """

    def __init__(self, number: int, where: str) -> None:
        super().__init__(f'{signal.Signals(number).name}: training stopped; {where}')
        self.exit_code = 128 + number


class StopRequest:
    """Stop request by a signal; another signal seconds later ends the process at once.

    Attributes:
        number: number of the signal; 0 if none has come.
    """

    def __init__(self) -> None:
        self.number, self._since, self._process = 0, 0.0, os.getpid()

    def handle(self, number: int, frame: FrameType | None) -> None:
        """Signal handler."""
        # workers of data loaders inherit the handler; their training process tells them to end
        if os.getpid() != self._process:
            return
        if not self.number:
            self.number, self._since = number, time.monotonic()
            name = signal.Signals(number).name
            after = 'this iteration or validation frame'
            os.write(
                2, f'{name}: stopping after {after}; a later signal ends the process at once.\n'.encode()
            )
        elif time.monotonic() - self._since > _ECHO:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)

    def agreed(self) -> int:
        """Signal number that any process of the training received, agreed on by all of them; 0 if none."""
        if get_world_size() == 1:
            return self.number
        number = torch.tensor(self.number)
        all_reduce(number, 'max')
        return int(number)


@contextmanager
def stop_on_signals() -> Iterator[StopRequest]:
    """Context in which SIGINT and SIGTERM are stop requests; outside the main thread it changes nothing."""
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    before = {number: signal.signal(number, request.handle) for number in SIGNALS}
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
