"""The runs of a lab, one after the other: which one is current, which one is coming, and what was asked for meanwhile."""

from __future__ import annotations

import atexit
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tltutor.experiment import Experiment, ReplayOptions
from tltutor.lab.run import Run
from tltutor.lab.worker import Worker
from tltutor.language import mark, tr
from tltutor.player.player import PATIENCE
from tltutor.player.schedule import more
from tltutor.settings import Setting, check_settings

if TYPE_CHECKING:
    from tltutor.player import Player

Choice = Callable[[Experiment], Experiment]  # what to change of an experiment

FOREVER = float("inf")  # steps to train until paused
RETRY = 0.5  # seconds after which a wait for the run looks whether it was given up


@dataclass(eq=False)
class Coming:
    """A run that is being made. It is read and written under the lifecycle's lock; `given_up` is read without it, too."""

    steps: float = 0  # that it trains once it is there, FOREVER until paused
    replaces: bool = True  # False: it goes on where the current run cannot (a branch, or after its network was pretrained)
    given_up: bool = False
    arrived: bool = False


class Lifecycle:
    """Holds the current run and builds the next one in a worker's thread.

    new_player(run), show(run): a run becomes the current one. say(text): what is done instead of training, "" for no more.
    on_error(error): a job that no caller waits for has failed. Nothing trains, and no thread starts, before `start` or a
    request for training or another run.
    """

    def __init__(
        self,
        run: Run,
        *,
        name: str,
        new_player: Callable[[Run], Player],
        show: Callable[[Run], None],
        say: Callable[[str], None],
        on_error: Callable[[Exception], None],
    ) -> None:
        self.lock = threading.RLock()  # guards the next four
        self.experiment = run.begun  # as the board shows it now
        self.run = run
        self._coming: Coming | None = None
        self._closed = False
        self._worker = Worker(name)
        self._new_player, self._show, self._say, self._on_error = new_player, show, say, on_error
        run.player = new_player(run)
        _open.add(self)

    # --- training

    def start(self) -> None:
        """Take the first snapshot, and pretrain the network where the method needs it."""
        with self.lock:
            if self._closed:
                return
            if self._coming is None and not self.run.is_ready:
                self._pretrain(steps=0)
            self.run.player.start()

    def train(self, steps: float) -> None:
        """Train this many steps more, FOREVER until paused, 0 to pause; where a run is coming, it does so once it is there."""
        with self.lock:
            if self._coming is not None:
                self._coming.steps = more(self._coming.steps, steps) if steps else 0
            if steps == 0:
                self.run.player.pause()
            elif self._coming is None:
                self._train_now(steps)

    def _train_now(self, steps: float) -> None:
        self._check_open()
        player = self.run.player
        if not self.run.is_ready:
            player.start()
            self._pretrain(steps)
        elif steps == FOREVER:
            player.play()
        else:
            player.step(int(steps))

    def stop(self) -> None:
        """Give up a branch or a pretraining that is under way; where there is none, end the current run's thread."""
        with self.lock:
            coming = self._coming
            if coming is not None:
                coming.steps = 0
            if coming is not None and not coming.replaces:
                coming.given_up, self._coming = (
                    True,
                    None,
                )  # what is asked for from now on is not meant for it
                return
        self.run.player.stop()

    @property
    def is_replaying(self) -> bool:
        """Whether another run is coming."""
        return self._coming is not None

    def is_current(self, run: Run) -> bool:
        """Whether facts of this run are to be shown."""
        return run is self.run and not self._closed

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until nothing is being built or trained; whether that is so. A failed run raises its error."""
        end = None if timeout is None else time.monotonic() + timeout
        if not self._worker.wait(timeout):
            return False
        return self.run.player.wait(None if end is None else max(end - time.monotonic(), 0))

    # --- settings

    def set(self, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Change live settings: all are checked before any is stored. Returns the checked values."""
        with self.lock:
            checked = self.run.player.set(**changes)
            self.note(checked)
            return checked

    def note(self, values: Mapping[str, Any]) -> None:
        """Keep what the run's sliders say, for the next run."""
        with self.lock:
            self.experiment = replace(self.experiment, values={**self.experiment.values, **values})

    def set_map(self, changes: Mapping[str, Any]) -> None:
        """Change checked settings of the map, from its next move on."""
        with self.lock:
            layout, player = self.run.layout, self.run.player
            self.experiment = replace(
                self.experiment, map_values={**self.experiment.map_values, **changes}
            )
            player.post(lambda: set_all(layout, changes))
            player.relax()

    def lay_out(self, choice: Choice) -> None:
        """Another projection, or other settings of it, from the next snapshot on."""
        with self.lock:
            experiment = choice(self.experiment)
            layout = experiment.layout(self.run.session)
            self.experiment, self.run.layout = experiment, layout
            self.run.player.redraw(layout)

    # --- another run

    def rebuild(
        self, choice: Choice, on_error: Callable[[Exception], None] | None = None
    ) -> Future[None]:
        """Build the experiment with this choice and put it in the current run's place; if it fails, that run stays."""
        with self.lock:
            self._check_open()
            choice(self.experiment)  # refuses an unknown choice before anything is given up
            if self._coming is not None and not self._coming.replaces:
                self._coming.given_up = True
            return self._submit(Coming(), lambda coming: self._build(coming, choice), on_error)

    def _build(self, coming: Coming, choice: Choice) -> None:
        self._say(tr("building the run"))
        with self.lock:
            before = choice(self.experiment)
        run = Run.new(before)
        self._replace(coming, before, choice, lambda: run)

    def _pretrain(self, steps: float) -> None:
        """Train the network that the method goes on from, then begin its run; `stop` leaves it for the next request."""
        self._submit(Coming(steps, replaces=False), self._build_pretrained, self._on_error)

    def _build_pretrained(self, coming: Coming) -> None:
        with self.lock:
            experiment = self.experiment
        on_step = self._progress(mark("first the source alone: {done} of {steps} steps"))
        if experiment.prepare(on_step, lambda: coming.given_up):
            self._build(coming, lambda current: current)

    def branch(self, step: Any, changes: Mapping[str, Any]) -> None:
        """Replay the run up to a step, change settings there, and play on in its place."""
        with self.lock:
            self._check_open()
            if self._coming is not None:
                raise RuntimeError(
                    "one replay at a time: stop the one that is under way, or wait for it"
                )
            session = self.run.session
            at = Setting(
                "step", 0, 0, session.step_number, "int", text="A step of this run."
            ).check(step)
            checked = check_settings(changes, session.settings, what="live setting")
            before = self.experiment.values
            coming = Coming(FOREVER, replaces=False)
            self._submit(
                coming,
                lambda coming: self._branch(coming, at, changes=checked, before=before),
                self._on_error,
            )

    def _branch(
        self, coming: Coming, step: int, *, changes: Mapping[str, Any], before: Mapping[str, Any]
    ) -> None:
        """The job of `branch`; `before`: what the sliders said when it was asked for."""

        def stopped() -> bool:
            return coming.given_up

        with self.lock:
            if stopped():
                return
            run = self.run
            run.player.pause()
        with suppress(Exception):  # a run that failed has steps to go back to, too
            while not (stopped() or run.player.wait(RETRY)):
                pass
        on_step = self._progress(mark("replaying {done} of {steps} steps"))
        session = run.replay(step, ReplayOptions(on_step=on_step, stopped=stopped))
        if session is None:
            return
        session.set(**changes)
        begins = {**session.values, **changes}

        def choice(current: Experiment) -> Experiment:
            return replace(current, values={**begins, **differing(before, current.values)})

        with self.lock:
            built = replace(self.experiment, values=begins)
        self._replace(coming, built, choice, lambda: run.branch(session))

    def _submit(
        self,
        coming: Coming,
        job: Callable[[Coming], None],
        on_error: Callable[[Exception], None] | None,
    ) -> Future[None]:
        self._coming = coming
        return self._worker.submit(lambda: self._do(coming, job), on_error)

    def _do(self, coming: Coming, job: Callable[[Coming], None]) -> None:
        try:
            if not coming.given_up:
                job(coming)
        finally:
            self._finish(coming)

    def _replace(
        self, coming: Coming, built: Experiment, choice: Choice, make: Callable[[], Run]
    ) -> None:
        """Put a run, built from `built`, in the current one's place; what was moved while it was built is kept."""
        if not self._end_current(coming):
            return
        with self.lock:
            if coming.given_up or self._closed:
                return
            run = make()
            experiment = choice(self.experiment)
            if (
                experiment.projection != built.projection
                or not built.map_values.keys() <= experiment.map_values.keys()
            ):
                run.layout = experiment.layout(run.session)
            set_all(run.layout, experiment.map_values)
            run.player = self._new_player(run)
            if moved := differing(built.values, experiment.values):
                run.player.set(**moved)
            self.experiment, self.run, coming.arrived = experiment, run, True
        self._show(run)

    def _end_current(self, coming: Coming) -> bool:
        """End the current run's thread, so that two never train at once, however long its step takes; False when given up."""
        while not coming.given_up:
            try:
                self.run.player.stop(RETRY)
            except TimeoutError:
                self._say(tr("the step that is under way ends first"))
            else:
                return True
        return False

    def _finish(self, coming: Coming) -> None:
        """The coming run is there, or will not come: do what was asked for meanwhile, unless another one is coming."""
        with self.lock:
            if self._coming not in (coming, None):
                return
            wanted = (
                self._coming is coming
                and not coming.given_up
                and (coming.arrived or coming.replaces)
            )
            self._coming = None
            if wanted:
                self._begin(coming.steps)
        self._say("")

    def _begin(self, steps: float) -> None:
        """Start the current run, and train as was asked for."""
        self.start()
        if steps and not self._closed:
            with suppress(
                Exception
            ):  # where nothing came, the run that stays may have failed or been stopped, as it says
                self.train(steps)

    def _progress(self, text: str) -> Callable[[int, int], None]:
        """Say how far a replay is, at the first, the last and every tenth step."""

        def on_step(done: int, steps: int) -> None:
            if done in (1, steps) or done % 10 == 0:
                self._say(tr(text, done=f"{done:,}", steps=f"{steps:,}"))

        return on_step

    # --- the end

    def give_up(self) -> None:
        """Let no other run come."""
        with self.lock:
            self._closed = True
            if self._coming is not None:
                self._coming.given_up = True

    def close(self) -> None:
        """End both threads; a step that takes longer than PATIENCE ends by itself, and is not heard any more."""
        self.give_up()
        self._worker.close(PATIENCE)
        with suppress(TimeoutError):
            self.run.player.stop()

    def _check_open(self) -> None:
        if self._closed:
            raise RuntimeError("a closed lab cannot go on: build a new one")


def result(future: Future[None]) -> None:
    """Wait for a job and raise its error."""
    try:
        future.result()
    except CancelledError:
        raise RuntimeError("a closed lab cannot go on: build a new one") from None


def set_all(layout: Any, values: Mapping[str, Any]) -> None:
    """Give a layout these settings, where they differ from its own."""
    for name, value in values.items():
        if getattr(layout, name) != value:
            layout.set(name, value)


def differing(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """The values of `now` that `before` has not."""
    return {
        name: value for name, value in now.items() if name not in before or before[name] != value
    }


_open: weakref.WeakSet[Lifecycle] = weakref.WeakSet()


def _give_up_all() -> None:
    """Let the interpreter end while a long replay is under way: it waits for the worker's thread before `atexit` acts."""
    for lifecycle in list(_open):
        lifecycle.give_up()


getattr(threading, "_register_atexit", atexit.register)(_give_up_all)
