"""The board: status, map, numbers, curves, controls and timeline in one widget; it calls handlers, and is told."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from tltutor.views.controls import Controls
from tltutor.views.curves import CurvesView
from tltutor.views.foot import FootView
from tltutor.views.front import Front
from tltutor.views.happenings import HappeningsView
from tltutor.views.header import BUTTONS, FIELDS, Header
from tltutor.views.map import MapView
from tltutor.views.network import NetworkView
from tltutor.views.said import ErrorView, FrameView, LanguageSwitch, NumbersView, StatusView
from tltutor.views.steering import choose, connect_timeline, guarded_pair
from tltutor.views.timeline import TimelineView

if TYPE_CHECKING:
    from tltutor.settings import Setting
    from tltutor.views.channel import Channel
    from tltutor.views.header import Options
    from tltutor.views.timeline import Tick

NUMBERS = (
    "target_accuracy",
    "source_accuracy",
    "domain_probe_accuracy",
    "mmd2",
    "knn_label_agreement",
    "effective_sample_size",
    "mass_to_other_class",
    "target_AP",
    "source_AP",
)  # the rows beside the map
PLACES = (
    *BUTTONS,
    *FIELDS,
    "network",
    "numbers",
    "curves",
    "timeline",
    "map",
    "link",
    "language",
    *NUMBERS,
    "judges",
)  # what can be hidden by name


def _nothing(*_: Any) -> None:
    pass


@dataclass(frozen=True)
class Handlers:
    """What the board calls, on whatever thread the browser's message arrives; an error in one lands in the red panel.

    set(name, value): a control or the speed moved. set_map(name, value): a control of the map moved. choose(what, value):
    "pair", "objective", "projection" or "seed". scrub(index): look at the recorded frame of that number; None is back to live.
    branch(index): play on from that frame. changed(index, start): what changed there, since the look before or the start.
    settled(): the settled map is wanted, or no more. unfolded(): the list of what happened is wanted; happening(number): one of
    its lines was pressed. points(name, step): the points of a number are asked for, at a step or, for None, at what is shown.
    judging(on): the label-free judges are to be asked at each look, or no more. share(kind): a file of this kind is wanted.
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
    unfolded: Callable[[], None] = _nothing
    happening: Callable[[int], None] = _nothing
    points: Callable[[str, int | None], None] = _nothing
    judging: Callable[[bool], None] = _nothing
    share: Callable[[str], None] = _nothing


