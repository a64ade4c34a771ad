"""Play a stream of facts in a daemon thread: play, pause, step, stop, changes between steps, and snapshots within a budget.

It knows neither torch nor widgets. A stream is anything with step, flush, snapshot, set, settings, done and step_number;
a Session is one. What to do next is decided in `schedule`; here it is done.
"""

from __future__ import annotations

import atexit
import sys
import threading
import time
import traceback
import weakref
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Protocol

import numpy as np

from tltutor.events import Embedded, Fact, Failed, Snapshot
from tltutor.player.beside import Beside, cores
from tltutor.player.budget import BUDGET, Budget
from tltutor.player.schedule import Action, Progress, State, more, next_action
from tltutor.recording import Recording
from tltutor.settings import Setting, check_settings

SPEED = Setting(
    "speed",
    0.0,
    0.0,
    1000.0,
    "log",
    unit="steps/s",
    text="Steps a second; 0 is as fast as the machine can.",
)

HEARTBEAT = 1.0  # seconds between two heartbeats at most
POLL = (
    0.002  # seconds after which a run that waits for another one looks again whether it may go on
)
FRAMES = 20  # moves in which a layout comes to rest
STRIDE = 0.07  # seconds at least between two moves of a layout while training: the screen glides from one to the next
TAKEN = (
    2  # cores: one trains, one draws the page; with no third, a move beside both would slow both
)
CORE = 0.5  # share of another core that moves beside the training may take
PATIENCE = 10.0  # seconds that `stop` waits for the step that is under way


class Stream(Protocol):
    """What a player can play."""

    settings: tuple[Setting, ...]
    step_number: int

    @property
    def done(self) -> bool: ...
    def step(self) -> tuple[Fact, ...]: ...
    def flush(self) -> tuple[Fact, ...]: ...
    def snapshot(self) -> Snapshot: ...
    def set(self, **changes: Any) -> None: ...

    # Optional: seconds_once: float, spent so far on what no later look pays for again; the budget leaves it out.


class Layout(Protocol):
    """Puts features (n, d) on the plane; one that `moves`, called without features, goes on toward the last ones.

    With budgeted=True it may spread over several calls what a look asks of it; it is `annealing` as long as some is left.
    With gliding=True it moves by a small part of a frame.
    """

    @property
    def name(self) -> str: ...
    @property
    def moves(self) -> bool: ...
    @property
    def annealing(self) -> bool: ...
    def __call__(
        self,
        features: np.ndarray | None = None,
        *,
        labels: Any = None,
        is_target: Any = None,
        budgeted: bool = False,
        gliding: bool = False,
    ) -> np.ndarray: ...


def _ignore(_: Any) -> None:
    pass


def _never() -> bool:
    return False


def _print(error: Exception) -> None:
    print("".join(traceback.format_exception(error)), file=sys.stderr)  # noqa: T201 - nothing else listens


