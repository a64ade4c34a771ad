"""The player on made streams: every button, every order of pressing them, and faults that must not vanish in a thread."""

import gc
import threading
import time
import weakref
from dataclasses import dataclass

import numpy as np
import pytest
from waiting import until

from tltutor.events import Changed, Embedded, Failed, Finished, Snapshot, Stepped
from tltutor.player.budget import BUDGET, Budget
from tltutor.player.player import CORE, STRIDE, Player
from tltutor.recording import Recording
from tltutor.settings import Setting


def slept(seconds):
    """Sleep, and return how long it really took: longer on a busy machine."""
    start = time.perf_counter()
    time.sleep(seconds)
    return time.perf_counter() - start


class Counting:
    """A stream that only counts."""

    settings = (Setting("weight", 1.0, 0.0, 10.0),)

    def __init__(self, steps=10**9, *, fault_at=None, seconds=0.0005):
        self.steps, self.fault_at, self.seconds = steps, fault_at, seconds
        self.step_number, self.weight, self._queued, self.error = 0, 1.0, {}, None
        self.threads, self.took = set(), 0.0

    @property
    def done(self):
        return self.step_number >= self.steps or self.error is not None

    def set(self, **changes):
        self._queued |= changes

    def step(self):
        self.threads.add(threading.current_thread().name)
        self.took += slept(self.seconds)
        self.step_number += 1
        facts = [Changed(self.step_number, n, self.weight, v) for n, v in self._queued.items()]
        self.weight, self._queued = self._queued.get("weight", self.weight), {}
        if self.step_number == self.fault_at:
            self.error = FloatingPointError("the loss became nan")
            return (*facts, Failed(self.step_number, str(self.error)))
        return (
            *facts,
            Stepped(self.step_number, {"task": 1.0}),
            *([Finished(self.steps)] if self.done else []),
        )

    def flush(self):
        return ()

    def snapshot(self):
        n = np.zeros(4)
        return Snapshot(self.step_number, np.zeros((4, 2)), n.astype(int), n.astype(int), n > 0, {})


class Still:
    """A layout that counts its calls."""

    name, moves, annealing = "still", True, False

    def __init__(self, seconds=0.0):
        self.seconds, self.calls, self.took = seconds, [], 0.0

    def __call__(self, features=None, **about):
        self.took += slept(self.seconds)
        self.calls.append(features is not None)
        return np.zeros((4, 2), np.float32)


@pytest.fixture
def play():
    players = []

    def build(stream=None, *, starts=True, **options):
        players.append(Player(stream or Counting(), name="test", **options))
        if starts:
            players[-1].start()
        return players[-1]

    yield build
    for player in players:
        player.stop()


def test_it_looks_before_the_first_step_and_trains_only_when_asked(play):
    player = play(layout=Still())
    assert player.wait(5)
    until(lambda: player.recording.frame_count)
    assert player.stream.step_number == 0
    assert player.state == "ready"


def test_the_first_frame_is_the_one_before_the_first_step_also_when_played_at_once(play):
    for _ in range(5):
        player = play(layout=Still())
        player.play()
        until(lambda player=player: player.recording.frame_count)
        player.pause()
        assert player.recording.frames[0].step == 0


def test_play_pause_play_goes_on_where_it_was(play):
    player = play()
    player.play()
    until(lambda: player.stream.step_number > 5)
    player.pause()
    player.wait(5)
    held = player.stream.step_number
    time.sleep(0.05)
    assert player.stream.step_number == held
    assert player.state == "paused"
    player.play()
    until(lambda: player.stream.step_number > held)


def test_step_trains_exactly_so_many_steps(play):
    player = play()
    player.step()
    player.wait(5)
    player.step(4)
    player.wait(5)
    assert player.stream.step_number == 5
    assert [f.step for f in player.recording.stepped] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("pauses", [False, True])
def test_a_step_asked_for_while_one_is_under_way_is_made_too(play, pauses):
    stream, asked = Counting(), iter(range(3))

    def asks(fact):
        if isinstance(fact, Stepped) and next(asked, None) is not None:
            if pauses:
                player.pause()
            player.step()

    player = play(stream, on_fact=asks)
    player.step()
    assert player.wait(5)
    assert stream.step_number == 1 + 3


