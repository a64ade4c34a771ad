"""One run after the other: what several threads ask of a lab at once, what is late, what fails, and what is left after close()."""

import gc
import subprocess
import sys
import threading
import time
import weakref

import numpy as np
import pytest
from waiting import until

import tltutor as tl
from tltutor.events import Embedded, Snapshot, Stepped
from tltutor.experiment import Experiment
from tltutor.lab import compare as compare_room
from tltutor.lab import lab as lab_room
from tltutor.lab import lifecycle
from tltutor.lab.worker import Worker

TINY = {
    "steps": 1000,
    "batch_size": 8,
    "snapshot_size": 24,
    "device": "cpu",
    "threads": 1,
    "projection": "pca",
}
PAIR = "moons->rotated-moons"
IMAGES = {
    "pair_options": {"size": 16},
    "network_options": {"channels": (4, 6), "width": 8},
}  # with BatchNorm, as TENT needs it


@pytest.fixture
def open_lab(closing):
    def build(objective="dann", *, shows=True, **options):
        pair, needs = ("digits->shifted-digits", IMAGES) if objective == "tent" else (PAIR, {})
        lab = closing(tl.Lab(pair, objective, **({"name": "test"} | TINY | needs | options)))
        if shows:
            lab._repr_mimebundle_()  # as the last line of a cell
        return lab

    return build


class Gate:
    """Holds whoever calls until it is opened."""

    def __init__(self):
        self.open, self.reached = threading.Event(), threading.Event()

    def __call__(self):
        self.reached.set()
        assert self.open.wait(30), "the gate was never opened"


@pytest.fixture
def gate():
    gate = Gate()
    yield gate
    gate.open.set()


@pytest.fixture
def slow_builds(monkeypatch, gate):
    """Every run that is built from now on waits at the gate."""

    def start():
        build = Experiment.build
        monkeypatch.setattr(
            Experiment, "build", lambda self, **options: (gate(), build(self, **options))[1]
        )
        return gate

    return start


def threads(kind="player"):
    return [t for t in threading.enumerate() if t.name.startswith(f"tltutor-{kind}-test")]


def in_a_thread(act):
    """Do it elsewhere; gives the thread and a list that holds its result, or the error."""
    done = []

    def run():
        try:
            done.append(act())
        except Exception as error:  # noqa: BLE001
            done.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, done


# --- a constructor stores and checks


@pytest.mark.parametrize("objective", ["dann", "tent"])
def test_a_new_lab_trains_nothing_and_has_no_thread(open_lab, objective, monkeypatch):
    monkeypatch.setattr("tltutor.experiment.experiment.train", lambda *_: pytest.fail("it trains"))
    before = set(threading.enumerate())
    lab = open_lab(objective, shows=False, seed=31)
    lab.set(lr=0.02)
    lab.set_map(budget=0.2)
    assert lab.wait(5)
    assert set(threading.enumerate()) == before
    assert lab.recording.facts == ()
    assert lab.board.status.shown["state"] == "ready"


@pytest.mark.parametrize("show", ["_repr_mimebundle_", "start", "widget"])
def test_a_lab_that_is_shown_takes_its_first_snapshot_without_play(open_lab, show):
    lab = open_lab(shows=False)
    found = getattr(lab, show)
    if callable(found):
        found()
    until(lambda: lab.recording.frame_count)
    assert lab.session.step_number == 0
    assert lab.player.state == "ready"


def test_a_comparison_that_is_not_shown_has_no_thread_either(closing):
    before = set(threading.enumerate())
    options = {**TINY, "name": "test"}
    both = closing(tl.Compare(PAIR, "source-only", "dann", **options))
    assert set(threading.enumerate()) == before
    both.widget  # noqa: B018
    until(lambda: all(lab.recording.frame_count for lab in both.labs))


