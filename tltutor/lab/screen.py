"""What a run tells, shown on a board: as it happens, or a recorded frame that the learner scrubbed back to."""

from __future__ import annotations

import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from itertools import groupby
from operator import is_
from typing import TYPE_CHECKING, Any

import numpy as np

from tltutor.events import SCORES, Changed, Embedded, Fact, Snapshot, Stepped
from tltutor.lab.situation import situation
from tltutor.lab.truth import trust_of
from tltutor.language import follow, mark, spoken, tr
from tltutor.recording import Frame, Recording
from tltutor.recording.choices import chosen_steps
from tltutor.recording.happenings import TITLES, Happening, happenings
from tltutor.recording.values import marked_frame, values_of

if TYPE_CHECKING:
    from tltutor.lab.settled_map import Settled
    from tltutor.training.session import Session
    from tltutor.views import Board

REFRESH = 0.25  # seconds between two updates of the status line and the curves
TRUST_EVERY = 2.0  # seconds between two measurements of trust on a map that moves on without news

CHANGED = mark("{n} target points changed class from step {before} to {here}")
WRONG = {
    "target": mark("wrong target points at step {step}"),
    "source": mark("wrong source points at step {step}"),
}

Tick = tuple[int, str, str]  # frame, what happened, "change" or "branch"


