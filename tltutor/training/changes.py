"""The values of the live settings, and how they change over a run: by hand, by a list, or by the method itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tltutor.events import Changed
from tltutor.settings import Setting, check_name


class Changes:
    """Holds the current values and three sources of new ones, the later of which wins.

    The method's own schedule (`Objective.setting_schedule`), changes given in advance for their steps, and values that
    were queued by hand since the last step. Every value is checked when it comes in; `log` lists all that took effect.
    """

    def __init__(
        self, settings: Iterable[Setting], start: Mapping[str, Any], given: Iterable[Changed] = ()
    ) -> None:
        self._settings = {setting.name: setting for setting in settings}
        self.values = {name: self._checked(name, start[name]) for name in self._settings}
        self.log: tuple[Changed, ...] = ()
        self._queued: dict[str, Any] = {}
        self._given = self._by_step(given)

    def queue(self, values: Mapping[str, Any]) -> None:
        """Check new values and keep them for the next step; if one is refused, none is kept."""
        self._queued |= {name: self._checked(name, value) for name, value in values.items()}

    def take(self, step: int, scheduled: Mapping[str, Any]) -> tuple[Changed, ...]:
        """Apply what is new in this step and return the changes; `scheduled` are the values of the method's own schedule."""
        of_the_method = {name: self._checked(name, value) for name, value in scheduled.items()}
        wanted = of_the_method | self._given.pop(step, {}) | self._queued
        self._queued = {}
        changed = tuple(
            Changed(step, n, self.values[n], new)
            for n, new in wanted.items()
            if new != self.values[n]
        )
        self.values |= {change.name: change.new for change in changed}
        self.log += changed
        return changed

    def _checked(self, name: str, value: Any) -> Any:
        return self._settings[check_name(name, self._settings, what="live setting")].check(value)

    def _by_step(self, changes: Iterable[Changed]) -> dict[int, dict[str, Any]]:
        """Return the new values by step and name."""
        steps: dict[int, dict[str, Any]] = {}
        for change in changes:
            steps.setdefault(change.step, {})[change.name] = self._checked(change.name, change.new)
        return steps

    def state(self) -> dict[str, Any]:
        """Return values, log and all that is still to come."""
        return {
            "values": self.values,
            "log": self.log,
            "queued": self._queued,
            "given": self._given,
        }

    def restore(self, state: Mapping[str, Any], given: Iterable[Changed] | None = None) -> None:
        """Go on from `state()`; `given` replaces what was still to come there."""
        self.values, self.log = state["values"], state["log"]
        if given is None:
            self._queued, self._given = state["queued"], state["given"]
        else:
            self._queued, self._given = {}, self._by_step(given)