# --- whatever is checked is checked at the door, and nothing is stored before


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"perplexiti": 5}, "no map setting is called 'perplexiti': did you mean 'perplexity'"),
        ({"perplexity": 1e9}, "perplexity must be a number between .* got 1000000000.0"),
        ({"perplexity": "wide"}, "perplexity must be a number between .* got 'wide'"),
        ({"perplexity": 9, "budget": 7}, "budget must be a number between .* got 7"),
    ],
)
def test_a_wrong_map_setting_is_refused_by_the_call_and_nothing_of_it_is_stored(
    open_lab, changes, sentence
):
    lab = open_lab(projection="tsne")
    before = lab.experiment
    with pytest.raises((ValueError, TypeError), match=sentence):
        lab.set_map(**changes)
    assert lab.experiment == before
    lab.reset()
    lab.step(2)
    assert lab.wait(30)
    assert lab.error is None
    lab.set_map(perplexity=7)
    lab.reset()
    assert lab.player.layout.perplexity == 7


def test_of_several_settings_none_is_stored_where_one_is_wrong(open_lab):
    lab = open_lab()
    with pytest.raises(ValueError, match="lr must be"):
        lab.set(weight=0.5, lr=7)
    lab.step()
    assert lab.wait(30)
    assert lab.experiment.values == {}
    assert lab.recording.changes == ()


def test_what_is_set_is_stored_in_the_settings_own_type(open_lab):
    lab = open_lab()
    lab.set(weight="0.5", freeze_depth=1.0)
    assert lab.experiment.values == {"weight": 0.5, "freeze_depth": 1}
    assert isinstance(lab.experiment.values["freeze_depth"], int)


def test_a_number_of_steps_is_checked_by_the_call(open_lab):
    lab = open_lab()
    for wrong in (0, -1, 2.5, "three"):
        with pytest.raises((ValueError, TypeError), match="n must be a whole number between 1"):
            lab.step(wrong)
    lab.step(3)
    assert lab.wait(30)
    assert lab.session.step_number == 3


# --- a run that is no longer current is not heard


def test_facts_of_an_earlier_run_never_reach_the_next_ones_curves_map_and_checkpoints(open_lab):
    lab = open_lab()
    lab.step(3)
    assert lab.wait(30)
    until(lambda: lab.recording.frames[-1].step == 3)
    old = lab.run
    lab.reset()
    until(lambda: lab.recording.frame_count)
    assert lab.run is not old
    steps, shown, status = lab.run.checkpoints.steps, lab.screen.frame, lab.board.status.shown
    old.player.on_fact(Stepped(40, {"task": 9.0}))
    old.player.on_fact(old.recording.latest)
    old.player.on_fact(Embedded(40, np.zeros((24, 2)), "pca"))
    old.player.on_heartbeat("failed")
    assert lab.board.curves._series["loss/task"].points == []
    assert lab.run.checkpoints.steps == steps
    assert lab.screen.frame is shown
    assert lab.board.status.shown == status
    lab.branch(0)
    assert lab.wait(60)
    assert lab.session.step_number == 1000


def test_a_step_longer_than_reset_waits_at_once_is_waited_for_and_said(open_lab, monkeypatch, gate):
    monkeypatch.setattr(lifecycle, "RETRY", 0.02)
    lab = open_lab()
    old, step = lab.run, tl.Session.step

    def slow(session):
        if session is old.session:
            gate()
        return step(session)

    monkeypatch.setattr(tl.Session, "step", slow)
    lab.play()
    assert gate.reached.wait(10)
    thread, done = in_a_thread(lab.reset)
    until(lambda: "the step that is under way ends first" in lab.board.status.shown["note"])
    lab.play()  # is meant for the new run
    assert lab.run is old
    assert len(threads()) == 1
    gate.open.set()
    thread.join(30)
    assert done == [None]
    assert lab.run is not old
    until(lambda: lab.session.step_number > 3)
    assert len(threads()) == 1
    assert old.session.step_number == 1
    assert [fact.step for fact in lab.recording.stepped[:3]] == [1, 2, 3]


