"""Runs a learner's function in a process of its own, under a time limit: whatever it does there, the notebook goes on.

A thread would share the notebook's lock: a call in C that never ends would stop everything. The process is ended instead.
"""

from __future__ import annotations

import atexit
import copy
import faulthandler
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

STARTS = 90.0  # seconds that the process may take to start and to load what the function needs
GRACE = 3.0  # seconds beyond the limit after which the process ends itself, should the notebook be gone
PRINTED = 400  # characters of what the function printed


@dataclass(frozen=True)
class Outcome:
    """What one call did: its value, or why there is none. end: "" (it returned), "raised", "late", "died" or "unsendable"."""

    value: Any = None
    end: str = ""
    error: str = ""  # type and message of what was raised
    line: int = 0  # in the function's own text, from 1
    changed: bool = False  # whether it changed its input
    printed: str = ""


class Sandbox:
    """One worker, started when first needed and again after it had to be ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._worker = Worker("tltutor-sandbox", prepare=use_one_thread)

    def warm(self) -> None:
        """Start the worker now, so that the first answer comes at once."""
        with suppress(OSError):
            self._worker.warm()

    def run(self, function: Callable[..., Any], cases: Sequence[tuple[Any, ...]], seconds: float = 5.0) -> list[Outcome]:
        """Call the function on each case, until one does not return within `seconds`; outcomes are in order.

        TypeError or PicklingError where the function uses what cannot travel to another process.
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
                self.warm()  # the next question finds a new process ready
                return

    def close(self) -> None:
        """End the worker for good."""
        self._worker.close()


@cache
def shared_sandbox() -> Sandbox:
    """One worker for all exercises of a kernel."""
    sandbox = Sandbox()
    atexit.register(sandbox.close)
    return sandbox


# --- in the other process

_loaded: list[Callable[..., Any]] = []  # the function under test


def use_one_thread() -> None:
    """Import torch, which most functions need, and leave the other processors to the notebook."""
    with suppress(ImportError):
        import torch

        torch.set_num_threads(1)


def load(text: bytes, path: list[str]) -> None:
    """Keep the function for `attempt`, with whatever it needs imported."""
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
                outcome = Outcome(_plain(function(*given)), changed=difference(given, case) is not None)
        except BaseException as error:  # noqa: BLE001 - sys.exit() too is only an answer
            outcome = Outcome(end="raised", error=named(error), line=_line(function, error))
        finally:
            faulthandler.cancel_dump_traceback_later()
    return _sent(replace(outcome, printed=printed.getvalue()[:PRINTED]))


def named(error: BaseException) -> str:
    """An error's type and message."""
    return f"{type(error).__name__}: {error}".rstrip(": ")


def _sent(outcome: Outcome) -> bytes:
    try:
        sent: bytes = cloudpickle.dumps(outcome)
    except Exception:  # noqa: BLE001 - whatever cannot travel, its kind can
        sent = cloudpickle.dumps(replace(outcome, value=None, end="unsendable", error=type(outcome.value).__name__))
    return sent


def _plain(value: Any) -> Any:
    """Tensors without the graph that they hang on."""
    if isinstance(value, tuple | list):
        return [_plain(part) for part in value]
    return value.detach() if hasattr(value, "detach") else value


def _line(function: Callable[..., Any], error: BaseException) -> int:
    """The last line of the function's own text that the error went through; 0 where there is none."""
    code = getattr(function, "__code__", None)
    frames = traceback.extract_tb(error.__traceback__)
    own = [f.lineno or 0 for f in frames if code is not None and f.filename == code.co_filename]
    return own[-1] - code.co_firstlineno + 1 if own and code is not None else 0
