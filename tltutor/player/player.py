"""Plays a stream of facts in a daemon thread: play, pause, step, speed, stop, a mailbox for changes, and looks within a budget.

It knows neither torch nor widgets. A stream is anything with step, flush, look, set, settings, done and step_number; a Session is one.
"""

from __future__ import annotations

import atexit
import threading
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

import numpy as np

from tltutor.events import Embedded, Fact, Failed, Snapshot
from tltutor.player.budget import BUDGET, Budget
from tltutor.recording import Recording
from tltutor.settings import Setting, check_name

SPEED = Setting("speed", 0.0, 0.0, 1000.0, "log", unit="steps/s", text="Steps a second; 0 is as fast as the machine can.")

BEAT = 1.0  # seconds between two beats at most
LINGER = 0.002  # seconds in which a run that waits for another looks again whether it may go on
SETTLING = 20  # frames that a layout goes on moving when training rests
STRIDE = 0.1  # seconds at least between two moves of a layout while training: the screen glides from one to the next


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


class Layout(Protocol):
    """Puts features (n, d) on the plane; one that `moves`, called without features, goes on towards the last ones.

    With budgeted=True it may spread over several calls what a look asks of it; it is `annealing` as long as some is left.
    """

    @property
    def name(self) -> str: ...
    @property
    def moves(self) -> bool: ...
    @property
    def annealing(self) -> bool: ...
    def __call__(
        self, features: np.ndarray | None = None, *, labels: Any = None, is_target: Any = None, budgeted: bool = False
    ) -> np.ndarray: ...


def _ignore(_: Any) -> None:
    pass


def _never() -> bool:
    return False