def test_steps_asked_for_add_up_and_after_play_a_number_ends_it(play):
    player = play(starts=False)
    for n in (2, 3):
        player.step(n)
    player.wait(5)
    assert player.stream.step_number == 5
    player.play()
    until(lambda: player.stream.step_number > 10)
    player.step(2)
    player.wait(5)
    player.step(2)
    player.pause()
    player.wait(5)
    held = player.stream.step_number
    player.step()
    player.wait(5)
    assert player.stream.step_number == held + 1, "a pause forgets what was asked for"


def test_a_second_play_changes_nothing(play):
    player = play()
    player.play()
    player.play()
    until(lambda: player.stream.step_number > 5)
    assert player.stream.threads == {"tltutor-player-test"}


def test_a_new_player_has_no_thread_until_it_is_started(play):
    player = play(layout=Still(), starts=False)
    player.set(weight=3)
    player.relax()
    assert player.wait(5)
    assert "tltutor-player-test" not in [t.name for t in threading.enumerate()]
    assert player.recording.facts == ()
    player.start()
    player.start()
    until(lambda: player.recording.frame_count)
    assert [t.name for t in threading.enumerate()].count("tltutor-player-test") == 1
    player.step()
    assert player.wait(5)
    assert player.recording.changes == (Changed(1, "weight", 1.0, 3.0),)


def test_a_player_that_was_stopped_before_its_start_tells_it_and_never_starts(play):
    states = []
    player = play(starts=False, on_heartbeat=states.append)
    player.stop()
    player.start()
    assert states == ["stopped"]
    assert player.wait(5)
    with pytest.raises(RuntimeError, match="stopped"):
        player.play()
    assert "tltutor-player-test" not in [t.name for t in threading.enumerate()]


def test_play_that_comes_between_the_mail_and_the_rest_is_not_lost(play):
    player = play(Counting(steps=30))
    until(lambda: player.recording.snapshots)
    rested = threading.Event()

    def slow():
        rested.set()
        time.sleep(0.1)  # nothing to train was found already; Play comes meanwhile

    player.post(slow)
    assert rested.wait(5)
    player.play()
    assert player.wait(10)
    assert player.stream.step_number == 30
    assert player.state == "finished"


def test_a_play_that_is_paused_at_once_is_over_before_the_next_heartbeat(play, monkeypatch):
    monkeypatch.setattr("tltutor.player.player.HEARTBEAT", 60)
    player = play()
    until(lambda: player.recording.snapshots)
    assert player.wait(5)
    for _ in range(20):
        with player._changed:  # the thread sees both at once
            player.play()
            player.pause()
        assert player.wait(10)
    assert player.stream.step_number == 0


def test_a_step_that_outlasts_the_patience_of_stop_is_said_and_ends_the_thread_later(play):
    slow, entered = threading.Event(), threading.Event()

    class Slow(Counting):
        def step(self):
            entered.set()
            assert slow.wait(20)
            return super().step()

    player = play(Slow())
    player.play()
    assert entered.wait(5)
    with pytest.raises(TimeoutError, match=r"within 0.05 s.*stop it again"):
        player.stop(0.05)
    with pytest.raises(RuntimeError, match="stopped"):
        player.play()
    slow.set()
    player.stop()  # the remedy
    assert player.state == "stopped"
    assert player.stream.step_number == 1


def test_waiting_ends_also_where_something_was_posted_to_a_run_that_had_ended(play):
    player = play()
    player.stop()
    player.set(weight=2)
    player.redraw()
    assert player.wait(5)
    action = threading.Event()
    kept = weakref.ref(action)
    player.post(action.set)
    del action
    assert kept() is None


def test_a_change_that_is_being_made_is_waited_for(play):
    player, done = play(), []
    until(lambda: player.recording.snapshots)
    player.post(lambda: (time.sleep(0.05), done.append(1)))
    time.sleep(0.02)
    assert player.wait(5)
    assert done == [1]