def test_closing_during_a_long_step_does_not_wait_for_ever_and_hears_nothing_more(
    open_lab, monkeypatch, gate
):
    monkeypatch.setattr("tltutor.player.player.Player.stop.__defaults__", (0.05,))
    lab = open_lab()
    step = tl.Session.step
    monkeypatch.setattr(tl.Session, "step", lambda session: (gate(), step(session))[1])
    lab.play()
    assert gate.reached.wait(10)
    told = []
    monkeypatch.setattr(lab.screen, "on_fact", told.append)
    lab.close()
    gate.open.set()
    until(lambda: not threads())
    assert told == []


# --- several threads at once


def test_any_thread_may_wait_while_a_run_is_built(open_lab, slow_builds):
    lab = open_lab()
    gate = slow_builds()
    lab.board.handlers.reset()
    assert gate.reached.wait(10)
    waiters = [in_a_thread(lambda: lab.wait(20)) for _ in range(3)]
    assert lab.wait(0.05) is False
    gate.open.set()
    for thread, done in waiters:
        thread.join(20)
        assert done == [True]
    built, done = in_a_thread(lambda: tl.Lab(PAIR, "dann", **{**TINY, "name": "test"}))
    built.join(30)
    other = done[0]
    assert other.wait(5)  # from another thread than the one that built it
    other.close()


def test_a_slider_that_is_moved_while_reset_builds_is_kept_and_acts(open_lab, slow_builds):
    lab = open_lab(projection="tsne")
    lab.set(weight=0.5)
    gate = slow_builds()
    lab.board.handlers.reset()
    assert gate.reached.wait(10)
    lab.board.handlers.set("weight", 0.25)
    lab.board.handlers.set("speed", 900.0)
    lab.set(lr=0.02)
    lab.set_map(perplexity=7, budget=0.3)
    gate.open.set()
    assert lab.wait(30)
    assert lab.experiment.values == {"weight": 0.25, "lr": 0.02}
    assert lab.board.controls.values["weight"] == 0.25
    assert (lab.player.layout.perplexity, lab.player.budget.share, lab.player.speed) == (
        7,
        0.3,
        900.0,
    )
    assert lab.board.map_controls.values["perplexity"] == 7
    lab.step()
    assert lab.wait(30)
    assert lab.session.values["weight"] == 0.25
    assert lab.session.values["lr"] == 0.02
    link = lab.link
    lab.reset()
    assert lab.session.values["weight"] == 0.25
    again = tl.Lab.from_link(link, name="test", device="cpu", threads=1)
    again.step(2)
    assert again.wait(30)
    assert again.session.values["weight"] == 0.25
    again.close()


def test_a_slider_that_is_moved_during_a_replay_is_kept_too(open_lab):
    lab = open_lab()
    lab.set(weight=0.5, lr=0.02)
    lab.step(4)
    assert lab.wait(30)
    with lab._lifecycle.lock:  # before the replay begins
        lab.branch(2, lr=0.03)
        lab.pause()
        lab.set(weight=0.75)
    assert lab.wait(30)
    assert {name: lab.experiment.values[name] for name in ("weight", "lr")} == {
        "weight": 0.75,
        "lr": 0.03,
    }
    lab.step()
    assert lab.wait(30)
    assert (lab.session.values["weight"], lab.session.values["lr"]) == (0.75, 0.03)


def test_a_slider_that_another_objective_does_not_keep_is_not_carried_over(open_lab, slow_builds):
    lab = open_lab("mmd")
    gate = slow_builds()
    lab.choose("objective", "dann", wait=False)
    assert gate.reached.wait(10)
    lab.set(weight=0.25, width=3.0, lr=0.02)
    gate.open.set()
    assert lab.wait(30)
    assert lab.experiment.values == {"lr": 0.02}
    assert lab.board.error.text == ""
    lab.step()
    assert lab.wait(30)
    assert (lab.session.values["lr"], lab.session.values["weight"]) == (0.02, 1.0)


def test_a_projection_that_is_chosen_while_a_run_is_built_is_the_new_runs(open_lab, slow_builds):
    lab = open_lab()
    gate = slow_builds()
    lab.choose("seed", 4, wait=False)
    assert gate.reached.wait(10)
    lab.choose("projection", "tsne")
    gate.open.set()
    assert lab.wait(30)
    assert (lab.player.layout.name, lab.session.seed, lab.experiment.projection) == (
        "tsne",
        4,
        "tsne",
    )


