"""The settled snapshot: umap-learn's own fit of a paused run, in a process of its own that is warmed ahead and knows no board."""

from __future__ import annotations

import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import connection, get_context, parent_process, util
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from types import ModuleType
from typing import Any, NamedTuple, TypeAlias

import numpy as np

PATIENCE = 5.0  # seconds that a worker has to end by itself

OnDone: TypeAlias = Callable[[int, np.ndarray | Exception], None]


class Question(NamedTuple):
    """Features (n, d) of a step, where the points are on the live map (n, 2) or None, and who wants to know."""

    features: np.ndarray
    start: np.ndarray | None
    step: int
    on_done: OnDone


class Settler:
    """Fits features by umap-learn (McInnes, Healy & Melville, 2018) outside this process, which a fit would starve by the GIL.

    `ask` returns at once; on_done(step, xy) is called on a thread later, with xy (n, 2) float32, or with an exception: a fit's
    error, umap-learn missing, a worker that died. A question that a newer one overtook is never answered. One seed, one map.
    """

    def __init__(self, seed: int = 0, **settings: Any) -> None:
        self._settings = {"random_state": seed, "n_jobs": 1} | settings  # umap.UMAP's
        self._lock = threading.Lock()
        self._question: Question | None = None
        self._thread: threading.Thread | None = None
        self._worker: SpawnProcess | None = None
        self._closed = False

    def warm(self) -> None:
        """Start the worker, so that umap-learn is imported and compiled when the first question comes."""
        with self._lock:
            self._ready()

    def ask(self, features: np.ndarray, step: int, on_done: OnDone, *, start: np.ndarray | None = None) -> None:
        """Fit features (n, d); from the places `start` (n, 2) if given, so that what is left on the live map stays left."""
        with self._lock:
            self._question = Question(np.array(features, np.float32), start, step, on_done)
            if self._thread is None:
                self._thread = threading.Thread(target=self._answer_all, name="tltutor-settler", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """End the worker. A question that is under way is answered by an error."""
        with self._lock:
            self._closed = True
            worker, thread = self._worker, self._thread
        if worker is not None:
            end(worker, self._halt)
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    def _answer_all(self) -> None:
        """The thread's whole life: answer the newest question until there is none."""
        while True:
            with self._lock:
                question, self._question = self._question, None
                if question is None:
                    self._thread = None
                    return
            answer = self._answer(question)
            if self._question is None:
                with suppress(Exception):  # a listener that fails must not cost the next question its answer
                    question.on_done(question.step, answer)

    def _answer(self, question: Question) -> np.ndarray | Exception:
        try:
            with self._lock:
                line = self._ready()
            line.send((question.features, question.start))
            answer = line.recv()
        except (EOFError, OSError):
            if self._worker is not None:
                self._worker.join(PATIENCE)  # its line ends a moment before it does
            return RuntimeError("the settled map's worker ended before it answered: ask again, a new one will be started")
        except Exception as error:  # noqa: BLE001 - told, never raised in the kernel
            return error
        return RuntimeError(answer) if isinstance(answer, str) else np.asarray(answer)

    def _ready(self) -> Connection:
        """The line to a worker that lives."""
        if self._closed:
            raise RuntimeError("this Settler is closed: build a new one")
        if self._worker is None or not self._worker.is_alive():
            spawn = get_context("spawn")
            self._line, theirs = spawn.Pipe()
            self._halt, heard = spawn.Pipe()
            told = (theirs, heard, self._settings)
            self._worker = spawn.Process(target=work, args=told, name="tltutor-settler", daemon=True)
            start_apart(self._worker)
            theirs.close()  # so that the worker's death is heard as the line's end
            heard.close()
        return self._line


def start_apart(process: SpawnProcess) -> None:
    """Start it without the main module: a worker would otherwise run a learner's script a second time."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        process.start()
    finally:
        sys.modules["__main__"] = main


def end(process: SpawnProcess, halt: Connection) -> None:
    """Have the worker end itself, which leaves no lock of its libraries behind in the system; kill it if it cannot."""
    with suppress(OSError):
        halt.send(None)
    process.join(PATIENCE)
    if process.is_alive():
        process.kill()
        process.join()


def work(line: Connection, halt: Connection, settings: dict[str, Any]) -> None:
    """The worker's whole life: get warm, then answer each (features, start) by places (n, 2) or by a text that says why not."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is meant for the notebook, which ends this process in its own time
    threading.Thread(target=_end_when_told, args=(halt,), daemon=True).start()
    warnings.simplefilter("ignore")
    with suppress(Exception):  # whatever it is, the first question will hear of it
        fit(np.random.default_rng(0).normal(size=(60, 4)).astype(np.float32), None, settings | {"n_epochs": 2})
    with suppress(EOFError, OSError):
        while True:
            features, start = line.recv()
            try:
                answer: np.ndarray | str = fit(features, start, settings)
            except Exception as error:  # noqa: BLE001 - a fit may fail in any way; all are told
                answer = _said(error)
            line.send(answer)


def fit(features: np.ndarray, start: np.ndarray | None, settings: dict[str, Any]) -> np.ndarray:
    """umap-learn's map (n, 2) float32 of features (n, d), centred, on one thread."""
    import umap
    from threadpoolctl import threadpool_limits

    neighbours = min(settings.get("n_neighbors", 15), len(features) - 1)
    init = {} if start is None else {"init": np.asarray(start, np.float32)}
    with threadpool_limits(1):
        xy = umap.UMAP(**(settings | init | {"n_neighbors": neighbours})).fit_transform(features)
    return np.asarray(xy - xy.mean(0), np.float32)


def _said(error: Exception) -> str:
    if isinstance(error, ImportError):
        return f"the settled map needs umap-learn, which is not installed ({error}): pip install umap-learn"
    return f"umap-learn could not fit this look: {type(error).__name__}: {error}"


def _end_when_told(halt: Connection) -> None:
    """End with the parent, or when it says so; also in the middle of a fit: nobody waits for it any more."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel, halt])
        util._run_finalizers()  # type: ignore[attr-defined]  # noqa: SLF001 - numba's and tqdm's semaphores outlive a process that is killed
        os._exit(0)