class Screen:
    """Shows one run after the other; `on_fact` and `on_heartbeat` are for the player's thread, the others for any.

    axes(): the tips of the projection's axes, or None. on_frame() is called after every frame and heartbeat. busy: what is
    being done instead of training, for the status line. branches: the steps at which the run left an earlier one.
    """

    def __init__(
        self,
        board: Board,
        *,
        axes: Callable[[], np.ndarray | None] = lambda: None,
        on_frame: Callable[[], None] = lambda: None,
    ) -> None:
        self.board, self.axes, self.on_frame = board, axes, on_frame
        self.busy = ""
        self.session: Session | None = None
        self.recording = Recording()
        self.branches: tuple[int, ...] = ()
        self.judging = False  # whether the label-free judges are asked
        self._forget()
        board.map.told = (CHANGED, *WRONG.values(), *TITLES.values())
        follow(self.retell)

    def _forget(self) -> None:
        """Nothing of the run has been shown yet."""
        self._shown: Frame | None = None  # the frame that is scrubbed to; None is live
        self._count, self._refreshed, self._state = 0, 0.0, "ready"
        self._frozen = self.session.network.frozen if self.session else 0  # as last shown
        self._unshown: Stepped | None = None  # the last step, while another is shown
        self._happened: tuple[Happening, ...] = ()  # as listed
        self._valued: tuple[np.ndarray, ...] = ()  # the predictions whose values are on the map
        self._judged: tuple[Any, bool] = (
            None,
            False,
        )  # the look whose judges are shown, if they are
        self._trusted = 0.0  # when trust was measured last
        self._rated, self._rate = (
            (time.monotonic(), self.session.step_number if self.session else 0),
            0.0,
        )
        self._remark: Callable[[], str] = lambda: (
            ""
        )  # said when it is shown, in the language of then

    def begin(self, session: Session, recording: Recording, branches: Sequence[int] = ()) -> None:
        """Show a run that begins, or goes on from what is recorded."""
        self.session, self.recording, self.branches = session, recording, tuple(branches)
        self._forget()
        self.board.clear_error()
        self.board.map.select(())
        self.board.happenings.show(())
        self.board.curves.clear(session.objective.terms)
        for fact in recording.facts:
            self._draw(fact)
        self._mark()
        self.board.curves.flush()
        self.board.go_live()
        self._show_length()
        self._show_frame()

    # --- what the player tells

    def on_fact(self, fact: Fact) -> None:
        """Show a fact of the run."""
        self._draw(fact)
        if isinstance(fact, Stepped):
            self._unshown = fact
            if time.monotonic() - self._refreshed >= REFRESH:
                self._refresh()
        elif isinstance(fact, Embedded):
            self._show_length()
            if self._shown is None:
                self._show_frame()
            self.on_frame()
        elif isinstance(fact, Changed):
            moves = self._mark()
            move = next((m for m in reversed(moves) if m.name == fact.name), fact)
            self._remark = lambda: tr(
                "{change} from step {step}", change=words(move), step=f"{fact.step:,}"
            )

    def _draw(self, fact: Fact) -> None:
        """Put a fact on the curves."""
        if isinstance(fact, Stepped):
            self.board.curves.append(
                fact.step, {f"loss/{name}": value for name, value in fact.losses.items()}
            )
        elif isinstance(fact, Snapshot):
            self.board.curves.append(
                fact.step, {n: v for n, v in fact.numbers.items() if n.endswith(SCORES)}
            )

    def _mark(self) -> tuple[Changed, ...]:
        """Put a tick on the curves for each move and each branch, in the language in use; return the moves."""
        moves = self.recording.moves
        branches = [(step, branched(step)) for step in self.branches]
        self.board.curves.mark([*((move.step, words(move)) for move in moves), *branches])
        return moves

    def _refresh(self) -> None:
        """Four times a second: status, curves, and what the last step gave."""
        self._refreshed = time.monotonic()
        self._show_step()
        self.show_status("playing")
        self.board.curves.flush()

    def _show_step(self) -> None:
        """What lambda and the learning rate acted as in the last step, and its losses."""
        fact, self._unshown = self._unshown, None
        if fact is None:
            return
        self.board.show_effective(fact.effective)
        session = self.session
        acts = session is None or session.transfer_acts or not session.objective.weighted
        self.board.network.show_step(fact.losses, fact.effective, acts=acts)
        if session is not None and session.network.frozen != self._frozen:
            self._frozen = self.board.network.frozen = session.network.frozen

    def on_heartbeat(self, state: str) -> None:
        """About once a second, and whenever the state changes."""
        self._show_step()
        self.show_status(state)
        self.board.curves.flush()
        self.board.map.keep_alive()
        self.on_frame()

    def show_status(self, state: str) -> None:
        """Where the run is and how fast it goes."""
        session, self._state = self.session, state
        if session is None:
            return
        now, (then, step) = time.monotonic(), self._rated
        if now - then >= 1.0:
            self._rate = (session.step_number - step) / (now - then)
            self._rated = (now, session.step_number)
        self.board.show_status(
            self.state,
            session.step_number,
            session.steps,
            str(session.device),
            rate=self.rate,
            note=self.note,
        )

    def retell(self) -> None:
        """Say what is known of the run in the language in use; curves and timeline keep their places."""
        if not self.recording.frame_count:
            return
        self._mark()
        self.board.curves.flush()
        self._show_length()
        self.show_status(self._state)
        if self._shown is not None:
            self._show_frame()

    def remark(self, said: Callable[[], str]) -> None:
        """Say this on the status line until something else is to be said; `said` speaks the language of then."""
        self._remark = said
        self.show_status(self._state)

    def on_frozen(self, done: int, n: int) -> None:
        """Say how many examples the frozen stages have seen; from the run's thread, while steps and looks wait for them."""
        now = time.monotonic()
        if done == n or now - self._refreshed >= REFRESH:
            self._refreshed = now
            self.remark(
                lambda: tr(
                    "frozen stages: {done} of {n} examples, computed once",
                    done=f"{done:,}",
                    n=f"{n:,}",
                )
            )

    @property
    def note(self) -> str:
        """The remark on the status line: what was done last, and where the run stands."""
        place = place_on_path(self.session) if self.session else ""
        return self.busy or " · ".join(filter(None, (self._remark(), place, self._situation)))

    @property
    def _situation(self) -> str:
        """Where the run stands, once it has trained."""
        frame, session = self.frame, self.session
        if session is None or frame is None or not frame.step:
            return ""
        return situation(session, frame.numbers, self.board.hidden)

    @property
    def frame(self) -> Frame | None:
        """The frame that is shown, if there is one yet."""
        frames = self.recording.frames
        return self._shown or (frames[-1] if frames else None)

    @property
    def is_live(self) -> bool:
        """Whether the map shows what is happening now."""
        return self._shown is None

    @property
    def state(self) -> str:
        """What the status line says: "loading" while something is being done instead of training."""
        return "loading" if self.busy else self._state

    @property
    def rate(self) -> float:
        """Steps a second."""
        return self._rate if self.state == "playing" else 0.0

    # --- looking back

    def scrub(self, index: int | None, *, hold: bool = False) -> None:
        """Show a recorded frame; None, or the last one unless it is held, goes back to live."""
        frames = self.recording.frames  # read once: a long run may be thinned in this moment
        last = len(frames) - 1
        back = bool(frames) and index is not None and (hold or index < last)
        self._shown = frames[min(max(index or 0, 0), last)] if back else None
        self._show_frame()

    def show_settled(self, settled: Settled | None) -> None:
        """Show umap-learn's own map of the last look; None goes back to the live one."""
        frames = self.recording.frames
        if settled is None or not frames:
            self._valued = ()
            self._show_frame()
            return
        predictions, latest = frames[-1].predictions, self.recording.latest
        self.board.map.send(
            settled.xy,
            settled.step,
            predictions,
            tr("embedding at step {step} by umap-learn", step=f"{settled.step:,}"),
        )
        trust = trust_of(latest, settled.xy) if latest and latest.step == settled.step else None
        marked = marked_frame(frames, frames[-1], self.recording.moves)
        self._tell_values(frames[-1], marked, trust)

    def changed(self, index: int, *, start: bool = False) -> None:
        """Select the target points whose predicted class differs at this frame from the look before it, or from the first."""
        frames, latest = self.recording.frames, self.recording.latest
        if latest is None or not 0 <= index < len(frames):
            return
        here = frames[index]
        before = (
            frames[0]
            if start
            else next((f for f in reversed(frames[:index]) if f.step < here.step), frames[0])
        )
        rows = np.flatnonzero((here.predictions != before.predictions) & latest.is_target)
        between = {"n": len(rows), "before": f"{before.step:,}", "here": f"{here.step:,}"}
        self.board.map.select(rows, CHANGED if len(rows) else "", **between)
        self._remark = lambda: (
            ""
            if len(rows)
            else tr("no target point changed class from step {before} to {here}", **between)
        )
        self.show_status(self._state)

    def show_happenings(self) -> None:
        """List what happened from mark to mark until now."""
        recording = self.recording
        if recording.latest is None:
            return
        self._happened = happenings(
            recording.frames, recording.moves, recording.latest.labels, recording.latest.is_target
        )
        self.board.happenings.show((h.kind, h.start, h.end, len(h.rows)) for h in self._happened)

    def go_to(self, number: int) -> None:
        """Go to where this line of the list happened, and select its points."""
        if number < len(self._happened):
            happened = self._happened[number]
            self._visit(happened.end)
            self.board.map.select(happened.rows, TITLES[happened.kind], **happened.between)

    def show_points(self, name: str, step: int | None = None) -> None:
        """Select the points that a number is about, as they were at a step, or are now: wrong ones for a domain's accuracy."""
        if step is not None:
            self._visit(step)
        frame, latest = self.frame, self.recording.latest
        side = name.removesuffix("_accuracy")
        if frame is None or latest is None or side not in ("source", "target"):
            return
        of_it = latest.is_target == (side == "target")
        wrong = of_it & (latest.labels >= 0) & (frame.predictions != latest.labels)
        self.board.map.select(np.flatnonzero(wrong), WRONG[side], step=f"{frame.step:,}")

    def _visit(self, step: int) -> None:
        """Show the last frame that was taken until this step; the last one of all is live."""
        steps = [frame.step for frame in self.recording.frames]
        index = max(bisect_right(steps, step) - 1, 0)
        live = not steps or steps[index] == steps[-1]
        self.board.move_timeline(-1 if live else index)
        self.scrub(None if live else index)

    def _show_length(self) -> None:
        """The timeline's length and ticks; where a long run was thinned, the frame that is looked at has another number."""
        steps = [frame.step for frame in self.recording.frames]
        self.board.show_recorded(steps, ticks(steps, self.recording.moves, self.branches))
        if len(steps) < self._count and self._shown is not None:
            self.board.move_timeline(min(bisect_left(steps, self._shown.step), len(steps) - 2))
        self._count = len(steps)

    def _show_frame(self) -> None:
        """Put the frame that is scrubbed to on the map, or the latest one."""
        frames, shown = self.recording.frames, self._shown
        frame = shown or (frames[-1] if frames else None)
        if frame is None:
            return
        place = {"number": number(frames, frame), "all": len(frames)}
        note = "" if shown is None else tr("{number} of {all} frames", **place)
        regions = None if frame.regions is None else (frame.regions.grid, frame.regions.box)
        axes = self.axes() if shown is None else None
        self.board.map.send(
            frame.xy,
            frame.step,
            frame.predictions,
            note,
            axes=axes,
            regions=regions,
            lines=frame.plan,
        )
        self._show_values(frames, frame)
        self.board.show_numbers(frame.numbers)
        self._show_chosen(frames)
        self.board.network.show_flow(frame.flow)
        self.board.curves.show_step(None if shown is None else frame.step)

    def judge(self, *, on: bool) -> None:
        """Show what the label-free judges say, or no more."""
        self.judging = self.board.numbers.judging = on
        if frames := self.recording.frames:
            self._show_chosen(frames)

    def _show_chosen(self, frames: Sequence[Frame]) -> None:
        """Mark the step that each judge would have chosen of all looks until now, where the judges are asked."""
        latest, looked = self.recording.latest, (frames[-1].predictions, self.judging)
        if latest is None or all(map(is_, looked, self._judged)):
            return
        self._judged = looked
        self.board.show_chosen(chosen_steps(frames, latest.is_target) if self.judging else {})

    def _show_values(self, frames: Sequence[Frame], frame: Frame) -> None:
        """What is known of each point, where it is another look's; how far the map can be trusted, now and then."""
        latest, now = self.recording.latest, time.monotonic()
        marked = marked_frame(frames, frame, self.recording.moves)
        looked = (frame.predictions, marked.predictions)
        same = len(self._valued) == 2 and all(map(is_, looked, self._valued))
        live = self._shown is None and latest is not None and latest.step == frame.step
        if same and (not live or now - self._trusted < TRUST_EVERY):
            return
        self._valued, self._trusted = looked, now
        if self.board.happenings.unfolded and self._shown is None:
            self.show_happenings()
        fields = latest.flow.fields.values() if live and latest is not None and latest.flow else ()
        self.board.network.show_fields([field.grid for field in fields])
        trust = trust_of(latest, frame.xy) if live and latest is not None else None
        self._tell_values(frame, marked, trust)

    def _tell_values(self, frame: Frame, marked: Frame, trust: np.ndarray | None) -> None:
        """Put what is known of each point on the map."""
        origin = None if self.session is None else self.session.snapshot_points.origin
        values = values_of(frame, marked, origin)
        self.board.map.show_values(values if trust is None else values | {"trust": trust})


