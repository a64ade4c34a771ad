"""Go back to any step of a run: from the nearest stored state of its session, or from the seed."""

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
    """States of a session at some steps, at most `most` of them in `room` bytes; their distance grows with the run.

    One thread may add states while another reads them.
    """

    def __init__(self, room: int = 256 << 20, most: int = 32) -> None:
        self.room, self.most = room, most
        self._states: dict[int, State] = {}
        self._stride, self._size = 1, 0
        self._lock = threading.Lock()

    @property
    def steps(self) -> tuple[int, ...]:
        """The steps with a stored state."""
        return tuple(self._states)

    def offer(self, step: int, state: Callable[[], State]) -> None:
        """Store state() of this step, if the last one is far enough back."""
        if (self._states and step < max(self._states) + self._stride) or self._size > self.room:
            return
        taken = state()
        with self._lock:
            self._size = size(taken)
            self._states[step] = taken
            while len(self._states) > self.most or len(self._states) * self._size > self.room:
                self._thin()

    def _thin(self) -> None:
        """Drop every second state, the oldest first; also a single one that is too large."""
        steps = sorted(self._states)
        for step in steps[::2]:
            del self._states[step]
        self._stride = max(self._stride * 2, 1)

    def before(self, step: int) -> State | None:
        """Return the latest state at or before this step, or None."""
        with self._lock:
            earlier = [known for known in self._states if known <= step]
            return self._states[max(earlier)] if earlier else None

    def forget_after(self, step: int) -> None:
        """Drop the states after this step, where another branch begins."""
        with self._lock:
            self._states = {known: state for known, state in self._states.items() if known <= step}


def size(value: Any) -> int:
    """Return the bytes of the tensors in a state."""
    if isinstance(value, Tensor):
        return value.numel() * value.element_size()
    inner = (
        value.values()
        if isinstance(value, Mapping)
        else value
        if isinstance(value, list | tuple)
        else ()
    )
    return sum(map(size, inner))


def plan_until(experiment: Experiment, log: Iterable[Changed], step: int) -> tuple[Changed, ...]:
    """Return the logged changes up to a step and the experiment's planned changes after it."""
    planned = experiment.session_options.get("changes", ())
    return (*(c for c in log if c.step <= step), *(c for c in planned if c.step > step))


def _silent(*_: int) -> None:
    pass


@dataclass(frozen=True)
class ReplayOptions:
    """How to reach a step: from `state`, an earlier state of the same run, or from the seed if it is None.

    on_step(done, all) is called after each step; the replay ends early when stopped() returns True.
    """

    state: State | None = None
    on_step: Callable[[int, int], None] = _silent
    stopped: Callable[[], bool] = lambda: False


def session_at(
    experiment: Experiment, step: int, plan: Iterable[Changed], way: ReplayOptions
) -> Session | None:
    """Return a session after `step` steps of the experiment with the changes in `plan`, or None when stopped.

    It equals a session that ran from its seed. Errors: those of `Experiment.build` and of training.
    """
    plan = tuple(plan)
    session = replace(
        experiment, session_options={**experiment.session_options, "changes": plan}
    ).build()
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
