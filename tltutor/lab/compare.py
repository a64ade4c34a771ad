"""Two labs side by side: same seed, same points, same projection; one Play, step for step, one scrubber over both."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from tltutor.experiment.experiment import SOURCE_ONLY
from tltutor.lab.lab import Lab, default_threads
from tltutor.lab.screen import ticks
from tltutor.lab.still import StillOfRuns
from tltutor.lab.twins import Twins, verdict
from tltutor.lab.worker import Worker
from tltutor.language import follow, spoken, tr
from tltutor.player.player import PATIENCE
from tltutor.settings import check_name
from tltutor.views import Handlers
from tltutor.views.side_by_side import SideBySide

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.objectives import Objective

LEAD = 1  # steps that one run may be ahead of the other while both train
LAG = 20  # steps at most that the one behind makes up for when both are paused
ORDER = (
    "failed",
    "loading",
    "playing",
    "stopped",
    "paused",
    "ready",
    "finished",
)  # of two states the first is told

SHARED = ("pair", "projection", "seed")  # what is chosen for both at once

_compares: dict[
    str, Compare
] = {}  # the open ones by name: running a cell again closes the one before


class Compare:
    """`tl.Compare(lab_a, lab_b)`, or `tl.Compare("digits->photo-digits", "source-only", "dann", **options)` with a Lab's options.

    Both must have the same seed and points (a ValueError says what differs); the second takes over the first one's projection.
    Each trains in its own thread, neither more than one step ahead, with half of the threads that one lab would have. Labs that
    were passed in stay open when the Compare is closed. As with a Lab, nothing trains and no thread starts before it is shown
    or asked to train.
    """

    def __init__(
        self,
        first: Lab | str | DomainPair,
        second: Lab | str | Objective,
        third: str | Objective | None = None,
        *,
        name: str = "compare",
        **options: Any,
    ) -> None:
        if name in _compares:
            _compares[name].close()
        given = isinstance(first, Lab) and isinstance(second, Lab) and third is None
        arguments = (first, second) if third is None else (first, second, third)
        self.labs: tuple[Lab, Lab] = (
            checked(arguments, options) if given else build(arguments, name, options)
        )
        self.name, self._own = name, not given
        self._worker, self._twins = Worker(name), Twins()
        self._still = StillOfRuns(lambda: tuple(lab.run for lab in self.labs))
        torch.set_num_threads(threads())
        one, other = self.labs
        presenter = bool(one.board.map.presenter)
        self.board = SideBySide((one.board, other.board), self._handlers(), presenter=presenter)
        for lab, partner in ((one, other), (other, one)):
            waits = _waits_for(lab, partner)
            lab.join(f"tltutor-{name}", waits=waits, on_frame=self._refresh, threads=threads())
        self._show()
        follow(self._show)
        _compares[name] = self

    def _handlers(self) -> Handlers:
        return Handlers(
            play=self.play,
            pause=self.pause,
            step=self.step,
            reset=lambda: self._both(lambda lab: lab.reset(wait=False)),
            stop=self.stop,
            set=lambda _, speed: self._both(lambda lab: lab.set_speed(speed)),
            choose=self._choose,
            scrub=self._scrub,
            branch=self._branch,
            changed=self._changed,
        )

    def _both(self, act: Callable[[Lab], Any]) -> None:
        for lab in self.labs:
            act(lab)

    # --- what a notebook calls

    def start(self) -> None:
        """Take the first snapshots of both. Showing the two does so."""
        self._both(lambda lab: lab.start())

    def play(self) -> None:
        """Train both until paused."""
        self._both(lambda lab: lab.play())

    def pause(self) -> None:
        """Hold both, after the same step."""
        self._both(lambda lab: lab.pause())

    def step(self, n: int = 1) -> None:
        """Train n steps of both, then pause."""
        self._both(lambda lab: lab.step(n))

    def stop(self) -> None:
        """End both training threads; what was recorded stays."""
        self._both(lambda lab: lab.stop())

    def reset(self) -> None:
        """Both back to step 0, with the sliders where they are."""
        self._both(lambda lab: lab.reset())

    def choose(self, what: str, value: Any) -> None:
        """Another "pair", "projection" or "seed" for both; all but the projection start new runs. If one cannot, neither does.

        Each side's objective is its own: `compare.labs[0].choose("objective", "mmd")`, or the chooser over its map.
        """
        first, second = self.labs
        before = getattr(first.experiment, check_name(what, SHARED, what="shared choice"))
        first.choose(what, value)
        try:
            second.choose(what, value)
        except Exception:
            first.choose(what, before)
            raise
        finally:
            self._refresh()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until neither is built or trains. It holds up the notebook: for tests and scripts."""
        quiet = [self._worker.wait(timeout), *(lab.wait(timeout) for lab in self.labs)]
        return all(quiet)

    def close(self) -> None:
        """Remove the widget, and the labs too where they were built here."""
        if _compares.get(self.name) is self:
            del _compares[self.name]
        self._both(lambda lab: lab.leave())
        self._worker.close(PATIENCE)
        self.board.close()
        if self._own:
            self._both(lambda lab: lab.close())

    @property
    def widget(self) -> Any:
        """Both boards as one widget; asking for it starts both labs, as showing it does."""
        self.start()
        return self.board.widget

    def _repr_mimebundle_(self, **options: Any) -> Any:
        """The live widget, and what stands for it in a saved notebook, on GitHub or in print."""
        return self._still.beside(self.widget, **options)

    # --- what its own buttons do

    def _choose(self, what: str, value: Any) -> None:
        """Choose in another thread, so that the board stays alive; an error lands in the first one's red panel."""
        self._worker.submit(lambda: self.choose(what, value), self.labs[0].show_error)

    def _steps(self) -> list[int]:
        """The steps at which one or the other was looked at."""
        return sorted({frame.step for lab in self.labs for frame in lab.recording.frames})

    def _step_at(self, index: int) -> int:
        """The step at a place of the timeline; the last one where a long run was thinned meanwhile."""
        steps = self._steps()
        return steps[min(index, len(steps) - 1)] if steps else 0

    def _scrub(self, index: int | None) -> None:
        back = index is not None and index < len(self._steps()) - 1
        for lab in self.labs:
            lab.scrub(frame_at(lab, self._step_at(index or 0)) if back else None, hold=back)
        self._refresh()

    def _branch(self, index: int) -> None:
        step = self._step_at(index)
        self._both(lambda lab: lab.branch(min(step, lab.session.step_number), **lab.sliders))

    def _changed(self, index: int, start: bool) -> None:
        step = self._step_at(index)
        self._both(lambda lab: lab.screen.changed(frame_at(lab, step), start=start))

    # --- what is shown; called by both players' threads

    def _refresh(self) -> None:
        self._show()
        self._catch_up()
        if all(lab.board.map.watched for lab in self.labs):
            quiet = all(lab.player.state != "playing" and not lab.replaying for lab in self.labs)
            self._still.on_heartbeat(rests=quiet)

    def _show(self) -> None:
        first, second = self.labs
        steps = self._steps()
        found = [
            (at, tr("{title}: {text}", title=title, text=text), kind)
            for lab, title in zip(self.labs, titles(first, second), strict=True)
            for at, text, kind in ticks(steps, lab.recording.moves, lab.run.branches)
        ]
        self.board.show_recorded(steps, sorted(found))
        shown = [frame.numbers if (frame := lab.screen.frame) else {} for lab in self.labs]
        named = (
            titles(first, second)
            if "objective" in first.board.hidden
            else differences(first, second)
        )
        self.board.show_titles(named, [numbers.get("target_accuracy") for numbers in shown])
        self.board.show_choices()
        self._show_status()

    def _show_status(self) -> None:
        behind = min(self.labs, key=lambda lab: lab.session.step_number)
        state = min((lab.screen.state for lab in self.labs), key=ORDER.index)
        session, busy = behind.session, dict.fromkeys(lab.screen.busy for lab in self.labs)
        note = " · ".join(filter(None, busy)) or self._verdict()
        self.board.show_status(
            state,
            session.step_number,
            session.steps,
            device=str(session.device),
            rate=behind.screen.rate,
            note=note,
        )

    def _verdict(self) -> str:
        """What a method gained over source-only, once both have ended; "" if that is not to be told."""
        if not {"numbers", "target_accuracy"}.isdisjoint(self.board.frame.hidden):
            return ""
        gain = self._twins.see(*self.labs)
        method = next((lab for lab in self.labs if lab.session.objective.name != SOURCE_ONLY), None)
        return (
            ""
            if gain is None or method is None
            else verdict(gain, tr(method.session.objective.title))
        )

    def _catch_up(self) -> None:
        """Two that were paused a step apart stand at the same step in the end."""
        behind, before = sorted(self.labs, key=lambda lab: lab.session.step_number)
        lag = before.session.step_number - behind.session.step_number
        if 0 < lag <= LAG and all(
            lab.player.state == "paused" and not lab.replaying for lab in self.labs
        ):
            with suppress(RuntimeError):  # it was stopped in this moment
                behind.step(lag)


