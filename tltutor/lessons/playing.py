"""A learner's own objective: tried in another process, held to the package's own, then played on a board."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import wraps
from pickle import PicklingError
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from tltutor.experiment import Experiment
from tltutor.language import mark, spoken, tr
from tltutor.lessons.comparing import difference
from tltutor.lessons.exercises import failure
from tltutor.lessons.sandbox import shared_sandbox
from tltutor.lessons.wording import Help, joined, localized
from tltutor.objectives import OBJECTIVES, Objective
from tltutor.views.cards import Note

if TYPE_CHECKING:
    from tltutor.lab import Lab
    from tltutor.objectives import Batch

WEIGHT = 0.5  # lambda of the trial: with 1, nobody would see that it was forgotten
SIDES = {"source": "fs", "target": "ft"}

NO_CLASS = mark("Give the class itself, and no {kind}: {name}, without brackets behind it.")
NO_OBJECTIVE = mark(
    "{name} must be a class of objectives: begin it with class {name}(tl.objectives.Objective)."
)
NO_FORWARD = mark("{name} needs forward(self, batch), which returns the loss terms by name.")
NO_NAME = mark('{name} needs a {what}: add the line {what} = "my {what}" to the class.')
NO_DICT = mark(
    'forward must return the loss terms by name, such as {{"task": loss}}, and it returns {kind}.'
)
NO_TENSOR = mark(
    "“{term}” is a {kind}. Return the tensor itself, without .item(), float() or .numpy()."
)
NO_NUMBER = mark("“{term}” has the shape {shape}. A loss is one number: take its mean().")
NOT_FINITE = mark(
    "“{term}” is {value} in step {step}. Look for a division by 0, or a logarithm or root of 0."
)
DETACHED = mark(
    "“{term}” has no gradient, so it moves nothing. Was it detached, or computed under torch.no_grad()?"
)
CHANGED = mark("forward changes {name} of its batch in place. Make a new tensor instead.")
TERMS = mark("forward must return these terms: {wanted}. Yours are: {given}.")
VALUE = mark(
    "“{term}” is {given} in the first step, the package's is {wanted} (λ is {weight} here)."
)
GRADIENT = mark(
    "The value of “{term}” is right, and its gradient for the features of the {side} is not. Is a part of it detached?"
)
LATER = mark(
    "The first step is right. In step {step}, “{term}” is {given}, the package's is {wanted}."
)
RIGHT = mark(
    "The same as the package's own: the losses, their gradients, and {steps} steps of the run. Now play it on the board below."
)
PLAYS = mark("It runs all the same: play it on the board below, and look where its curves go.")
UNSENDABLE = mark(
    "Your class is tried in another process, and something it uses cannot be sent there: {error}."
)


@dataclass(frozen=True)
class Played:
    """What a learner's objective is held to: the package's own, on a board of the lesson; wrong classes by id.

    board: id of the board in lesson.toml, whose objective is the oracle. steps: of the trial. seconds: its time limit.
    """

    board: str
    mistakes: Mapping[str, type[Objective]] = field(default_factory=dict)
    steps: int = 8
    seconds: float = 20.0
    rtol: float = 1e-3
    atol: float = 1e-5


@dataclass(frozen=True)
class Trial:
    """What some steps with an objective gave: losses by step and term, the first step's gradients by term and side; or a fault."""

    losses: tuple[Mapping[str, float], ...] = ()
    gradients: Mapping[str, Mapping[str, Tensor]] = field(default_factory=dict)
    fault: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


class _Faulty(Exception):  # noqa: N818 - it carries a sentence out of the loop
    def __init__(self, text: str, **values: Any) -> None:
        super().__init__(text)
        self.text, self.values = text, values


# --- the trial, which runs in the other process for a learner's class, and in this one for the package's


