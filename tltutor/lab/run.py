"""All that belongs to one run of a lab."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tltutor.events import Changed, Fact, Snapshot
from tltutor.experiment import Checkpoints, Experiment, ReplayOptions, link, plan_until, session_at
from tltutor.projections import find_map, part_of
from tltutor.recording import Points, Recording

if TYPE_CHECKING:
    from tltutor.player import Player
    from tltutor.training.session import Session


@dataclass(eq=False)
class Run:
    """One run, from its first step or from the step at which it left an earlier run.

    A lab replaces its run as one reference. Callbacks hold their own run, so that a thread that is late writes into the run
    that it belongs to, and never into the next one.
    """

    begun: Experiment  # as it was at step 0; what changed since then is in the recording
    session: Session
    layout: Any  # a projection of tltutor, or an object that acts like one
    recording: Recording
    checkpoints: Checkpoints = field(default_factory=Checkpoints)
    branches: tuple[int, ...] = ()  # the steps at which it left earlier runs
    is_ready: bool = True  # False: its network is to be pretrained before it trains
    player: Player = field(init=False)

    @classmethod
    def new(cls, experiment: Experiment) -> Run:
        """A run at step 0; where its network is to be pretrained first, it shows an untrained one."""
        is_ready = experiment.is_ready
        session = experiment.build(trained=is_ready)
        recording, layout = Recording(), experiment.layout(session)
        few = part_of(layout, len(session.snapshot_points.labels))
        about = {"laid_out": few} if few else {}
        map_name = find_map(experiment.projection).name
        recording.describe(Points.of(session, projection=map_name, **about))
        return cls(experiment, session, layout, recording, is_ready=is_ready)

    def branch(self, session: Session) -> Run:
        """The run that goes on from the session's step with what was recorded until then, and with the map as it is."""
        step = session.step_number
        self.checkpoints.forget_after(step)
        branches = (*(at for at in self.branches if at <= step), step)
        return Run(
            self.begun, session, self.layout, self.recording.until(step), self.checkpoints, branches
        )

    def replay(self, step: int, options: ReplayOptions) -> Session | None:
        """A session that has done `step` steps of this run; None when stopped."""
        options = replace(options, state=self.checkpoints.before(step))
        return session_at(self.begun, step, self._changes(step), options)

    def keep_checkpoint(self, fact: Fact) -> None:
        """Keep the session's state at a snapshot, if it is time for one."""
        if isinstance(fact, Snapshot):
            self.checkpoints.offer(fact.step, self.session.state)

    def is_planned(self, fact: Fact) -> bool:
        """Whether this is a change that the experiment had planned, as one opened from a link has."""
        return isinstance(fact, Changed) and fact in self.begun.session_options.get("changes", ())

    def link(self, now: Experiment) -> str:
        """The run as a short text: how it began, what changed, and what `now` says that has yet to act."""
        session = self.session
        values, at = session.values, session.step_number + 1
        waiting = [
            Changed(at, n, values[n], v)
            for n, v in now.values.items()
            if n in values and v != values[n]
        ]
        begun = replace(self.begun, projection=now.projection, map_values=now.map_values)
        return link(begun, (*self._changes(at - 1), *waiting))

    def _changes(self, step: int) -> tuple[Changed, ...]:
        return plan_until(self.begun, self.recording.changes, step)
