"""The settled snapshot: umap-learn's own fit of a paused run, in a process of its own that is warmed ahead and knows no board."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from tltutor.worker import Worker, WorkerClosedError, WorkerDiedError

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
        self._worker = Worker("tltutor-settler", prepare=partial(compile_ahead, self._settings))
        self._lock = threading.Lock()
        self._question: Question | None = None
        self._thread: threading.Thread | None = None

    def warm(self) -> None:
        """Start the worker, so that umap-learn is imported and compiled when the first question comes."""
        self._worker.warm()

    def ask(
        self, features: np.ndarray, step: int, on_done: OnDone, *, start: np.ndarray | None = None
    ) -> None:
        """Fit features (n, d); from the places `start` (n, 2) if given, so that what is left on the live map stays left."""
        with self._lock:
            self._question = Question(np.array(features, np.float32), start, step, on_done)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._answer_all, name="tltutor-settler", daemon=True
                )
                self._thread.start()

    def close(self) -> None:
        """End the worker. A question that is under way is answered by an error."""
        self._worker.close()
        with self._lock:
            thread = self._thread
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
                with suppress(
                    Exception
                ):  # a listener that fails must not cost the next question its answer
                    question.on_done(question.step, answer)

    def _answer(self, question: Question) -> np.ndarray | Exception:
        try:
            xy: np.ndarray = self._worker.call(
                fit, question.features, question.start, self._settings
            )
        except WorkerClosedError:
            return RuntimeError("this Settler is closed: build a new one")
        except WorkerDiedError:
            return RuntimeError(
                "the settled map's worker ended before it answered: ask again, a new one will be started"
            )
        except Exception as error:  # noqa: BLE001 - a fit may fail in any way; it is handed over, never raised in the kernel
            return RuntimeError(_said(error))
        return xy


def compile_ahead(settings: dict[str, Any]) -> None:
    """In the worker: import umap-learn and have it compiled, by a small fit."""
    warnings.simplefilter("ignore")
    with suppress(Exception):  # whatever it is, the first question will hear of it
        fit(
            np.random.default_rng(0).normal(size=(60, 4)).astype(np.float32),
            None,
            settings | {"n_epochs": 2},
        )


def fit(features: np.ndarray, start: np.ndarray | None, settings: dict[str, Any]) -> np.ndarray:
    """umap-learn's map (n, 2) float32 of features (n, d), centered, on one thread."""
    import umap
    from threadpoolctl import threadpool_limits

    n_neighbors = min(settings.get("n_neighbors", 15), len(features) - 1)
    init = {} if start is None else {"init": np.asarray(start, np.float32)}
    with threadpool_limits(1):
        xy = umap.UMAP(**(settings | init | {"n_neighbors": n_neighbors})).fit_transform(features)
    return np.asarray(xy - xy.mean(0), np.float32)


def _said(error: Exception) -> str:
    if isinstance(error, ImportError):
        return f"the settled map needs umap-learn, which is not installed ({error}): pip install umap-learn"
    return f"umap-learn could not fit this look: {type(error).__name__}: {error}"
