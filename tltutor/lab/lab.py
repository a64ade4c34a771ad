"""The live board: a session, its player, a projection and the views become one experiment in a notebook cell."""

from __future__ import annotations

import os
import traceback
import weakref
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import torch

from tltutor.domains import DomainPair, pair_names
from tltutor.events import Changed, Embedded, Fact
from tltutor.experiment import Experiment, parse_link
from tltutor.lab.finished import tell_finish
from tltutor.lab.lifecycle import FOREVER, Choice, Lifecycle, result
from tltutor.lab.live import LiveSettings
from tltutor.lab.run import Run
from tltutor.lab.screen import Screen
from tltutor.lab.selection import Selection
from tltutor.lab.settled_map import Settling
from tltutor.lab.sharing import Sharing
from tltutor.lab.still import StillOfRuns
from tltutor.lab.truth import nearby
from tltutor.language import mark, tr
from tltutor.networks import Network
from tltutor.objectives import OBJECTIVES, Objective, objective_groups
from tltutor.objectives.objective import LAMBDA
from tltutor.player import SPEED, Player
from tltutor.player.budget import BUDGET
from tltutor.projections import MAPS, PROJECTIONS, Projection, find_map, part_of
from tltutor.recording import Recording
from tltutor.settings import Setting, check_name, check_settings
from tltutor.training.late_compiler import load_compiler
from tltutor.training.options import FREEZE_DEPTH
from tltutor.views import PLACES, Board, Handlers

if TYPE_CHECKING:
    from tltutor.training.session import Session
    from tltutor.views.map import Nearby

_labs: dict[str, Lab] = {}  # the open lab of each name: running a cell again closes the one before
SIMPLE = (
    "play",
    "reset",
    "numbers",
    "target_accuracy",
    "source_accuracy",
    "effective_sample_size",
    "mass_to_other_class",
    "target_AP",
    "source_AP",
    "language",
)
TELLTALES = ("network", "link")  # they tell a setting whose slider is hidden
UNNAMED = mark(
    "There is no link: it holds names and numbers alone, and this run has your own pair, network, objective or map"
)
STEP = Setting("n", 1, 1, 1_000_000, "int", text="How many steps to train.")


def find_finished(name: str) -> Lab | None:
    """Return the open lab of this name if its run has come to its end."""
    lab = _labs.get(name)
    return lab if lab is not None and lab.session.done and lab.error is None else None