def test_a_player_whose_own_thread_waits_for_it_says_so(play):
    said = []
    player = play(on_listener_error=lambda error: said.append(str(error)))
    player.on_fact = lambda _: player.wait()
    player.step()
    assert player.wait(5)
    assert len(said) == 1
    assert "call it from another one" in said[0]


def test_a_layout_comes_to_rest_also_where_the_last_look_was_at_the_last_step(play):
    player = play(Counting(seconds=0.001), layout=Still(), budget=0.9)
    player.step(20)
    assert player.wait(5)
    calls = player.layout.calls
    assert len(calls) - 1 - max(i for i, looked in enumerate(calls) if looked) >= 20


def test_stop_before_play_and_stop_twice_are_fine(play):
    player = play()
    player.stop()
    player.stop()
    assert player.state == "stopped"
    with pytest.raises(RuntimeError, match="a stopped run cannot go on: reset it"):
        player.play()


def test_stop_ends_the_thread(play):
    player = play()
    player.play()
    until(lambda: player.stream.step_number > 2)
    player.stop()
    assert "tltutor-player-test" not in {t.name for t in threading.enumerate()}


def test_it_finishes_by_itself_with_a_last_look(play):
    player = play(Counting(steps=20), layout=Still())
    player.play()
    player.wait(5)
    assert player.state == "finished"
    assert player.recording.frames[-1].step == 20
    assert isinstance(next(f for f in player.recording.facts if isinstance(f, Finished)), Finished)
    player.play()  # nothing is left to train
    assert player.state == "finished"


def test_a_change_is_checked_at_once_and_acts_at_a_later_step(play):
    player = play()
    with pytest.raises(ValueError, match="weight must be a number between 0 and 10, got 11"):
        player.set(weight=11)
    with pytest.raises(
        ValueError, match="no live setting is called 'wieght': did you mean 'weight'"
    ):
        player.set(wieght=1)
    player.step(3)
    player.wait(5)
    player.set(weight=2.5)
    player.step()
    player.wait(5)
    assert player.recording.changes == (Changed(4, "weight", 1.0, 2.5),)


def test_what_is_set_before_play_acts_in_its_first_step_however_slow_a_beat_is(play):
    for _ in range(5):
        player = play(on_heartbeat=lambda _: time.sleep(0.02))
        player.set(weight=4)
        player.step()
        player.wait(5)
        assert player.recording.changes == (Changed(1, "weight", 1.0, 4),)


def test_of_two_changes_before_a_step_the_latest_wins(play):
    player = play()
    player.set(weight=2)
    player.set(weight=3)
    player.step()
    player.wait(5)
    assert [c.new for c in player.recording.changes] == [3]


def test_a_run_that_diverged_keeps_what_was_recorded_and_raises_at_the_next_call(play):
    player = play(Counting(fault_at=7))
    player.play()
    with pytest.raises(FloatingPointError, match="the loss became nan"):
        player.wait(5)
    assert player.state == "failed"
    assert [f.step for f in player.recording.stepped] == [1, 2, 3, 4, 5, 6]
    with pytest.raises(FloatingPointError):
        player.play()


class BrokenLayout(Still):
    def __call__(self, features=None, **about):
        raise ZeroDivisionError("layout")


@pytest.mark.parametrize("where", ["step", "snapshot", "layout"])
def test_a_fault_in_the_run_is_kept_and_raised_at_the_next_call(play, where):
    def broken(*_, **__):
        raise ZeroDivisionError(where)

    stream, states = Counting(), []
    if where != "layout":
        setattr(stream, where, broken)
    player = play(
        stream, layout=BrokenLayout() if where == "layout" else Still(), on_heartbeat=states.append
    )
    with pytest.raises(ZeroDivisionError, match=where):
        player.step()
        player.wait(5)
    until(lambda: "failed" in states)
    assert isinstance(player.error, ZeroDivisionError)