def test_a_projection_that_is_chosen_again_while_a_run_is_built_has_its_defaults(
    open_lab, slow_builds
):
    lab = open_lab(projection="tsne")
    usual = lab.player.layout.perplexity
    lab.set_map(perplexity=7)
    gate = slow_builds()
    lab.board.handlers.reset()
    assert gate.reached.wait(10)
    lab.choose("projection", "tsne")
    gate.open.set()
    assert lab.wait(30)
    assert lab.experiment.map_values == {}
    assert lab.player.layout.perplexity == usual


def test_two_choices_at_once_both_count(open_lab, slow_builds):
    lab = open_lab()
    gate = slow_builds()
    lab.choose("seed", 4, wait=False)
    assert gate.reached.wait(10)
    lab.choose("objective", "mmd", wait=False)
    gate.open.set()
    assert lab.wait(30)
    assert (lab.session.seed, lab.session.objective.name) == (4, "mmd")


@pytest.mark.parametrize(
    ("asked", "made"),
    [
        ("play", 20),
        ("play pause", 0),
        ("play stop", 0),
        ("step", 1),
        ("step step", 2),
        ("play step", 1),
        ("step pause step", 1),
        ("step play", 20),
    ],
)
def test_what_is_asked_for_while_a_run_is_built_is_done_once_it_is_there(
    open_lab, slow_builds, asked, made
):
    lab = open_lab(steps=20)
    gate = slow_builds()
    lab.board.handlers.reset()
    assert gate.reached.wait(10)
    for what in asked.split():
        getattr(lab, what)()
    gate.open.set()
    assert lab.wait(30)
    assert lab.session.step_number == made


def test_play_during_a_build_that_fails_goes_to_the_run_that_stays(open_lab, monkeypatch, gate):
    lab = open_lab(steps=20)
    old = lab.run

    def broken(self, **_):
        gate()
        raise OSError("no such data")

    monkeypatch.setattr(Experiment, "build", broken)
    lab.board.handlers.choose("seed", 3)
    assert gate.reached.wait(10)
    lab.play()
    gate.open.set()
    assert lab.wait(30)
    assert (lab.run, lab.session.step_number) == (old, 20)
    assert "no such data" in lab.board.error.text
    assert lab.experiment.seed == 0
    assert lab.board.status.shown["state"] != "loading"


def test_a_pause_while_a_replay_ends_is_not_lost(open_lab, monkeypatch):
    lab = open_lab()
    lab.step(4)
    assert lab.wait(30)
    begin = lab.screen.begin
    monkeypatch.setattr(
        lab.screen, "begin", lambda *run: (lab.pause(), begin(*run))[1]
    )  # the replay is over, its run comes
    lab.branch(2)
    assert lab.wait(30)
    time.sleep(0.05)
    assert (lab.session.step_number, lab.player.state) == (2, "ready")
    lab.play()
    until(lambda: lab.session.step_number > 4)


def test_stop_during_a_pretraining_lets_a_later_play_begin_it_again(open_lab):
    lab = open_lab("tent", seed=32, steps=40)
    assert lab.replaying
    with lab._lifecycle.lock:  # the one that is stopped is still under way
        lab.stop()
        lab.play()
    assert lab.replaying
    assert lab.wait(60)
    assert lab.run.is_ready
    assert lab.session.step_number == 40


def test_play_after_a_branch_was_given_up_goes_to_the_run_that_stayed(open_lab):
    lab = open_lab(steps=60)
    lab.step(20)
    assert lab.wait(30)
    run = lab.run
    with lab._lifecycle.lock:
        lab.branch(10)
        lab.stop()
        lab.play()
    assert lab.wait(30)
    assert (lab.run, lab.session.step_number) == (run, 60)


def test_the_runs_own_thread_may_ask_for_a_reset(open_lab):
    lab = open_lab()
    old = lab.run
    lab.player.post(lab.reset)
    until(lambda: lab.run is not old)
    assert lab.wait(30)
    lab.step()
    assert lab.wait(30)
    assert lab.error is None
    assert lab.board.error.text == ""