class Lab:
    """The live board: `tl.Lab(pair=…, objective=…)` as the last line of a cell shows it; Play is on it.

    pair, objective, network, projection: names, or objects of your own. pair_options, network_options: as for `load_pair` and
    `build_network`; all other options are the session's. values, map_values: where the sliders of the run and of the map
    begin; a pretrained network begins with its trunk frozen and a small learning rate (see `Session`). A second lab of the
    same `name` closes the first. threads: torch's CPU threads; by default one core is left to the browser. hide: names of
    controls, numbers and settings that are not to be seen. simple: for a beginner, Play, Reset, the map, two accuracies and
    one slider, lambda's (True) or that of the setting named; `unlock` shows more. diagnose: settings that a learner is to
    find out: they are hidden, with strip and link, which would tell them. presenter: larger, for a room of people.
    judging: ask the label-free judges at each look (`lab.judge(on=True)` and a button do so later).

    A new lab trains nothing and has no thread. When it is shown, it takes a first snapshot, and pretrains its network where
    the method needs that; `play` and `step` do so too. All methods may be called from any thread.
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
        simple: bool | str = False,
        diagnose: Iterable[str] = (),
        presenter: bool = False,
        judging: bool = False,
        pair_options: Mapping[str, Any] | None = None,
        network_options: Mapping[str, Any] | None = None,
        values: Mapping[str, Any] | None = None,
        map_values: Mapping[str, Any] | None = None,
        pretrain: int | None = None,
        **session_options: Any,
    ) -> None:
        torch.set_num_threads(threads or default_threads())
        self.name = name
        self._budget: float = BUDGET.check(budget)
        self._speed: float = SPEED.check(speed)
        find_map(projection)
        experiment = Experiment(
            pair,
            objective,
            network,
            projection,
            seed,
            pair_options=pair_options or {},
            network_options=network_options or {},
            session_options=session_options,
            values=values or {},
            map_values=map_values or {},
            pretrain=pretrain,
        )
        run = Run.new(experiment)  # a mistake in the arguments is an error of the cell itself
        own = (*run.session.settings, *run.layout.settings)
        self.secret = check_hidden(diagnose, own)  # what is still to be found out
        hidden = check_hidden(hide, own) | hidden_by(simple, self.secret, own)
        earlier = _labs.get(name)
        if earlier is not None:
            earlier.close()
        self._waits: Callable[[], bool] = _never
        self._shows_flow = "network" not in hidden
        self._on_frame: Callable[[], None] = _nothing
        self.board = Board(self._handlers(), hide=hidden, presenter=presenter)
        self.board.map.on_drag, self.board.map.on_near = self._drag, self._near
        self.screen = Screen(
            self.board, axes=lambda: self.run.layout.axes, on_frame=self._tell_frame
        )
        self.screen.judge(on=judging)
        self._settling = Settling(self.board.show_settled)
        self._sharing = Sharing(self.board.foot, self.show_error)
        self.settings = LiveSettings(lambda changes: self.set(**changes))
        self._lifecycle = Lifecycle(
            run,
            name=name,
            new_player=self._new_player,
            show=self._show_run,
            say=self._say,
            on_error=self.show_error,
        )
        self._show_run(run)
        if earlier is not None and earlier.session.step_number:
            step = f"{earlier.session.step_number:,}"
            self.screen.remark(lambda: tr("closed the run before, at step {step}", step=step))
        _labs[name] = self

    @classmethod
    def from_link(cls, text: str, **options: Any) -> Self:
        """The experiment of a link (`lab.link`), with the changes that were made in it at their steps.

        options: what belongs to this machine and this board: name, device, threads, budget, speed, hide, presenter. A
        ValueError in one sentence refuses any other text; nothing in it is ever run.
        """
        experiment, log = parse_link(text)
        given = {field.name: getattr(experiment, field.name) for field in fields(experiment)}
        session_options = given.pop("session_options")
        return cls(**given, **session_options, changes=log, **options)

    # --- what a notebook calls

    def start(self) -> None:
        """Take a first snapshot, and pretrain the network where the method needs it. Showing the lab does so."""
        self._lifecycle.start()

    def play(self) -> None:
        """Train until paused. Where a run is being built, pretrained or replayed, it plays once it is there."""
        self._lifecycle.train(FOREVER)

    def pause(self) -> None:
        """Hold after the step that is under way."""
        self._lifecycle.train(0)

    def step(self, n: int = 1) -> None:
        """Train n steps more than were asked for, then pause; after Play, these n alone.

        Where a run is being built, pretrained or replayed, it does so once it is there.
        """
        self._lifecycle.train(STEP.check(n))

    def stop(self) -> None:
        """End the training thread, until a reset. Of a replay or a pretraining only that: the run stays as it was."""
        self._lifecycle.stop()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until nothing is being built or trained; whether that is so. A failed run raises its error.

        It holds up the notebook: for tests and scripts, not for a lesson's cells.
        """
        return self._lifecycle.wait(timeout)

    def set(self, **changes: Any) -> None:
        """Change live settings: checked now, acting from the next step on."""
        checked = self._lifecycle.set(changes)
        self.board.controls.move(checked)
        self._show_set(checked)

    def unlock(self, *names: str) -> None:
        """Show controls, numbers and sliders that were hidden, by name; without names, all of them."""
        own = (*self.session.settings, *self.run.layout.settings)
        shown = check_hidden(names, own) if names else self.board.hidden
        self.secret -= shown
        self.board.unhide(shown)
        self._shows_flow = self.session.flow = "network" not in self.board.hidden
        self.board.set_controls(
            self.session.settings, {**self.session.values, **self.experiment.values}
        )
        self._show_map_controls()

    def set_speed(self, speed: float) -> None:
        """Change the speed: steps a second, 0 as fast as the machine can."""
        checked = SPEED.check(speed)
        with self._lifecycle.lock:
            self._speed = self.player.speed = checked

    def set_map(self, **changes: Any) -> None:
        """Change settings of the map, or the budget: checked now, acting from its next move on."""
        self.board.map_controls.move(self._set_map(changes))

    def judge(self, *, on: bool = True) -> None:
        """Ask the label-free judges at each look from now on, or no more; none of them sees a label of the target.

        They cost some milliseconds of each look's budget. Their rows are below the accuracies; on the timeline each marks the step
        that it would have chosen so far, beside the oracle's, which does look at the labels.
        """
        self.screen.judge(on=on)
        session, player = self.session, self.player
        player.post(lambda: setattr(session, "judging", on))
        if on:
            player.redraw()

    def _set_map(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        with self._lifecycle.lock:
            checked = check_settings(
                changes, (*self.run.layout.settings, BUDGET), what="map setting"
            )
            own = {name: value for name, value in checked.items() if name != BUDGET.name}
            if BUDGET.name in checked:
                self._budget = self.player.budget.share = checked[BUDGET.name]
            if own:
                self._lifecycle.set_map(own)
        return checked

    def reset(self, *, wait: bool = True) -> None:
        """Back to step 0 with the same seed and the sliders where they are.

        wait=False returns at once; an error then shows in the red panel instead of being raised.
        """
        self._rebuild(lambda experiment: experiment, wait=wait)

    def branch(self, step: int, **changes: Any) -> None:
        """Go on from a step of this run, with the settings as they were there but for `changes`, and play.

        The way to that step is done over without looking, from a state kept on the way, in another thread; the board says
        how far it is, Stop gives it up and Pause lets it stand at the step. What was recorded later is forgotten.
        """
        self._lifecycle.branch(step, changes)

    def choose(self, what: str, value: Any, *, wait: bool = True) -> None:
        """Another "pair", "objective", "projection" or "seed"; all but the projection start a new run.

        wait=False returns at once; an error then shows in the red panel instead of being raised.
        """
        if what == "projection":
            self._lay_out(lambda experiment: experiment.with_choice(what, value))
        else:
            self._rebuild(lambda experiment: experiment.with_choice(what, value), wait=wait)

    def share_projection(self, other: Lab) -> None:
        """Take over another lab's projection and its settings."""
        theirs = other.experiment
        shared: dict[str, Any] = {"projection": theirs.projection, "map_values": theirs.map_values}
        if replace(self.experiment, **shared) != self.experiment:
            self._lay_out(lambda experiment: replace(experiment, **shared))
            self._show_choices(self.run)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Save the recording, for `tl.Recording.load`."""
        return self.recording.save(path)

    def export(self, path: str | os.PathLike[str], *, step: int | None = None) -> Path:
        """The recording as the path's suffix says: .html (a replay), .gif, .png or .svg (one frame), .npz (for `load`).

        step: the step whose frame a picture shows: the last one taken until then; by default the last of all.
        """
        if Path(path).suffix == ".npz":
            return self.save(path)
        from tltutor.export import export

        frame = -1 if step is None else self._frame_at(step, path)
        return export(self.recording, path, frame=frame)

    def _frame_at(self, step: int, path: str | os.PathLike[str]) -> int:
        """The index of the last frame that was taken until this step."""
        if Path(path).suffix.lower() not in (".png", ".svg"):
            raise ValueError(
                f"step= chooses the frame of a picture, got it for {str(path)!r}: use .png or .svg, or leave step out"
            )
        known = Setting("step", 0, 0, self.session.step_number, "int", text="A step of this run.")
        steps = [frame.step for frame in self.recording.frames]
        return max(bisect_right(steps, known.check(step)) - 1, 0)

    @property
    def points(self) -> Selection:
        """All points of the map, one a row, judged as at the frame that is shown."""
        return self._selection(range(len(self.session.snapshot_points.labels)))

    @property
    def selection(self) -> Selection:
        """The points that are selected, by hand on the map or by `select`; `to_frame()` makes a DataFrame of them."""
        return self._selection(self.board.map.selected)

    def select(self, points: Selection | Iterable[int] = (), title: str = "") -> Selection:
        """Select points on the map, under a title, and return them; none clear the selection.

        points: rows of the map, or a part of `lab.points`, such as `lab.points.where(domain="target", label="3").wrong`.
        Errors: ValueError for a row that the map does not have.
        """
        rows = points.row.tolist() if isinstance(points, Selection) else points
        self.board.map.select(rows, title)
        return self.selection

    def _selection(self, rows: Iterable[int]) -> Selection:
        return Selection.of(self.session, self.screen.frame, rows)

    def close(self) -> None:
        """End all threads and remove all widgets; what was recorded stays."""
        if _labs.get(self.name) is self:
            del _labs[self.name]
        self._lifecycle.close()
        self.board.close()

    @property
    def run(self) -> Run:
        """The current run; a reset, a branch or another choice brings another one."""
        return self._lifecycle.run

    @property
    def session(self) -> Session:
        """The current run's session."""
        return self.run.session

    @property
    def player(self) -> Player:
        """The current run's player."""
        return self.run.player

    @property
    def recording(self) -> Recording:
        """All facts of the current run so far."""
        return self.run.recording

    @property
    def experiment(self) -> Experiment:
        """The experiment with the sliders where they are."""
        return self._lifecycle.experiment

    @property
    def error(self) -> BaseException | None:
        """What went wrong in the run, if anything."""
        return self.player.error

    @property
    def link(self) -> str:
        """The experiment as a short text, with the changes made so far; `Lab.from_link` opens it anywhere.

        A ValueError says what cannot be named: arrays, objectives and networks of your own.
        """
        with self._lifecycle.lock:
            run, experiment = self.run, self.experiment
        return run.link(experiment)

    @property
    def sliders(self) -> dict[str, Any]:
        """The values of the sliders that were moved."""
        known = {s.name for s in self.session.settings}
        return {name: value for name, value in self.experiment.values.items() if name in known}

    @property
    def replaying(self) -> bool:
        """Whether another run is being built, pretrained or replayed."""
        return self._lifecycle.is_replaying

    @cached_property
    def _still(self) -> StillOfRuns:
        return StillOfRuns(lambda: (self.run,))

    @property
    def widget(self) -> Any:
        """The board as a widget; asking for it starts the lab, as showing it does."""
        self.start()
        return self.board.widget

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """The live widget, and what stands for it in a saved notebook, on GitHub or in print."""
        return self._still.beside(self.widget, **options)

    # --- for two labs side by side

    def join(
        self, group: str, *, waits: Callable[[], bool], on_frame: Callable[[], None], threads: int
    ) -> None:
        """Be one of several labs: maps of one group share hover and selection, and each training thread gets `threads`.

        waits(): whether the next step is to be put off. on_frame(): called in the run's thread after each frame and heartbeat.
        """
        self.board.map.group = group
        self._waits, self._on_frame = waits, on_frame
        self._shows_flow = self.session.flow = False  # a comparison has no strip
        self.player.post(lambda: torch.set_num_threads(threads))

    def leave(self) -> None:
        """Be alone again."""
        self.board.map.group = ""
        self._waits, self._on_frame = _never, _nothing
        self._shows_flow = self.session.flow = "network" not in self.board.hidden

    def scrub(self, index: int | None, *, hold: bool = False) -> None:
        """Show a recorded frame; None, or the last one unless it is held, goes back to live."""
        self._settling.hide()
        self.screen.scrub(index, hold=hold)

    # --- the current run on the board

    def _show_run(self, run: Run) -> None:
        session, experiment = run.session, self.experiment
        if not run.branches:
            self._show_points(session)
        self._show_choices(run)
        outline = session.outline if run.recording.points is None else run.recording.points.board
        self.board.network.show(outline["stages"], outline["around"], session.network.frozen)
        session.flow, session.judging = self._shows_flow, self.screen.judging
        session.prefix.on_progress = _weakly(self.screen.on_frozen)
        self.board.set_controls(session.settings, {**session.values, **experiment.values})
        self._show_map_controls()
        self.board.controls.move(self.sliders)  # what was moved while the sliders were being made
        self.settings.begin(session.settings, {**session.values, **experiment.values})
        self.screen.begin(session, run.recording, run.branches)

    def _show_points(self, session: Session) -> None:
        points, pair = session.snapshot_points, session.pair
        names = {
            "class_names": pair.class_names,
            "domain_names": (pair.source.name, pair.target.name),
        }
        self.board.map.set_points(points.labels, points.is_target, points.shown, **names)

    def _show_choices(self, run: Run) -> None:
        """The header: all that is known by name, and the user's own pair, objective or projection beside it."""
        pair, objective, own = (
            run.session.pair.name,
            run.session.objective,
            find_map(self.experiment.projection),
        )
        plane = run.session.snapshot_points.x.shape[1:] == (2,)
        objectives: list[tuple[str, str, str]] = [
            (OBJECTIVES[name].title, name, group.title)
            for group in objective_groups()
            for name in group.names
        ]
        if objective.name not in OBJECTIVES or OBJECTIVES[objective.name] is not type(objective):
            objectives = [choice for choice in objectives if choice[1] != objective.name]
            objectives.append((objective.title, objective.name, mark("Your own")))
        maps = {cls.title: name for name, cls in (MAPS if plane else PROJECTIONS).items()} | {
            own.title: own.name
        }
        self.board.set_choices(
            pairs=tuple(dict.fromkeys((*pair_names(), pair))),
            objectives=objectives,
            projections=list(maps.items()),
            pair=pair,
            objective=objective.name,
            projection=own.name,
            speed=self._speed,
            seed=self.experiment.seed,
        )

    def _show_map_controls(self) -> None:
        """The projection's settings, and the share of the time that looking may take."""
        layout, said = self.run.layout, self.experiment.map_values
        settings = (*layout.settings, BUDGET)
        values = {s.name: getattr(layout, s.name, self._budget) for s in settings}
        self.board.set_map_controls(settings, {**values, **said})
        self.board.map.laid_out = part_of(layout, len(self.session.snapshot_points.labels))

    def _say(self, busy: str) -> None:
        """What is done instead of training; "" for no more."""
        self.screen.busy = busy
        self.screen.show_status("loading" if busy else self.player.state)

    def show_error(self, error: BaseException) -> None:
        details = "".join(traceback.format_exception(error))
        self.board.show_error(f"{type(error).__name__}: {error}", details)

    # --- other runs

    def _rebuild(self, choice: Choice, *, wait: bool) -> None:
        wait = wait and not self.player.is_current  # the run's own thread cannot wait for its end
        future = self._lifecycle.rebuild(choice, None if wait else self.show_error)
        if wait:
            result(future)

    def _lay_out(self, choice: Choice) -> None:
        self._lifecycle.lay_out(choice)
        self._show_map_controls()

    def _new_player(self, run: Run) -> Player:
        return Player(
            run.session,
            layout=run.layout,
            recording=run.recording,
            budget=self._budget,
            speed=self._speed,
            on_fact=partial(self._on_fact, run),
            on_heartbeat=partial(self._on_heartbeat, run),
            on_listener_error=self.show_error,
            waits=self._must_wait,
            name=self.name,
        )

    def _must_wait(self) -> bool:
        return self._waits()

    def _tell_frame(self) -> None:
        self._on_frame()

    # --- what the board's buttons do, in whichever thread the click arrives

    def _handlers(self) -> Handlers:
        return Handlers(
            play=self.play,
            pause=self.pause,
            step=self.step,
            reset=lambda: self.reset(wait=False),
            stop=self.stop,
            set=self._moved,
            choose=lambda what, value: self.choose(what, value, wait=False),
            scrub=self.scrub,
            set_map=self._moved_map,
            branch=self._play_from,
            changed=lambda index, start: self.screen.changed(index, start=start),
            settled=lambda: self.screen.show_settled(self._settling.toggle()),
            unfolded=self._list_happenings,
            happening=self._go_to,
            points=self._show_points_of,
            judging=lambda on: self.judge(on=on),
            share=self._share,
        )

    def _moved(self, name: str, value: Any) -> None:
        """A slider was moved."""
        if name == SPEED.name:
            self.set_speed(value)
        else:
            self._show_set(self._lifecycle.set({name: value}))

    def _show_set(self, checked: Mapping[str, Any]) -> None:
        """Settings were set, by a slider or from a cell: show it where it is shown beside the sliders."""
        self.settings.show(checked)
        if FREEZE_DEPTH.name in checked:
            self.board.network.frozen = checked[FREEZE_DEPTH.name]

    def _moved_map(self, name: str, value: Any) -> None:
        """A slider of the map was moved."""
        self._set_map({name: value})

    def _drag(self, axis: int, x: float, y: float) -> None:
        """The tip of a drawn axis was dragged to (x, y)."""
        with self._lifecycle.lock:
            layout, player = self.run.layout, self.player
        player.post(lambda: layout.drag(axis, x, y))
        player.relax()

    def _list_happenings(self) -> None:
        self.screen.show_happenings()

    def _go_to(self, number: int) -> None:
        """Go to a line of what happened."""
        self._settling.hide()
        self.screen.go_to(number)

    def _show_points_of(self, name: str, step: int | None) -> None:
        """Select the points that a number is about, at a step or at what is shown."""
        if step is not None:
            self._settling.hide()
        self.screen.show_points(name, step)

    def _share(self, kind: str) -> None:
        """The run as a file of this kind, for the page to save; a picture shows what the map shows."""
        frame, frames = self.screen.frame, self.recording.frames
        at = next((i for i, known in enumerate(frames) if known is frame), -1)
        step = 0 if frame is None else frame.step
        self._sharing.make(self.recording, kind, frame=at, name=f"{self.name}-step-{step}")

    def _near(self, row: int) -> Nearby | None:
        """A point is looked at: its neighbors in feature space, where the map shows the latest look."""
        latest, session = self.recording.latest, self.session
        if latest is None or not self.screen.is_live or row >= len(latest.labels):
            return None
        if self._shows_flow:  # between two steps, so that no stage is changed under the look at it
            self.player.show(lambda: self._show_inside(session, row))
        if session.pair.kind == "image":
            self.player.show(lambda: self._show_class_map(session, row))
        if session.pair.kind == "tokens":
            self.player.show(lambda: self._show_words(session, row))
        return nearby(latest, row)

    def _show_inside(self, session: Session, row: int) -> None:
        """Each stage's output for a point, on the strip."""
        outputs = [activation.images for activation in session.activations(row)]
        self.board.network.show_inside(row, outputs)

    def _show_class_map(self, session: Session, row: int) -> None:
        """Where a point's image speaks for the network's answer, on the map's tooltip."""
        found = session.class_map(row)
        if found is not None:
            self.board.map.show_class_map(row, found.label, found.map)

    def _show_words(self, session: Session, row: int) -> None:
        """Which words of a point's text speak for the network's answer, on the map's tooltip."""
        found = session.word_weights(row)
        if found is not None:
            self.board.map.show_words(row, found.label, found.spans, found.shares)

    def _play_from(self, index: int) -> None:
        """Play on from a recorded frame, with the sliders as they are."""
        frames = self.recording.frames
        self.branch(frames[min(index, len(frames) - 1)].step, **self.sliders)

    # --- what a run's player calls, in its thread

    def _on_fact(self, run: Run, fact: Fact) -> None:
        run.keep_checkpoint(fact)
        if not self._lifecycle.is_current(run):
            return  # a late thread
        planned = isinstance(fact, Changed) and run.is_planned(fact)
        if isinstance(fact, Changed) and planned:
            self._lifecycle.note({fact.name: fact.new})
            self.board.controls.move({fact.name: fact.new})
            self.settings.show({fact.name: fact.new})
        elif isinstance(fact, Embedded):
            self._settling.hide()
        self.screen.on_fact(fact)
        if isinstance(fact, Embedded):
            load_compiler()  # for the first step, while people look at the first picture

    def _on_heartbeat(self, run: Run, state: str) -> None:
        """About once a second, and whenever the state changes."""
        if not self._lifecycle.is_current(run):
            return
        if run.player.error is not None:
            self.show_error(run.player.error)
        self.screen.on_heartbeat(state)
        if state == "finished":
            tell_finish()
        if (
            self.board.map.watched
        ):  # a notebook that runs without a page needs no process for umap-learn, and no picture
            self._settling.on_heartbeat(state, run.recording)
            self._still.on_heartbeat(rests=state != "playing" and not self.screen.busy)
        try:
            self.board.foot.show(self.link)
        except ValueError:
            self.board.foot.show("", tr(UNNAMED))


def _never() -> bool:
    return False


def _nothing() -> None:
    pass


def check_hidden(names: Iterable[str], own: Iterable[Setting]) -> frozenset[str]:
    """The names of controls and settings to hide, if all are known: own settings, and those of every objective and projection."""
    declared = (
        settings for cls in OBJECTIVES.values() for settings in ((cls.weight,), cls.settings)
    )
    settings = [
        s for some in (*declared, *(cls.settings for cls in PROJECTIONS.values())) for s in some
    ]
    known = dict.fromkeys((*PLACES, *(s.name for s in (*own, *settings, BUDGET))))
    return frozenset(
        check_name(name, known, what="control")
        for name in ([names] if isinstance(names, str) else names)
    )


def hidden_by(
    simple: bool | str, secret: frozenset[str], own: tuple[Setting, ...]
) -> frozenset[str]:
    """The names of what a simple board and one to diagnose hide.

    The one shows SIMPLE and a slider, lambda's or that of the setting named. The other hides a setting and what tells it.
    """
    found = frozenset((*secret, *TELLTALES)) if secret else frozenset[str]()
    return found | hidden_if_simple(simple, own) if simple else found


def hidden_if_simple(simple: bool | str, own: tuple[Setting, ...]) -> frozenset[str]:
    """The names of what a simple board hides: all but SIMPLE and one slider."""
    slider = LAMBDA.name if simple is True else str(simple)
    check_hidden(slider, own)
    names = {*PLACES, *(s.name for s in own), BUDGET.name}
    return frozenset(names - {*SIMPLE, slider})


def default_threads() -> int:
    """Torch's threads while a board is open: all cores but one, which draws; beyond four, small networks gain nothing.

    OMP_NUM_THREADS may ask for fewer, where several people share the cores.
    """
    threads = max(1, min(4, (os.cpu_count() or 2) - 1))
    asked = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    return min(threads, int(asked)) if asked.isdecimal() and int(asked) else threads


def _weakly(listener: Callable[[int, int], None]) -> Callable[[int, int], None]:
    """Call a method as long as its object is there: a session that someone keeps holds no board."""
    method = weakref.WeakMethod(listener)

    def tell(done: int, n: int) -> None:
        if (told := method()) is not None:
            told(done, n)

    return tell
