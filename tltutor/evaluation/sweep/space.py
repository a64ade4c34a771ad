"""What a sweep tries: for each setting a list of values, or all that lie between two bounds; each is checked by its declaration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from tltutor.objectives import find_objective
from tltutor.settings import Setting, check_name
from tltutor.training.options import OPTIONS, SNAPSHOT_SIZE, of_the_network

if TYPE_CHECKING:
    from tltutor.networks import Network

BETWEEN = ".."


@dataclass(frozen=True)
class Axis:
    """The values of one setting that are tried: a tuple of them, or none and two bounds, low and high."""

    setting: Setting
    values: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 0.0

    def as_json(self) -> list[Any] | str:
        """Return the values, or the bounds as they are written."""
        return list(self.values) if self.values else f"{self.low:g}{BETWEEN}{self.high:g}"


def grid_of(text: str) -> dict[str, str]:
    """Return a text such as "weight=.1,.3,1; lr=0.001..0.1" as words by setting. Errors: ValueError for another form."""
    grid: dict[str, str] = {}
    for part in filter(None, map(str.strip, text.split(";"))):
        name, equals, words = (word.strip() for word in part.partition("="))
        if not equals or not name:
            raise ValueError(
                f"a grid must have the form SETTING=VALUE,VALUE;…, got {part!r}: for instance weight=.1,.3,1"
            )
        if name in grid:
            raise ValueError(
                f"a grid must name each setting once, got {name!r} twice: put its values in one list"
            )
        grid[name] = words
    return grid


def settings_of(objective: str, network: Network) -> dict[str, Setting]:
    """Return what a sweep may set for this objective: its own settings and lambda, and the options of the session."""
    options = {name: s for name, s in OPTIONS.items() if name != SNAPSHOT_SIZE.name}
    networks = {setting.name: setting for setting in of_the_network(network)}
    return options | networks | {s.name: s for s in find_objective(objective).declared()}


def axes_of(
    grid: str | Mapping[str, Any], objectives: Iterable[str], network: Network
) -> dict[str, dict[str, Axis]]:
    """Return for each objective the axes that it has: a setting that only others know is left out.

    grid: values by setting, each a list, one value, or two bounds as "0.01..10"; or all of it as one text (`grid_of`).
    Errors: ValueError or TypeError for an empty grid, a setting that no objective has, and a value out of bounds.
    """
    words = grid_of(grid) if isinstance(grid, str) else dict(grid)
    if not words:
        raise ValueError(
            "a grid must name at least one setting, got none: for instance weight=.1,.3,1"
        )
    known = {name: settings_of(name, network) for name in objectives}
    for name in words:
        check_name(name, dict.fromkeys(s for own in known.values() for s in own), what="setting")
    return {
        objective: {name: _axis(own[name], given) for name, given in words.items() if name in own}
        for objective, own in known.items()
    }


def _axis(setting: Setting, given: Any) -> Axis:
    """Return one setting's axis, from a list of values or from words."""
    if isinstance(given, str) and BETWEEN in given:
        return _range(setting, given)
    parts = given.split(",") if isinstance(given, str) else given
    parts = parts if isinstance(parts, Iterable) else [parts]
    read = [
        setting.read(part.strip()) if isinstance(part, str) else setting.check(part)
        for part in parts
        if not isinstance(part, str) or part.strip()
    ]
    if not read:
        raise ValueError(
            f"a grid must give {setting.name} at least one value, got none: for instance {setting.name}={setting.default}"
        )
    return Axis(setting, tuple(dict.fromkeys(read)))


def _range(setting: Setting, given: str) -> Axis:
    words = given.split(BETWEEN)
    if len(words) != 2 or setting.scale in ("choice", "switch"):
        raise ValueError(
            f"{setting.name} must be a list of values or two bounds of a number as 0.01..10, got {given!r}: write values with commas"
        )
    low, high = map(setting.read, words)
    if not low < high or (setting.scale == "log" and low <= 0):
        raise ValueError(
            f"the bounds of {setting.name} must rise{', from above 0' if setting.scale == 'log' else ''}, got {given!r}:"
            " write the lower one first"
        )
    return Axis(setting, (), low, high)


def points_of(axes: Mapping[str, Axis]) -> list[dict[str, Any]]:
    """Return every combination of the values, the last axis moving fastest; one empty point of no axes.

    Errors: ValueError for bounds, between which only a random search or TPE can draw.
    """
    for name, axis in axes.items():
        if not axis.values:
            raise ValueError(
                f"a grid search needs a list of values of {name}, got the bounds {axis.as_json()}: write them with commas, or"
                " search at random or by TPE"
            )
    combined = product(*(axis.values for axis in axes.values()))
    return [dict(zip(axes, values, strict=True)) for values in combined]
