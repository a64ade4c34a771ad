"""The learner's own runs, side by side: their last numbers, and whether only what should differ does."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tltutor.views.cards import Table

if TYPE_CHECKING:
    from tltutor.events import Changed
    from tltutor.lab import Lab

TEST_RUN = "TLTUTOR_LESSON_FAST"  # set to 1 where nobody is there to press Play
HEAD = ("Run", "Objective", "λ", "Seed", "Step", "Target accuracy", "Source accuracy", "Domain probe")
SHOWN = ("target_accuracy", "source_accuracy", "domain_probe_accuracy")


def in_test_run() -> bool:
    """Whether a test executes the lesson, so that a cell may wait for a run."""
    return os.environ.get(TEST_RUN) == "1"


def autoplay(lab: Lab) -> None:
    """In a test run: play to the end. Else nothing: the learner presses Play."""
    if in_test_run() and not lab.session.done:
        lab.play()
        lab.wait()


def acted(lab: Lab, name: str, *, progress: float) -> float | None:
    """What a setting acted as at this share of the lab's run, after its schedule; None if it was moved or is not that far."""
    stepped = lab.recording.stepped
    index = round(progress * lab.session.steps)
    if index >= len(stepped) or any(change.name == name for change in lab.recording.changes):
        return None
    value: float = stepped[index].acting[name]
    return value


@dataclass(frozen=True, eq=False)
class Run:
    """One run as it stands: how it was set up, what was moved on the way, and the numbers of its last look if it is done."""

    objective: str
    weight: float | None  # None where the objective has no lambda
    step: int
    steps: int
    setup: Mapping[str, Any]
    moved: tuple[Changed, ...]
    numbers: Mapping[str, float] | None

    def row(self, name: str) -> tuple[str, ...]:
        """The table's row."""
        weight = "–" if self.weight is None else f"{self.weight:g}"
        shown = [self.numbers.get(n) if self.numbers else None for n in SHOWN]
        figures = ("–" if value is None else f"{value:.3f}" for value in shown)
        return name, self.objective, weight, str(self.setup["seed"]), f"{self.step} of {self.steps}", *figures


def read_run(lab: Lab) -> Run:
    """The run that this lab shows now."""
    session, experiment, last = lab.session, lab.experiment, lab.recording.latest
    options = {n: v for n, v in experiment.session_options.items() if n != "weight"}
    setup = {"seed": experiment.seed, "domains": session.pair.name, "domains' options": dict(experiment.pair_options)}
    setup |= {"network": session.network.name, "network's options": dict(experiment.network_options), **options}
    setup |= {"learning rate": session.values["lr"], "freeze depth": session.values["freeze_depth"]}
    done = session.done and lab.error is None and last is not None and last.step == session.step_number
    return Run(
        objective=session.objective.title,
        weight=session.values["weight"] if "target" in session.objective.uses else None,
        step=session.step_number,
        steps=session.steps,
        setup=setup,
        moved=lab.recording.changes,
        numbers=dict(last.numbers) if done and last is not None else None,
    )


@dataclass(frozen=True, eq=False)
class SideBySide:
    """Runs under one another, by name; a notebook shows them as a table with what makes them no fair comparison."""

    runs: Mapping[str, Run]

    @property
    def objections(self) -> tuple[str, ...]:
        """Why the runs cannot be compared (yet), in sentences."""
        runs = self.runs.items()
        said = [f"“{name}” is at step {r.step} of {r.steps}: let it finish." for name, r in runs if not r.numbers]
        said += [f"In “{name}” a slider was moved: press Reset and let it run." for name, r in runs if r.moved]
        first, *others = self.runs.values()
        differ = [what for what in first.setup if any(run.setup.get(what) != first.setup[what] for run in others)]
        return (*said, *(f"The runs should differ in one thing only, but {what} differs too." for what in differ))

    @property
    def table(self) -> Table:
        """The rows, and below them what stands in the way of a comparison."""
        return Table(HEAD, [run.row(name) for name, run in self.runs.items()], " ".join(self.objections))

    def difference(self, number: str) -> float | None:
        """The first run's number minus the second's, from their last looks; None where that would not be fair."""
        if self.objections:
            return None
        first, second, *_ = (run.numbers or {} for run in self.runs.values())
        return first[number] - second[number]

    def __repr__(self) -> str:
        return repr(self.table)

    def _repr_html_(self) -> str:
        return self.table._repr_html_()


def side_by_side(labs: Mapping[str, Lab]) -> SideBySide:
    """The runs of these labs, two or more, by name; numbers are those of the last look at the end of each run."""
    if len(labs) < 2:
        raise ValueError(f"a comparison needs two labs or more, got {len(labs)}")
    for lab in labs.values():
        autoplay(lab)
    return SideBySide({name: read_run(lab) for name, lab in labs.items()})
