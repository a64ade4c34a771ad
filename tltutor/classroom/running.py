"""Where the service of this machine runs: a file with its address and the teacher's key, which its owner alone can read."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import platformdirs

from tltutor.files import replacing

VARIABLE = "TLTUTOR_CLASS"  # the folder of another class on this machine


@dataclass(frozen=True)
class Running:
    """The address of the service, with its prefix and a slash at the end, and the teacher's key."""

    address: str
    key: str


def folder() -> Path:
    """Return the folder of the class: TLTUTOR_CLASS, or one in the user's data folder."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named).expanduser()
    return platformdirs.user_data_path("tltutor", appauthor=False) / "class"


def say_where(running: Running) -> None:
    """Write the file. Errors: OSError in one sentence."""
    place = _place()
    place.parent.mkdir(parents=True, exist_ok=True)
    with replacing(place, "address of the class") as part:
        part.touch(0o600)
        part.write_text(json.dumps(asdict(running)), "utf-8")


def forget(running: Running) -> None:
    """Delete the file, unless another service has written its own."""
    if found() == running:
        with suppress(OSError):
            _place().unlink()


def found() -> Running | None:
    """Return where a service has been started; None if none was, or if it has ended in order."""
    try:
        return Running(**json.loads(_place().read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _place() -> Path:
    return folder() / "running.json"
