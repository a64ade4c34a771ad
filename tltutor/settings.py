"""Declare a setting once: name, symbol, default, bounds, scale, unit, a sentence. Sliders, flags and docs are made from it."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

SWITCH = {
    "on": True,
    "true": True,
    "yes": True,
    "1": True,
    "off": False,
    "false": False,
    "no": False,
    "0": False,
}


@dataclass(frozen=True)
class Setting:
    """A number, choice or switch that a learner can change, and what it means.

    scale: how a slider runs from `low` to `high`; "int" takes whole numbers, "choice" one of `choices`, "switch" on or off.
    A log scale may have low = 0: the left end of the slider is then exactly 0.
    live: True if the setting takes effect at the next step; otherwise it starts a new run.
    """

    name: str
    default: Any  # a number, one of the choices, or True or False
    low: float = 0.0
    high: float = 1.0
    scale: Literal["linear", "log", "int", "choice", "switch"] = "linear"
    unit: str = ""
    text: str = ""
    symbol: str = ""
    choices: tuple[str, ...] = ()
    live: bool = True

    def check(self, value: Any) -> Any:
        """Return `value` in the setting's type. Errors: ValueError or TypeError with the rule and the value given."""
        if self.scale == "choice":
            return check_name(value, self.choices, what=self.name)
        if self.scale == "switch":
            return self._check_switch(value)
        return self._check_number(value)

    def read(self, word: str) -> Any:
        """Return a word of a command line as a value; a switch takes on and off. Errors: those of `check`."""
        return self.check(SWITCH.get(word.lower(), word) if self.scale == "switch" else word)

    def _check_switch(self, value: Any) -> bool:
        if not isinstance(value, bool | int) or value not in (0, 1):
            raise ValueError(f"{self.name} must be True or False, got {value!r}")
        return bool(value)

    def _check_number(self, value: Any) -> float | int:
        whole = self.scale == "int"
        kind = "a whole number" if whole else "a number"
        rule = f"{self.name} must be {kind} between {self.low:g} and {self.high:g}{' ' + self.unit if self.unit else ''}"
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise TypeError(f"{rule}, got {value!r}") from None
        if not (math.isfinite(number) and self.low <= number <= self.high) or (
            whole and number != int(number)
        ):
            raise ValueError(f"{rule}, got {value!r}")
        return int(number) if whole else number


def check_settings(
    changes: Mapping[str, Any], settings: Iterable[Setting], *, what: str
) -> dict[str, Any]:
    """Check new values by name against the settings; returns them in the settings' own types, or raises for the first bad one."""
    known = {setting.name: setting for setting in settings}
    return {
        name: known[check_name(name, known, what=what)].check(value)
        for name, value in changes.items()
    }


def check_name(name: Any, known: Iterable[str], *, what: str) -> str:
    """Return `name` if it is one of `known`. Errors: ValueError with the nearest known names."""
    known = tuple(known)
    if name in known:
        return str(name)
    near = difflib.get_close_matches(str(name).lower(), known, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(map(repr, near))}? " if near else ""
    raise ValueError(f"no {what} is called {name!r}: {hint}Known: {', '.join(known)}")
