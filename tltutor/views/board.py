"""The board: status, map, numbers, curves, controls and timeline in one widget; it calls handlers, and is told."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets as w

from tltutor.language import follow, mark
from tltutor.views.closing import close_tree
from tltutor.views.controls import Controls
from tltutor.views.curves import CurvesView
from tltutor.views.foot import FootView
from tltutor.views.header import BUTTONS, FIELDS, Headed, Header
from tltutor.views.map import MapView
from tltutor.views.markup import error_panel, numbers_table, status_line
from tltutor.views.modules import bundled
from tltutor.views.saying import Saying
from tltutor.views.silence import Silence
from tltutor.views.sparing import Sparing
from tltutor.views.spoken import Spoken
from tltutor.views.switch import LanguageSwitch
from tltutor.views.timeline import TimelineView

if TYPE_CHECKING:
    from tltutor.settings import Setting
    from tltutor.views.header import Options
    from tltutor.views.timeline import Tick

_HERE = Path(__file__).parent
PLACES = (
    *BUTTONS,
    *FIELDS,
    "numbers",
    "curves",
    "timeline",
    "map",
    "link",
    "language",
)  # what can be hidden by name
TOOLTIPS = {
    "play": mark("Train, and watch the features move"),
    "step": mark("Train one step and pause"),
    "reset": mark("Begin again: same settings, same seed"),
    "stop": mark("End this run and its thread; what was recorded stays"),
}


def _nothing(*_: Any) -> None:
    pass


@dataclass(frozen=True)
class Handlers:
    """What the board calls, on whatever thread the browser's message arrives; an error in one lands in the red panel.

    set(name, value): a control or the speed moved. set_map(name, value): a control of the map moved. choose(what, value):
    "pair", "objective", "projection" or "seed". scrub(index): look at the recorded frame of that number; None is back to live.
    branch(index): play on from that frame. changed(index, start): what changed there, since the look before or the start.
    settled(): the settled map is wanted, or no more.
    """

    play: Callable[[], None] = _nothing
    pause: Callable[[], None] = _nothing
    step: Callable[[], None] = _nothing
    reset: Callable[[], None] = _nothing
    stop: Callable[[], None] = _nothing
    set: Callable[[str, Any], None] = _nothing
    choose: Callable[[str, Any], None] = _nothing
    scrub: Callable[[int | None], None] = _nothing
    set_map: Callable[[str, Any], None] = _nothing
    branch: Callable[[int], None] = _nothing
    changed: Callable[[int, bool], None] = _nothing
    settled: Callable[[], None] = _nothing


class Frame(Spoken):
    """Unseen: brings the style sheet, keeps JupyterLab's shortcuts off the board, names sliders for screen readers."""

    _esm = bundled(_HERE / "board.js")
    _css = (_HERE / "views.css").read_text("utf-8")


