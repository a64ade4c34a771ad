"""The terms of Ben-David's bound as numbers of boards, while they train too, beside the target error that they bound."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from tltutor.language import mark, tr
from tltutor.lessons.live_table import LiveTable
from tltutor.lessons.runs import autoplay
from tltutor.metrics import joint_error, proxy_a_distance
from tltutor.views.cards import Table

if TYPE_CHECKING:
    import numpy as np

    from tltutor.events import Snapshot
    from tltutor.lab import Lab
    from tltutor.training import Session

ROWS = {
    "source": mark("ε_S, source error"),
    "distance": mark("½ d, half of the probe's proxy A-distance"),
    "joint": mark("λ*, error of the best joint classifier (uses target labels)"),
    "bound": mark("the sum of these three"),
    "target": mark("ε_T, true target error (uses target labels)"),
}
WAIT = mark("Press Play in “{name}”: the terms appear here, and follow the run.")
STEP = mark("step {step} of {steps}")
LIVE = mark("On the points of the maps; once all boards have finished, on all held-out examples.")


@dataclass(frozen=True)
class Terms:
    """Errors from 0 to 1 (joint: a sum of two), all on held-out examples and the network's features."""

    source: float
    distance: float
    joint: float
    target: float

    @property
    def bound(self) -> float:
        """What the theorem would promise if probe and joint classifier were the class's own."""
        return self.source + self.distance + self.joint


def terms_of(session: Session) -> Terms:
    """Return the terms for the network that this session has now. Errors: ValueError without labeled held-out examples."""
    (source, ys), (target, yt) = held_out(session)
    fs, ft = (
        session.outputs(x, side)[0].cpu() for x, side in ((source, "source"), (target, "target"))
    )
    reached = session.evaluate()
    return Terms(
        source=1 - reached["source_accuracy"],
        distance=proxy_a_distance(fs, ft) / 2,
        joint=joint_error(fs, ys, ft, yt),
        target=1 - reached["target_accuracy"],
    )


def terms_at(look: Snapshot) -> Terms:
    """Return the terms at a look, on its points, which are some of the held-out examples, all with labels."""
    source, target = ~look.is_target, look.is_target
    wrong = look.predictions != look.labels
    fs, ft = look.features[source], look.features[target]
    return Terms(
        source=float(wrong[source].mean()),
        distance=proxy_a_distance(fs, ft) / 2,
        joint=joint_error(fs, look.labels[source], ft, look.labels[target]),
        target=float(wrong[target].mean()),
    )


def held_out(session: Session) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return examples and labels that source and target hold out. Errors: ValueError where there are none."""
    found = []
    domains = session.pair.source_test, session.pair.target_test
    for domain, side in zip(domains, ("source", "target"), strict=True):
        if domain is None or domain.y is None:
            raise ValueError(
                "the bound's terms need labeled held-out examples of both domains,"
                f" got none of the {side}: give source_test and target_test"
            )
        found.append((domain.x, domain.y))
    return found


def bound(labs: Mapping[str, Lab]) -> LiveTable:
    """Compare the terms of the bound (Ben-David et al., 2010, theorem 2) of boards by name; a column each.

    They follow the boards: on the points of the maps while one trains, on all held-out examples once all have finished.
    Errors: ValueError without labeled held-out examples.
    """
    for lab in labs.values():
        held_out(lab.session)
        autoplay(lab)

    def state() -> tuple[Snapshot | None, ...]:
        return tuple(lab.recording.latest for lab in labs.values())

    return LiveTable("bound", partial(_table, labs), state)


def _table(labs: Mapping[str, Lab]) -> Table:
    looks = {name: lab.recording.latest for name, lab in labs.items()}
    at = {name: lab.session.steps for name, lab in labs.items()}
    seen = {name: look for name, look in looks.items() if look is not None}
    if all(look.step == at[name] for name, look in seen.items()) and seen.keys() == labs.keys():
        return _of({name: terms_of(lab.session) for name, lab in labs.items()}, "")
    if unseen := [name for name in labs if name not in seen]:
        return Table((), (), tr(WAIT, name=unseen[0]))
    found = {
        f"{name}, {tr(STEP, step=look.step, steps=at[name])}": terms_at(look)
        for name, look in seen.items()
    }
    return _of(found, tr(LIVE))


def _of(found: Mapping[str, Terms], remark: str) -> Table:
    rows = [
        (tr(text), *(f"{getattr(terms, term):.3f}" for terms in found.values()))
        for term, text in ROWS.items()
    ]
    return Table(("", *found), rows, remark)
