"""Store a benchmark's measurements as JSON lines, so that a stopped one can resume."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


class Ledger:
    """Measurements by key. A truncated line, e.g. after a power failure, is measured again.

    settings: everything that the numbers depend on besides the key; lines with other settings are ignored.
    circumstances: versions and processor, stored with each measurement; one file may have numbers of several machines.
    """

    def __init__(
        self,
        path: str | Path,
        settings: Mapping[str, Any],
        circumstances: Mapping[str, Any] | None = None,
    ) -> None:
        self.path, self.settings, self.circumstances = (
            Path(path),
            dict(settings),
            dict(circumstances or {}),
        )
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
        """Return the versions and the processor of this measurement; {} if unknown."""
        return self._measured_with.get(self._name(key), {})

    def measure(
        self, key: Mapping[str, Any], measured: Callable[[], dict[str, Any]]
    ) -> dict[str, Any]:
        """Return the stored measurement of this key, or call `measured()` and store its result at once."""
        if key not in self:
            found = self._plain(measured())
            self.path.parent.mkdir(parents=True, exist_ok=True)
            record = {"key": dict(key), "settings": self.settings, "found": found}
            line = json.dumps(record | ({"with": self.circumstances} if self.circumstances else {}))
            with self.path.open("a", encoding="utf-8") as file:
                file.write(f"\n{line}\n")  # starts on a new line, also after a truncated one
            self._held[self._name(key)] = found
            self._measured_with[self._name(key)] = self.circumstances
        return self[key]

    @staticmethod
    def _name(key: Mapping[str, Any]) -> str:
        return json.dumps(key, sort_keys=True)

    @staticmethod
    def _plain(value: Any) -> Any:
        """Return the value after a round trip through JSON."""
        return json.loads(json.dumps(value))


def _read(line: str) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except json.JSONDecodeError:
        return None
    return (
        record
        if isinstance(record, dict) and record.keys() >= {"key", "settings", "found"}
        else None
    )