class Board:
    """Everything a learner sees and moves; `widget` is its root. Methods that show may be called from any thread.

    hide: names of parts (PLACES) and of settings that are not to be seen. presenter: larger, for a room of people.
    """

    def __init__(
        self, handlers: Handlers | None = None, *, hide: Iterable[str] = (), presenter: bool = False
    ) -> None:
        self.handlers = handlers or Handlers()
        self.hidden = frozenset(hide)
        self._lock = threading.RLock()
        self._state, self._stepping, self._blamed = "ready", False, ""
        self.frame = FrameView(hidden=sorted(self.hidden), presenter=presenter)
        chosen = guarded_pair(self.guarded, partial(choose, self.handlers))
        self.header = Header(self.guarded(self._pressed), chosen)
        self.status, self.numbers, self.error = StatusView(), NumbersView(), ErrorView()
        self.network = NetworkView()
        self.map, self.curves, self.timeline = (
            MapView(presenter=presenter),
            CurvesView(),
            TimelineView(),
        )
        self.controls = Controls(guarded_pair(self.guarded, self.handlers.set))
        self.map_controls = Controls(guarded_pair(self.guarded, self.handlers.set_map))
        self.foot = FootView(folds="map" not in self.hidden, links="link" not in self.hidden)
        self.switch = LanguageSwitch(self.guarded)
        connect_timeline(self.timeline, self.handlers, self.guarded)
        self.happenings = HappeningsView()
        self._connect_points()

    @property
    def parts(self) -> dict[str, Channel]:
        """What the page draws, by the names that it knows."""
        return {
            "frame": self.frame,
            "header": self.header,
            "status": self.status,
            "language": self.switch,
            "error": self.error,
            "network": self.network,
            "map": self.map,
            "timeline": self.timeline,
            "happenings": self.happenings,
            "numbers": self.numbers,
            "curves": self.curves,
            "controls": self.controls,
            "foot": self.foot,
            "map_controls": self.map_controls,
        }

    @cached_property
    def widget(self) -> Front:
        """The widget that shows the board; made when it is first asked for."""
        return Front(self.parts)

    def unhide(self, names: Iterable[str]) -> None:
        """Show these parts, too; the sliders of settings follow with `set_controls` and `set_map_controls`."""
        with self._lock:
            self.hidden -= frozenset(names)
            self.foot.folds, self.foot.links = "map" not in self.hidden, "link" not in self.hidden
            self.frame.hidden = sorted(self.hidden)

    def _connect_points(self) -> None:
        """Let the handlers hear what asks for points."""
        unfolded = self.guarded(lambda _: self.handlers.unfolded())
        self.happenings.on_unfold = lambda: unfolded(None)
        self.happenings.on_go = self.guarded(self.handlers.happening)
        points = guarded_pair(self.guarded, self.handlers.points)
        self.numbers.on_points = lambda name: points(name, None)
        self.curves.on_points = points
        self.numbers.on_judging = self.guarded(self.handlers.judging)
        self.foot.on_share = self.guarded(self.handlers.share)

    def guarded(self, act: Callable[[Any], None]) -> Callable[[Any], None]:
        """`act`, whose errors show in the red panel: an error in a callback would otherwise vanish."""

        def run(argument: Any) -> None:
            try:
                act(argument)
                self._forgive()
            except Exception as error:  # noqa: BLE001  whatever it is, the learner must see it
                self.show_error(f"{type(error).__name__}: {error}", traceback.format_exc())
                self._blamed = self.error.text

        return run

    def _forgive(self) -> None:
        """A callback went well: an earlier callback's error has had its time; another error, a run's, stays."""
        with self._lock:
            if self._blamed and self.error.text == self._blamed:
                self.clear_error()
            self._blamed = ""

    def _pressed(self, button: str) -> None:
        if button == "play":
            self._play_or_pause()
        elif button == "step":
            self._step()
        else:
            getattr(self.handlers, button)()

    def _play_or_pause(self) -> None:
        plays, self._stepping = self._state == "playing" and not self._stepping, False
        (self.handlers.pause if plays else self.handlers.play)()

    def _step(self) -> None:
        self._stepping = (
            self._state != "playing"
        )  # until it is done: Play goes on from it, and does not end it
        self.handlers.step()

    @property
    def live(self) -> bool:
        """Whether the timeline stands at its right end, so that the map shows what happens now."""
        return bool(self.timeline.position < 0)

    def sleep(self, reason: str = "") -> None:
        """Play and Step cannot be pressed, for this reason (in English); without one they can again."""
        self.header.sleep(reason)

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
            self.status.show(
                state=state, step=step, steps=steps, device=device, rate=rate, note=note
            )
            playing = state == "playing"
            self._stepping = self._stepping and playing
            self.map.show_playing(playing=playing)
            self.timeline.reached = step
            self.header.playing = playing and not self._stepping

    def show_numbers(self, numbers: Mapping[str, float]) -> None:
        """The numbers of the last look, by name."""
        self.numbers.show(numbers)

    def show_chosen(self, chosen: Mapping[str, int]) -> None:
        """The step that each label-free judge would have chosen so far, and the oracle's, by name; none where none is asked."""
        self.numbers.chosen = self.timeline.chosen = dict(chosen)

    def show_recorded(self, steps: Sequence[int], ticks: Iterable[Tick] = ()) -> None:
        """Frames of these steps are recorded and can be looked back at; something changed at the ticks."""
        with self._lock:
            self.timeline.show(steps, ticks)

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
        self.timeline.position = position

    def show_error(self, title: str, details: str = "") -> None:
        """The red panel: title, last line of the details, the rest behind a fold."""
        with self._lock:
            self.error.show(title, details)

    def clear_error(self) -> None:
        """Take the red panel away."""
        self.show_error("")

    def show_effective(self, values: Mapping[str, Any]) -> None:
        """What the settings act as now, written beside their sliders."""
        self.controls.show(values)

    def set_controls(self, settings: tuple[Setting, ...], values: Mapping[str, Any]) -> None:
        """Sliders for these settings, in the place of the ones before."""
        self.controls.fill(self._seen(settings), values)

    def set_map_controls(self, settings: tuple[Setting, ...], values: Mapping[str, Any]) -> None:
        """Sliders for these settings of the map, in the fold under the others."""
        self.map_controls.fill(() if "map" in self.hidden else self._seen(settings), values)

    def _seen(self, settings: tuple[Setting, ...]) -> tuple[Setting, ...]:
        return tuple(setting for setting in settings if setting.name not in self.hidden)

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
        self.header.show(
            {"pair": pairs, "objective": objectives, "projection": projections}, chosen
        )

    def close(self) -> None:
        """Close the widget and let go of all that listens."""
        if "widget" in vars(self):
            self.widget.close()
        for part in self.parts.values():
            part.close()