def build(arguments: tuple[Any, ...], name: str, options: Mapping[str, Any]) -> tuple[Lab, Lab]:
    """Two labs from a pair and two objectives."""
    if len(arguments) != 3 or isinstance(arguments[0], Lab):
        raise TypeError(
            f"Compare takes two labs, or a pair and two objectives, got {len(arguments)} arguments: Compare(pair, 'mmd', 'dann')"
        )
    pair, *objectives = arguments
    first = Lab(pair, objectives[0], name=f"{name}-a", **{"threads": threads(), **options})
    try:
        return first, Lab(
            pair, objectives[1], name=f"{name}-b", **{"threads": threads(), **options}
        )
    except Exception:
        first.close()
        raise


def checked(labs: tuple[Any, ...], options: Mapping[str, Any]) -> tuple[Lab, Lab]:
    """Two labs that can be compared; the second takes over the first one's projection."""
    if options:
        raise TypeError(
            f"two labs bring their own options, got {', '.join(options)}: give them to the labs"
        )
    first, second = labs
    if first is second:
        raise ValueError(
            "two labs must be two, got one lab twice: build the second with another name="
        )
    same("seed", first.experiment.seed, second.experiment.seed)
    same("pair", first.session.pair.name, second.session.pair.name)
    points = [lab.session.snapshot_points for lab in labs]
    same("number of points on the map (snapshot_size)", *(len(p.labels) for p in points))
    if not all(
        np.array_equal(getattr(points[0], part), getattr(points[1], part))
        for part in ("x", "labels", "is_target")
    ):
        raise ValueError(
            "both labs must show the same points, got other examples: build both with the same pair and pair_options"
        )
    second.share_projection(first)
    return first, second