class _Watch:
    """Looks at each forward pass of an objective."""

    def __init__(self, objective: Objective) -> None:
        self.losses: list[Mapping[str, float]] = []
        self.gradients: dict[str, dict[str, Tensor]] = {}
        self._versions: dict[str, int] = {}
        objective.register_forward_pre_hook(self._before)
        objective.register_forward_hook(self._after)

    def _before(self, _: Any, given: tuple[Batch]) -> None:
        self._versions = _versions(given[0])

    def _after(self, _: Any, given: tuple[Batch], terms: Any) -> None:
        self._check(terms)
        changed = [n for n, v in _versions(given[0]).items() if v != self._versions[n]]
        if changed:
            raise _Faulty(CHANGED, name=f"batch.{changed[0]}")
        if not self.losses:
            self.gradients = {name: _gradients(term, given[0]) for name, term in terms.items()}
        self.losses.append({name: float(term.detach()) for name, term in terms.items()})

    def _check(self, terms: Any) -> None:
        if not isinstance(terms, dict) or not terms:
            raise _Faulty(NO_DICT, kind="None" if terms is None else type(terms).__name__)
        for name, term in terms.items():
            if term is ...:
                raise TypeError("a blank: ellipsis")
            if not isinstance(term, Tensor):
                raise _Faulty(NO_TENSOR, term=str(name), kind=type(term).__name__)
            if term.ndim:
                raise _Faulty(NO_NUMBER, term=str(name), shape=tuple(term.shape))
            if not term.isfinite():
                raise _Faulty(
                    NOT_FINITE, term=str(name), value=float(term), step=len(self.losses) + 1
                )
            if not term.requires_grad:
                raise _Faulty(DETACHED, term=str(name))


def _versions(batch: Batch) -> dict[str, int]:
    """Return how often each tensor of the batch was changed in place."""
    return {
        name: value._version  # noqa: SLF001 - torch's own count has no public name
        for name, value in vars(batch).items()
        if isinstance(value, Tensor)
    }


def _gradients(term: Tensor, batch: Batch) -> dict[str, Tensor]:
    """Return the gradient of a term for the features of each domain; zeros where it does not depend on them."""
    found = {}
    for side, name in SIDES.items():
        features = getattr(batch, name)
        if features.requires_grad:
            (gradient,) = torch.autograd.grad(term, features, retain_graph=True, allow_unused=True)
            found[side] = torch.zeros_like(features) if gradient is None else gradient.detach()
    return found


def trial(objective: Objective, experiment: Experiment, steps: int) -> Trial:
    """Train some steps of the experiment with this objective and look at every forward pass."""
    session = replace(experiment, objective=objective).build()
    watch = _Watch(session.objective)
    try:
        for _ in range(steps):
            session.step()
    except _Faulty as fault:
        return Trial(fault=fault.text, values=fault.values)
    return Trial(tuple(watch.losses), watch.gradients)


def _trial_of(cls: type[Objective]) -> Callable[..., Trial]:
    """Return the trial of a class as a function whose errors are those of the class's `forward`."""

    @wraps(cls.forward)
    def run(experiment: Experiment, steps: int, made_with: Mapping[str, Any]) -> Trial:
        return trial(cls(**made_with), experiment, steps)

    return run


def experiment_of(board: Mapping[str, Any]) -> Experiment:
    """Return the experiment that `tl.Lab(**board)` would show."""
    from tltutor.lab import Lab

    own = {f.name for f in fields(Experiment)} - {"session_options"}
    of_the_board = set(inspect.signature(Lab.__init__).parameters) - own
    shape = {name: value for name, value in board.items() if name in own}
    rest = {n: v for n, v in board.items() if n not in own | of_the_board}
    return Experiment(**shape, session_options=rest)


# --- what is said of it


def held(
    cls: Any,
    played: Played,
    experiment: Experiment,
    words: Help,
    made_with: Mapping[str, Any] | None = None,
) -> tuple[Note, bool]:
    """Return the feedback on this class, and whether it can be played.

    experiment: the board's, whose objective is the oracle. made_with: arguments of the class, and of the oracle's.
    """
    if (refused := _refused(cls)) is not None:
        return refused, False
    arguments = made_with or {}
    shown = replace(
        experiment,
        objective=_with(experiment.objective, arguments),
        values={**experiment.values, "weight": WEIGHT},
    )
    try:
        (outcome,) = shared_sandbox().run(
            _trial_of(cls), [(shown, played.steps, arguments)], played.seconds
        )
    except (PicklingError, TypeError, AttributeError) as error:
        return Note(tr(UNSENDABLE, error=error), "wrong"), False
    if (note := failure(cls.forward, outcome, played.seconds)) is not None:
        return _in_class(cls, note), False
    mine: Trial = outcome.value
    if mine.fault:
        values = {n: spoken(v) if n == "term" else v for n, v in mine.values.items()}
        return Note(tr(mine.fault, **values), "wrong"), False
    return _judged(mine, played, shown, words, arguments), True


