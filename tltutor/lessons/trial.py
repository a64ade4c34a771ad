"""Runs a learner's function in a process of its own, under a time limit: whatever it does there, the notebook goes on.

A thread would share the notebook's lock: a call in C that never ends would stop everything. The process is ended instead.
"""

from __future__ import annotations

import atexit
import copy
import faulthandler
import io
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from typing import Any

import cloudpickle

from tltutor.lessons.comparing import difference

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


class Trial:
    """One worker, started when first needed and again after it had to be ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: Any = None
        self._line: Connection | None = None

    def warm(self) -> None:
        """Start the worker now, so that the first answer comes at once."""
        with self._lock, suppress(OSError):
            self._ready()

    def run(self, function: Callable[..., Any], cases: Sequence[tuple[Any, ...]], seconds: float = 5.0) -> list[Outcome]:
        """Call the function on each case, until one does not return within `seconds`; outcomes are in order.

        TypeError or PicklingError where the function uses what cannot travel to another process.
        """
        packed = packed_by_value((function, list(cases), seconds))
        with self._lock:
            try:
                line = self._ready()
                line.send_bytes(packed)
                return list(self._heard(line, len(cases), seconds))
            except (EOFError, OSError):
                self._end()
                return [Outcome(end="died")]
            except BaseException:
                self._end()  # the learner pressed Interrupt: nobody waits for this answer
                raise

    def _heard(self, line: Connection, count: int, seconds: float) -> Iterator[Outcome]:
        """First "ready", then each call's outcome."""
        if not line.poll(STARTS):
            raise OSError("the worker did not start")
        line.recv_bytes()
        for _ in range(count):
            try:
                late = not line.poll(seconds)
                outcome = Outcome(end="late") if late else cloudpickle.loads(line.recv_bytes())
            except (EOFError, OSError):
                outcome = Outcome(end="died")
            yield outcome
            if outcome.end in ("late", "died"):
                self._end()
                self._ready()  # the next question finds it warm
                return

    def _ready(self) -> Connection:
        """The line to a worker that lives."""
        if self._line is None or not self._process.is_alive():
            from tltutor.projections.settled import start_apart

            spawn = get_context("spawn")
            self._line, theirs = spawn.Pipe()
            self._process = spawn.Process(target=work, args=(theirs, sys.path), name="tltutor-trial", daemon=True)
            start_apart(self._process)
            theirs.close()  # so that the worker's death is heard as the line's end
        return self._line

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
        self._process = self._line = None

    def close(self) -> None:
        """End the worker."""
        with self._lock:
            self._end()


@cache
def shared_trial() -> Trial:
    """One worker for all exercises of a kernel."""
    trial = Trial()
    atexit.register(trial.close)
    return trial


def packed_by_value(message: tuple[Callable[..., Any], Any, float]) -> bytes:
    """The message as bytes; the function's own module travels along where the other process could not import it."""
    module = sys.modules.get(getattr(message[0], "__module__", "") or "")
    own = module is not None and module.__name__ != "__main__" and not module.__name__.startswith("tltutor.")
    if own:
        cloudpickle.register_pickle_by_value(module)
    try:
        packed: bytes = cloudpickle.dumps(message)
        return packed
    finally:
        if own:
            cloudpickle.unregister_pickle_by_value(module)


# --- in the other process


def work(line: Connection, path: list[str]) -> None:
    """The worker's whole life: get warm, then for each message call its function on its cases and send what came of it."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is meant for the notebook, which then ends this process
    sys.path[:] = path
    with suppress(ImportError):
        import torch

        torch.set_num_threads(1)
    with suppress(EOFError, OSError):
        while True:
            function, cases, seconds = cloudpickle.loads(line.recv_bytes())
            line.send_bytes(b"ready")
            for case in cases:
                line.send_bytes(_packed(attempt(function, case, seconds)))


def attempt(function: Callable[..., Any], case: tuple[Any, ...], seconds: float) -> Outcome:
    """Call the function on copies of its arguments; the process ends itself some seconds after the limit."""
    given, printed = copy.deepcopy(case), io.StringIO()
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123 - the path is the system's
        faulthandler.dump_traceback_later(seconds + GRACE, exit=True, file=nowhere)
        try:
            with redirect_stdout(printed), redirect_stderr(printed):
                outcome = Outcome(_plain(function(*given)), changed=difference(given, case) is not None)
        except BaseException as error:  # noqa: BLE001 - sys.exit() too is only an answer
            outcome = Outcome(end="raised", error=f"{type(error).__name__}: {error}".rstrip(": "), line=_line(function, error))
        finally:
            faulthandler.cancel_dump_traceback_later()
    return replace(outcome, printed=printed.getvalue()[:PRINTED])


def _packed(outcome: Outcome) -> bytes:
    try:
        packed: bytes = cloudpickle.dumps(outcome)
    except Exception:  # noqa: BLE001 - whatever cannot travel, its kind can
        packed = cloudpickle.dumps(replace(outcome, value=None, end="unsendable", error=type(outcome.value).__name__))
    return packed


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


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(0)
