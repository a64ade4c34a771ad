"""Two labs side by side: same seed, same points, same projection; one Play, step for step, one scrubber over both."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch

from tltutor.lab.lab import Lab, default_threads
from tltutor.lab.screen import ticks
from tltutor.language import follow, spoken, tr
from tltutor.settings import check_name
from tltutor.views import Handlers
from tltutor.views.side_by_side import SideBySide

LEAD = 1  # steps that one run may be ahead of the other while both train
LAG = 20  # steps at most that the one behind makes up for when both are paused
ORDER = ("failed", "loading", "playing", "stopped", "paused", "ready", "finished")  # of two states the first is told

SHARED = ("pair", "projection", "seed")  # what is chosen for both at once

_compares: dict[str, Compare] = {}  # by name: running a cell again closes the one before


class Compare:
    """`tl.Compare(lab_a, lab_b)`, or `tl.Compare("digits->photo-digits", "source-only", "dann", **options)` with a Lab's options.

    Both must have the same seed and points (a ValueError says what differs); the second takes over the first one's projection.
    Each trains in its own thread, neither more than one step ahead, with half of the threads that one lab would have. Labs that
    were passed in go on living when the Compare is closed.
    """

    def __init__(self, *what: Any, name: str = "compare", **options: Any) -> None:
        if name in _compares:
            _compares.pop(name).close()
        own = not (len(what) == 2 and all(isinstance(lab, Lab) for lab in what))
        self.labs: tuple[Lab, Lab] = build(what, name, options) if own else checked(what, options)
        self.name, self._own = name, own
        torch.set_num_threads(threads())
        handlers = Handlers(
            play=self.play,
            pause=self.pause,
            step=self.step,
            reset=lambda: self._both(lambda lab: lab.board.handlers.reset()),
            stop=self.stop,
            set=lambda what, value: self._both(lambda lab: lab.board.handlers.set(what, value)),
            choose=lambda what, value: self.labs[0].apart(lambda: self.choose(what, value)),
            scrub=self._scrub,
            branch=self._branch,
            changed=self._changed,
        )
        first, second = self.labs
        self.board = SideBySide((first.board, second.board), handlers, presenter=bool(first.board.map.presenter))
        for lab, other in ((first, second), (second, first)):
            self._join(lab, other)
        self._refresh()
        follow(self._refresh)
        _compares[name] = self

    def _join(self, lab: Lab, other: Lab) -> None:
        lab.board.map.group = f"tltutor-{self.name}"
        lab.waits = lambda: ahead(lab, other)
        lab.screen.on_frame = self._refresh
        lab.player.post(lambda: torch.set_num_threads(threads()))

    def _both(self, act: Callable[[Lab], Any]) -> None:
        for lab in self.labs:
            act(lab)

    # --- what a notebook calls

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
        """Wait until neither trains. It holds up the notebook: for tests and scripts."""
        quiet = [lab.wait(timeout) for lab in self.labs]
        return all(quiet)

    def close(self) -> None:
        """Remove the widget, and the labs too where they were built here."""
        for lab in self.labs:
            lab.waits, lab.screen.on_frame, lab.board.map.group = lambda: False, lambda: None, ""
        self.board.close()
        if self._own:
            self._both(lambda lab: lab.close())

    @property
    def widget(self) -> Any:
        """Both boards as one widget."""
        return self.board.widget

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.widget._repr_mimebundle_(**options)

    # --- one scrubber over both

    def _steps(self) -> list[int]:
        """The steps at which one or the other was looked at."""
        return sorted({frame.step for lab in self.labs for frame in lab.recording.frames})

    def _scrub(self, index: int | None) -> None:
        steps = self._steps()
        back = index is not None and index < len(steps) - 1
        for lab in self.labs:
            lab.screen.scrub(frame_at(lab, steps[index or 0]) if back else None, hold=back)
        self._refresh()

    def _branch(self, index: int) -> None:
        step = self._steps()[index]
        self._both(lambda lab: lab.branch(min(step, lab.session.step_number), **lab.sliders))

    def _changed(self, index: int, start: bool) -> None:
        step = self._steps()[index]
        self._both(lambda lab: lab.screen.changed(frame_at(lab, step), start=start))

    # --- what is shown; called by both players' threads

    def _refresh(self) -> None:
        first, second = self.labs
        steps = self._steps()
        found = [
            (at, tr("{title}: {text}", title=title, text=text), kind)
            for lab, title in zip(self.labs, titles(first, second), strict=True)
            for at, text, kind in ticks(steps, lab.recording.changes, lab.screen.branches)
        ]
        self.board.show_recorded(len(steps), sorted(found))
        shown = [frame.numbers if (frame := lab.screen.frame) else {} for lab in self.labs]
        named = titles(first, second) if "objective" in first.board.hidden else differences(first, second)
        self.board.show_titles(named, [numbers.get("target_accuracy") for numbers in shown])
        self.board.show_choices()
        self._show_status()
        self._catch_up()

    def _show_status(self) -> None:
        behind = min(self.labs, key=lambda lab: lab.session.step_number)
        state = min((lab.screen.state for lab in self.labs), key=ORDER.index)
        session, note = behind.session, " · ".join(dict.fromkeys(lab.screen.busy for lab in self.labs if lab.screen.busy))
        self.board.show_status(
            state, session.step_number, session.steps, device=str(session.device), rate=behind.screen.rate, note=note
        )

    def _catch_up(self) -> None:
        """Two that were paused a step apart stand at the same step in the end."""
        behind, before = sorted(self.labs, key=lambda lab: lab.session.step_number)
        lag = before.session.step_number - behind.session.step_number
        if 0 < lag <= LAG and all(lab.player.state == "paused" and not lab.replaying for lab in self.labs):
            behind.step(lag)


def build(what: tuple[Any, ...], name: str, options: Mapping[str, Any]) -> tuple[Lab, Lab]:
    """Two labs from a pair and two objectives."""
    if len(what) != 3:
        raise TypeError(
            f"Compare takes two labs, or a pair and two objectives, got {len(what)} arguments: Compare(pair, 'mmd', 'dann')"
        )
    pair, *objectives = what
    first = Lab(pair, objectives[0], name=f"{name}-a", **{"threads": threads(), **options})
    try:
        return first, Lab(pair, objectives[1], name=f"{name}-b", **{"threads": threads(), **options})
    except Exception:
        first.close()
        raise


def checked(labs: tuple[Any, ...], options: Mapping[str, Any]) -> tuple[Lab, Lab]:
    """Two labs that can be compared; the second takes over the first one's projection."""
    if options:
        raise TypeError(f"two labs bring their own options, got {', '.join(options)}: give them to the labs")
    first, second = labs
    if first is second:
        raise ValueError("two labs must be two, got one lab twice: build the second with another name=")
    same("seed", first.experiment.seed, second.experiment.seed)
    same("pair", first.session.pair.name, second.session.pair.name)
    points = [lab.session.snapshot_points for lab in labs]
    same("number of points on the map (snapshot_size)", *(len(p.labels) for p in points))
    if not all(np.array_equal(getattr(points[0], part), getattr(points[1], part)) for part in ("x", "labels", "is_target")):
        raise ValueError("both labs must show the same points, got other examples: build both with the same pair and pair_options")
    second.share_projection(first)
    return first, second


