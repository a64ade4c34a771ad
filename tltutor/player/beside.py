"""Work beside the training: one call in a thread of its own, which the player's thread waits for or looks in on."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

Result = TypeVar("Result")


def cores() -> int:
    """Return how many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS and Windows
    return len(affinity(0)) if affinity else os.cpu_count() or 1


class Beside(Generic[Result]):
    """A call that began when this was made; `result` waits for it, and raises what it raised.

    seconds: how long it took, once it is done.
    """

    def __init__(self, call: Callable[[], Result], *, name: str) -> None:
        self.seconds = 0.0
        self._call, self._future = call, Future[Result]()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        return self._future.done()

    def result(self) -> Result:
        self._thread.join()
        return self._future.result()

    def _run(self) -> None:
        start = time.perf_counter()
        try:
            result = self._call()
            self.seconds = time.perf_counter() - start
            self._future.set_result(result)
        except BaseException as error:  # noqa: BLE001 - `result` raises it
            self._future.set_exception(error)
