"""Run a learner's function in a separate process under a time limit, so that it cannot stop the notebook.

A thread would share the notebook's lock: an endless call in C would block everything. A process can be killed.
"""

from __future__ import annotations

import atexit
import copy
import faulthandler
import inspect
import io
import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import cloudpickle

from tltutor.lessons.comparing import difference
from tltutor.worker import Worker, WorkerDiedError, packed

STARTS = 90.0  # seconds in which the process must start and import what the function needs
GRACE = 3.0  # seconds after the limit when the process ends itself, in case the notebook is gone
PRINTED = 400  # characters of printed output that are kept


@dataclass(frozen=True)
class Outcome:
    """The outcome of one call: its value, or why there is none. end: "" (returned), "raised", "late", "died", "unsendable"."""

    value: Any = None
    end: str = ""
    error: str = ""  # type and message of what was raised
    line: int = 0  # of the function's source, from 1
    changed: bool = False  # True if it changed its input
    printed: str = ""


class Sandbox:
    """A worker process, started when first needed and again after it was killed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._worker = Worker("tltutor-sandbox", prepare=use_one_thread)

    def warm(self) -> None:
        """Start the worker in advance; stay silent where it cannot start, for instance while Python ends."""
        with suppress(OSError, RuntimeError):
            self._worker.warm()

    def run(
        self, function: Callable[..., Any], cases: Sequence[tuple[Any, ...]], seconds: float = 5.0
    ) -> list[Outcome]:
        """Call the function on each case until one does not return within `seconds`; return the outcomes in order.

        Errors: TypeError or PicklingError if the function uses something that cannot be sent to another process.
        """
        text = packed(function)
        with self._lock:
            try:
                self._worker.call(load, text, sys.path, timeout=STARTS)
            except (TimeoutError, WorkerDiedError):
                return [Outcome(end="died")]
            except Exception as error:  # noqa: BLE001 - what the function needs cannot be imported, for instance
                return [Outcome(end="raised", error=named(error))]
            return list(self._outcomes(cases, seconds))

    def _outcomes(self, cases: Sequence[tuple[Any, ...]], seconds: float) -> Iterator[Outcome]:
        for case in cases:
            try:
                yield cloudpickle.loads(self._worker.call(attempt, case, seconds, timeout=seconds))
            except (TimeoutError, WorkerDiedError) as error:
                yield Outcome(end="late" if isinstance(error, TimeoutError) else "died")
                self.warm()  # start a new process for the next exercise
                return

    def close(self) -> None:
        """End the worker."""
        self._worker.close()


@cache
def shared_sandbox() -> Sandbox:
    """Return the sandbox that all exercises of a kernel share."""
    sandbox = Sandbox()
    atexit.register(sandbox.close)
    return sandbox


# --- in the other process

_loaded: list[Callable[..., Any]] = []  # the function under test


def use_one_thread() -> None:
    """Import torch, which most functions need, and use one thread, to leave the other cores to the notebook."""
    with suppress(ImportError):
        import torch

        torch.set_num_threads(1)


def load(text: bytes, path: list[str]) -> None:
    """Load the function, with its imports, for `attempt`."""
    sys.path[:] = path
    _loaded[:] = [cloudpickle.loads(text)]


def attempt(case: tuple[Any, ...], seconds: float) -> bytes:
    """Call the function on copies of its arguments; the process ends itself some seconds after the limit."""
    function = _loaded[0]
    given, printed = copy.deepcopy(case), io.StringIO()
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 - the path is the system's
        faulthandler.dump_traceback_later(seconds + GRACE, exit=True, file=nowhere)
        try:
            with redirect_stdout(printed), redirect_stderr(printed):
                outcome = Outcome(
                    _plain(function(*given)), changed=difference(given, case) is not None
                )
        except BaseException as error:  # noqa: BLE001 - sys.exit() is an outcome too
            outcome = Outcome(end="raised", error=named(error), line=_line(function, error))
        finally:
            faulthandler.cancel_dump_traceback_later()
    return _sent(replace(outcome, printed=printed.getvalue()[:PRINTED]))


def named(error: BaseException) -> str:
    """Return an error's type and message."""
    return f"{type(error).__name__}: {error}".rstrip(": ")


def _sent(outcome: Outcome) -> bytes:
    try:
        sent: bytes = cloudpickle.dumps(outcome)
    except Exception:  # noqa: BLE001 - the name of its type can be pickled
        sent = cloudpickle.dumps(
            replace(outcome, value=None, end="unsendable", error=type(outcome.value).__name__)
        )
    return sent


def _plain(value: Any) -> Any:
    """Detach tensors from their graph, also inside lists."""
    if isinstance(value, tuple | list):
        return [_plain(part) for part in value]
    return value.detach() if hasattr(value, "detach") else value


def _line(function: Callable[..., Any], error: BaseException) -> int:
    """Return the last line of the function's source in the error's traceback, from 1; 0 if there is none."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None:
        return 0
    last = max((line or 0 for *_, line in code.co_lines()), default=0)
    frames = (
        f for f in traceback.extract_tb(error.__traceback__) if f.filename == code.co_filename
    )
    own = [f.lineno for f in frames if f.lineno and code.co_firstlineno <= f.lineno <= last]
    return own[-1] - code.co_firstlineno + 1 if own else 0
