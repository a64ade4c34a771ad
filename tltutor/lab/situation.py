"""Say in a few words where a run stands: what its last look showed of source and target, and whether lambda can do anything."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tltutor.language import tr

if TYPE_CHECKING:
    from tltutor.training.session import Session

LEARNED = 0.8  # of the way from guessing to faultless
LAG = 0.1  # of that way; a target that lags less is as good as the source


def situation(session: Session, numbers: Mapping[str, float], hidden: frozenset[str]) -> str:
    """Return a remark on the run, "" where there is nothing to say or a part of the board that says it is hidden."""
    said = []
    if session.objective.weighted and not session.transfer_acts and "network" not in hidden:
        said.append(tr("nothing before the features trains: λ does nothing"))
    if not {"numbers", "source_accuracy", "target_accuracy"} & hidden:
        said.append(_learned(len(session.pair.class_names), numbers))
    return " · ".join(filter(None, said))


def _learned(classes: int, numbers: Mapping[str, float]) -> str:
    """Return which domain is learned, from the accuracies; the target's labels only judge."""
    found = [numbers.get(name) for name in ("source_accuracy", "target_accuracy")]
    if classes < 2 or None in found:
        return ""
    source, target = ((value or 0) * classes / (classes - 1) - 1 / (classes - 1) for value in found)
    if source < LEARNED:
        return tr("source not learned yet")
    lags = target < source - LAG
    return tr("source learned, target not yet") if lags else tr("source and target learned")
