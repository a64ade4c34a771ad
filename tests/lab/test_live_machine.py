"""Player and Lab in random order from several threads, against a model: nothing hangs, nothing is lost, nothing is left.

The suite runs the same few hundred sequences every time. `TLTUTOR_SEQUENCES=10000 pytest tests/lab/test_live_machine.py` runs that
many of each kind, other ones every time.
"""

import gc
import os
import sys
import threading
import time
import weakref
from functools import partial
from types import SimpleNamespace
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

import tltutor as tl
from tltutor.events import Changed, Finished, Snapshot, Stepped
from tltutor.experiment import Experiment
from tltutor.lab import lab as lab_room
from tltutor.lab import run as run_room
from tltutor.player import Player
from tltutor.recording import Points
from tltutor.settings import Setting, check_settings

BY_HAND = int(os.environ.get("TLTUTOR_SEQUENCES", "0"))
LONG = 20.0  # seconds after which something hangs
STEPS = 30
REFUSALS = ("a stopped run cannot go on", "a closed lab cannot go on", "one replay at a time")
VALUES = st.sampled_from([0.0, 0.25, 0.5, 2.0, 7.0])


def profile(examples):
    return settings(
        max_examples=BY_HAND or examples,
        stateful_step_count=12,
        derandomize=not BY_HAND,
        database=None,
        deadline=None,
        phases=[
            Phase.generate
        ],  # threads do not fail the same way twice: a shrunk sequence would be another one
        suppress_health_check=list(HealthCheck),
    )