class Board(Headed):
    """Everything a learner sees and moves; `widget` is its root. Methods that show may be called from any thread.

    hide: names of parts (PLACES) and of settings that are not to be seen. presenter: larger, for a room of people.
    """

    def __init__(
        self, handlers: Handlers | None = None, *, hide: Iterable[str] = (), presenter: bool = False
    ) -> None:
        self.handlers = handlers or Handlers()
        self.hidden, self._presenter = frozenset(hide), presenter
        self._make = Sparing()
        self.controls, self.map_controls = Controls((), {}, _nothing), Controls((), {}, _nothing)
        self._lock = threading.RLock()
        self._silence = Silence()
        self._state, self._stepping, self._blamed = "ready", False, ""
        self._make_header()
        self._status, self._numbers = (
            self._make(Saying, names="tlt-status-place"),
            self._make(Saying),
        )
        self._error = self._make(w.HTML, layout=w.Layout(display="none"))
        self.map, self.curves, self.timeline = (
            MapView(presenter=presenter),
            CurvesView(),
            TimelineView(),
        )
        self.foot = FootView()
        self._place()
        self._conceal()
        self._listen()
        self.show_status("ready", 0, 0)
        self.show_numbers({})
        follow(self.retell)

    def _make_header(self) -> None:
        header = self._header = Header(self._make, TOOLTIPS)
        self.play_button, self.step_button, self.reset_button, self.stop_button = (
            header.buttons[name] for name in BUTTONS
        )
        self.pair, self.objective, self.projection, self.seed, self.speed = (
            header.fields[name] for name in FIELDS
        )
        self.switch = LanguageSwitch(self._make)
        self.language_button = self.switch.button

    def _box(self, name: str, *children: w.DOMWidget) -> w.Box:
        return self._make(w.Box, children, names=f"tlt-{name}")

    def _place(self) -> None:
        self._controls_place = self._box("controls-place", self.controls.widget)
        self._folding = self._box("folding", self.foot, self.map_controls.widget)
        left, right = (
            self._box("left", self.map, self.timeline),
            self._box("right", self._numbers, self.curves),
        )
        main = self._box("main", left, right)
        top = self._box("status-row", self._status, self.language_button)
        rows = (self._header.widget, top, self._error, main, self._controls_place, self._folding)
        self.widget = self._box(
            "board tlt-presenting" if self._presenter else "board", Frame(), *rows
        )

    def _conceal(self) -> None:
        parts = {f"{name}_button": name for name in BUTTONS} | {
            name: name for name in (*FIELDS, "curves", "timeline")
        }
        self.conceal(parts | {"_numbers": "numbers", "language_button": "language"}, self)
        self.foot.folds, self.foot.links = "map" not in self.hidden, "link" not in self.hidden

    def conceal(self, parts: Mapping[str, str], of: Any) -> None:
        """Take what shall be hidden out of sight and out of the keyboard's way; parts: attributes of `of`, and their names."""
        for part, name in parts.items():
            if name in self.hidden:
                getattr(of, part).add_class("tlt-hidden")

    def _listen(self) -> None:
        self.play_button.on_click(self.guarded(lambda _: self._play_or_pause()))
        self.step_button.on_click(self.guarded(lambda _: self._step()))
        self.reset_button.on_click(self.guarded(lambda _: self.handlers.reset()))
        self.stop_button.on_click(self.guarded(lambda _: self.handlers.stop()))
        self.language_button.on_click(self.guarded(lambda _: self.switch.turn()))
        for what in ("pair", "objective", "projection", "seed"):
            getattr(self, what).observe(self._heard(partial(self._choose, what)), "value")
        self.speed.observe(self._heard(lambda value: self.handlers.set("speed", value)), "value")
        self.timeline.observe(
            self._heard(lambda value: self.handlers.scrub(None if value < 0 else value)), "position"
        )
        self.timeline.on_branch = self.guarded(self.handlers.branch)
        changed = self.guarded(lambda asked: self.handlers.changed(*asked))
        self.timeline.on_changed = lambda position, start: changed((position, start))
        settled = self.guarded(lambda _: self.handlers.settled())
        self.timeline.on_settled = lambda: settled(None)

    def guarded(self, act: Callable[[Any], None]) -> Callable[[Any], None]:
        """`act`, whose errors show in the red panel: an error in a callback would otherwise vanish."""

        def run(argument: Any) -> None:
            try:
                act(argument)
                self._forgive()
            except Exception as error:  # noqa: BLE001  whatever it is, the learner must see it
                self.show_error(f"{type(error).__name__}: {error}", traceback.format_exc())
                self._blamed = self._error.value

        return run

    def _forgive(self) -> None:
        """A callback went well: an earlier callback's error has had its time; another error, a run's, stays."""
        with self._lock:
            if self._blamed and self._error.value == self._blamed:
                self.clear_error()
            self._blamed = ""

    def _heard(self, act: Callable[[Any], None]) -> Callable[[Any], None]:
        """`act` on the new value that the learner, not the code, gave."""
        guarded = self.guarded(act)
        return lambda change: None if self._silence.now else guarded(change["new"])

    def _choose(self, what: str, value: Any) -> None:
        self.handlers.choose(what, value)

    def _play_or_pause(self) -> None:
        plays, self._stepping = self._state == "playing" and not self._stepping, False
        (self.handlers.pause if plays else self.handlers.play)()

    def _step(self) -> None:
        self._stepping = (
            self._state != "playing"
        )  # until it is done: Play goes on from it, and does not end it
        self.handlers.step()

    @property
    def column(self) -> tuple[tuple[w.DOMWidget, ...], ...]:
        """What is shown of this board beside another one: what chooses the objective, red panel and map, and the sliders."""
        return (self.objective,), (self._error, self.map), (self._controls_place,)

    @property
    def live(self) -> bool:
        """Whether the timeline stands at its right end, so that the map shows what happens now."""
        return bool(self.timeline.position < 0)

    def show_status(
        self,
        state: str,
        step: int,
        steps: int,
        device: str = "",
        *,
        rate: float | None = None,
        note: str = "",
    ) -> None:
        """State (loading, ready, playing, paused, finished, stopped, failed), step of steps, device, steps a second, remark."""
        with self._lock:
            self._state = state
            self._status.say(
                lambda: status_line(state, step, steps=steps, device=device, rate=rate, note=note)
            )
            playing = state == "playing"
            self._stepping = self._stepping and playing
            self.map.show_playing(playing=playing)
            self._header.show_playing(playing=playing and not self._stepping)

    def show_numbers(self, numbers: Mapping[str, float]) -> None:
        """The numbers of the last look, by name."""
        with self._lock:
            self._numbers.say(lambda: numbers_table(numbers))

    def show_recorded(self, length: int, ticks: Iterable[Tick] = ()) -> None:
        """So many frames are recorded and can be looked back at; something changed at the ticks."""
        with self._lock:
            self.timeline.show(length, ticks)

    def show_settled(self, state: str) -> None:
        """How the settled map stands: "" without one, "waiting", "ready" or "shown"."""
        with self._lock:
            self.timeline.settled = state

    def go_live(self) -> None:
        """Put the timeline back to its right end; not heard by `scrub`. Not for the player's thread."""
        self.move_timeline(-1)
        self.curves.show_step(None)

    def move_timeline(self, position: int) -> None:
        """Put the timeline to a frame, where its number has become another; not heard by `scrub`."""
        with self._silence.kept():
            self.timeline.position = position

    @property
    def error_text(self) -> str:
        """The red panel's HTML; "" while it is away."""
        return "" if self._error.layout.display == "none" else str(self._error.value)

    @property
    def status_text(self) -> str:
        """The status line's HTML."""
        return str(self._status.value)

    def show_error(self, title: str, details: str = "") -> None:
        """The red panel: title, last line of the details, the rest behind a fold."""
        with self._lock:
            self._error.value = error_panel(title, details)
            self._error.layout.display = ""

    def clear_error(self) -> None:
        """Take the red panel away."""
        with self._lock:
            self._error.value, self._error.layout.display = "", "none"

    def show_effective(self, values: Mapping[str, Any]) -> None:
        """What the settings act as now, written beside their sliders."""
        self.controls.show(values)

    def set_controls(self, settings: tuple[Setting, ...], values: Mapping[str, Any]) -> None:
        """Sliders for these settings, in the place of the ones before."""
        new = self._sliders(settings, values, lambda pair: self.handlers.set(*pair))
        with self._lock:
            old, self.controls = self.controls, new
            self._controls_place.children = (new.widget,)
        old.close()

    def set_map_controls(self, settings: tuple[Setting, ...], values: Mapping[str, Any]) -> None:
        """Sliders for these settings of the map, in the fold under the others."""
        settings = () if "map" in self.hidden else settings
        new = self._sliders(settings, values, lambda pair: self.handlers.set_map(*pair))
        with self._lock:
            old, self.map_controls = self.map_controls, new
            self._folding.children = (self.foot, new.widget)
        old.close()

    def _sliders(
        self, settings: tuple[Setting, ...], values: Mapping[str, Any], hear: Callable[[Any], None]
    ) -> Controls:
        guarded = self.guarded(hear)
        seen = tuple(setting for setting in settings if setting.name not in self.hidden)
        return Controls(seen, values, lambda name, value: guarded((name, value)))

    def set_choices(
        self,
        *,
        pairs: Options | None = None,
        objectives: Options | None = None,
        projections: Options | None = None,
        **chosen: Any,
    ) -> None:
        """What can be chosen, and what is: pair=, objective=, projection=, seed=, speed=. No handler hears it."""
        unknown = set(chosen) - set(FIELDS)
        if unknown:
            rule = "what is chosen must be pair, objective, projection, seed or speed"
            raise ValueError(f"{rule}, got {', '.join(sorted(unknown))}")
        with self._silence.kept():
            self._header.show(
                {"pair": pairs, "objective": objectives, "projection": projections}, chosen
            )

    def close(self) -> None:
        """Close every widget of the board, layouts and styles included."""
        close_tree(self.widget)
