"""A page without a browser: it shows parts of a board, hears what they tell, and does what people do there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from tltutor.views.channel import Channel


class Browser:
    """Stands for the page of one part. states: what was set, a dict a message; messages: what was said, with its buffers."""

    def __init__(self, part: Channel) -> None:
        self.part = part
        self.states: list[dict[str, Any]] = []
        self.messages: list[tuple[dict[str, Any], list[bytes]]] = []
        self.retold, self.echoed = 0, list[dict[str, Any]]()
        part.attach(self, "part")  # type: ignore[arg-type]  # as much of a front as a part knows

    def tell(
        self, name: str, kind: str, content: Mapping[str, Any], buffers: Sequence[bytes] = ()
    ) -> None:
        """What a part tells its front; all but bytes must be JSON."""
        assert name == "part"
        json.dumps(content, allow_nan=False, default=_is_bytes)
        if kind == "message":
            self.messages.append((dict(content), list(buffers)))
        else:
            assert kind == "set"
            self.states.append(dict(content))

    def tell_others(self, name: str, values: Mapping[str, Any]) -> None:
        """What this page said, told to the other pages of its front."""
        assert name == "part"
        self.echoed.append(dict(values))

    def retell(self) -> None:
        """A part's own words have become others."""
        self.retold += 1

    @property
    def frames(self) -> list[dict[str, Any]]:
        """The map's frames among the states."""
        return [state for state in self.states if "sequence" in state]

    def says(self, **content: Any) -> None:
        """Send the part a message."""
        self.part.receive("message", content, self)  # type: ignore[arg-type]

    def sets(self, **values: Any) -> None:
        """Give the part other values."""
        self.part.receive("set", values, self)  # type: ignore[arg-type]


def _is_bytes(value: Any) -> str:
    assert isinstance(value, bytes), f"{type(value).__name__} cannot travel"
    return ""


# What a person does on a board, or on two side by side.


def press(board: Any, button: str) -> None:
    """Click "play", "step", "reset" or "stop"."""
    board.header.receive("message", {"kind": "press", "button": button})


def choose(board: Any, field: str, value: Any) -> None:
    """Choose in a field of the first row."""
    board.header.receive("message", {"kind": "choose", "name": field, "value": value})


def move(controls: Channel, name: str, value: Any) -> None:
    """Move a slider, a switch or a choice."""
    controls.receive("message", {"kind": "move", "name": name, "value": value})


def look_back(board: Any, position: int) -> None:
    """Put the timeline to a frame; -1 is live."""
    board.timeline.receive("set", {"position": position})


def turn_language(board: Any) -> None:
    """Click the button that leads to the next language."""
    board.switch.receive("message", {"kind": "turn"})


def label(board: Any, field: str) -> str:
    """What the chosen option of a field is called."""
    titles = {value: text for text, value, *_ in board.header.options[field]}
    return str(titles[board.header.chosen[field]])


def rows(controls: Any) -> dict[str, dict[str, Any]]:
    """What is shown of each setting, by name."""
    return {row["name"]: row for row in controls.rows}
