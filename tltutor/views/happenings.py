"""The list of what happened to the points: its lines, and which of them a person goes to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from traitlets import Bool, List

from tltutor.views.channel import Channel


class HappeningsView(Channel):
    """lines: [kind, first step, last step, number of points], the latest span first. unfolded: whether a page shows them.

    `on_unfold()` hears that the list is wanted: nobody makes it before. `on_go(number)` hears the number of a line.
    """

    lines: List[Any] = List().tag(sync=True)
    unfolded = Bool(False).tag(sync=True)

    def __init__(self) -> None:
        self.on_unfold: Callable[[], None] = lambda: None
        self.on_go: Callable[[int], None] = lambda _: None
        super().__init__()
        self.on_msg(self._heard)

    def show(self, lines: Iterable[tuple[str, int, int, int]]) -> None:
        """Put these lines in the place of those before."""
        self.lines = [list(line) for line in lines]

    def _heard(self, _: Any, content: dict[str, Any], buffers: list[memoryview]) -> None:
        kind = content.get("kind")
        if kind == "unfold":
            self.unfolded = bool(content.get("unfolded"))
            if self.unfolded:
                self.on_unfold()
        elif kind == "go" and 0 <= int(content.get("number", -1)) < len(self.lines):
            self.on_go(int(content["number"]))