# --- an error in drawing


def test_an_error_in_drawing_shows_in_the_red_panel_and_the_training_goes_on(open_lab, monkeypatch):
    lab = open_lab(steps=30)

    def broken(*_, **__):
        raise ZeroDivisionError("in the curves")

    monkeypatch.setattr(lab.board.curves, "append", broken)
    monkeypatch.setattr(lab.board.foot, "show", broken)
    lab.play()
    assert lab.wait(30)
    assert (lab.session.step_number, lab.error, lab.player.state) == (30, None, "finished")
    assert "ZeroDivisionError: in the curves" in lab.board.error.text
    assert [fact.step for fact in lab.recording.stepped] == list(range(1, 31))


# --- the end


def test_a_closed_lab_is_forgotten(open_lab):
    lab = open_lab()
    assert lab_room._labs["test"] is lab
    lab.close()
    lab.close()
    assert "test" not in lab_room._labs
    other = open_lab()
    lab.close()
    assert lab_room._labs["test"] is other
    for act in (
        lab.play,
        lab.step,
        lab.reset,
        lambda: lab.branch(0),
        lambda: lab.choose("seed", 3),
    ):
        with pytest.raises(RuntimeError, match="a closed lab cannot go on: build a new one"):
            act()
    lab.pause()
    lab.stop()
    lab.set(weight=0.5)
    assert lab.wait(5)


def test_nothing_of_a_closed_lab_is_left(monkeypatch):
    lab = tl.Lab(PAIR, "mmd", **{**TINY, "name": "test"})
    lab._repr_mimebundle_()
    lab.step(3)
    assert lab.wait(30)
    lab.branch(2)
    lab.pause()
    assert lab.wait(30)
    lab.choose("objective", "coral")
    lab.step(2)
    assert lab.wait(30)
    session = lab.session
    parts = (
        lab,
        lab.run,
        lab.player,
        session,
        session.network,
        session.pair.source,
        session.pair.target,
        lab.recording,
    )
    left = [weakref.ref(part) for part in parts]
    lab.close()
    assert threads() == threads("worker") == []
    del lab, session, parts
    gc.collect()
    assert [part() for part in left if part() is not None] == []


def test_nothing_of_a_closed_comparison_is_left():
    both = tl.Compare(PAIR, "source-only", "dann", **{**TINY, "name": "test"})
    both._repr_mimebundle_()
    both.step(2)
    assert both.wait(30)
    left = [
        weakref.ref(part) for lab in both.labs for part in (lab, lab.session, lab.session.network)
    ] + [weakref.ref(both)]
    both.close()
    assert "test" not in compare_room._compares
    assert threads() == threads("worker") == []
    del both
    gc.collect()
    assert [part() for part in left if part() is not None] == []


def test_a_program_may_end_while_a_network_is_pretrained():
    program = (
        "import tltutor as tl\n"
        f"lab = tl.Lab('digits->shifted-digits', 'tent', **{ {**TINY, **IMAGES, 'steps': 1_000_000}!r})\n"
        "lab.play()\n"
        "assert lab.replaying\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=90, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_worker_does_one_job_after_the_other_and_waits_for_nothing_in_its_own_thread():
    worker, said = Worker("test"), []

    def broken():
        raise IndexError

    submitted = threading.Event()
    worker.submit(lambda: submitted.wait(5) and said.append(worker.wait(1)))
    failing = worker.submit(broken)
    shown = worker.submit(broken, lambda error: said.append(type(error)))
    submitted.set()
    assert worker.wait(5)
    assert said == [True, IndexError]
    assert isinstance(failing.exception(), IndexError)
    assert shown.exception() is None
    worker.close(5)
    assert threads("worker") == []


def test_a_snapshot_is_the_runs_that_took_it(open_lab):
    lab = open_lab()
    until(lambda: lab.recording.snapshots)
    assert isinstance(lab.recording.latest, Snapshot)
    until(lambda: lab.run.checkpoints.steps == (0,))