def same(what: str, one: Any, other: Any) -> None:
    """An error unless both labs have the same."""
    if one != other:
        raise ValueError(
            f"both labs must have the same {what}, got {one!r} and {other!r}: build both with the same one"
        )


def _waits_for(lab: Lab, other: Lab) -> Callable[[], bool]:
    return lambda: ahead(lab, other)


def ahead(lab: Lab, other: Lab) -> bool:
    """Whether a run has to wait for the other one."""
    if other.replaying:
        return True
    return (
        other.player.state == "playing"
        and lab.session.step_number >= other.session.step_number + LEAD
    )


def frame_at(lab: Lab, step: int) -> int:
    """The number of a lab's last frame up to a step."""
    return max(bisect_right([frame.step for frame in lab.recording.frames], step) - 1, 0)


def titles(first: Lab, second: Lab) -> tuple[str, str]:
    """What each run is; where the objective is the same, by the settings that differ."""
    one, other = first.session, second.session
    named = (tr(one.objective.title), tr(other.objective.title))
    if named[0] != named[1]:
        return named
    differ = differences(first, second)
    return (f"{named[0]} · {differ[0]}", f"{named[1]} · {differ[1]}") if any(differ) else named


def differences(first: Lab, second: Lab) -> tuple[str, str]:
    """The settings that differ between two runs of one objective, as each has them; nothing where the objectives differ."""
    one, other = first.session, second.session
    if one.objective.title != other.objective.title:
        return "", ""
    differ = [name for name in one.values if one.values[name] != other.values.get(name)]
    said = [
        ", ".join(f"{spoken(name)} {_short(run.values[name])}" for name in differ)
        for run in (one, other)
    ]
    return said[0], said[1]


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else tr(str(value))


def threads() -> int:
    """Torch's threads of each of two runs."""
    return max(1, default_threads() // 2)
