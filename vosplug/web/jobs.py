"""Queue of jobs for the models, run one after another in a separate thread."""

import itertools
import logging
import queue
import threading
from collections.abc import Callable

from ..errors import VOSError

_LOG = logging.getLogger(__name__)  # not mmengine's, whose lock other threads may hold
_KEPT = 20  # ended jobs that the page can still show
OVER = ('done', 'failed', 'cancelled')


class Cancelled(Exception):
    """A user stopped the job."""


class Job:
    """A job of the queue: its work, state and progress.

    Attributes:
        id: unique in the server.
        title: what it does.
        key: equal for jobs that do the same, of which only one waits at a time; empty: always queued.
        state: ``'waits'``, ``'runs'``, ``'done'``, ``'failed'`` or ``'cancelled'``.
        done: finished steps.
        total: number of steps; 0 if unknown.
        message: the result, or why the job waits or failed.
    """

    def __init__(self, number: int, title: str, key: str, work: Callable[['Job'], str | None]) -> None:
        self.id, self.title, self.key, self.work = number, title, key, work
        self.state, self.done, self.total, self.message = 'waits', 0, 0, ''
        self.cancelled = threading.Event()
        self.changed: Callable[[Job], None] = lambda job: None

    def step(self, done: int, total: int, message: str = '') -> None:
        """Report progress.

        Raises:
            Cancelled: the job was cancelled.
        """
        if self.cancelled.is_set():
            raise Cancelled
        self.done, self.total, self.message = done, total, message
        self.changed(self)

    def report(self) -> dict:
        """Attributes that a page shows."""
        names = ('id', 'title', 'state', 'done', 'total', 'message')
        return {name: getattr(self, name) for name in names}


class Worker:
    """Runs jobs in the order of their submission.

    Args:
        on_change: called with a job whose state or progress changed, in the worker's thread, or in that of
            :meth:`submit`.
        on_idle: called in the worker's thread when no job has arrived for some time.
        patience: that time, in seconds.
    """

    def __init__(
        self,
        on_change: Callable[[Job], None],
        on_idle: Callable[[], None] = lambda: None,
        patience: float = 1.5,
    ) -> None:
        self.on_change, self.on_idle, self.patience = on_change, on_idle, patience
        self._queue: queue.Queue[Job | None] = queue.Queue()
        self._numbers = itertools.count(1)
        self._guard = threading.Lock()
        self._jobs: dict[int, Job] = {}
        self._thread = threading.Thread(target=self._run, name='vosplug jobs', daemon=True)

    def start(self) -> None:
        """Start the worker thread."""
        self._thread.start()

    def stop(self) -> None:
        """Cancel all jobs, and wait until the thread has ended."""
        for job in self.jobs():
            self.cancel(job.id)
        self._queue.put(None)
        self._thread.join()

    def submit(self, title: str, work: Callable[[Job], str | None], key: str = '') -> Job:
        """Queue a job, unless one with the same key already waits; returns the job."""
        with self._guard:
            same = (job for job in self._jobs.values() if key and job.key == key and job.state == 'waits')
            if (waiting := next(same, None)) is not None:
                return waiting
            job = Job(next(self._numbers), title, key, work)
            job.changed = self.on_change
            over = [other.id for other in self._jobs.values() if other.state in OVER]
            for number in over[:-_KEPT]:
                del self._jobs[number]
            self._jobs[job.id] = job
        self._queue.put(job)
        self.on_change(job)
        return job

    def cancel(self, number: int) -> bool:
        """Cancel a job at its next step; False if it does not exist or has ended."""
        job = self._jobs.get(number)
        if job is None or job.state in OVER:
            return False
        job.cancelled.set()
        return True

    def jobs(self) -> list[Job]:
        """Waiting and running jobs, and the last ones that ended."""
        with self._guard:
            return list(self._jobs.values())

    def _run(self) -> None:
        idle = False
        while True:
            try:
                job = self._queue.get(timeout=None if idle else self.patience)
            except queue.Empty:
                idle = True
                self._rest()
                continue
            idle = False
            if job is None:
                self._rest()
                return
            self._do(job)

    def _rest(self) -> None:
        try:
            self.on_idle()
        except Exception:  # a bug must not end the thread
            _LOG.exception('a job failed')

    def _do(self, job: Job) -> None:
        with self._guard:
            job.state = 'runs'
        try:
            job.step(0, 0)
            job.message = job.work(job) or ''
            job.state = 'done'
        except Cancelled:
            job.state, job.message = 'cancelled', ''
        except VOSError as error:
            job.state, job.message = 'failed', str(error)
        except Exception as error:  # a bug ends the job, not the server
            _LOG.exception('a job failed')
            job.state, job.message = 'failed', f'{type(error).__name__}: {error}'
        self.on_change(job)