def same(what: str, one: Any, other: Any) -> None:
    """An error unless both labs have the same."""
    if one != other:
        raise ValueError(f"both labs must have the same {what}, got {one!r} and {other!r}: build both with the same one")


def ahead(lab: Lab, other: Lab) -> bool:
    """Whether a run has to wait for the other one."""
    if other.replaying:
        return True
    return other.player.state == "playing" and lab.session.step_number >= other.session.step_number + LEAD


def frame_at(lab: Lab, step: int) -> int:
    """The number of a lab's last frame up to a step."""
    return max(bisect_right([frame.step for frame in lab.recording.frames], step) - 1, 0)


def titles(first: Lab, second: Lab) -> tuple[str, str]:
    """What each run is; where the objective is the same, by the settings that differ."""
    one, other = first.session, second.session
    named = (tr(one.objective.title), tr(other.objective.title))
    if named[0] != named[1]:
        return named
    apart = differences(first, second)
    return (f"{named[0]} · {apart[0]}", f"{named[1]} · {apart[1]}") if any(apart) else named


def differences(first: Lab, second: Lab) -> tuple[str, str]:
    """The settings that differ between two runs of one objective, as each has them; nothing where the objectives differ."""
    one, other = first.session, second.session
    if one.objective.title != other.objective.title:
        return "", ""
    differ = [name for name in one.values if one.values[name] != other.values.get(name)]
    said = [", ".join(f"{spoken(name)} {_short(run.values[name])}" for name in differ) for run in (one, other)]
    return said[0], said[1]


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else tr(str(value))


def threads() -> int:
    """Torch's threads of each of two runs."""
    return max(1, default_threads() // 2)