@pytest.mark.parametrize("where", ["on_fact", "on_heartbeat"])
def test_a_fault_in_a_listener_is_reported_once_and_the_training_goes_on(play, where):
    def broken(argument):
        raise ZeroDivisionError(where)

    reported = []
    player = play(layout=Still(), on_listener_error=reported.append, **{where: broken})
    player.step(20)
    assert player.wait(5)
    assert player.error is None
    assert [f.step for f in player.recording.stepped] == list(range(1, 21))
    assert [str(error) for error in reported] == [where]


def test_a_fault_in_reporting_a_listeners_fault_does_not_end_the_training_either(play):
    def broken(argument):
        raise ZeroDivisionError

    player = play(on_fact=broken, on_listener_error=broken)
    player.step(3)
    assert player.wait(5)
    assert player.stream.step_number == 3


def test_without_a_listener_for_it_a_listeners_fault_is_printed(play, capsys):
    def broken(argument):
        raise ZeroDivisionError("in the drawing")

    player = play(on_fact=broken)
    player.step()
    assert player.wait(5)
    assert "ZeroDivisionError: in the drawing" in capsys.readouterr().err


def test_speed_holds_the_steps_back(play):
    player = play(speed=50)
    start = time.monotonic()
    player.step(10)
    player.wait(5)
    assert time.monotonic() - start >= 9 / 50


def test_a_slow_run_still_pauses_and_stops_at_once(play):
    player = play(speed=0.5)
    player.play()
    until(lambda: player.stream.step_number == 1)
    start = time.monotonic()
    player.pause()
    player.wait(5)
    player.stop()
    assert time.monotonic() - start < 1


def test_looks_and_layouts_keep_to_the_budget(play, few_cores):
    player = play(Counting(seconds=0.002), layout=Still(0.01), budget=0.2)
    player.wait(5)
    until(lambda: len(player.layout.calls) >= 21)  # at rest after the first look
    before, start = (player.layout.took, player.stream.took), time.monotonic()
    player.play()
    until(lambda: time.monotonic() - start > 1.5)
    spent, trained = player.layout.took - before[0], player.stream.took - before[1]
    assert 0.5 * 0.2 < spent / (spent + trained) < 1.3 * 0.2


def test_the_first_look_of_a_map_is_free_also_where_training_waits_for_it(play, monkeypatch):
    player, spent = play(layout=Still()), []
    until(lambda: player.recording.embedded)
    monkeypatch.setattr(player.budget, "spend", spent.append)
    with (
        player._changed
    ):  # both are found at once: the map that was just chosen, and a step to train
        player.redraw(Still())
        player.step()
    assert player.wait(10)
    assert [fact.step for fact in player.recording.snapshots] == [0, 0, 1]
    assert spent == []


def test_what_a_look_does_once_for_the_whole_run_is_free(play, clock, few_cores):
    class Keeping(Timed):
        """A look takes 5 s, of which 4.8 are never paid again."""

        seconds_once = 0.0

        def snapshot(self):
            self.clock.now += 4.85
            self.seconds_once += 4.8
            return super().snapshot()

    player, spent = play(Keeping(clock), layout=Still()), []
    player.budget.spend = spent.append
    player.step(3)
    assert player.wait(10)
    assert spent
    assert spent == pytest.approx([0.2] * len(spent))


def test_unused_budget_does_not_pile_up():
    budget = Budget(0.25)
    budget.earn(100)
    budget.spend(1)
    budget.earn(2.9)
    assert not budget.allows
    budget.earn(0.1001)
    assert budget.allows


@pytest.mark.parametrize("share", [0.05, 0.15, 0.5])
@pytest.mark.parametrize("step", [0.004, 0.02, 0.055])
def test_the_budget_is_honored_within_a_tenth_on_a_made_clock(share, step):
    rng, budget = np.random.default_rng(0), Budget(share)
    spent = trained = 0.0
    for _ in range(20_000):
        trained += (seconds := step * rng.uniform(0.5, 1.5))
        budget.earn(seconds)
        if budget.allows:
            spent += (cost := rng.choice([0.08, 0.15]))
            budget.spend(cost)
    assert abs(spent / (spent + trained) - share) < 0.1 * share