@pytest.fixture(autouse=True)
def eager_threads():
    """Threads take turns a hundred times as often as usual."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(5e-5)
    gc.collect()
    gc.freeze()  # what was there before needs no look when a sequence looks for what is left
    yield
    gc.unfreeze()
    sys.setswitchinterval(usual)


class Fake:
    """A session that only counts, with a loss that says which session told it."""

    settings = (Setting("weight", 1.0, 0.0, 10.0), Setting("lr", 0.1, 0.0, 10.0))
    steps, device, error, transfer_acts, progress = STEPS, "cpu", None, True, 0.0
    objective = SimpleNamespace(
        name="fake",
        title="Fake",
        terms=("task",),
        weighted=False,
        target_domain=lambda _progress: None,
    )
    network = SimpleNamespace(frozen=0)
    pair = SimpleNamespace(
        name="fake",
        class_names=("a",),
        source=SimpleNamespace(name="source"),
        target=SimpleNamespace(name="target", domain_id=None),
    )
    snapshot_points = SimpleNamespace(
        x=np.zeros((4, 3)),
        labels=np.zeros(4, int),
        is_target=np.arange(4) > 1,
        origin=np.zeros(4, int),
        shown=None,
    )
    made = 0

    def __init__(self, values=(), seed=0):
        self.prefix = SimpleNamespace(on_progress=None)
        Fake.made += 1
        self.number, self.seed, self.pause, self.training = Fake.made, seed, 0.0, threading.Lock()
        self.values = {s.name: s.default for s in self.settings} | dict(values)
        self.step_number, self._queued = 0, {}

    @property
    def done(self):
        return self.step_number >= self.steps

    def set(self, **changes):
        self._queued |= check_settings(changes, self.settings, what="live setting")

    def step(self):
        assert self.training.acquire(blocking=False), "two threads train one session"
        assert not self.done, "a step after the end"
        time.sleep(self.pause)
        self.step_number += 1
        changed = [
            Changed(self.step_number, n, self.values[n], v)
            for n, v in self._queued.items()
            if v != self.values[n]
        ]
        self.values, self._queued = self.values | self._queued, {}
        self.training.release()
        stepped = Stepped(self.step_number, {"number": self.number}, dict(self.values))
        return (*changed, stepped, *([Finished(self.steps)] if self.done else ()))

    def flush(self):
        return ()

    def snapshot(self):
        n = np.zeros(4)
        return Snapshot(self.step_number, np.zeros((4, 2)), n.astype(int), n.astype(int), n > 0, {})

    def state(self):
        return {}


class Layout:
    name, moves, melting, axes, settings = (
        "fake",
        False,
        False,
        None,
        (Setting("width", 1.0, 0.0, 10.0),),
    )

    def __init__(self, width=1.0):
        self.width = width

    def set(self, name, value):
        setattr(self, name, check_settings({name: value}, self.settings, what="map setting")[name])

    def __call__(self, features=None, **about):
        return np.zeros((4, 2), np.float32)


class Nothing:
    """Every attribute is such an object, and calling it does nothing: a board without widgets."""

    watched, hidden, presenter = False, frozenset(), False

    def __init__(self, *_, **__):
        pass

    def __getattr__(self, name):
        self.__dict__[name] = Nothing()
        return self.__dict__[name]

    def __call__(self, *_, **__):
        return None


def together(*acts):
    """Do all at once, each in its own thread; refusals are in order, other errors and hanging are not."""
    faults = []

    def run(act):
        try:
            act()
        except Exception as error:  # noqa: BLE001
            if not any(refusal in str(error) for refusal in REFUSALS):
                faults.append(error)

    threads = [threading.Thread(target=run, args=(act,), daemon=True) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG)
    assert not any(thread.is_alive() for thread in threads), "deadlock"
    if faults:
        raise faults[0]


def collected(*parts):
    """Whether none of these weak references leads anywhere; what is left of the sequence is not looked at again.

    A collection does nothing while another thread, such as one that imports, is in the middle of one.
    """
    end = time.monotonic() + LONG
    gc.collect()
    while any(part() is not None for part in parts) and time.monotonic() < end:
        time.sleep(0.01)
        gc.collect()
    gone = all(part() is None for part in parts)
    gc.freeze()
    return gone


def alive(kind):
    return [t for t in threading.enumerate() if t.name.startswith(f"tltutor-{kind}-machine")]


def raises_now_and_then(fact):
    if fact.step % 3 == 0:
        raise ZeroDivisionError("in a view")


ORDERS = ["play", "pause", "step", "relax", "redraw", "start", "wait", "set"]


class Players(RuleBasedStateMachine):
    """One player on a fake stream."""

    @initialize()
    def begin(self):
        self.player = Player(
            Fake(), layout=Layout(), budget=0.5, name="machine", on_listener_error=lambda _: None
        )
        self.stopped, self.weight = False, 1.0

    def act(self, name, value):
        player = self.player
        acts = {
            "play": player.play,
            "pause": player.pause,
            "step": lambda: player.step(2),
            "set": lambda: player.set(weight=value),
            "relax": player.relax,
            "redraw": lambda: player.redraw(Layout()),
            "start": player.start,
            "wait": lambda: player.wait(0.01),
            "stop": lambda: player.stop(LONG),
        }
        return acts[name]

    @rule(pause=st.sampled_from([0.0, 0.0, 0.002]))
    def take_longer_over_a_step(self, pause):
        self.player.stream.pause = pause

    @rule(fails=st.booleans())
    def let_a_view_fail(self, fails):
        self.player.on_fact = raises_now_and_then if fails else lambda _: None

    @rule(weight=VALUES)
    def set_a_value(self, weight):
        self.player.set(weight=weight)
        self.weight = weight

    @precondition(lambda self: not self.stopped)
    @rule(n=st.integers(1, 4))
    def step_and_wait(self, n):
        self.quiet()
        before, player = self.player.stream.step_number, self.player
        player.step(n)
        assert player.wait(LONG), "deadlock"
        assert player.stream.step_number == min(before + n, STEPS)
        if before < STEPS:
            assert player.recording.stepped[before].effective["weight"] == self.weight, (
                "a change was lost"
            )
        assert player.state == ("finished" if player.stream.done else "paused")

    @precondition(lambda self: not self.stopped)
    @rule()
    def play_to_the_end(self):
        self.player.play()
        assert self.player.wait(LONG), "deadlock"
        assert self.player.stream.step_number == STEPS
        assert self.player.state == "finished"

    @rule()
    def play_and_pause(self):
        together(self.act("play", 0))
        self.quiet()

    @rule(
        names=st.lists(
            st.sampled_from(["play", "pause", "step", "relax", "redraw", "start", "wait", "set"]),
            min_size=2,
            max_size=4,
        ),
        value=VALUES,
    )
    def several_at_once(self, names, value):
        together(*(self.act(name, value) for name in names))
        if "set" in names:
            self.weight = value
        self.quiet()

    @rule(
        names=st.lists(
            st.sampled_from(["play", "step", "pause", "wait", "stop"]), min_size=0, max_size=2
        )
    )
    def stop(self, names):
        together(*(self.act(name, 0) for name in ("stop", *names)))
        self.stopped = True
        assert self.player.wait(LONG)
        assert self.player.state == "stopped"
        assert alive("player") == []
        with pytest.raises(RuntimeError, match="stopped run"):
            self.player.play()

    def quiet(self):
        self.player.pause()
        assert self.player.wait(LONG), "deadlock"

    @invariant()
    def is_healthy(self):
        if not hasattr(self, "player"):
            return
        assert self.player.error is None
        assert len(alive("player")) <= 1
        assert [f.step for f in self.player.recording.stepped] == list(
            range(1, len(self.player.recording.stepped) + 1)
        )

    def teardown(self):
        if not hasattr(self, "player"):
            return
        self.player.stop(LONG)
        if sys.exception() is not None:  # its traceback holds the player
            return
        left = weakref.ref(self.player)
        del self.player
        assert collected(left)
        assert alive("player") == []


def faked_session_at(experiment, step, plan, options):
    session = Fake(experiment.values, experiment.seed)
    changes = {}
    for change in plan:
        changes.setdefault(change.step, {})[change.name] = change.new
    while session.step_number < step:
        if options.stopped():
            return None
        session.set(**changes.get(session.step_number + 1, {}))
        session.step()
        options.on_step(session.step_number, step)
    session.set(**changes.get(step + 1, {}))
    return None if options.stopped() else session


@pytest.fixture
def faked(monkeypatch):
    """Labs whose experiments build fakes at once, on a board without widgets."""
    monkeypatch.setattr(
        Experiment,
        "is_ready",
        property(lambda self: self.objective != "tent" or self.seed in PRETRAINED),
    )
    monkeypatch.setattr(Experiment, "build", lambda self, **_: Fake(self.values, self.seed))
    monkeypatch.setattr(Experiment, "prepare", pretrained)
    monkeypatch.setattr(Experiment, "layout", lambda self, _: Layout(**self.map_values))
    monkeypatch.setattr(run_room, "session_at", faked_session_at)
    monkeypatch.setattr(Points, "of", lambda *_, **__: FourPoints())
    monkeypatch.setattr(lab_room, "Board", Nothing)


class FourPoints:
    """As much of a run's points as a board without widgets asks for; fakes have no network."""

    board: ClassVar = {"stages": [], "around": {}}

    def __len__(self):
        return 4


