"""Sliders made from the declared settings: one row each, with what the value acts as now beside it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from tltutor.language import follow, spoken, tr
from tltutor.views.closing import close_tree
from tltutor.views.silence import Silence
from tltutor.views.sparing import Sparing

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


def make_input(setting: Setting, value: Any, make: Sparing) -> w.DOMWidget:
    """The widget that moves `setting`; its tooltip is the setting's sentence."""
    about: dict[str, Any] = {"description": title(setting), "tooltip": tr(setting.text)}
    if setting.scale == "switch":
        return make(w.Checkbox, value=bool(value), indent=False, **about)
    if setting.scale == "choice":
        return make(w.Dropdown, options=_choices(setting), value=value, **about)
    about["continuous_update"] = True
    if setting.scale == "int":
        about |= {
            "min": int(setting.low),
            "max": int(setting.high),
            "disabled": setting.low >= setting.high,
        }
        return make(w.IntSlider, value=int(value), **about)
    if setting.scale == "linear":
        about |= {
            "min": setting.low,
            "max": setting.high,
            "step": grid(setting.low, setting.high, float(value)),
        }
        return make(w.FloatSlider, value=value, readout_format=".3g", **about)
    about |= {"options": _options(setting, float(value)), "names": "tlt-ladder"}
    return make(w.SelectionSlider, value=float(value), **about)


def _choices(setting: Setting) -> list[tuple[str, str]]:
    return [(tr(choice), choice) for choice in setting.choices]


def _options(setting: Setting, value: float) -> list[tuple[str, float]]:
    steps = ladder(setting.low, setting.high, float(setting.default), value)
    return [(number_text(step), step) for step in steps]


class _Row:
    def __init__(self, setting: Setting, value: Any, make: Sparing) -> None:
        self.setting = setting
        self.input = make_input(setting, value, make)
        self._effective: Any = value
        self.note = make(w.Label, self.rest, tooltip=tr(setting.text), names="tlt-acts")
        self.box = make(w.Box, [self.input, self.note], names="tlt-row")

    @property
    def rest(self) -> str:
        """What stands beside the slider while it acts as it says."""
        setting = self.setting
        return " · ".join(
            part for part in (tr(setting.unit), "" if setting.live else tr("new run")) if part
        )

    def retell(self) -> None:
        """Say name, sentence and remark in the language in use."""
        about = tr(self.setting.text)
        if self.setting.scale == "choice":
            self.move(self.input.value)
        self.input.description, self.input.tooltip, self.note.tooltip = (
            title(self.setting),
            about,
            about,
        )
        self.show(self._effective)

    def show(self, value: Any) -> None:
        """What acts now; only where it differs from what the slider says."""
        told, self._effective = self.input.value, value
        same = isinstance(value, str | bool) or math.isclose(
            float(value), float(told), rel_tol=5e-3, abs_tol=1e-12
        )
        text = self.rest if same else tr("acts as {value}", value=number_text(float(value)))
        if self.note.value != text:
            self.note.value = text

    def move(self, value: Any) -> None:
        if isinstance(self.input, w.SelectionSlider | w.Dropdown):
            slides = isinstance(self.input, w.SelectionSlider)
            with self.input.hold_sync():
                self.input.options = (
                    _options(self.setting, float(value)) if slides else _choices(self.setting)
                )
                self.input.value = float(value) if slides else value
        else:
            self.input.value = value


class Controls:
    """A row for each setting; `on_change(name, value)` hears what the learner moves, never what the code moves.

    The sliders belong to the learner: `show`, which any thread may call, writes only to the labels beside them.
    """

    def __init__(
        self, settings: tuple[Setting, ...], values: Mapping[str, Any], on_change: OnChange
    ) -> None:
        self._silence = Silence()
        self._on_change = on_change
        make = Sparing()
        self._rows = {s.name: _Row(s, values.get(s.name, s.default), make) for s in settings}
        for name, row in self._rows.items():
            row.input.observe(self._hearer(name), "value")
        self.widget = make(w.Box, [row.box for row in self._rows.values()], names="tlt-controls")
        follow(self.retell)

    @property
    def inputs(self) -> dict[str, w.DOMWidget]:
        """The input widget of each setting, by name."""
        return {name: row.input for name, row in self._rows.items()}

    def show(self, effective: Mapping[str, Any]) -> None:
        """Write what the settings act as now beside their sliders; names without a row are passed over."""
        for name, value in effective.items():
            if name in self._rows:
                self._rows[name].show(value)

    def move(self, values: Mapping[str, Any]) -> None:
        """Set sliders by code, where a setting was changed from a cell; `on_change` does not hear it."""
        with self._silence.kept():
            for name, value in values.items():
                if name in self._rows:
                    self._rows[name].move(value)

    def retell(self) -> None:
        """Say everything in the language in use; `on_change` does not hear it."""
        with self._silence.kept():
            for row in self._rows.values():
                row.retell()

    def close(self) -> None:
        """Close all widgets."""
        close_tree(self.widget)

    def _hearer(self, name: str) -> Callable[[Any], None]:
        def hear(change: Any) -> None:
            if not self._silence.now:
                self._on_change(name, change["new"])

        return hear