class Player:
    """Plays `stream`; every fact goes to the recording and to `on_fact`, in the player's own thread.

    layout: a projection, or None for no map. speed: steps a second, 0 without a limit. recording: one to go on with.
    waits(): while it is true, the next step is put off, so that one run can keep pace with another.

    state: ready, playing, paused, finished, failed or stopped; `on_heartbeat(state)` is called when it changes and about
    once a second. An error in `on_fact` or `on_heartbeat` does not end the training: `on_listener_error(error)` is called,
    which prints it by default.

    The thread starts with `start`, which takes the first snapshot, or with the first `play` or `step`. It ends on `stop`, or
    when the player is garbage-collected.
    """

    def __init__(
        self,
        stream: Stream,
        *,
        layout: Layout | None = None,
        budget: float = BUDGET.default,
        speed: float = 0.0,
        on_fact: Callable[[Fact], None] = _ignore,
        on_heartbeat: Callable[[str], None] = _ignore,
        on_listener_error: Callable[[Exception], None] = _print,
        waits: Callable[[], bool] = _never,
        recording: Recording | None = None,
        name: str = "run",
    ) -> None:
        self.stream = stream
        self.layout = layout
        self.recording = recording or Recording()
        self.budget = Budget(budget)
        self.speed: float = SPEED.check(speed)
        self.on_fact = on_fact
        self.on_heartbeat = on_heartbeat
        self.on_listener_error = on_listener_error
        self.waits = waits
        self.name = name
        self.error: BaseException | None = None
        self._changed = threading.Condition()  # guards what several threads write: the next five
        self._state = "ready"
        self._steps_left = 0.0
        self._mail: list[Callable[[], None]] = []
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._progress = Progress()
        self._moving: Beside[np.ndarray] | None = None  # a move made while steps are trained
        self._beside = cores() > TAKEN
        self._motion = Budget(CORE if self._beside else budget)  # what moves alone may take
        self._pays = self._motion  # for the move under way: a look's comes out of the budget too
        self._heartbeat = ("", 0.0)  # the state that was told last, and when
        self._reported = ""  # the listeners' error that was reported last

    # --- called from any thread

    @property
    def state(self) -> str:
        return self._state

    @property
    def is_current(self) -> bool:
        """Whether the caller runs in the player's own thread."""
        return threading.current_thread() is self._thread

    def start(self) -> None:
        """Start the thread, which takes the first snapshot; nothing happens where it is running or has ended."""
        with self._changed:
            if self._thread is None and not self._stopping:
                name = f"tltutor-player-{self.name}"
                self._thread = threading.Thread(
                    target=_run, args=(weakref.ref(self),), name=name, daemon=True
                )
                _players.add(self)
                self._thread.start()

    def play(self) -> None:
        """Train until paused, stopped or done. Playing already: nothing happens."""
        self._request(float("inf"))

    def step(self, n: int = 1) -> None:
        """Train n steps more than were asked for, then pause; after Play, these n alone."""
        self._request(n)

    def _request(self, steps: float) -> None:
        self.check()
        with self._changed:
            if self._stopping or self._state == "stopped":
                raise RuntimeError("a stopped run cannot go on: reset it, or build a new one")
            if self._state != "finished":
                self.start()
                self._steps_left = more(self._steps_left, steps)
                self._state = "playing"
                self._changed.notify_all()

    def pause(self) -> None:
        """Hold after the step that is under way."""
        with self._changed:
            self._steps_left = 0
            self._changed.notify_all()

    def stop(self, timeout: float = PATIENCE) -> None:
        """End the thread, after the step that is under way. What was recorded stays.

        A TimeoutError says that the step takes longer than `timeout` seconds; the thread ends after it all the same.
        """
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
            thread = self._thread
        if thread is None:
            self._end(None)
        elif not self.is_current:
            thread.join(timeout)
            if thread.is_alive():
                raise TimeoutError(
                    f"the step that is under way must end within {timeout:g} s, and it is still running:"
                    " the run stops after it; stop it again to wait for that"
                )

    def set(self, **changes: Any) -> dict[str, Any]:
        """Change settings: checked now, applied before the next step. Returns the checked values."""
        checked = check_settings(changes, self.stream.settings, what="live setting")
        self.post(lambda: self.stream.set(**checked))
        return checked

    def post(self, action: Callable[[], None]) -> None:
        """Have the player's thread do this between two steps; a run that has ended does nothing more."""
        with self._changed:
            if not self._has_ended:
                self._mail.append(action)
                self._changed.notify_all()

    def show(self, action: Callable[[], None]) -> None:
        """As `post`, for what only shows something: its error is reported as a listener's, and the training goes on."""
        self.post(lambda: self._call(lambda _: action(), None))

    def relax(self) -> None:
        """Move the layout at once and let it come to rest, also while paused: one of its settings or axes changed."""
        self.post(self._reheat)

    def redraw(self, layout: Layout | None = None) -> None:
        """Take and lay out a new snapshot soon, also while paused; with another layout, if one is given."""
        self.post(lambda: self._forget_snapshot(layout or self.layout))

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until nothing is being trained; whether that is so. A failed run raises its error."""
        with self._changed:
            if self.is_current:
                raise RuntimeError(
                    "the player's own thread cannot wait for itself, got wait() from it: call it from another one"
                )
            quiet = self._changed.wait_for(lambda: self._is_quiet, timeout)
        self.check()
        return quiet

    def check(self) -> None:
        """Raise the error of a failed run."""
        if self.error is not None:
            raise self.error

    @property
    def _has_ended(self) -> bool:
        return self._state in ("failed", "stopped")

    @property
    def _is_quiet(self) -> bool:
        read = (
            not self._mail or self._thread is None
        )  # before the start, changes wait for the first step
        return self._has_ended or (read and self._state != "playing")

    # --- called from the player's thread alone

    def _turn(self) -> bool:
        """Do what is to be done next, or wait a while for something to do; False when the thread shall end."""
        self._beat(self._state)
        trains = self._read_mail()
        action = next_action(self._situation(trains=trains))
        beside = self._may_go_on_beside(trains=trains)
        if action is Action.MOVE and beside:
            self._begin_move()
            action = Action.TRAIN
        elif action is not Action.TRAIN or (self._moving is not None and self._moving.done):
            self._end_move()
        if action is Action.TRAIN:
            self._train()
        elif action is Action.LOOK:
            trains = trains and self._progress.looked_at is not None
            self._spend(partial(self._look, beside=beside and trains), trains=trains, moves=False)
        elif action is Action.MOVE:
            self._spend(partial(self._move, gliding=trains), trains=trains, moves=True)
        elif action is Action.WAIT:
            self._hold_back()
        elif action is Action.REST:
            self._rest()
        return action is not Action.END

    def _situation(self, *, trains: bool) -> State:
        """Describe the moment to `next_action`."""
        looked_at, frames_left, reheated, moved_at = self._progress
        layout, allowed = self.layout, self.budget.allows
        moving = layout is not None and layout.moves
        annealing = self._moving is not None or (layout is not None and moving and layout.annealing)
        ends = self._stopping or self.error is not None
        held = trains and self.waits()
        seen, current = looked_at is not None, looked_at == self.stream.step_number
        restless = frames_left > 0
        may_look = allowed and not annealing
        may_move = (
            moving
            and self._moving is None
            and (self._motion.allows or (annealing and allowed and not self._beside))
            and time.perf_counter() - moved_at >= STRIDE
        )
        return State(
            ends, trains, held, seen, current, reheated, restless, may_look, may_move
        )  # by place: every step pays for it

    @property
    def _trains(self) -> bool:
        return self._steps_left > 0 and not self.stream.done

    @property
    def _is_wanted(self) -> bool:
        return bool(self._mail) or self._stopping or self._trains

    def _read_mail(self) -> bool:
        """Do what was posted; returns whether to train.

        Both are read at one moment, so that what was set before Play acts in its first step. A letter stays in the box
        until it is done, so that `wait` waits for it.
        """
        with self._changed:
            mail, trains = tuple(self._mail), self._trains
        if mail:
            self._end_move()  # a letter may be for the layout
            for action in mail:
                action()
            with self._changed:
                del self._mail[: len(mail)]
        return trains

    def _beat(self, state: str) -> None:
        """Tell a new state at once, the same one about once a second."""
        now, (told, at) = time.monotonic(), self._heartbeat
        if state != told or now - at >= HEARTBEAT:
            self._heartbeat = (state, now)
            self._call(self.on_heartbeat, state)

    def _rest(self) -> None:
        """Say that nothing is left to do, and wait until something is wanted."""
        with self._changed:
            if self._is_wanted:
                return  # it was asked for after the mail was read
            if self._state == "playing":
                self._state = "finished" if self.stream.done else "paused"
            self._changed.notify_all()
            if self._state == self._heartbeat[0]:
                self._changed.wait_for(
                    lambda: self._is_wanted or self._state == "playing", HEARTBEAT
                )  # played and paused at once

    def _hold_back(self) -> None:
        """Let another run, which is behind, train."""
        start = time.perf_counter()
        self._sleep(POLL)
        self._earn(time.perf_counter() - start)

    def _train(self) -> None:
        start = time.perf_counter()
        with self._changed:  # before the step: what is asked for during it comes on top
            self._steps_left = max(self._steps_left - 1, 0)
        for fact in self.stream.step():
            self._tell(fact)
        if self.speed:
            self._sleep(start + 1 / self.speed - time.perf_counter())
        self._earn(time.perf_counter() - start)

    def _sleep(self, seconds: float) -> None:
        """Wait, but not when something other than training is wanted."""
        with self._changed:
            self._changed.wait_for(
                lambda: self._mail or self._stopping or not self._trains, max(seconds, 0)
            )

    def _earn(self, seconds: float) -> None:
        self.budget.earn(seconds)
        if self._moving is None:
            self._motion.earn(seconds)

    def _spend(self, act: Callable[[], None], *, trains: bool, moves: bool) -> None:
        """Look or move; where a step waits for it, it comes out of the budget, but for what is done once for the whole run.

        On few cores, where every move holds up a step, moves may take half of the budget.
        """
        start, once = time.perf_counter(), self._seconds_once()
        act()
        seconds = time.perf_counter() - start - (self._seconds_once() - once)
        if trains:
            self.budget.spend(seconds)
            if moves and not self._beside:
                self._motion.share = self.budget.share / 2
                self._motion.spend(seconds)

    def _seconds_once(self) -> float:
        return float(getattr(self.stream, "seconds_once", 0.0))

    def _look(self, *, beside: bool) -> None:
        """Take a snapshot after telling every step that was trained, so that the recording is whole up to it; lay it out."""
        for fact in self.stream.flush():
            self._tell(fact)
        if self.error is not None:
            return
        snapshot = self.stream.snapshot()
        step = self.stream.step_number
        self._tell(snapshot)
        frames = FRAMES if self.layout is not None and self.layout.moves else 0
        self._progress = self._progress.after_look(step, frames, time.perf_counter())
        if self.layout is not None:
            features, labels, is_target = snapshot.features, snapshot.labels, snapshot.is_target
            self._lay_out(features, labels=labels, is_target=is_target, beside=beside)

    def _move(self, *, gliding: bool) -> None:
        """Move the layout on toward the latest snapshot; while training by small moves."""
        self._lay_out(None, gliding=gliding, beside=False)
        self._progress = self._progress.after_move(time.perf_counter())

    def _may_go_on_beside(self, *, trains: bool) -> bool:
        """Whether steps are to be trained while the layout moves on another core: then they need not wait for it."""
        return self._beside and trains and not self.waits() and not self._progress.reheated

    def _begin_move(self) -> None:
        """Begin a small move of the layout, which goes on while steps are trained."""
        self._lay_out(None, gliding=True, beside=True)
        self._progress = self._progress.after_move(time.perf_counter())

    def _lay_out(self, features: np.ndarray | None, *, beside: bool, **about: Any) -> None:
        """Call the layout and tell where the points are: now, or in `_end_move` where it goes on beside the training."""
        layout, step = self.layout, self._progress.looked_at
        if layout is None or step is None:
            return
        call = partial(layout, features, budgeted=True, **about)
        if beside:
            self._moving = Beside(call, name=f"tltutor-move-{self.name}")
            self._pays = self._motion if features is None else self.budget
        else:
            self._tell(Embedded(step, call(), layout.name))

    def _end_move(self) -> None:
        """Wait for the move that was begun, if one was, and tell where the points are."""
        moving, self._moving = self._moving, None
        layout, step = self.layout, self._progress.looked_at
        if moving is not None and layout is not None and step is not None:
            self._tell(Embedded(step, moving.result(), layout.name))
            self._pays.spend(moving.seconds)

    def _reheat(self) -> None:
        if self.layout is not None:
            self._progress = self._progress.after_reheat(FRAMES + 1 if self.layout.moves else 1)

    def _forget_snapshot(self, layout: Layout | None) -> None:
        self.layout, self._progress = layout, Progress()

    def _tell(self, fact: Fact) -> None:
        self.recording.append(fact)
        if isinstance(fact, Failed):
            self.error = getattr(self.stream, "error", None) or RuntimeError(fact.message)
        self._call(self.on_fact, fact)

    def _call(self, listener: Callable[[Any], None], argument: Any) -> None:
        """Call a listener, whose error must not fail the training; the same error again is not reported again."""
        try:
            listener(argument)
        except Exception as error:  # noqa: BLE001 - whatever it is, training goes on
            if repr(error) != self._reported:
                self._reported = repr(error)
                with suppress(Exception):  # a fault in reporting a fault cannot be reported
                    self.on_listener_error(error)

    def _end(self, error: BaseException | None) -> None:
        """End by stop, or by a fault, which stays on `error` and is raised at the next call."""
        with self._changed:
            self.error = self.error or error
            self._state = "failed" if self.error else "stopped"
            self._mail.clear()
            self._changed.notify_all()
        self._beat(self._state)


def _run(reference: weakref.ref[Player]) -> None:
    """The thread's whole life; it holds the player only while it works for it."""
    error: BaseException | None = None
    more = True
    while more:
        player = reference()
        if player is None:
            return
        try:
            more = player._turn()  # noqa: SLF001 - the thread is the player's own
        except BaseException as fault:  # noqa: BLE001 - nothing else would show it
            error, more = fault, False
        if not more:
            player._end(error)  # noqa: SLF001
        del player


_players: weakref.WeakSet[Player] = weakref.WeakSet()


@atexit.register
def _stop_all() -> None:
    """Stop all threads: one that still trains when the interpreter goes down can crash it."""
    for player in list(_players):
        with suppress(TimeoutError):
            player.stop()
