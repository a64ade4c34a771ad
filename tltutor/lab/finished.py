"""Tell those who wait for it that a board's run has finished; it knows no board."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable

_followers: list[weakref.WeakMethod[Callable[[], None]]] = []
_registering = threading.Lock()


def follow_finish(heard: Callable[[], None]) -> None:
    """Call this method whenever a run has finished, on the thread that ran it; only a weak reference is kept."""
    with _registering:
        _followers[:] = [*(method for method in _followers if method()), weakref.WeakMethod(heard)]


def tell_finish() -> None:
    """Call every follower."""
    for method in tuple(_followers):
        if heard := method():
            heard()
