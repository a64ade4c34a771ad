"""The first row of a board: buttons, and what can be chosen; it is told what to show and calls nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import ipywidgets as w

from tltutor.language import mark, tr

if TYPE_CHECKING:
    from tltutor.views.sparing import Sparing

SPEEDS = (
    (mark("full speed"), 0.0),
    (mark("50 steps/s"), 50.0),
    (mark("10 steps/s"), 10.0),
    (mark("2 steps/s"), 2.0),
)
ICONS = {"play": "play", "step": "step-forward", "reset": "undo", "stop": "stop"}
NAMES = {"play": mark("Play"), "step": mark("Step"), "reset": mark("Reset"), "stop": mark("Stop")}
ABOUT = {
    "pair": (mark("Domains"), mark("The source, and the target to carry it to")),
    "objective": (mark("Objective"), mark("What the network minimizes")),
    "projection": (mark("Map"), mark("How features become a picture")),
    "seed": (mark("Seed"), mark("Fixes all chance")),
    "speed": (mark("Speed"), mark("Steps a second at most")),
}
BUTTONS, FIELDS = tuple(ICONS), tuple(ABOUT)
SLEEPERS = ("play", "step")  # buttons that wait where something is to be done first
Options: TypeAlias = Sequence[str | tuple[str, Any]]


class Header:
    """`widget` is the row, `buttons` and `fields` are its parts by name; tooltips: what each button does."""

    def __init__(
        self, make: Sparing, tooltips: Mapping[str, str], fields: Iterable[str] = FIELDS
    ) -> None:
        self.buttons: dict[str, w.Button] = {
            name: make(w.Button, icon=icon, names=f"tlt-button tlt-{name}")
            for name, icon in ICONS.items()
        }
        self.fields: dict[str, Any] = {name: _field(name, make) for name in fields}
        self._tooltips, self._reason, self._playing = tooltips, "", False
        self._offered: dict[str, Options] = {"speed": SPEEDS} if "speed" in self.fields else {}
        self.retell()
        rows = [
            make(w.Box, tuple(self.buttons.values()), names="tlt-buttons"),
            make(w.Box, tuple(self.fields.values()), names="tlt-fields"),
        ]
        self.widget = make(w.Box, rows, names="tlt-header")

    def show_playing(self, *, playing: bool) -> None:
        """Play says Pause while something plays."""
        self._playing = playing
        button, word = self.buttons["play"], tr("Pause") if playing else tr("Play")
        if button.description != word:
            with button.hold_sync():
                button.description, button.icon = word, "pause" if playing else "play"

    def sleep(self, reason: str = "") -> None:
        """Play and Step cannot be pressed, for a reason that their tooltips say; without one they wake."""
        self._reason = reason
        for name in SLEEPERS:
            self.buttons[name].disabled = bool(reason)
        self._retell_buttons()

    def retell(self) -> None:
        """Say everything in the language in use. Whoever listens is to be silenced by the caller, as for `show`."""
        self._retell_buttons()
        for name, field in self.fields.items():
            field.description, field.tooltip = map(tr, ABOUT[name])
        self.show(self._offered, {})

    def _retell_buttons(self) -> None:
        for name, button in self.buttons.items():
            button.tooltip = tr((self._reason if name in SLEEPERS else "") or self._tooltips[name])
            if name != "play":
                button.description = tr(NAMES[name])
        self.show_playing(playing=self._playing)

    def show(self, options: Mapping[str, Options | None], chosen: Mapping[str, Any]) -> None:
        """What can be chosen, by its English title, None for what already can, and what is."""
        for name, offered in options.items():
            if offered is not None:
                self._offered[name] = offered
                _offer(
                    self.fields[name],
                    [text if isinstance(text, str) else (tr(text[0]), text[1]) for text in offered],
                )
        for name, value in chosen.items():
            if name != "speed" or value in {
                speed for _, speed in SPEEDS
            }:  # another speed is shown by none of them
                self.fields[name].value = value


class Headed:
    """What a board and a comparison do with their header alike."""

    _header: Header
    _lock: Any
    _silence: Any

    def sleep(self, reason: str = "") -> None:
        """Play and Step cannot be pressed, for this reason (in English); without one they can again."""
        with self._lock:
            self._header.sleep(reason)

    def retell(self) -> None:
        """The header in the language in use, unheard by handlers; all the other parts see to themselves."""
        with self._lock, self._silence.kept():
            self._header.retell()


def _field(name: str, make: Sparing) -> w.DOMWidget:
    names = f"tlt-field tlt-field-{name}"
    return (
        make(w.BoundedIntText, 0, min=0, max=2**31 - 1, names=names)
        if name == "seed"
        else make(w.Dropdown, names=names)
    )


def _offer(dropdown: w.Dropdown, options: Options) -> None:
    """New options; what was chosen stays chosen where it still can be, else the first is."""
    if tuple(options) == tuple(dropdown.options):
        return
    old = dropdown.value
    with dropdown.hold_sync():
        dropdown.options = tuple(options)
        values = [option if isinstance(option, str) else option[1] for option in options]
        dropdown.index = values.index(old) if old in values else 0 if values else None
