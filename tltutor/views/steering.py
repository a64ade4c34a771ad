"""How a board's and a comparison's controls reach their handlers: the same for both."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tltutor.views.board import Handlers
    from tltutor.views.timeline import TimelineView

Act = Callable[[Any], None]
Guard = Callable[[Act], Act]  # what shows an act's errors


def guarded_pair(guarded: Guard, act: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
    """Guard an act of two arguments."""
    run = guarded(lambda pair: act(*pair))
    return lambda first, second: run((first, second))


def connect_timeline(timeline: TimelineView, handlers: Handlers, guarded: Guard) -> None:
    """Let the handlers hear what people do on the timeline."""
    timeline.on_scrub = guarded(lambda at: handlers.scrub(None if at < 0 else at))
    timeline.on_branch = guarded(handlers.branch)
    timeline.on_changed = guarded_pair(guarded, handlers.changed)
    settled = guarded(lambda _: handlers.settled())
    timeline.on_settled = lambda: settled(None)


def choose(handlers: Handlers, what: str, value: Any) -> None:
    """Let the handlers hear what was chosen in the first row; the speed is a setting."""
    (handlers.set if what == "speed" else handlers.choose)(what, value)
