"""Run functions in a child process, so that a crash there does not end this process; it knows no board and no lesson."""

from __future__ import annotations

import functools
import io
import os
import pickle
import signal
import sys
import sysconfig
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import util
from multiprocessing.connection import Connection, wait
from types import ModuleType
from typing import Any

import cloudpickle

PATIENCE = 5.0  # seconds in which the child can exit by itself before it is killed
INSTALLED = tuple(
    f"{sysconfig.get_path(name)}{os.sep}" for name in ("stdlib", "platstdlib", "purelib", "platlib")
)

SITES = (
    "site-packages",
    "dist-packages",
)  # folders of packages under another prefix, such as the user's own


class WorkerDiedError(RuntimeError):
    """The child process ended before it returned a result: out of memory, an exit, a crash, or `close`."""


class WorkerClosedError(RuntimeError):
    """A call after `close`."""


class Worker:
    """One child process, started when first needed and again after it died or was killed.

    loky starts it as a fresh Python without this process's `__main__`, so no script runs twice.
    The child ignores Ctrl-C, which is meant for the notebook, and ends when this process ends.
    `prepare()` runs in each new child before the first call. Calls from several threads take turns.
    """

    def __init__(self, name: str, prepare: Callable[[], object] | None = None) -> None:
        self._name, self._prepare = name, prepare
        self._turn = threading.Lock()  # held during a call
        self._lock = threading.Lock()  # held while the child is started or ended
        self._process: Any = None
        self._line: Connection  # calls and answers
        self._life: Connection  # ends the child, also during a call
        self._closed = False

    def warm(self) -> None:
        """Start the child in advance and return at once."""
        self._started()

    def call(self, function: Callable[..., Any], *args: Any, timeout: float | None = None) -> Any:
        """Return function(*args), computed in the child.

        Errors: what the function raises; TimeoutError if there is no answer after `timeout`
        seconds (a start included), after which the child is killed; WorkerDiedError; PicklingError
        or TypeError if an argument cannot be sent to another process.
        """
        message = packed((function, args))
        with self._turn:
            answer = self._request(message, timeout)
        succeeded, value = cloudpickle.loads(answer)
        if succeeded:
            return value
        raise value

    def close(self) -> None:
        """End the child for good. A call that is under way raises WorkerDiedError."""
        self._closed = True
        self._end(PATIENCE)

    def _request(self, message: bytes, timeout: float | None) -> bytes:
        line = self._started()
        try:
            line.send_bytes(message)
            if line.poll(timeout):
                return line.recv_bytes()
        except (EOFError, OSError):
            self._end(PATIENCE)  # the connection closes just before the process ends
            raise WorkerDiedError(
                f"the process {self._name} ended before it answered: call again, and a new one starts"
            ) from None
        except BaseException:
            self._end(0)  # Ctrl-C in the notebook: the answer is not needed any more
            raise
        self._end(0)
        raise TimeoutError(
            f"the process {self._name} gave no answer within {timeout:g} seconds, and was ended"
        )

    def _started(self) -> Connection:
        """Return the connection to a running child; start one if needed."""
        from loky.backend import get_context

        with self._lock:
            if self._closed:
                raise WorkerClosedError(f"the worker {self._name} is closed: build a new one")
            if self._process is None or not self._process.is_alive():
                loky = get_context("loky")
                self._line, line = loky.Pipe()
                self._life, life = loky.Pipe()
                self._process = loky.Process(
                    target=_serve, args=(line, life, self._prepare), name=self._name, daemon=True
                )
                self._process.start()
                line.close()  # so that the connection ends when the child does
                life.close()
            return self._line

    def _end(self, patience: float) -> None:
        """Let the child exit by itself, which releases its libraries' semaphores; kill it if it does not.

        The processes that it has started end with it, either way.
        """
        with self._lock:
            process, self._process = self._process, None
            if process is None:
                return
            started = _started_by(process.pid)  # once it has ended, nothing leads to them
            with suppress(OSError):
                self._life.send_bytes(b"end")
            process.join(patience)
            if process.is_alive():
                from loky.backend.utils import kill_process_tree

                kill_process_tree(process)
            _kill(started)


