"""The board, wired: session, player, projection and views become one live experiment in a notebook cell."""

from __future__ import annotations

import copy
import os
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import torch

from tltutor.domains import DomainPair, load_pair, pair_names
from tltutor.events import Changed, Fact, Looked, Placed, Stepped
from tltutor.networks import Network, build_network
from tltutor.objectives import OBJECTIVES, Objective, build_objective
from tltutor.player import BUDGET, SPEED, Player
from tltutor.projections import PROJECTIONS, build_projection
from tltutor.recording import Recording
from tltutor.session import Session
from tltutor.settings import check_name
from tltutor.views import Board, Handlers

REFRESH = 0.25  # seconds between two updates of the status line and the curves

_labs: dict[str, Lab] = {}  # the lab of each name: running a cell again closes the one before


@dataclass(frozen=True)
class Experiment:
    """All that says which run it is; a reset builds it anew, with the sliders where they are."""

    pair: str | DomainPair
    objective: str | Objective
    network: str | Network
    projection: str
    seed: int
    pair_options: Mapping[str, Any] = field(default_factory=dict)
    network_options: Mapping[str, Any] = field(default_factory=dict)
    session_options: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)  # what the sliders say

    def build(self) -> Session:
        """A new session at step 0; a network that was passed in stays as it is, its copy is trained."""
        pair = load_pair(self.pair, seed=self.seed, **self.pair_options) if isinstance(self.pair, str) else self.pair
        objective = build_objective(self.objective) if isinstance(self.objective, str) else copy.deepcopy(self.objective)
        for name in {s.name for s in objective.settings} & set(self.values):
            setattr(objective, name, self.values[name])
        shared = {n: v for n, v in self.values.items() if n in ("weight", "freeze_depth", "lr")}
        options = {**self.session_options, **shared}
        return Session(pair, self._network(pair), objective, seed=self.seed, **options)

    def _network(self, pair: DomainPair) -> Network:
        if isinstance(self.network, Network):
            return copy.deepcopy(self.network)
        if not pair.source.is_image:
            return build_network("mlp", pair, seed=self.seed)
        return build_network(self.network, pair, seed=self.seed, **self.network_options)

    def choosing(self, what: str, value: Any) -> Experiment:
        """The experiment with another pair, objective, projection or seed; another objective brings its own settings."""
        if what == "pair":
            values = {name: kept for name, kept in self.values.items() if name != "freeze_depth"}
            return replace(self, pair=value, pair_options={}, values=values)
        if what == "objective":
            return replace(self, objective=value, values={n: self.values[n] for n in ("freeze_depth", "lr") if n in self.values})
        return replace(self, **{check_name(what, ("seed", "projection"), what="choice"): value})