def test_a_budget_that_changes_mid_run_acts_from_the_next_look_on():
    budget = Budget(0.5)
    budget.spend(1)
    budget.earn(1)
    assert budget.allows
    budget.share = 0.1
    budget.spend(1)
    budget.earn(8.9)
    assert not budget.allows
    budget.earn(0.2)
    assert budget.allows


class Clock:
    """A clock that only what is played moves on; it stands in for `time` in the player."""

    def __init__(self):
        self.now, self.monotonic = 0.0, time.monotonic

    def perf_counter(self):
        return self.now


class Timed(Counting):
    """A step takes 20 ms and a look 150 ms of a made clock."""

    def __init__(self, clock):
        super().__init__(steps=3000, seconds=0)
        self.clock = clock

    def step(self):
        self.clock.now += 0.02
        self.ended = self.clock.now
        return super().step()

    def snapshot(self):
        self.clock.now += 0.15
        return super().snapshot()


class Gliding(Still):
    """A move takes some ms of a made clock; so many are needed to come to where a look sends it."""

    def __init__(self, clock, cost, anneals=0):
        super().__init__()
        self.clock, self.cost, self.anneals, self.left, self.at = clock, cost, anneals, 0, []

    @property
    def annealing(self):
        return self.left > 0

    def __call__(self, features=None, **about):
        self.left = self.anneals if features is not None else max(self.left - 1, 0)
        self.clock.now += self.cost
        self.at.append(self.clock.now)
        return super().__call__(features, **about)


@pytest.fixture
def clock(monkeypatch):
    """A made clock, on which a move beside the training takes as long as one that holds it up."""
    made = Clock()

    class MadeBeside:
        def __init__(self, call, *, name):
            start = made.now
            self._result, self._end = call(), made.now
            self.seconds, made.now = made.now - start, start

        @property
        def done(self):
            return made.now >= self._end

        def result(self):
            made.now = max(made.now, self._end)
            return self._result

    monkeypatch.setattr("tltutor.player.player.time", made)
    monkeypatch.setattr("tltutor.player.player.Beside", MadeBeside)
    return made


@pytest.fixture
def few_cores(monkeypatch):
    monkeypatch.setattr("tltutor.player.player.cores", lambda: 2)


@pytest.fixture
def more_cores(monkeypatch):
    monkeypatch.setattr("tltutor.player.player.cores", lambda: 3)


@dataclass
class Played:
    """What happened while it trained: when the layout was called, which of the calls were looks, and how long all took."""

    at: np.ndarray
    looked: np.ndarray
    seconds: float


def played(play, clock, layout):
    stream = Timed(clock)
    player = play(stream, layout=layout)
    until(lambda: len(layout.calls) == 21)  # at rest
    start, calls = clock.now, len(layout.calls)
    player.play()
    player.wait(30)
    at, looked = np.array(layout.at[calls:]), np.array(layout.calls[calls:])
    trained = at < stream.ended
    return Played(at[trained], looked[trained], stream.ended - start)


def test_a_layout_moves_in_even_strides_between_looks(play, clock, more_cores):
    told = played(play, clock, Gliding(clock, 0.003))
    gaps = np.diff(told.at)
    assert gaps[~told.looked[1:]].min() >= STRIDE
    assert gaps.max() < STRIDE + 0.02 + 0.16, "a stride, the step that ends it, a look"
    assert 0.15 * told.looked.sum() / told.seconds == pytest.approx(BUDGET.default, rel=0.1)


def test_on_few_cores_moves_come_out_of_the_budget(play, clock, few_cores):
    told = played(play, clock, Gliding(clock, 0.003))
    gaps = np.diff(told.at)
    assert gaps[~told.looked[1:]].min() >= STRIDE
    spent = 0.15 * told.looked.sum() + 0.003 * len(told.at)
    assert spent / told.seconds == pytest.approx(BUDGET.default, rel=0.1)


def test_a_dear_layout_leaves_half_of_the_other_core(play, clock, more_cores):
    told = played(play, clock, Gliding(clock, 0.3))
    assert 0.8 * CORE < 0.3 * (~told.looked).sum() / told.seconds < 1.1 * CORE
    assert told.looked.sum() > 10


