"""tltutor: see transfer learning happen. A playground for deep transfer learning in JupyterLab, with code that learners read."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

__version__ = "0.1.0"

if TYPE_CHECKING:  # for type checkers and editors; at run time a name is imported at its first use
    from tltutor import (
        classical as classical,
    )
    from tltutor import (
        classroom as classroom,
    )
    from tltutor import (
        domains as domains,
    )
    from tltutor import (
        evaluation as evaluation,
    )
    from tltutor import (
        events as events,
    )
    from tltutor import (
        experiment as experiment,
    )
    from tltutor import (
        lessons as lessons,
    )
    from tltutor import (
        metrics as metrics,
    )
    from tltutor import (
        networks as networks,
    )
    from tltutor import (
        objectives as objectives,
    )
    from tltutor import (
        projections as projections,
    )
    from tltutor import (
        settings as settings,
    )
    from tltutor import (
        training as training,
    )
    from tltutor import (
        views as views,
    )
    from tltutor.domains import Domain, DomainPair, load_pair, pair_names
    from tltutor.evaluation.publish import publish
    from tltutor.evaluation.report import report
    from tltutor.evaluation.sweep import sweep
    from tltutor.formula import show_formula
    from tltutor.lab import Compare, Lab
    from tltutor.networks import Network, build_network, load_network, network_names
    from tltutor.networks.extraction import FrozenFeatures
    from tltutor.objectives import build_objective, objective_names
    from tltutor.player import Player
    from tltutor.recording import Recording
    from tltutor.source import show_source
    from tltutor.training import Session

_HOMES = {  # public name -> its module
    "Compare": "lab",
    "Domain": "domains",
    "DomainPair": "domains",
    "FrozenFeatures": "networks.extraction",
    "Lab": "lab",
    "Network": "networks",
    "Player": "player",
    "Recording": "recording",
    "Session": "training",
    "build_network": "networks",
    "build_objective": "objectives",
    "load_network": "networks",
    "load_pair": "domains",
    "network_names": "networks",
    "objective_names": "objectives",
    "pair_names": "domains",
    "publish": "evaluation.publish",
    "report": "evaluation.report",
    "show_formula": "formula",
    "show_source": "source",
    "sweep": "evaluation.sweep",
}
_ROOMS = (
    "classical",
    "classroom",
    "domains",
    "evaluation",
    "events",
    "experiment",
    "lessons",
    "metrics",
    "networks",
    "objectives",
    "projections",
    "settings",
    "training",
    "views",
)

__all__ = [
    "Compare",
    "Domain",
    "DomainPair",
    "FrozenFeatures",
    "Lab",
    "Network",
    "Player",
    "Recording",
    "Session",
    "__version__",
    "build_network",
    "build_objective",
    "classical",
    "classroom",
    "domains",
    "evaluation",
    "events",
    "experiment",
    "lessons",
    "load_network",
    "load_pair",
    "metrics",
    "network_names",
    "networks",
    "objective_names",
    "objectives",
    "pair_names",
    "projections",
    "publish",
    "report",
    "settings",
    "show_formula",
    "show_source",
    "sweep",
    "training",
    "views",
]

if (
    not TYPE_CHECKING
):  # hidden from type checkers: with it, every name and every argument would pass as Any

    def __getattr__(name: str) -> object:
        if name in _HOMES:
            return getattr(importlib.import_module(f"tltutor.{_HOMES[name]}"), name)
        if name in _ROOMS:
            return importlib.import_module(f"tltutor.{name}")
        raise AttributeError(f"module 'tltutor' has no attribute {name!r}")


def __dir__() -> list[str]:
    return list(__all__)
