"""Going back: states of a session kept along its run, and the way from the nearest of them, or the seed, to any step."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor

from tltutor.events import Changed
from tltutor.experiment.experiment import Experiment
from tltutor.training.session import Session

State = Mapping[str, Any]


class Checkpoints:
    """States at some steps of a run, in at most `room` bytes and `most` places; as the run goes on they stand further apart.

    One thread offers, another may ask.
    """

    def __init__(self, room: int = 256 << 20, most: int = 32) -> None:
        self.room, self.most = room, most
        self._states: dict[int, State] = {}
        self._stride, self._size = 1, 0
        self._lock = threading.Lock()

    @property
    def steps(self) -> tuple[int, ...]:
        """The steps of which there is a state."""
        return tuple(self._states)

    def offer(self, step: int, state: Callable[[], State]) -> None:
        """Take the state after this step, if it is time for one."""
        if (self._states and step < max(self._states) + self._stride) or self._size > self.room:
            return
        taken = state()
        with self._lock:
            self._size = size(taken)
            self._states[step] = taken
            while len(self._states) > self.most or len(self._states) * self._size > self.room:
                self._thin()

    def _thin(self) -> None:
        """Every second one goes, the oldest first; a single one that is too large goes too."""
        steps = sorted(self._states)
        for step in steps[::2]:
            del self._states[step]
        self._stride = max(self._stride * 2, 1)

    def before(self, step: int) -> State | None:
        """The latest state at or before this step."""
        with self._lock:
            earlier = [known for known in self._states if known <= step]
            return self._states[max(earlier)] if earlier else None

    def forget_after(self, step: int) -> None:
        """A run that branches at this step never comes to the later ones."""
        with self._lock:
            self._states = {known: state for known, state in self._states.items() if known <= step}


def size(value: Any) -> int:
    """Bytes of the tensors in a state."""
    if isinstance(value, Tensor):
        return value.numel() * value.element_size()
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    return sum(map(size, inner))


def plan_until(experiment: Experiment, log: Iterable[Changed], step: int) -> tuple[Changed, ...]:
    """What happened up to a step, and what the experiment has planned for after it."""
    planned = experiment.session_options.get("changes", ())
    return (*(c for c in log if c.step <= step), *(c for c in planned if c.step > step))


def _silent(*_: int) -> None:
    pass


@dataclass(frozen=True)
class ReplayOptions:
    """How to get to a step: from `state`, of the same run at an earlier step, or from the seed where there is none.

    on_step(done, all) hears how far it is, in steps; stopped() is asked before each.
    """

    state: State | None = None
    on_step: Callable[[int, int], None] = _silent
    stopped: Callable[[], bool] = lambda: False


def session_at(experiment: Experiment, step: int, plan: Iterable[Changed], way: ReplayOptions) -> Session | None:
    """A session that has done `step` steps of the experiment with this plan, as if it had run from its seed; None when stopped."""
    plan = tuple(plan)
    session = replace(experiment, session_options={**experiment.session_options, "changes": plan}).build()
    if way.state is not None:
        session.restore(way.state, plan)
    begun = session.step_number
    while session.step_number < step:
        if way.stopped():
            return None
        session.step()
        way.on_step(session.step_number - begun, step - begun)
    session.flush()
    return None if way.stopped() else session