class Player:
    """Plays `stream`; every fact goes to the recording and to `on_fact`, in the player's own thread.

    layout: a projection, or None for no map. speed: steps a second, 0 without a limit. state: ready, playing, paused,
    finished, failed or stopped; `on_beat(state)` is called when it changes and about once a second. recording: one to go on
    with. waits(): while it says so, the next step is put off, so that one run can keep pace with another. The thread is there
    from the start, for the first look, which comes before the first step; it ends with `stop`, or when nobody holds the player any more.
    """

    def __init__(
        self,
        stream: Stream,
        *,
        layout: Layout | None = None,
        budget: float = BUDGET.default,
        speed: float = 0.0,
        on_fact: Callable[[Fact], None] = _ignore,
        on_beat: Callable[[str], None] = _ignore,
        waits: Callable[[], bool] = _never,
        recording: Recording | None = None,
        name: str = "run",
    ) -> None:
        self.stream, self.layout, self.on_fact, self.on_beat, self.waits = stream, layout, on_fact, on_beat, waits
        self.recording = recording or Recording()
        self.budget, self.speed = Budget(budget), SPEED.check(speed)
        self.error: BaseException | None = None
        self._state = "ready"
        self._steps_left = 0.0
        self._mail: list[Callable[[], None]] = []
        self._stopping = False
        self._ready = threading.Condition()
        self._motion, self._moved_at = Budget(budget), 0.0  # what the layout's moves alone may take
        self._looked_at, self._settling, self._stirred = -1, 0, False
        self._told_state, self._beat_at = "", 0.0
        self._thread = threading.Thread(target=_run, args=(weakref.ref(self),), name=f"tltutor-player-{name}", daemon=True)
        _players.add(self)
        self._thread.start()

    # --- called from any thread

    @property
    def state(self) -> str:
        return self._state

    def play(self) -> None:
        """Train until paused, stopped or done. Playing already: nothing happens."""
        self._ask(float("inf"))

    def step(self, n: int = 1) -> None:
        """Train n steps, then pause."""
        self._ask(n)

    def _ask(self, steps: float) -> None:
        self.check()
        with self._ready:
            if self._state == "stopped":
                raise RuntimeError("a stopped run cannot go on: reset it, or build a new one")
            if self._state != "finished":
                self._steps_left, self._state = steps, "playing"
                self._ready.notify_all()

    def pause(self) -> None:
        """Hold after the step that is under way."""
        with self._ready:
            self._steps_left = 0
            self._ready.notify_all()

    def stop(self, timeout: float = 10.0) -> None:
        """End the thread, after the step that is under way. What was recorded stays."""
        with self._ready:
            self._stopping = True
            self._ready.notify_all()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout)

    def set(self, **changes: Any) -> None:
        """Change settings: checked now, applied before the next step."""
        known = {s.name: s for s in self.stream.settings}
        checked = {n: known[check_name(n, known, what="live setting")].check(v) for n, v in changes.items()}
        self.post(lambda: self.stream.set(**checked))

    def post(self, action: Callable[[], None]) -> None:
        """Have the player's thread do this between two steps."""
        with self._ready:
            self._mail.append(action)
            self._ready.notify_all()

    def relax(self) -> None:
        """Draw the layout anew and let it come to rest, also while paused: one of its settings changed, or an axis was dragged."""
        self.post(self._stir)

    def redraw(self, layout: Layout | None = None) -> None:
        """Look and lay out anew soon, also while paused; with another layout, if one is given."""
        self.post(lambda: self._forget_look(layout or self.layout))

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until nothing is being trained; whether that is so. A failed run raises its error."""
        with self._ready:
            quiet = self._ready.wait_for(lambda: self._state != "playing" and not self._mail, timeout)
        self.check()
        return quiet

    def check(self) -> None:
        """Raise the error of a failed run."""
        if self.error is not None:
            raise self.error

    # --- called from the player's thread alone

    def _turn(self) -> bool:
        """Do what is to be done next, or wait a while for something to do; False when the thread shall end."""
        self._beat()
        mail, trains = self._take_mail()
        for action in mail:
            action()
        if self._stopping or self.error is not None:
            return False
        if trains and self._looked_at < 0:
            self._look()  # before the first step, or a map that was just chosen: nobody waits for training, so the budget owes nothing
        elif trains and self._stirred:
            self._frame(moved=True)
        elif trains and self.waits():
            self._linger()
        elif trains:
            self._train()
        elif not self._settle():
            self._rest()
        return True

    @property
    def _trains(self) -> bool:
        return self._steps_left > 0 and not self.stream.done

    def _take_mail(self) -> tuple[list[Callable[[], None]], bool]:
        """What was asked for, and whether to train: at one moment, so that what was set before Play acts in its first step."""
        with self._ready:
            mail, self._mail = self._mail, []
            return mail, self._trains

    def _beat(self) -> None:
        now = time.monotonic()
        if self._state != self._told_state or now - self._beat_at >= BEAT:
            self._told_state, self._beat_at = self._state, now
            self.on_beat(self._state)

    def _rest(self) -> None:
        """Nothing to train and nothing to look at: say so, and wait until somebody wants something."""
        with self._ready:
            if self._state == "playing":
                self._state = "finished" if self.stream.done else "paused"
            self._ready.notify_all()
            if self._state == self._told_state:
                self._ready.wait_for(lambda: self._mail or self._stopping or self._trains, BEAT)

    def _linger(self) -> None:
        """Another run is behind: let it train."""
        start = time.perf_counter()
        with self._ready:
            self._ready.wait_for(lambda: self._mail or self._stopping or not self._trains, LINGER)
        self._earn(time.perf_counter() - start)

    def _train(self) -> None:
        start = time.perf_counter()
        for fact in self.stream.step():
            self._tell(fact)
        with self._ready:
            self._steps_left = max(self._steps_left - 1, 0)
            if self.speed:
                left = start + 1 / self.speed - time.perf_counter()
                self._ready.wait_for(lambda: self._mail or self._stopping or not self._trains, max(left, 0))
        self._earn(time.perf_counter() - start)
        if self._trains and self._look_due:
            self._frame()
        elif self._trains and self._move_due:
            self._frame(moved=True)

    def _earn(self, seconds: float) -> None:
        for budget in (self.budget, self._motion):
            budget.earn(seconds)

    @property
    def _look_due(self) -> bool:
        """Whether to look: a layout comes to where the latest look sends it before the next one does."""
        return self.budget.allows and not (self.layout is not None and self.layout.moves and self.layout.annealing)

    @property
    def _move_due(self) -> bool:
        """Whether the layout is to go on: in even strides, and for half of the budget at most unless it is still annealing."""
        layout = self.layout
        if layout is None or not layout.moves or time.perf_counter() - self._moved_at < STRIDE:
            return False
        return self._motion.allows or (layout.annealing and self.budget.allows)

    def _frame(self, *, moved: bool = False) -> None:
        """A look with its layout, or only a move of the layout; both come out of one budget, and moves out of their half too."""
        start, self._stirred = time.perf_counter(), False
        if moved and self.layout is not None:
            self._place(self.layout, None)
        else:
            self._look()
        seconds = time.perf_counter() - start
        self.budget.spend(seconds)
        self._motion.share = self.budget.share / 2
        if moved:
            self._motion.spend(seconds)

    def _settle(self) -> bool:
        """Training rests: tell and look where something is new, let the layout come to rest; whether there was anything."""
        if self._looked_at != self.stream.step_number:
            self._look()
            self._settling = self._moves - 1
        elif self._settling > 0 and self.layout is not None:
            self._settling -= 1
            self._place(self.layout, None)
        else:
            return False
        return True

    @property
    def _moves(self) -> int:
        """How many frames the layout takes to come to rest; one that does not move takes one."""
        return SETTLING + 1 if self.layout is not None and self.layout.moves else 1

    def _look(self) -> None:
        """Look, after every step that was trained has been told: what is recorded up to a look is whole."""
        for fact in self.stream.flush():
            self._tell(fact)
        if self.error is not None:
            return
        looked = self.stream.snapshot()
        self._looked_at = self.stream.step_number
        self._tell(looked)
        if self.layout is not None:
            self._place(self.layout, looked)

    def _place(self, layout: Layout, looked: Snapshot | None) -> None:
        about = {} if looked is None else {"labels": looked.labels, "is_target": looked.is_target}
        xy = layout(None if looked is None else looked.features, budgeted=True, **about)
        self._moved_at = time.perf_counter()
        self._tell(Embedded(self._looked_at, xy, layout.name))

    def _stir(self) -> None:
        self._settling, self._stirred = self._moves, True

    def _forget_look(self, layout: Layout | None) -> None:
        self.layout, self._looked_at = layout, -1

    def _tell(self, fact: Fact) -> None:
        self.recording.append(fact)
        if isinstance(fact, Failed):
            self.error = getattr(self.stream, "error", None) or RuntimeError(fact.message)
        self.on_fact(fact)

    def _end(self, error: BaseException | None) -> None:
        """The thread ends: by stop, or by a fault, which stays on `error` and is raised at the next call."""
        with self._ready:
            self.error = self.error or error
            self._state = "failed" if self.error else "stopped"
            self._ready.notify_all()
        with suppress(Exception):  # a listener that fails here can tell nobody; state and error are set
            self._beat()


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
        except BaseException as fault:  # noqa: BLE001 - nobody else would hear of it
            error, more = fault, False
        if not more:
            player._end(error)  # noqa: SLF001
        del player


_players: weakref.WeakSet[Player] = weakref.WeakSet()


@atexit.register
def _stop_all() -> None:
    """A thread that still trains when the interpreter goes down can crash it."""
    for player in list(_players):
        player.stop()
