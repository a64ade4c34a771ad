"""Stop a learner's `forward` that does not end while a board plays it: another thread raises an error in the board's."""

from __future__ import annotations

import ctypes
import threading
import time
from typing import Any, TypeVar

from torch import nn

from tltutor.language import tr

PATIENCE = 10.0  # seconds that one forward pass may take
LOOKS = 0.25  # seconds between two looks
REST = 2.0  # seconds without a forward pass after which nobody looks any more
Module = TypeVar("Module", bound=nn.Module)


class TooLongError(TimeoutError):
    """A forward pass took too long. It is raised from another thread, so it brings no text of its own."""

    def __str__(self) -> str:
        text = "forward was still running after {seconds} seconds, and was stopped. Does every loop end?"
        return tr(text, seconds=f"{PATIENCE:g}")


class _Watch:
    """Knows which threads are in a forward pass, and since when."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._begun: dict[int, float] = {}  # thread -> when its pass began
        self._last, self._looks = 0.0, False

    def begin(self) -> None:
        """A pass begins on this thread."""
        with self._lock:
            self._last = self._begun[threading.get_ident()] = time.monotonic()
            if not self._looks:
                self._looks = True
                threading.Thread(target=self._look, name="forward-watch", daemon=True).start()

    def end(self) -> None:
        """The pass has ended, in whichever way."""
        with self._lock:
            self._begun.pop(threading.get_ident(), None)

    def _look(self) -> None:
        while True:
            time.sleep(LOOKS)
            with self._lock:
                now = time.monotonic()
                for thread in [t for t, since in self._begun.items() if now - since > PATIENCE]:
                    del self._begun[thread]
                    raise_in(thread, TooLongError)
                if not self._begun and now - self._last > REST:
                    self._looks = False
                    return


def raise_in(thread: int, error: type[Exception]) -> None:
    """Raise this error in the thread with this number, when it next runs Python."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error))


def watched(module: Module) -> Module:
    """Return the module, now with a limit of PATIENCE for each forward pass, for its copies too; calls into C are not stopped."""
    watch = _Watch()

    def begin(*_: Any) -> None:
        watch.begin()

    def end(*_: Any) -> None:
        watch.end()

    module.register_forward_pre_hook(begin)
    module.register_forward_hook(end, always_call=True)
    return module
