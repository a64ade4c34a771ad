"""One thread for what may take a while, one job after the other; it knows no lab."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait


class Worker:
    """Does jobs in the order in which they are submitted, in a thread that starts with the first of them."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(
            max_workers=1, thread_name_prefix=f"tltutor-worker-{name}"
        )
        self._last: Future[None] | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def submit(
        self, job: Callable[[], None], on_error: Callable[[Exception], None] | None = None
    ) -> Future[None]:
        """Do the job after all earlier ones. With `on_error`, that is called with its error; else it stays in the future."""
        with self._lock:
            self._last = self._executor.submit(self._do, job, on_error)
            return self._last

    def _do(self, job: Callable[[], None], on_error: Callable[[Exception], None] | None) -> None:
        self._thread = threading.current_thread()
        try:
            job()
        except Exception as error:
            if on_error is None:
                raise
            on_error(error)

    @property
    def is_current(self) -> bool:
        """Whether the caller runs in the worker's own thread."""
        return threading.current_thread() is self._thread

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until all is done that was submitted, also by a job meanwhile; whether it is.

        In the worker's own thread, nothing is waited for.
        """
        end = None if timeout is None else time.monotonic() + timeout
        last = None
        while self._last is not last and not self.is_current:
            last = self._last
            if last is None or last.cancelled():
                break
            if wait([last], None if end is None else max(end - time.monotonic(), 0)).not_done:
                return False
        return True

    def close(self, timeout: float) -> None:
        """Cancel what has not begun, and wait at most `timeout` seconds for what has; the thread ends after it."""
        self._executor.shutdown(wait=False, cancel_futures=True)
        self.wait(timeout)
        if self._thread is not None and not self.is_current:
            self._thread.join(timeout)
