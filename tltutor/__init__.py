"""tltutor: see transfer learning happen. A playground for deep transfer learning in JupyterLab, with code that learners read."""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_HOMES = {  # public name -> the room it lives in; a room is imported when one of its names is first asked for
    "Domain": "domains",
    "DomainPair": "domains",
    "load_pair": "domains",
    "pair_names": "domains",
    "Network": "networks",
    "build_network": "networks",
    "load_network": "networks",
    "network_names": "networks",
    "build_objective": "objectives",
    "objective_names": "objectives",
    "Session": "session",
    "Player": "player",
    "Recording": "recording",
    "Lab": "lab",
    "Compare": "compare",
    "show_source": "source",
}
_ROOMS = ("classical", "domains", "events", "metrics", "networks", "objectives", "projections", "session", "settings", "views")

__all__ = sorted([*_HOMES, *_ROOMS, "__version__"])


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(f"tltutor.{_HOMES[name]}"), name)
    if name in _ROOMS:
        return importlib.import_module(f"tltutor.{name}")
    raise AttributeError(f"module 'tltutor' has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(__all__)