def test_a_dear_layout_on_few_cores_leaves_half_the_budget_to_looks(play, clock, few_cores):
    told = played(play, clock, Gliding(clock, 0.1))
    moves = 0.1 * (~told.looked).sum()
    assert 0.35 * BUDGET.default < moves / told.seconds < 0.55 * BUDGET.default
    assert told.looked.sum() > 10


@pytest.mark.parametrize("cores", ["few_cores", "more_cores"])
def test_no_look_comes_while_the_layout_is_still_on_its_way_to_the_one_before(
    play, clock, cores, request
):
    request.getfixturevalue(cores)
    told = played(play, clock, Gliding(clock, 0.02, anneals=20))
    looks = np.flatnonzero(told.looked)
    assert len(looks) > 5
    assert np.diff(looks).min() >= 20


def test_on_its_way_to_a_look_a_dear_layout_on_few_cores_may_take_the_whole_budget(
    play, clock, few_cores
):
    told = played(play, clock, Gliding(clock, 0.1, anneals=10))
    moves = 0.1 * (~told.looked).sum()
    assert moves / told.seconds > 0.7 * BUDGET.default


class Held(Still):
    """A layout whose moves hold until `go` is set; looks don't. It counts who uses it at once."""

    def __init__(self):
        super().__init__()
        self.go, self.fault = threading.Event(), None
        self.inside, self.most, self.holds = 0, 0, False
        self.go.set()

    def __call__(self, features=None, **about):
        self.inside += 1
        self.most = max(self.most, self.inside)
        if features is None:
            self.holds = not self.go.is_set()
            self.go.wait(10)
            self.holds = False
        else:
            time.sleep(0.02)  # looks that cost nothing would leave no time between them
        self.inside -= 1
        if self.fault is not None and features is None:
            raise self.fault
        return super().__call__(features, **about)


def held(play):
    player = play(Counting(seconds=0.001), layout=Held())
    until(lambda: len(player.layout.calls) == 21)  # at rest
    player.layout.go.clear()
    player.play()
    until(lambda: player.layout.holds)
    return player


def test_steps_do_not_wait_for_a_move_on_another_core(play, more_cores):
    player = held(play)
    at, frames = player.stream.step_number, player.recording.frame_count
    until(lambda: player.stream.step_number > at + 20)
    assert player.layout.inside == 1
    assert player.recording.frame_count == frames
    player.layout.go.set()
    until(lambda: player.recording.frame_count > frames)


def test_steps_do_not_wait_for_a_look_to_be_laid_out(play, more_cores):
    class Slow(Still):
        go = threading.Event()

        def __call__(self, features=None, **about):
            if self.calls and features is not None:
                self.go.wait(10)
            return super().__call__(features, **about)

    player = play(Counting(seconds=0.001), layout=Slow())
    player.play()
    until(lambda: len(player.recording.snapshots) > 1)
    at, embedded = player.stream.step_number, len(player.recording.embedded)
    until(lambda: player.stream.step_number > at + 20)
    assert len(player.recording.snapshots) == 2, "one look at a time"
    player.layout.go.set()
    until(lambda: len(player.recording.embedded) > embedded)
    assert player.recording.embedded[embedded].step == player.recording.snapshots[1].step


def test_on_few_cores_a_step_waits_for_the_move(play, few_cores):
    player = held(play)
    at = player.stream.step_number
    time.sleep(0.1)
    assert player.stream.step_number == at
    player.layout.go.set()


def test_what_concerns_the_layout_waits_for_the_move_under_way(play, more_cores):
    player = held(play)
    seen = []
    player.post(lambda: seen.append(player.layout.inside))
    time.sleep(0.1)
    assert seen == []
    player.layout.go.set()
    until(lambda: seen == [0])
    for _ in range(20):
        player.relax()
        player.redraw()
        player.pause()
        player.step(3)
        time.sleep(0.01)
    assert player.layout.most == 1