def _with(objective: str | Objective, arguments: Mapping[str, Any]) -> str | Objective:
    """Return the package's objective of this name, made with these arguments if there are any."""
    if not arguments or isinstance(objective, Objective):
        return objective
    return OBJECTIVES[objective](**arguments)


def _in_class(cls: type[Objective], note: Note) -> Note:
    """Say where it went wrong; a blank that is left is no fault."""
    if note.mood == "plain":
        return note
    return Note(tr("In {name}: {text}.", name=f"{cls.__name__}.forward", text=note.text), "wrong")


def _refused(cls: Any) -> Note | None:
    """Return why this is no class of objectives, or None."""
    if isinstance(cls, Objective):
        return Note(tr(NO_CLASS, kind=tr("instance"), name=type(cls).__name__), "wrong")
    if not inspect.isclass(cls):
        name = getattr(cls, "__name__", type(cls).__name__)
        return Note(tr(NO_OBJECTIVE, name=name), "wrong")
    if not issubclass(cls, Objective):
        return Note(tr(NO_OBJECTIVE, name=cls.__name__), "wrong")
    if cls.forward is Objective.forward:
        return Note(tr(NO_FORWARD, name=cls.__name__), "wrong")
    lacks = [what for what in ("name", "title") if not isinstance(getattr(cls, what, None), str)]
    return Note(tr(NO_NAME, name=cls.__name__, what=lacks[0]), "wrong") if lacks else None


def _judged(
    mine: Trial,
    played: Played,
    experiment: Experiment,
    words: Help,
    made_with: Mapping[str, Any],
) -> Note:
    wanted = trial(_own(experiment), experiment, played.steps)
    unlike = _unlike(mine, wanted, played)
    if unlike is None:
        return Note(tr(RIGHT, steps=played.steps), "right")
    for name, wrong in played.mistakes.items():
        if _unlike(mine, trial(wrong(**made_with), experiment, played.steps), played) is None:
            return Note(joined(localized(words.mistakes[name]), tr(PLAYS)), "wrong")
    return Note(joined(unlike, tr(PLAYS)), "wrong")


def _own(experiment: Experiment) -> Objective:
    """Return the package's objective of this experiment, with its settings."""
    return experiment.build().objective


def _unlike(mine: Trial, wanted: Trial, played: Played) -> str | None:
    """Say the first difference of two trials: terms, values, gradients, later steps; None where they agree."""
    if set(mine.losses[0]) != set(wanted.losses[0]):
        names = {"wanted": ", ".join(wanted.losses[0]), "given": ", ".join(mine.losses[0])}
        return tr(TERMS, **names)
    close = {"rtol": played.rtol, "atol": played.atol}
    for step, (given, right) in enumerate(zip(mine.losses, wanted.losses, strict=True), 1):
        for term, value in right.items():
            if difference(given[term], value, **close) is not None:
                said = {
                    "term": spoken(term),
                    "given": f"{given[term]:.4g}",
                    "wanted": f"{value:.4g}",
                }
                text = VALUE if step == 1 else LATER
                return tr(text, **said, step=step, weight=f"{WEIGHT:g}")
        if step == 1 and (told := _other_gradient(mine, wanted, close)):
            return told
    return None


def _other_gradient(mine: Trial, wanted: Trial, close: Mapping[str, float]) -> str:
    for term, sides in wanted.gradients.items():
        for side, right in sides.items():
            if difference(mine.gradients[term].get(side), right, **close) is not None:
                return tr(GRADIENT, term=spoken(term), side=tr(side))
    return ""


class OwnObjective:
    """What `play_objective` shows: the feedback, and below it the board that trains with the learner's objective.

    lab: the board; None where the class cannot be played.
    """

    def __init__(self, card: Any, note: Note, lab: Lab | None) -> None:
        self.card, self.note, self.lab = card, note, lab

    def _ipython_display_(self) -> None:
        from IPython.display import display  # type: ignore[attr-defined, unused-ignore]

        display(self.card)  # type: ignore[no-untyped-call, unused-ignore]
        if self.lab is not None:
            display(self.lab)  # type: ignore[no-untyped-call, unused-ignore]

    def __repr__(self) -> str:
        return repr(self.note)
