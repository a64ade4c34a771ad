"""The small parts that only say something: status, numbers, what went wrong, a compared run's title, the other language."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from traitlets import Bool, Dict, Float, List, Unicode

from tltutor.language import LANGUAGES, follow, language
from tltutor.views.channel import Channel

ABOUT = "Language · 语言"
READY = {"state": "ready", "step": 0, "steps": 0, "device": "", "rate": None, "note": ""}


def plain(value: float | None) -> float | None:
    """The number, None where it is none: JSON knows no NaN."""
    return float(value) if value is not None and math.isfinite(value) else None


class FrameView(Channel):
    """The board around its parts. hidden: names of parts that are not to be seen; presenter: larger, for a room of people.

    recorded: whether a recording is at the other end, as in an exported page, so that nothing can be changed.
    """

    hidden: List[Any] = List().tag(sync=True)
    presenter = Bool(False).tag(sync=True)
    recorded = Bool(False).tag(sync=True)


class StatusView(Channel):
    """State (loading, ready, playing, paused, finished, stopped, failed), step of steps, device, steps a second, remark."""

    shown = Dict(dict(READY)).tag(sync=True)

    def show(self, **shown: Any) -> None:
        """Where the run is."""
        self.shown = {**READY, **shown, "rate": plain(shown.get("rate"))}


class NumbersView(Channel):
    """The numbers of the last look, by name; the page keeps their rows where they are.

    judging: whether the label-free judges are asked at each look, and have rows; chosen: the step that each of them would have
    chosen so far. `on_points(name)` hears that the points of a number are asked for, `on_judging(on)` that the judges are.
    """

    numbers = Dict().tag(sync=True)
    judging = Bool(False).tag(sync=True)
    chosen = Dict().tag(sync=True)

    def __init__(self) -> None:
        self.on_points: Callable[[str], None] = lambda _: None
        self.on_judging: Callable[[bool], None] = lambda _: None
        super().__init__()
        self.on_msg(self._heard)

    def show(self, numbers: Mapping[str, float]) -> None:
        """Put these in the place of those before."""
        self.numbers = {name: plain(value) for name, value in numbers.items()}

    def _heard(self, _: Any, content: dict[str, Any], buffers: list[memoryview]) -> None:
        if content.get("kind") == "points" and content.get("name") in self.numbers:
            self.on_points(str(content["name"]))
        elif content.get("kind") == "judging":
            self.on_judging(bool(content.get("on")))


class ErrorView(Channel):
    """What went wrong: a heading, the last line of the details, the rest behind a fold; nothing without a heading."""

    heading = Unicode("").tag(sync=True)
    details = Unicode("").tag(sync=True)

    def show(self, heading: str, details: str = "") -> None:
        """Say what went wrong; "" takes it away."""
        with self.hold_sync():
            self.heading, self.details = heading, details

    @property
    def text(self) -> str:
        """All that it says; "" while there is nothing."""
        return "\n".join(part for part in (self.heading, self.details) if part)


class ComparedView(Channel):
    """What sets one of two runs apart, and its target accuracy, over its map."""

    title = Unicode("").tag(sync=True)
    accuracy = Float(None, allow_none=True).tag(sync=True)

    def show(self, title: str, accuracy: float | None) -> None:
        """Title and accuracy; None where there is none yet."""
        with self.hold_sync():
            self.title, self.accuracy = title, plain(accuracy)


class LanguageSwitch(Channel):
    """The button that leads to the next language, for everything that is open; called by it, described in both."""

    title = Unicode("").tag(sync=True)
    about = Unicode("").tag(sync=True)

    def __init__(self, guarded: Callable[[Callable[[Any], None]], Callable[[Any], None]]) -> None:
        super().__init__()
        turn = guarded(lambda _: self.turn())
        self.on_msg(lambda _, content, __: turn(None) if content.get("kind") == "turn" else None)
        self.retell()
        follow(self.retell)

    @property
    def next(self) -> str:
        """The language that comes after the one in use."""
        names = list(LANGUAGES)
        return names[(names.index(language()) + 1) % len(names)]

    def turn(self) -> None:
        """Go to the next language."""
        language(self.next)

    def retell(self) -> None:
        """Say where it leads."""
        title = LANGUAGES[self.next]
        with self.hold_sync():
            self.title, self.about = title, f"{ABOUT}: {title}"