PRETRAINED = set()


def pretrained(experiment, on_step, stopped):
    for done in range(5):
        if stopped():
            return False
        on_step(done + 1, 5)
        time.sleep(0.0002)
    PRETRAINED.add(experiment.seed)
    return True


REQUESTS = [
    "play",
    "pause",
    "step",
    "start",
    "stop",
    "reset",
    "reset later",
    "set",
    "set_map",
    "choose",
    "lay out",
    "branch",
    "wait",
]


class Labs(RuleBasedStateMachine):
    """One lab on fake sessions."""

    @initialize(objective=st.sampled_from(["dann", "dann", "tent"]))
    def open(self, objective):
        PRETRAINED.clear()
        self.lab = tl.Lab("digits->photo-digits", objective, name="machine", threads=1, budget=0.5)
        self.values, self.width, self.log = {}, 1.0, [objective]
        assert alive("player") == alive("worker") == []

    def act(self, name, value):
        self.log.append((name, value))
        lab = self.lab
        acts = {
            "play": lab.play,
            "pause": lab.pause,
            "step": lambda: lab.step(2),
            "start": lab.start,
            "stop": lab.stop,
            "reset": lab.reset,
            "reset later": lambda: lab.reset(wait=False),
            "set": lambda: lab.set(weight=value),
            "set_map": lambda: lab.set_map(width=value),
            "choose": lambda: lab.choose("seed", int(value)),
            "lay out": lambda: lab.choose("projection", "pca"),
            "branch": lambda: self.branch_half_way(value),
            "wait": lambda: lab.wait(0.01),
        }
        return acts[name]

    def branch_half_way(self, lr):
        """Branch from the middle of a run that another thread may replace just then by one that is not there yet."""
        step = self.lab.session.step_number // 2
        try:
            self.lab.branch(step, lr=lr)
        except ValueError:
            assert step > 0
            assert self.lab.session.step_number < step, "a step of this run was refused"

    @rule(pause=st.sampled_from([0.0, 0.0, 0.002]))
    def take_longer_over_a_step(self, pause):
        self.lab.session.pause = pause

    @rule(fails=st.booleans())
    def let_a_view_fail(self, fails):
        self.lab.screen.on_fact = (
            raises_now_and_then if fails else type(self.lab.screen).on_fact.__get__(self.lab.screen)
        )

    @rule(weight=VALUES)
    def set_a_value(self, weight):
        self.lab.set(weight=weight)
        self.values["weight"] = weight

    @rule(width=VALUES)
    def set_the_map(self, width):
        self.lab.set_map(width=width)
        self.width = width

    @rule(changes=st.sampled_from([{"weight": 11}, {"wieght": 1}, {"weight": 3, "lr": -1}]))
    def set_what_is_wrong(self, changes):
        before = self.lab.experiment
        for call in (self.lab.set, self.lab.set_map):
            with pytest.raises(ValueError, match="must be|is called"):
                call(**changes)
        assert self.lab.experiment is before

    @rule(n=st.integers(1, 3))
    def step_and_wait(self, n):
        self.alive_again()
        before = self.lab.session.step_number
        self.log.append("step")
        self.lab.step(n)
        assert self.lab.wait(LONG), "deadlock"
        after = self.lab.session.step_number
        assert after in (min(before + n, STEPS), n), "n: its network was to be pretrained first"
        self.agree()

    @rule()
    def reset(self):
        self.lab.reset()
        self.log.append("reset")
        assert self.lab.session.step_number == 0, self.log
        assert self.lab.recording.stepped == ()
        for name, value in self.values.items():
            assert self.lab.session.values[name] == value, "a change was lost by a reset"
        assert self.lab.player.layout.width == self.width

    @rule(seed=st.integers(0, 3))
    def choose(self, seed):
        self.lab.choose("seed", seed)
        assert self.lab.session.seed == self.lab.experiment.seed == seed

    @rule(share=st.floats(0, 1), lr=VALUES)
    def branch(self, share, lr):
        self.quiet()
        step = round(share * self.lab.session.step_number)
        earlier = self.lab.recording.stepped[:step]
        with self.lab._lifecycle.lock:  # or it plays on before it is paused
            self.lab.branch(step, lr=lr)
            self.lab.pause()
        assert self.lab.wait(LONG), "deadlock"
        assert self.lab.session.step_number == step
        assert self.lab.recording.stepped == earlier
        assert self.lab.experiment.values["lr"] == lr
        self.values = {"lr": lr, "weight": self.lab.experiment.values["weight"]}

    @rule(names=st.lists(st.sampled_from(REQUESTS), min_size=2, max_size=4), value=VALUES)
    def several_at_once(self, names, value):
        together(*(self.act(name, value) for name in names))
        self.quiet()
        said = self.lab.experiment.values
        if "set" in names and "branch" not in names:
            assert said["weight"] == value, "a change was lost"
        if "set_map" in names and "lay out" not in names:
            assert self.lab.experiment.map_values["width"] == value, "a change of the map was lost"
        self.values = dict(said)
        self.width = self.lab.experiment.map_values.get("width", 1.0)
        self.alive_again()
        self.agree()

    def agree(self):
        """After a step, what the sliders say is what acts; and the map has its settings."""
        self.alive_again()
        if self.lab.session.done:
            self.lab.reset()
        self.lab.step()
        assert self.lab.wait(LONG), "deadlock"
        for name, value in self.lab.sliders.items():
            assert self.lab.session.values[name] == value, "what a slider says does not act"
        assert self.lab.player.layout.width == self.width

    def alive_again(self):
        self.quiet()
        if self.lab.player.state == "stopped":
            self.lab.reset()
            self.quiet()

    def quiet(self):
        self.lab.pause()
        assert self.lab.wait(LONG), "deadlock"
        assert not self.lab.replaying

    @invariant()
    def is_healthy(self):
        if not hasattr(self, "lab"):
            return
        assert self.lab.error is None
        assert len(alive("player")) <= 1, "two threads train"
        assert len(alive("worker")) <= 1
        told = self.lab.recording.stepped
        assert [f.step for f in told] == list(range(1, len(told) + 1))
        if not self.lab.run.branches:
            assert {f.losses["number"] for f in told} <= {self.lab.session.number}, (
                "a late fact of an earlier run"
            )

    def teardown(self):
        if not hasattr(self, "lab"):
            return
        if sys.exception() is not None:  # its traceback holds the lab
            self.lab.close()
            return
        lab = self.lab
        left = [
            weakref.ref(part) for part in (lab, lab.run, lab.player, lab.session, lab.recording)
        ]
        together(lab.close, lab.play, partial(lab.reset, wait=False))
        lab.close()
        del lab, self.lab
        deadline = time.monotonic() + LONG
        while alive("player") or alive("worker"):
            assert time.monotonic() < deadline, "a thread outlives its lab"
            time.sleep(0.001)
        assert collected(*left), "something outlives its lab"
        assert "machine" not in lab_room._labs


def test_a_player_in_any_order_from_any_thread():
    run_state_machine_as_test(Players, settings=profile(100))


@pytest.mark.usefixtures("faked")
def test_a_lab_in_any_order_from_any_thread():
    run_state_machine_as_test(Labs, settings=profile(100))