class Lab:
    """The live board: `tl.Lab(pair=…, objective=…)` as the last line of a cell shows it; Play is on it.

    pair, objective, network, projection: names, or objects of your own. pair_options, network_options: as for `load_pair` and
    `build_network`; all other options are the session's. A second lab of the same `name` closes the first.
    threads: torch's CPU threads; by default one core is left to the browser.
    """

    def __init__(
        self,
        pair: str | DomainPair = "digits->photo-digits",
        objective: str | Objective = "dann",
        *,
        network: str | Network = "lenet",
        projection: str = "tsne",
        seed: int = 0,
        name: str = "lab",
        budget: float = BUDGET.default,
        speed: float = SPEED.default,
        threads: int | None = None,
        pair_options: Mapping[str, Any] | None = None,
        network_options: Mapping[str, Any] | None = None,
        **session_options: Any,
    ) -> None:
        torch.set_num_threads(threads or default_threads())
        self.name, self._budget, self._speed = name, BUDGET.check(budget), SPEED.check(speed)
        self.experiment = Experiment(
            pair,
            objective,
            network,
            check_name(projection, PROJECTIONS, what="projection"),
            seed,
            pair_options or {},
            network_options or {},
            session_options,
        )
        self._building = threading.Lock()
        self._shown: int | None = None  # the frame that is scrubbed to; None is live
        self._refreshed, self._rated = 0.0, (0.0, 0)
        self._rate, self._note = 0.0, ""
        session = self.experiment.build()  # a mistake in the arguments is said by the cell itself
        if name in _labs:
            _labs.pop(name).close()
        self.board = Board(self._handlers())
        self._start(session)
        _labs[name] = self

    # --- what a notebook calls

    def play(self) -> None:
        """Train until paused."""
        self.player.play()

    def pause(self) -> None:
        """Hold after the step that is under way."""
        self.player.pause()

    def step(self, n: int = 1) -> None:
        """Train n steps, then pause."""
        self.player.step(n)

    def stop(self) -> None:
        """End the training thread; what was recorded stays, and Reset starts anew."""
        self.player.stop()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until nothing is being trained. It holds up the notebook: for tests and scripts, not for a lesson's cells."""
        return self.player.wait(timeout)

    def set(self, **changes: Any) -> None:
        """Change live settings: checked now, acting from the next step on."""
        self.player.set(**changes)
        self.board.controls.move(changes)
        self._wants(changes)

    def reset(self) -> None:
        """Back to step 0 with the same seed and the sliders where they are."""
        self._rebuild(self.experiment)

    def choose(self, what: str, value: Any) -> None:
        """Another "pair", "objective", "projection" or "seed"; all but the projection start a new run."""
        experiment = self.experiment.choosing(what, value)
        if what != "projection":
            self._rebuild(experiment)
            return
        layout = build_projection(value, seed=experiment.seed, device=self.session.device)
        self.experiment = experiment
        self.player.post(lambda: self._take_layout(layout))

    def close(self) -> None:
        """Stop the thread and remove all widgets."""
        self.player.stop()
        self.board.close()

    @property
    def error(self) -> BaseException | None:
        """What went wrong in the run, if anything."""
        return self.player.error

    @property
    def recording(self) -> Recording:
        """Everything the run told so far."""
        return self.player.recording

    @property
    def widget(self) -> Any:
        """The board as a widget."""
        return self.board.widget

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.widget._repr_mimebundle_(**options)

    # --- building a run

    def _start(self, session: Session) -> None:
        """Show a new session on the board and give it its player, which looks at once."""
        self.session = session
        self.board.clear_error()
        self._show_choices()
        self.board.set_controls(session.settings, session.values)
        points, pair = session.look_points, session.pair
        domains = (pair.source.name, pair.target.name)
        self.board.map.set_points(points.labels, points.is_target, points.x, class_names=pair.class_names, domain_names=domains)
        self.board.curves.clear()
        self.board.show_recorded(0)
        self.board.go_live()
        self._shown, self._rated, self._rate, self._note = None, (time.monotonic(), 0), 0.0, ""
        self.player = Player(
            session,
            layout=build_projection(self.experiment.projection, seed=self.experiment.seed, device=session.device),
            budget=self._budget,
            speed=self._speed,
            on_fact=self._on_fact,
            on_beat=self._on_beat,
            name=self.name,
        )

    def _show_choices(self) -> None:
        """The header: everything that is known by name, and an own pair or objective beside it."""
        pair, objective = self.session.pair.name, self.session.objective
        titles = {name: cls.title for name, cls in OBJECTIVES.items()} | {objective.name: objective.title}
        self.board.set_choices(
            pairs=tuple(dict.fromkeys((*pair_names(), pair))),
            objectives=[(title, name) for name, title in titles.items()],
            projections=[(cls.title, name) for name, cls in PROJECTIONS.items()],
            pair=pair,
            objective=objective.name,
            projection=self.experiment.projection,
            seed=self.experiment.seed,
        )

    def _rebuild(self, experiment: Experiment) -> None:
        """Stop the run and start `experiment`; if it cannot be built, the old run stays as it is."""
        with self._building:
            self.board.show_status("loading", self.session.step_number, self.session.steps, str(self.session.device))
            session = experiment.build()
            self.player.stop()
            self.experiment = experiment
            self._start(session)

    def _take_layout(self, layout: Any) -> None:
        self.player.layout = layout
        self.player.redraw()

    def _wants(self, changes: Mapping[str, Any]) -> None:
        self.experiment = replace(self.experiment, values={**self.experiment.values, **changes})

    # --- what the board's buttons do, on whichever thread the click arrives

    def _handlers(self) -> Handlers:
        return Handlers(
            play=self.play,
            pause=self.pause,
            step=self.step,
            reset=lambda: self._apart(self.reset),
            stop=self.stop,
            set=self._moved,
            choose=lambda what, value: self._apart(lambda: self.choose(what, value)),
            scrub=self._scrub,
        )

    def _moved(self, name: str, value: Any) -> None:
        """A slider was moved."""
        if name == "speed":
            self._speed = self.player.speed = SPEED.check(value)
            return
        self.player.set(**{name: value})
        self._wants({name: value})

    def _apart(self, action: Callable[[], None]) -> None:
        """Do what may take a while in a thread of its own, so that the board stays alive; its faults go to the red panel."""
        threading.Thread(target=self._told, args=(action,), name=f"tltutor-build-{self.name}", daemon=True).start()

    def _told(self, action: Callable[[], None]) -> None:
        try:
            action()
        except Exception as error:  # noqa: BLE001 - nobody else would hear of it
            self._show_error(error)
            self._on_beat(self.player.state)

    def _scrub(self, index: int | None) -> None:
        """Show a recorded frame; None, or the last one, goes back to live."""
        last = self.recording.frame_count - 1
        self._shown = None if index is None or index >= last else max(index, 0)
        self._show_frame(last if self._shown is None else self._shown)

    def _show_frame(self, index: int) -> None:
        if index < 0:
            return
        frame = self.recording.frame(index)
        note = "" if self._shown is None else f"step {frame.step}, {index + 1} of {self.recording.frame_count} frames"
        self.board.map.send(frame.xy, frame.step, frame.predictions, note)
        self.board.show_numbers(frame.numbers)
        self.board.curves.show_step(None if self._shown is None else frame.step)

    # --- what the player tells, in the player's thread

    def _on_fact(self, fact: Fact) -> None:
        if isinstance(fact, Stepped):
            self.board.curves.append(fact.step, {f"loss/{name}": value for name, value in fact.losses.items()})
            if time.monotonic() - self._refreshed >= REFRESH:
                self._refresh(fact)
        elif isinstance(fact, Looked):
            self.board.curves.append(fact.step, {n: v for n, v in fact.numbers.items() if n.endswith("_accuracy")})
        elif isinstance(fact, Placed):
            self.board.show_recorded(self.recording.frame_count)
            if self._shown is None:
                self._show_frame(self.recording.frame_count - 1)
        elif isinstance(fact, Changed):
            text = (
                f"{fact.name.replace('_', ' ')} {fact.old:.4g} → {fact.new:.4g}"
                if is_number(fact.new)
                else f"{fact.name} {fact.new}"
            )
            self.board.curves.mark(fact.step, text)
            self._note = f"{text} from step {fact.step:,}"

    def _refresh(self, fact: Stepped) -> None:
        """Four times a second: status, curves, and what lambda and the learning rate act as."""
        self._refreshed = time.monotonic()
        self.board.show_acting(fact.acting)
        self._on_status(self.player.state)
        self.board.curves.flush()

    def _on_status(self, state: str) -> None:
        now, (then, step) = time.monotonic(), self._rated
        if now - then >= 1.0:
            self._rate = (self.session.step_number - step) / (now - then)
            self._rated = (now, self.session.step_number)
        rate = self._rate if state == "playing" else 0.0
        session = self.session
        self.board.show_status(state, session.step_number, session.steps, str(session.device), rate=rate, note=self._note)

    def _on_beat(self, state: str) -> None:
        """About once a second, and whenever the state changes."""
        self._on_status(state)
        self.board.curves.flush()
        self.board.map.keep_alive()
        if state == "failed" and self.player.error is not None:
            self._show_error(self.player.error)

    def _show_error(self, error: BaseException) -> None:
        details = "".join(traceback.format_exception(error))
        self.board.show_error(f"{type(error).__name__}: {error}", details)


def is_number(value: Any) -> bool:
    """Whether a setting's value is written with digits; a switch is not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def default_threads() -> int:
    """Torch's threads while a board is open: all cores but one, which draws; beyond four, small networks gain nothing."""
    return max(1, min(4, (os.cpu_count() or 2) - 1))