def _started_by(pid: int) -> list[Any]:
    """Return the processes that this one has started, and those that they have."""
    import psutil

    try:
        found: list[Any] = psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        found = []
    return found


def _kill(processes: list[Any]) -> None:
    import psutil

    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()


# --- pickling


def packed(message: Any) -> bytes:
    """Pickle the message: installed packages by name, the learner's own modules by value.

    The child may be unable to import a module next to a notebook, or may have an older version of it.
    If a module contains something that cannot be pickled, such as a lock, all modules go by name.
    """
    try:
        with _own_modules_by_value():
            return _dumped(message)
    except Exception:  # noqa: BLE001 - pickle's errors are of many kinds
        return _dumped(message)


def _dumped(message: Any) -> bytes:
    file = io.BytesIO()
    _Pickler(file).dump(message)
    return file.getvalue()


class _Pickler(cloudpickle.CloudPickler):  # type: ignore[misc]
    """cloudpickle's pickler, extended for functions with `lru_cache`: it would look up their name and find the cache."""

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, functools._lru_cache_wrapper):  # noqa: SLF001 - no public name
            return _cached, (value.__wrapped__, value.cache_parameters())
        return super().reducer_override(value)


def _cached(function: Callable[..., Any], parameters: dict[str, Any]) -> Callable[..., Any]:
    wrapped: Callable[..., Any] = functools.lru_cache(**parameters)(function)
    return wrapped


_registry = threading.Lock()  # cloudpickle has one registry for all threads


@contextmanager
def _own_modules_by_value() -> Iterator[None]:
    with _registry:
        before = cloudpickle.list_registry_pickle_by_value()
        own = [
            module
            for name, module in list(sys.modules.items())
            if name not in before and _is_own(name, module)
        ]
        for module in own:
            cloudpickle.register_pickle_by_value(module)
        try:
            yield
        finally:
            for module in own:
                cloudpickle.unregister_pickle_by_value(module)


def _is_own(name: str, module: Any) -> bool:
    """Return True for a source file that belongs to no installed package. `__main__` is pickled by value anyway."""
    file = module.__dict__.get("__file__") if isinstance(module, ModuleType) else None
    if not isinstance(file, str) or module.__name__ != name:
        return False
    return name.partition(".")[0] not in ("tltutor", "__main__") and not is_installed(file)


def is_installed(file: str) -> bool:
    """Return True if this source file belongs to Python or to an installed package."""
    return file.startswith(INSTALLED) or any(f"{os.sep}{name}{os.sep}" in file for name in SITES)


# --- in the child


def _serve(line: Connection, life: Connection, prepare: Callable[[], object] | None) -> None:
    """Run in the child: prepare, then answer each message."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_on_signal, args=(life,), daemon=True).start()
    if prepare is not None:
        prepare()
    with suppress(EOFError, OSError):
        while True:
            line.send_bytes(_answer(line.recv_bytes()))


def _answer(message: bytes) -> bytes:
    """Return (True, value) or (False, error) as bytes."""
    try:
        function, args = pickle.loads(message)  # noqa: S301 - the parent wrote it
        answer: bytes = cloudpickle.dumps((True, function(*args)))
    except BaseException as error:  # noqa: BLE001 - an exit is an answer too
        answer = _failed(error)
    return answer


def _failed(error: BaseException) -> bytes:
    """Return the error itself if it can be unpickled and raised in the parent, else its name and text."""
    with suppress(Exception):
        answer: bytes = cloudpickle.dumps((False, error))
        if isinstance(pickle.loads(answer)[1], Exception):  # noqa: S301 - written just above
            return answer
    return pickle.dumps((False, RuntimeError(f"{type(error).__name__}: {error}")))


def _end_on_signal(life: Connection) -> None:
    """End when the parent closes the connection or ends, also during a call."""
    wait([life])
    util._run_finalizers()  # type: ignore[attr-defined]  # noqa: SLF001 - else numba's and tqdm's semaphores outlive this process
    os._exit(0)
