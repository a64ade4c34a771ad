"""Sliders made from the declared settings: one row each, with what the value acts as now beside it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from traitlets import Dict, List

from tltutor.language import follow, spoken, tr
from tltutor.views.channel import Channel

if TYPE_CHECKING:
    from tltutor.settings import Setting

E12 = (1.0, 1.2, 1.5, 1.8, 2.2, 2.7, 3.3, 3.9, 4.7, 5.6, 6.8, 8.2)  # twelve even steps a decade
DECADES = 4  # of a log scale that has a place for 0

OnChange = Callable[[str, Any], None]


def ladder(low: float, high: float, *also: float) -> list[float]:
    """The steps from `low` to `high`, and the numbers of `also` in their places; low = 0 stands before four decades.

    A slider on a ladder keeps every number it is given: one with even steps of the exponent would round 10 to 10.2.
    """
    least = low if low > 0 else high * 10.0**-DECADES
    powers = range(math.floor(math.log10(least)), math.floor(math.log10(high)) + 1)
    steps = (float(f"{rung * 10.0**power:.3g}") for power in powers for rung in E12)
    inside = {step for step in steps if least * 0.999 <= step <= high}
    return sorted({float(low), float(high), *inside, *map(float, also)})


def grid(low: float, high: float, value: float) -> float:
    """A step of about a hundredth of the range, finer where the value would otherwise not lie on it."""
    step = 10.0 ** math.floor(math.log10(high - low) - 2 + 1e-9)
    for finer in (step, step / 2, step / 10, step / 100, step / 1000):
        if math.isclose((value - low) / finer, round((value - low) / finer), abs_tol=1e-6):
            return finer
    return step / 10000


def number_text(value: float) -> str:
    """Three significant digits, as people write them: 1000, not 1e+03."""
    return f"{float(f'{value:.3g}'):g}"


def title(setting: Setting) -> str:
    """Symbol and name, as the row's description."""
    return f"{setting.symbol} {spoken(setting.name)}".strip()


def row(setting: Setting, *values: Any) -> dict[str, Any]:
    """What the page needs to draw a setting's row that can show these values, as plain values."""
    about = {
        "name": setting.name,
        "title": title(setting),
        "about": tr(setting.text),
        "scale": setting.scale,
    }
    if setting.scale == "switch":
        return about
    if setting.scale == "choice":
        return about | {"choices": [[tr(choice), choice] for choice in setting.choices]}
    if setting.scale == "log":
        return about | {
            "steps": ladder(setting.low, setting.high, float(setting.default), *map(float, values))
        }
    fine = (grid(setting.low, setting.high, float(value)) for value in values)
    step = 1 if setting.scale == "int" else min(fine)
    return about | {"low": setting.low, "high": setting.high, "step": step}


def _number(setting: Setting, value: Any) -> Any:
    """What the page sent, as the setting takes it: JSON writes 1.0 as 1."""
    if setting.scale == "int":
        return round(value)
    return float(value) if setting.scale in ("linear", "log") else value


class Controls(Channel):
    """A row for each setting; `on_change(name, value)` hears what the learner moves, never what the code moves.

    The sliders belong to the learner: `show`, which any thread may call, writes only to the notes beside them.
    """

    rows: List[Any] = List().tag(sync=True)
    values = Dict().tag(sync=True)
    notes = Dict().tag(sync=True)

    def __init__(self, on_change: OnChange) -> None:
        self._on_change = on_change
        self._settings: dict[str, Setting] = {}
        self._effective: dict[str, Any] = {}
        super().__init__()
        self.on_msg(self._heard)
        follow(self.retell)

    def fill(self, settings: tuple[Setting, ...], values: Mapping[str, Any]) -> None:
        """Show rows for these settings, in the place of the ones before."""
        with self.hold_sync():
            self._settings = {setting.name: setting for setting in settings}
            self._effective = {}
            self.values = {s.name: values.get(s.name, s.default) for s in settings}
            self.retell()

    def show(self, effective: Mapping[str, Any]) -> None:
        """Write what the settings act as now beside their sliders; names without a row are passed over."""
        with self._order:
            self._effective |= {
                name: value for name, value in effective.items() if name in self._settings
            }
            self._retell_notes()

    def move(self, values: Mapping[str, Any]) -> None:
        """Set sliders by code, where a setting was changed from a cell; `on_change` does not hear it."""
        with self.hold_sync():
            known = {name: value for name, value in values.items() if name in self._settings}
            if known:
                self.values = {**self.values, **known}
                self.retell()

    def retell(self) -> None:
        """Say everything in the language in use."""
        with self.hold_sync():
            self.rows = [row(s, self.values[name]) for name, s in self._settings.items()]
            self._retell_notes()

    def _retell_notes(self) -> None:
        self.notes = {name: self._note(setting) for name, setting in self._settings.items()}

    def _note(self, setting: Setting) -> str:
        """What acts now, only where it differs from what the slider says; else its unit."""
        said = self.values[setting.name]
        value = self._effective.get(setting.name, said)
        same = isinstance(value, str | bool) or math.isclose(
            float(value), float(said), rel_tol=5e-3, abs_tol=1e-12
        )
        if not same:
            return tr("acts as {value}", value=number_text(float(value)))
        rest = (tr(setting.unit), "" if setting.live else tr("new run"))
        return " · ".join(part for part in rest if part)

    def _heard(self, _: Any, content: dict[str, Any], buffers: list[Any]) -> None:
        name, value = content.get("name", ""), content.get("value")
        with self._order:
            setting = self._settings.get(name)
            if content.get("kind") != "move" or setting is None:
                return
            value = _number(setting, value)
            with self.from_page("values"):
                self.values = {**self.values, name: value}
        self._on_change(name, value)
