"""One training step by hand: a copy of a run just before a step, and the run's own step beside what a learner does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from tltutor.events import Stepped
from tltutor.experiment import Experiment, ReplayOptions, session_at
from tltutor.language import mark, spoken, tr
from tltutor.lessons.comparing import difference
from tltutor.lessons.exercises import Exercise, Later
from tltutor.settings import Setting
from tltutor.training.by_hand import ByHand
from tltutor.views.cards import Table

if TYPE_CHECKING:
    from tltutor.lab.run import Run
    from tltutor.training import Session

RTOL, ATOL = 1e-4, 1e-6  # the order of a sum differs, and with it the last bits
AT = 0.1  # share of a run at which its step is shown: lambda acts there, and the network has not learned all
LOSSES = mark("the losses that it returns")
WEIGHTS = mark("the network's weights after the step")
STATISTICS = mark("the network's BatchNorm statistics after the step")
OWN = mark("the weights of the method's own part after the step")
SAME = mark("The same losses and the same weights: this is the step that the board takes.")
UNMOVED = mark("No weight has moved: call backward(), and then optimizer.step().")
OTHER_LOSSES = mark("The losses differ: compare them with the formula, line by line.")
OTHER_WEIGHTS = mark(
    "The losses agree, the weights do not: look at zero_grad(), and at which gradient reaches which part."
)
TERMS = mark("Give the loss terms in this order: {terms}.")
Result = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class StepByHand(ByHand):
    """A step of a board, ready to be taken by hand on a copy: nothing here moves the board."""

    before: Result = field(kw_only=True)  # what a step leaves, before it
    wanted: Result = field(kw_only=True)  # the same after the board's own step

    def beside_the_board(self, *terms: Tensor) -> Table:
        """Compare your loss terms, and the weights after your step, with those of the board's own step."""
        names = self.objective.terms
        if len(terms) != len(names):
            return Table((), (), tr(TERMS, terms=", ".join(map(spoken, names))))
        mine = left(self, terms)
        values = zip(names, mine[LOSSES], self.wanted[LOSSES], strict=True)
        rows = [(spoken(name), f"{float(a):.6f}", f"{float(b):.6f}") for name, a, b in values]
        off = max(_largest_difference(mine[part], self.wanted[part]) for part in (WEIGHTS, OWN))
        rows.append((tr("largest difference of a weight"), f"{off:.1e}", ""))
        head = ("", tr("by hand"), tr("the board's step {number}", number=self.number))
        return Table(head, rows, tr(self._remark(mine)))

    def _remark(self, mine: Result) -> str:
        if _same(mine, self.wanted):
            return SAME
        if _same(mine[WEIGHTS], self.before[WEIGHTS]):
            return UNMOVED
        return OTHER_WEIGHTS if _same(mine[LOSSES], self.wanted[LOSSES]) else OTHER_LOSSES


def step_of(run: Run, number: int | None = None) -> StepByHand:
    """Return the step of this number of a board's run, with the changes made in it until then; None for one at a tenth.

    The steps before it are trained anew, on copies. Errors: ValueError unless the run has this step.
    """
    steps = run.session.steps
    known = Setting("step", 1, 1, steps, "int", text="A step of this run.")
    chosen = known.check(max(1, round(AT * steps)) if number is None else number)
    mine, own = (_there(run.replay(chosen - 1, ReplayOptions())) for _ in range(2))
    before = left(own, ())
    return StepByHand(**vars(mine.by_hand()), before=before, wanted=own_step(own))


def _there(session: Session | None) -> Session:
    if session is None:
        raise RuntimeError("the way to this step was stopped: run the cell again")
    return session


def own_step(session: Session) -> Result:
    """Let the session take its step; return the losses of its terms, and what the step leaves."""
    facts = (*session.step(), *session.flush())
    (stepped,) = (fact for fact in facts if isinstance(fact, Stepped))
    losses = [torch.tensor(stepped.losses[name]) for name in session.objective.terms]
    return left(session, losses)


def left(of: ByHand | Session, terms: Sequence[Tensor]) -> Result:
    """Return the losses and where the weights are now, by what it is: copies on the CPU.

    Where both domains share BatchNorm's statistics, the target's are a copy, and left out.
    """
    network, objective = of.network, of.objective
    numbers = (
        buffer
        for name, buffer in network.named_buffers()
        if buffer.is_floating_point() and not (of.batchnorm != "separate" and "target_" in name)
    )
    found = {
        LOSSES: [term.detach() for term in terms],
        WEIGHTS: _vector(network.parameters()),
        OWN: _vector(objective.parameters()),
        STATISTICS: _vector(numbers),
    }
    return {name: _copied(value) for name, value in found.items()}


def _vector(parts: Any) -> Tensor:
    flat = [part.detach().flatten() for part in parts]
    return torch.cat(flat) if flat else torch.empty(0)


def _copied(value: Any) -> Any:
    return [v.cpu().clone() for v in value] if isinstance(value, list) else value.cpu().clone()


def _same(mine: Any, wanted: Any) -> bool:
    return difference(mine, wanted, rtol=RTOL, atol=ATOL) is None


def _largest_difference(mine: Tensor, wanted: Tensor) -> float:
    return float((mine - wanted).abs().max()) if len(wanted) else 0.0


# --- a step from memory, as an exercise


def taken(function: Callable[[ByHand], Any]) -> Callable[[ByHand], Any]:
    """Return a function that lets this one take the step, and returns what it left; `...` and None as they are.

    Every parameter has an old gradient first, as in the middle of a run: who forgets zero_grad() adds to it.
    """

    @wraps(function)
    def through(now: ByHand) -> Any:
        for p in (*now.network.parameters(), *now.objective.parameters()):
            p.grad = p.detach().clone() if p.requires_grad else None
        terms = function(now)
        if terms is None or terms is ...:
            return terms
        terms = terms if isinstance(terms, tuple | list) else (terms,)
        return left(now, terms)

    return through


def step_exercise(
    experiment: Experiment,
    numbers: Sequence[int],
    mistakes: Mapping[str, Callable[[ByHand], Any]] | None = None,
) -> Exercise:
    """Return an exercise whose function takes these steps of the experiment; the oracle is the session's own step.

    mistakes: wrong functions by id. Each case is a step that the session is just about to take.
    """

    def before(number: int) -> Session:
        return _there(session_at(experiment, number - 1, (), ReplayOptions()))

    return Exercise(
        oracle=lambda now: own_step(before(now.number)),
        cases=Later(lambda: [(before(number).by_hand(),) for number in numbers]),
        mistakes=mistakes or {},
        rtol=RTOL,
        atol=ATOL,
        seconds=20.0,
        through=taken,
        in_place=True,
    )
