"""Labelling on the machines of a Ray cluster."""

from collections.abc import Iterator, Sequence
from types import ModuleType

from ..errors import ConfigError, OutputError
from .factory import LabelFactory
from .sharding import Plan

_RETRIES = 3  # of a chunk whose worker died, before the chunk is taken for the cause


class RayExecutor:
    """Makes chunks of videos on Ray workers, each of which holds a copy of the model.

    Connects to the cluster in ``RAY_ADDRESS``, or starts one on this machine. All machines must see the
    videos and the folder of labels under the same paths. When a worker dies, Ray starts another one, which
    makes the chunk again, without the videos that were finished.

    Args:
        workers: number of workers; None: one per GPU if the model is on one, otherwise one per CPU.
        gpu: whether every worker needs a GPU of its own.

    Raises:
        ConfigError: ray is not installed.
    """

    def __init__(self, workers: int | None = None, gpu: bool = False) -> None:
        self.workers, self.gpu = workers, gpu
        _ray()

    def __call__(self, factory: LabelFactory, plan: Plan, chunks: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Make the chunks, see :data:`~.factory.Executor`.

        Raises:
            OutputError: workers died repeatedly with the same chunk.
        """
        ray = _ray()
        from ray.util import ActorPool

        if not ray.is_initialized():
            ray.init()
        count = self.workers or int(ray.cluster_resources().get('GPU' if self.gpu else 'CPU', 1))
        worker = ray.remote(_Worker).options(
            num_cpus=1, num_gpus=int(self.gpu), max_restarts=-1, max_task_retries=_RETRIES
        )
        shared = ray.put(factory)
        actors = [worker.remote(shared) for _ in range(min(count, len(chunks)))]
        pool = ActorPool(actors)
        try:
            yield from pool.map_unordered(lambda w, k: w.make.remote(k, plan.chunk(k)), chunks)
        except ray.exceptions.RayTaskError as error:
            raise error.cause from None
        except ray.exceptions.RayActorError as error:
            raise OutputError(
                f'{factory.out}: a worker of Ray died {_RETRIES + 1} times on the same videos ({error}). '
                "See Ray's log for the reason, often too little memory, and run the same command again."
            ) from None
        finally:
            for actor in actors:  # they must not write after the folder's lock is released
                ray.kill(actor)


class _Worker:
    """A process with a copy of the factory."""

    def __init__(self, factory: LabelFactory) -> None:
        self.factory = factory

    def make(self, chunk: int, videos: Sequence) -> tuple[int, int]:
        return chunk, self.factory.make_chunk(chunk, videos)


def _ray() -> ModuleType:
    try:
        import ray
    except ImportError:
        raise ConfigError('ray is not installed: pip install "vosplug[scale]".') from None
    return ray