def number(frames: Sequence[Frame], frame: Frame) -> int:
    """Which frame it is, counted from 1; the nearest one where a long run was thinned of it."""
    at = next((i for i, kept in enumerate(frames) if kept is frame), None)
    return 1 + (
        min(bisect_left([kept.step for kept in frames], frame.step), len(frames) - 1)
        if at is None
        else at
    )


def ticks(steps: Sequence[int], changes: Sequence[Changed], branches: Sequence[int]) -> list[Tick]:
    """Where on a timeline of frames at these steps something happened: at the first frame that shows it.

    What falls on one frame shares a tick; a slider that was dragged there says only where it came from and went to, and
    nothing if it came back.
    """
    placed = [(bisect_left(steps, change.step), change) for change in changes]
    found: list[Tick] = [(bisect_left(steps, step), branched(step), "branch") for step in branches]
    for at, here in groupby(placed, key=lambda pair: pair[0]):
        merged: dict[str, Changed] = {}
        for _, c in here:
            first = merged.get(c.name, c)
            merged[c.name] = Changed(c.step, c.name, first.old, c.new)
        said = [
            tr("step {step}: {text}", step=f"{c.step:,}", text=words(c))
            for c in merged.values()
            if c.old != c.new
        ]
        if said:
            found.append((at, "; ".join(said), "change"))
    return sorted(found)


def words(change: Changed) -> str:
    """A change as people read it."""
    name, old, new = spoken(change.name), change.old, change.new
    return (
        f"{name} {old:.4g} → {new:.4g}"
        if is_number(old) and is_number(new)
        else f"{name} {tr(str(old))} → {tr(str(new))}"
    )


def branched(step: int) -> str:
    """Where a run left an earlier one, as people read it."""
    return tr("branch from step {step}", step=f"{step:,}")


def is_number(value: Any) -> bool:
    """Whether a setting's value is written with digits; a switch is not."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def place_on_path(session: Session) -> str:
    """Say which domain of a path the target batches come from now; "" where they come from all of the target."""
    here, ids = session.objective.target_domain(session.progress), session.pair.target.domain_id
    if here is None or ids is None:
        return ""
    return tr("domain {number} of {all} on the path", number=here + 1, all=int(ids.max()) + 1)
