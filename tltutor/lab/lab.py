"""The board, wired: session, player, projection and views become one live experiment in a notebook cell."""

from __future__ import annotations

import os
import threading
import traceback
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Self

import torch

from tltutor.domains import DomainPair, pair_names
from tltutor.events import Changed, Embedded, Fact, Snapshot
from tltutor.experiment import Checkpoints, Experiment, ReplayOptions, link, parse_link, plan_until, session_at
from tltutor.lab.screen import Screen
from tltutor.lab.settled_map import Settling
from tltutor.language import tr
from tltutor.networks import Network
from tltutor.objectives import OBJECTIVES, Objective
from tltutor.player import SPEED, Player
from tltutor.player.budget import BUDGET
from tltutor.projections import MAPS, PROJECTIONS, Projection, find_map
from tltutor.recording import Points, Recording
from tltutor.settings import Setting, check_name
from tltutor.training.session import Session
from tltutor.views import PLACES, Board, Handlers

_labs: dict[str, Lab] = {}  # the lab of each name: running a cell again closes the one before


class Lab:
    """The live board: `tl.Lab(pair=…, objective=…)` as the last line of a cell shows it; Play is on it.

    pair, objective, network, projection: names, or objects of your own. pair_options, network_options: as for `load_pair` and
    `build_network`; all other options are the session's. values, map_values: where the sliders of the run and of the map
    begin. A second lab of the same `name` closes the first. threads: torch's CPU threads; by default one core is left to the
    browser. hide: names of controls and settings that are not to be seen. presenter: larger, for a room of people.
    """

    def __init__(
        self,
        pair: str | DomainPair = "digits->photo-digits",
        objective: str | Objective = "dann",
        *,
        network: str | Network = "auto",
        projection: str | type[Projection] = "tsne",
        seed: int = 0,
        name: str = "lab",
        budget: float = BUDGET.default,
        speed: float = SPEED.default,
        threads: int | None = None,
        hide: Iterable[str] = (),
        presenter: bool = False,
        pair_options: Mapping[str, Any] | None = None,
        network_options: Mapping[str, Any] | None = None,
        values: Mapping[str, Any] | None = None,
        map_values: Mapping[str, Any] | None = None,
        **session_options: Any,
    ) -> None:
        torch.set_num_threads(threads or default_threads())
        self.name, self._budget, self._speed = name, BUDGET.check(budget), SPEED.check(speed)
        find_map(projection)
        options = (pair_options or {}, network_options or {}, session_options, values or {}, map_values or {})
        self.experiment = Experiment(pair, objective, network, projection, seed, *options)
        self._building, self._work = threading.Lock(), threading.current_thread()
        self._replay: Replay | None = None
        self._closed = False
        self.waits: Callable[[], bool] = lambda: False  # whether the next step is to be put off
        session = self.experiment.build(trained=self.experiment.is_ready)  # a mistake in the arguments is said by the cell itself
        layout = self.experiment.layout(session)
        hidden = check_hidden(hide, (*session.settings, *layout.settings))
        if name in _labs:
            _labs.pop(name).close()
        self.board = Board(self._handlers(), hide=hidden, presenter=presenter)
        self.screen = Screen(self.board)
        self.screen.axes = lambda: self._layout.axes
        self.board.map.on_drag = self._drag
        self._settling = Settling(self.board.show_settled)
        self._start(session, layout)
        self._lead(Replay(plays=False))
        _labs[name] = self

    @classmethod
    def from_link(cls, text: str, **options: Any) -> Self:
        """The experiment of a link (`lab.link`), with the changes that were made in it at their steps.

        options: what belongs to this machine and this board: name, device, threads, budget, speed, hide, presenter. A
        ValueError in one sentence refuses any other text; nothing in it is ever run.
        """
        said, log = parse_link(text)
        told = {field.name: getattr(said, field.name) for field in fields(said)}
        session_options = told.pop("session_options")
        return cls(**told, **session_options, changes=log, **options)

    # --- what a notebook calls

    def play(self) -> None:
        """Train until paused; after a replay that is under way, and after the training that the method comes after."""
        if self._replay is not None:
            self._replay.plays = True
        elif not self._lead(Replay()):
            self.player.play()

    def pause(self) -> None:
        """Hold after the step that is under way."""
        if self._replay is not None:
            self._replay.plays = False
        self.player.pause()

    def step(self, n: int = 1) -> None:
        """Train n steps, then pause; after the training that the method comes after."""
        if self._replay is not None:
            self._replay.steps = n
        elif not self._lead(Replay(plays=False, steps=n)):
            self.player.step(n)

    def stop(self) -> None:
        """End the training thread, and Reset starts anew; of a replay that is under way only that: the run stays as it was."""
        if self._replay is not None:
            self._replay.stopped = True
        else:
            self.player.stop()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until nothing is being built or trained. It holds up the notebook: for tests and scripts, not for a lesson's cells."""
        while (work := self._work) is not threading.current_thread() and work.is_alive():
            work.join(timeout)
            if timeout is not None and work.is_alive():
                return False
        return self.player.wait(timeout)

    def set(self, **changes: Any) -> None:
        """Change live settings: checked now, acting from the next step on."""
        self.player.set(**changes)
        self.board.controls.move(changes)
        self._wants(changes)

    def set_map(self, **changes: Any) -> None:
        """Change settings of the map; they act from its next move on."""
        for name, value in changes.items():
            self._moved_map(name, value)

    def reset(self) -> None:
        """Back to step 0 with the same seed and the sliders where they are."""
        self._rebuild(self.experiment)

    def branch(self, step: int, **changes: Any) -> None:
        """Go on from a step of this run, with the settings as they were there but for `changes`, and play.

        The way to that step is done over without looking, from a state kept on the way, in a thread of its own; the board says
        how far it is, Stop gives it up and Pause lets it stand at the step. What was recorded later is forgotten.
        """
        whole = Setting("step", 0, 0, self.session.step_number, "int", text="A step of this run.").check(step)
        known = {s.name: s for s in self.session.settings}
        checked = {n: known[check_name(n, known, what="live setting")].check(v) for n, v in changes.items()}
        if self._replay is not None:
            raise RuntimeError("one replay at a time: stop the one that is under way, or wait for it")
        self._replay = Replay()
        self.apart(lambda: self._branch(whole, checked))

    def choose(self, what: str, value: Any) -> None:
        """Another "pair", "objective", "projection" or "seed"; all but the projection start a new run."""
        experiment = self.experiment.with_choice(what, value)
        if what == "projection":
            self._lay_out(experiment)
        else:
            self._rebuild(experiment)

    def share_projection(self, other: Lab) -> None:
        """Take over another lab's projection and its settings."""
        theirs = other.experiment
        experiment = replace(self.experiment, projection=theirs.projection, map_values=theirs.map_values)
        if experiment != self.experiment:
            self._lay_out(experiment)
            self._show_choices()

    def apart(self, action: Callable[[], None]) -> None:
        """Do what may take a while in a thread of its own, so that the board stays alive; its faults go to the red panel."""
        self._work = threading.Thread(target=self._told, args=(action,), name=f"tltutor-build-{self.name}", daemon=True)
        self._work.start()

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Save the recording, for `tl.Recording.load`."""
        return self.recording.save(path)

    def export(self, path: str | os.PathLike[str]) -> Path:
        """The recording as the path's suffix says: .html (a replay), .gif, .png or .svg (the last frame), .npz (for `load`)."""
        if Path(path).suffix == ".npz":
            return self.save(path)
        from tltutor.export import export

        return export(self.recording, path)

    def close(self) -> None:
        """Stop the thread and remove all widgets."""
        self._closed = True
        if self._replay is not None:
            self._replay.stopped = True
        with self._building:
            self.player.stop()
            self.board.close()

    @property
    def link(self) -> str:
        """The experiment as a short text, with the changes made so far; `Lab.from_link` opens it anywhere.

        A ValueError says what cannot be named: arrays, objectives and networks of your own.
        """
        held, at = self.session.values, self.session.step_number + 1
        waiting = [Changed(at, n, held[n], v) for n, v in self.experiment.values.items() if n in held and v != held[n]]
        begun = replace(self._begun, projection=self.experiment.projection, map_values=self.experiment.map_values)
        return link(begun, (*plan_until(begun, self.recording.changes, at - 1), *waiting))

    @property
    def sliders(self) -> dict[str, Any]:
        """What the sliders say that were moved."""
        known = {s.name for s in self.session.settings}
        return {name: value for name, value in self.experiment.values.items() if name in known}

    @property
    def replaying(self) -> bool:
        """Whether a branch is on its way to its step."""
        return self._replay is not None

    @property
    def error(self) -> BaseException | None:
        """What went wrong in the run, if anything."""
        return self.player.error

    @property
    def recording(self) -> Recording:
        """Everything the run told so far."""
        return self._recording

    @property
    def widget(self) -> Any:
        """The board as a widget."""
        return self.board.widget

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.widget._repr_mimebundle_(**options)

    # --- building a run

    def _start(self, session: Session, layout: Any, early: Recording | None = None) -> None:
        """Show a session on the board and give it its player, which looks at once; `early` is what it goes on from."""
        self.session, self._recording = session, early or Recording()
        self._layout: Any = layout
        if early is None:
            self._begun, self._checkpoints = self.experiment, Checkpoints()
            self._branches: list[int] = []
            self._show_points(session)
        if self._recording.points is None:
            self._recording.describe(Points.of(session, projection=find_map(self.experiment.projection).name))
        self._show_choices()
        self.board.set_controls(session.settings, {**session.values, **self.experiment.values})
        self._show_map_controls(layout)
        self.screen.begin(session, self._recording, self._branches)
        self.player = Player(
            session,
            layout=layout,
            recording=self._recording,
            budget=self._budget,
            speed=self._speed,
            on_fact=self._on_fact,
            on_beat=self._on_beat,
            waits=lambda: self.waits(),  # noqa: PLW0108 - it may be set later
            name=self.name,
        )

    def _show_points(self, session: Session) -> None:
        points, pair = session.snapshot_points, session.pair
        names = {"class_names": pair.class_names, "domain_names": (pair.source.name, pair.target.name)}
        self.board.map.set_points(points.labels, points.is_target, points.shown, **names)

    def _show_choices(self) -> None:
        """The header: everything that is known by name, and an own pair, objective or projection beside it."""
        pair, objective, own = self.session.pair.name, self.session.objective, find_map(self.experiment.projection)
        plane = self.session.snapshot_points.x.shape[1:] == (2,)
        titles = {name: cls.title for name, cls in OBJECTIVES.items()} | {objective.name: objective.title}
        maps = {cls.title: name for name, cls in (MAPS if plane else PROJECTIONS).items()} | {own.title: own.name}
        self.board.set_choices(
            pairs=tuple(dict.fromkeys((*pair_names(), pair))),
            objectives=[(title, name) for name, title in titles.items()],
            projections=list(maps.items()),
            pair=pair,
            objective=objective.name,
            projection=own.name,
            speed=self._speed,
            seed=self.experiment.seed,
        )

    def _show_map_controls(self, layout: Any) -> None:
        """The projection's settings, and the share of the time that looking may take."""
        settings = (*layout.settings, BUDGET)
        self.board.set_map_controls(settings, {s.name: getattr(layout, s.name, self._budget) for s in settings})

    def _rebuild(self, experiment: Experiment) -> None:
        """Stop the run and start `experiment`; if it cannot be built, the old run stays as it is."""
        if self._replay is not None:
            self._replay.stopped = True
        with self._building:
            self.board.show_status("loading", self.session.step_number, self.session.steps, str(self.session.device))
            session = experiment.build(trained=experiment.is_ready)
            layout = experiment.layout(session)
            if self._closed:
                return
            self.player.stop()
            self.experiment = experiment
            self._start(session, layout)
        self._lead(Replay(plays=False))

    def _lead(self, replay: Replay) -> bool:
        """Begin to train, in a thread of its own, the network that the method goes on from; False if there is nothing to train."""
        if self.experiment.is_ready:
            return False
        self._replay = replay
        self.apart(lambda: self._led(replay))
        return True

    def _led(self, replay: Replay) -> None:
        """Train the network, then begin the run with it, and go on as was asked meanwhile; Stop leaves it for the next Play."""
        with self._building:
            try:
                done = self.experiment.prepare(self._show_lead, lambda: replay.stopped)
                if done:
                    session = self.experiment.build()
                    self.player.stop()
                    self._start(session, self.experiment.layout(session))
            finally:
                self._replay, self.screen.busy = None, ""
                self.screen.show_status(self.player.state)
        if done and replay.plays:
            self.player.play()
        elif done and replay.steps:
            self.player.step(replay.steps)

    def _show_lead(self, done: int, steps: int) -> None:
        if done in (1, steps) or done % 10 == 0:
            self.screen.busy = tr("first the source alone: {done} of {steps} steps", done=f"{done:,}", steps=f"{steps:,}")
            self.screen.show_status("loading")

    def _branch(self, step: int, changes: Mapping[str, Any]) -> None:
        """Find the way to the step anew and put the session that got there in the place of this one."""
        try:
            with self._building:
                session = self._replayed(step)
                plays = session is not None and not self._closed and self._take_branch(session, changes)
        finally:
            self._replay, self.screen.busy = None, ""
            self.screen.show_status(self.player.state)
        if plays:
            self.player.play()

    def _replayed(self, step: int) -> Session | None:
        replay = self._replay or Replay()
        self.player.pause()
        with suppress(Exception):  # also a run that failed has steps to go back to
            self.player.wait()
        plan = plan_until(self._begun, self.recording.changes, step)
        state = self._checkpoints.before(step)
        way = ReplayOptions(state, on_step=self._show_replay, stopped=lambda: replay.stopped)
        return session_at(self._begun, step, plan, way)

    def _show_replay(self, done: int, steps: int) -> None:
        if done in (1, steps) or done % 10 == 0:
            self.screen.busy = tr("replaying {done} of {steps} steps", done=f"{done:,}", steps=f"{steps:,}")
            self.screen.show_status("loading")

    def _take_branch(self, session: Session, changes: Mapping[str, Any]) -> bool:
        """The branch takes the run's place, with what was recorded up to its step and the map as it stands; whether it plays."""
        step, values = session.step_number, {**session.values, **changes}
        session.set(**changes)
        self.player.stop()
        self._checkpoints.forget_after(step)
        self._branches = [at for at in self._branches if at <= step] + [step]
        self.experiment = replace(self.experiment, values=values)
        self._start(session, self._layout, self.recording.until(step))
        return self._replay is None or self._replay.plays

    def _lay_out(self, experiment: Experiment) -> None:
        """Another projection, or other settings of it, from the next look on."""
        layout = experiment.layout(self.session)
        self.experiment, self._layout = experiment, layout
        self._show_map_controls(layout)
        self.player.redraw(layout)

    def _wants(self, changes: Mapping[str, Any]) -> None:
        self.experiment = replace(self.experiment, values={**self.experiment.values, **changes})

    # --- what the board's buttons do, on whichever thread the click arrives

    def _handlers(self) -> Handlers:
        return Handlers(
            play=self.play,
            pause=self.pause,
            step=self.step,
            reset=lambda: self.apart(self.reset),
            stop=self.stop,
            set=self._moved,
            choose=lambda what, value: self.apart(lambda: self.choose(what, value)),
            scrub=self._scrub,
            set_map=self._moved_map,
            branch=self._play_from,
            changed=lambda index, start: self.screen.changed(index, start=start),
            settled=lambda: self.screen.show_settled(self._settling.toggle()),
        )

    def _moved(self, name: str, value: Any) -> None:
        """A slider was moved."""
        if name == "speed":
            self._speed = self.player.speed = SPEED.check(value)
            return
        self.player.set(**{name: value})
        self._wants({name: value})

    def _moved_map(self, name: str, value: Any) -> None:
        """A slider of the map was moved."""
        if name == BUDGET.name:
            self._budget = self.player.budget.share = BUDGET.check(value)
            return
        layout = self._layout
        self.experiment = replace(self.experiment, map_values={**self.experiment.map_values, name: value})
        self.player.post(lambda: layout.set(name, value))
        self.player.relax()

    def _drag(self, axis: int, x: float, y: float) -> None:
        """The tip of a drawn axis was dragged to (x, y)."""
        layout = self._layout
        self.player.post(lambda: layout.drag(axis, x, y))
        self.player.relax()

    def _scrub(self, index: int | None) -> None:
        """The timeline was moved: a recorded frame, or None for the live one."""
        self._settling.hide()
        self.screen.scrub(index)

    def _play_from(self, index: int) -> None:
        """Play from here, with the sliders as they are."""
        self.branch(self.recording.frame(index).step, **self.sliders)

    def _told(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception as error:  # noqa: BLE001 - nobody else would hear of it
            self._show_error(error)
            self.screen.on_beat(self.player.state)

    # --- what the player tells, in the player's thread

    def _on_fact(self, fact: Fact) -> None:
        if isinstance(fact, Snapshot):
            self._checkpoints.offer(fact.step, self.session.state)
        elif isinstance(fact, Changed) and fact in self._begun.session_options.get("changes", ()):
            self.board.controls.move({fact.name: fact.new})
            self._wants({fact.name: fact.new})
        elif isinstance(fact, Embedded):
            self._settling.hide()
        self.screen.on_fact(fact)

    def _on_beat(self, state: str) -> None:
        """About once a second, and whenever the state changes."""
        self.screen.on_beat(state)
        if self.board.map.watched:  # a notebook that runs without a page needs no process for umap-learn
            self._settling.on_beat(state, self.recording)
        try:
            self.board.foot.show(self.link)
        except ValueError as reason:
            self.board.foot.show("", str(reason))
        if state == "failed" and self.player.error is not None:
            self._show_error(self.player.error)

    def _show_error(self, error: BaseException) -> None:
        details = "".join(traceback.format_exception(error))
        self.board.show_error(f"{type(error).__name__}: {error}", details)


@dataclass
class Replay:
    """A replay or lead-in that is under way: whether it is given up, and whether the run plays on after it, or some steps."""

    stopped: bool = False
    plays: bool = True
    steps: int = 0


def check_hidden(names: Iterable[str], own: Iterable[Setting]) -> frozenset[str]:
    """The names of controls and settings to hide, if all are known: own settings, and those of every objective and projection."""
    declared = (settings for cls in OBJECTIVES.values() for settings in ((cls.weight,), cls.settings))
    settings = [s for some in (*declared, *(cls.settings for cls in PROJECTIONS.values())) for s in some]
    known = dict.fromkeys((*PLACES, *(s.name for s in (*own, *settings, BUDGET))))
    return frozenset(check_name(name, known, what="control") for name in ([names] if isinstance(names, str) else names))


def default_threads() -> int:
    """Torch's threads while a board is open: all cores but one, which draws; beyond four, small networks gain nothing."""
    return max(1, min(4, (os.cpu_count() or 2) - 1))
