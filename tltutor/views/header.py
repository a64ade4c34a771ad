"""The first row of a board: buttons, and what can be chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from traitlets import Bool, Dict, Unicode

from tltutor.language import follow, mark, tr
from tltutor.views.channel import Channel

SPEEDS = (
    (mark("full speed"), 0.0),
    (mark("50 steps/s"), 50.0),
    (mark("10 steps/s"), 10.0),
    (mark("2 steps/s"), 2.0),
)
BUTTONS = ("play", "step", "reset", "stop")
FIELDS = ("pair", "objective", "projection", "seed", "speed")
Options: TypeAlias = Sequence[
    str | tuple[str, Any] | tuple[str, Any, str]
]  # a value; or title and value; or these and the group's title


class Header(Channel):
    """`on_press(name)` hears a button of BUTTONS, `on_choose(name, value)` a field of FIELDS that a person changed.

    options: what can be chosen by field, [[text, value], ...] or [[text, value, group], ...]; chosen: what is.
    playing: Play says Pause. reason: why Play and Step cannot be pressed; "" where they can.
    """

    options = Dict().tag(sync=True)
    chosen = Dict().tag(sync=True)
    playing = Bool(False).tag(sync=True)
    reason = Unicode("").tag(sync=True)

    def __init__(
        self, on_press: Callable[[str], object], on_choose: Callable[[str, Any], object]
    ) -> None:
        self._on_press, self._on_choose = on_press, on_choose
        self._offered: dict[str, Options] = {"speed": SPEEDS}
        self._reason = ""
        super().__init__()
        self.on_msg(self._heard)
        self.retell()
        follow(self.retell)

    def show(self, options: Mapping[str, Options | None], chosen: Mapping[str, Any]) -> None:
        """What can be chosen, by its English title, None for what already can, and what is.

        Where what was chosen can no longer be, the first option is. A speed that is not offered is shown by none of them.
        """
        self._offered |= {name: offered for name, offered in options.items() if offered is not None}
        speeds = {speed for _, speed in SPEEDS}
        shown = {name: v for name, v in chosen.items() if name != "speed" or v in speeds}
        values = {**self.chosen, **shown}
        for name, offered in self._offered.items():
            possible = [option if isinstance(option, str) else option[1] for option in offered]
            if possible and values.get(name) not in possible:
                values[name] = possible[0]
        with self.hold_sync():
            self.chosen = values
            self.retell()

    def offered(self, name: str) -> Options:
        """What can be chosen in this field, by English titles."""
        return self._offered.get(name, ())

    def sleep(self, reason: str = "") -> None:
        """Play and Step cannot be pressed, for this reason (in English); without one they can again."""
        self._reason = reason
        self.reason = tr(reason) if reason else ""

    def retell(self) -> None:
        """Say titles and the reason in the language in use."""
        with self.hold_sync():
            self.options = {name: _told(offered) for name, offered in self._offered.items()}
            self.sleep(self._reason)

    def _heard(self, _: Any, content: dict[str, Any], buffers: list[Any]) -> None:
        name = content.get("button") or content.get("name")
        if content.get("kind") == "press" and name in BUTTONS:
            self._on_press(name)
        elif content.get("kind") == "choose" and name in FIELDS:
            value = content.get("value")
            with self.from_page("chosen"):
                self.chosen = {**self.chosen, name: value}
            self._on_choose(name, value)


def _told(options: Options) -> list[list[Any]]:
    return [
        [option, option]
        if isinstance(option, str)
        else [tr(option[0]), option[1], *map(tr, option[2:])]
        for option in options
    ]
