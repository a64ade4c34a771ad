"""Where the runs of a sweep are computed: in this process, in one process a core, or on the workers of a Dask cluster."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

from tltutor.settings import check_name

BACKENDS = ("loky", "dask")
ONE_THREAD = dict.fromkeys(
    (
        "OMP_NUM_THREADS",
        "OPENBLAS_NUM_THREADS",
        "MKL_NUM_THREADS",
        "VECLIB_MAXIMUM_THREADS",
        "NUMBA_NUM_THREADS",
    ),
    "1",
)
NO_DASK = 'the backend "dask" needs Dask, which is not installed: pip install "dask[distributed]"'

PATIENCE = 5.0  # seconds that a scheduler has to answer


class Here(Executor):
    """Computes in this process, at once: what `submit` returns is done."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - the future hands it on
            future.set_exception(error)
        return future


@contextmanager
def executor_of(
    jobs: int | None, backend: str = "loky", scheduler: str | None = None
) -> Iterator[tuple[Executor, int]]:
    """Yield an executor and how many runs it computes at a time; after the block its processes have ended.

    jobs: processes, None for one a core; 1 computes in this process. backend: "loky", the processes of joblib, or "dask":
    the cluster at this scheduler's address, or `jobs` workers on this machine.
    Errors: ValueError for bad arguments, ImportError without Dask, OSError where no scheduler answers or
    it has no workers.
    """
    check_name(backend, BACKENDS, what="backend")
    if jobs is not None and (isinstance(jobs, bool) or jobs not in range(1, 100_000)):
        raise ValueError(
            f"jobs must be a whole number from 1 on, got {jobs!r}: leave it out for one process a core"
        )
    if scheduler and backend != "dask":
        raise ValueError(f"a scheduler needs the backend 'dask', got {backend!r}: name both")
    if backend == "dask":
        with _dask(jobs, scheduler) as found:
            yield found
        return
    import loky

    jobs = jobs or loky.cpu_count()
    if jobs == 1:
        yield Here(), 1
        return
    executor = loky.ProcessPoolExecutor(
        jobs, env=ONE_THREAD, initializer=_begin, initargs=(os.getpid(),)
    )
    finished = False
    try:
        yield executor, jobs
        finished = True
    finally:
        executor.shutdown(wait=True, kill_workers=not finished)


def _begin(parent: int) -> None:
    """Run first in each process: leave Ctrl-C to the parent, and end when the parent does, also when it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_after, args=(parent,), daemon=True).start()


def _end_after(parent: int) -> None:
    import psutil

    with suppress(psutil.NoSuchProcess):
        psutil.Process(parent).wait()
    os._exit(1)


@contextmanager
def _dask(jobs: int | None, scheduler: str | None) -> Iterator[tuple[Executor, int]]:
    try:
        from dask.distributed import Client
    except ImportError as error:
        raise ImportError(NO_DASK) from error
    import loky

    if scheduler:
        _knock(scheduler)
    here = {"n_workers": jobs or loky.cpu_count(), "threads_per_worker": 1}
    options = {} if scheduler else {**here, "dashboard_address": None}
    with _quiet(), Client(scheduler, **options) as client:  # type: ignore[no-untyped-call,unused-ignore]
        threads = sum(client.nthreads().values())
        if not threads:
            raise OSError(
                f"the Dask scheduler at {scheduler} has no workers: start one with `dask worker {scheduler}`"
            )
        yield client.get_executor(pure=False), jobs or threads


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the client's tracebacks to itself inside the block: what it says of a lost scheduler is said in one sentence."""
    logger = logging.getLogger("distributed.client")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


def _knock(scheduler: str) -> None:
    """Ask whether a scheduler answers, before there is a client, which leaves a thread behind where none does.

    Errors: OSError for one that does not answer in PATIENCE, ValueError for what is no address.
    """
    from dask.distributed import Security, connect

    async def greeted() -> None:
        args = Security().get_connection_args("client")  # type: ignore[no-untyped-call,unused-ignore]
        comm = await connect(scheduler, timeout=PATIENCE, **args)  # type: ignore[no-untyped-call,unused-ignore]
        await comm.close()

    try:
        with ThreadPoolExecutor(1) as another:  # a notebook's own thread has a loop that runs
            another.submit(asyncio.run, greeted()).result()
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"a scheduler's address looks like tcp://HOST:8786, got {scheduler!r}: {error}"
        ) from error
    except (OSError, MemoryError) as error:  # another kind of server's words, read as lengths
        raise OSError(
            f"no Dask scheduler answers at {scheduler} within {PATIENCE:g} s: start one there with `dask scheduler`, or leave"
            " the address out for workers on this machine"
        ) from error
