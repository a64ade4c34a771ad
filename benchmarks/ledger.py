"""Keeps what a benchmark has measured, a JSON line each, so that a stopped one goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


class Ledger:
    """Measurements by what was measured. A line that was cut off, when the power went for instance, is measured again.

    settings: all that the numbers depend on beside a measurement's own key; lines under other settings are passed over.
    circumstances: versions and processor, written beside each measurement; numbers of several machines may stand in one file.
    """

    def __init__(self, path: str | Path, settings: Mapping[str, Any], circumstances: Mapping[str, Any] | None = None) -> None:
        self.path, self.settings, self.circumstances = Path(path), dict(settings), dict(circumstances or {})
        self._held: dict[str, dict[str, Any]] = {}
        self._measured_with: dict[str, dict[str, Any]] = {}
        lines = self.path.read_text("utf-8").splitlines() if self.path.exists() else []
        for record in filter(None, map(_read, lines)):
            if record["settings"] == self._plain(self.settings):
                self._held[self._name(record["key"])] = record["found"]
                self._measured_with[self._name(record["key"])] = record.get("with", {})

    def __contains__(self, key: Mapping[str, Any]) -> bool:
        return self._name(key) in self._held

    def __getitem__(self, key: Mapping[str, Any]) -> dict[str, Any]:
        return self._held[self._name(key)]

    def measured_with(self, key: Mapping[str, Any]) -> dict[str, Any]:
        """The versions and the processor of this measurement; {} where its line does not say."""
        return self._measured_with.get(self._name(key), {})

    def measure(self, key: Mapping[str, Any], measured: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What is held under this key, or what `measured()` returns, which is written down at once."""
        if key not in self:
            found = self._plain(measured())
            self.path.parent.mkdir(parents=True, exist_ok=True)
            record = {"key": dict(key), "settings": self.settings, "found": found}
            line = json.dumps(record | ({"with": self.circumstances} if self.circumstances else {}))
            with self.path.open("a", encoding="utf-8") as file:
                file.write(f"\n{line}\n")  # begins a line of its own, even after one that was cut off
            self._held[self._name(key)] = found
            self._measured_with[self._name(key)] = self.circumstances
        return self[key]

    @staticmethod
    def _name(key: Mapping[str, Any]) -> str:
        return json.dumps(key, sort_keys=True)

    @staticmethod
    def _plain(value: Any) -> Any:
        """The value as JSON gives it back."""
        return json.loads(json.dumps(value))


def _read(line: str) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except json.JSONDecodeError:
        return None
    return record if isinstance(record, dict) and record.keys() >= {"key", "settings", "found"} else None