def test_a_move_that_fails_beside_the_training_ends_the_run_with_its_error(play, more_cores):
    player = held(play)
    player.layout.fault = FloatingPointError("the map became nan")
    player.layout.go.set()
    until(lambda: player.state == "failed")
    with pytest.raises(FloatingPointError, match="map became nan"):
        player.wait(5)


def test_a_layout_that_was_set_anew_is_drawn_again_without_another_look(play):
    player = play(layout=Still())
    until(lambda: len(player.layout.calls) == 21)
    player.relax()
    until(lambda: len(player.layout.calls) == 42)
    assert player.layout.calls.count(True) == 1
    player.layout.moves = False
    player.relax()
    until(lambda: len(player.layout.calls) == 43)
    time.sleep(0.05)
    assert len(player.layout.calls) == 43


@pytest.mark.parametrize("layout", [None, Still()])
def test_a_run_that_waits_trains_no_step_and_still_hears(play, layout):
    behind = threading.Event()
    player = play(waits=lambda: not behind.is_set(), layout=layout)
    player.step(3)
    time.sleep(2 * STRIDE)
    assert player.stream.step_number == 0
    assert player.state == "playing"
    player.set(weight=2)
    behind.set()
    player.wait(5)
    assert player.stream.step_number == 3
    assert [c.new for c in player.recording.changes] == [2]
    behind.clear()
    player.play()
    player.pause()
    assert player.wait(5)


def test_what_is_recorded_up_to_a_look_is_whole_also_when_steps_are_told_late(play):
    class Late(Counting):
        held = ()

        def step(self):
            facts = super().step()
            self.held += facts
            return self.flush() if self.done else ()

        def flush(self):
            facts, self.held = self.held, ()
            return facts

    player = play(Late(steps=40, seconds=0.001), layout=Still(), budget=0.5)
    player.play()
    player.wait(10)
    steps = 0
    for fact in player.recording.facts:
        steps += isinstance(fact, Stepped)
        if isinstance(fact, Snapshot):
            assert fact.step == steps


def test_a_player_goes_on_with_a_recording(play):
    early = Recording()
    early.append(Stepped(1, {"task": 2.0}))
    player = play(recording=early)
    player.step()
    player.wait(5)
    assert player.recording is early
    assert len(early.stepped) == 2


def test_a_layout_that_was_set_anew_is_drawn_at_once_also_while_training(play):
    player = play(Counting(seconds=0.01), layout=Still(0.05), budget=0.01)
    player.layout.moves = False
    player.play()
    until(lambda: player.stream.step_number > 2)
    calls = len(player.layout.calls)
    for _ in range(5):
        player.relax()  # these fall together
    until(lambda: False in player.layout.calls[calls:], 1)


def test_another_layout_begins_with_a_look(play):
    class Strict(Still):
        def __call__(self, features=None, **about):
            assert features is not None or self.calls
            return super().__call__(features, **about)

    player = play(layout=Strict(0.002))
    for _ in range(10):
        until(lambda: player.layout.calls)
        player.redraw(Strict(0.002))
        time.sleep(0.01)
    until(lambda: len(player.layout.calls) == 21)
    assert player.layout.calls.count(True) == 1
    player.check()


def test_a_redraw_while_paused_looks_again(play):
    player = play(layout=Still())
    until(lambda: len(player.layout.calls) >= 21)
    player.redraw()
    until(lambda: player.layout.calls.count(True) == 2)


def test_an_abandoned_player_ends_its_thread():
    player = Player(Counting(), name="lost")
    player.play()
    stream = player.stream
    until(lambda: stream.step_number > 2)
    del player
    gc.collect()
    until(lambda: "tltutor-player-lost" not in {t.name for t in threading.enumerate()})


def test_frames_carry_the_step_they_show(play):
    player = play(Counting(seconds=0.001), layout=Still(0.002), budget=0.5)
    player.play()
    until(lambda: player.recording.frame_count > 40)
    player.pause()
    player.wait(5)
    placed = [f for f in player.recording.facts if isinstance(f, Snapshot | Embedded)]
    seen = 0
    for fact in placed:
        seen = fact.step if isinstance(fact, Snapshot) else seen
        assert fact.step == seen
