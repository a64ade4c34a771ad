"""What a run tells finds its place on the board: ticks at the frames that show a change, and the frame that was scrubbed to."""

from types import SimpleNamespace

import numpy as np
import pytest

from tltutor.events import Changed, Embedded, Snapshot, Stepped
from tltutor.lab.screen import Screen, ticks, words
from tltutor.recording import Recording
from tltutor.settings import Setting
from tltutor.views import Board

LR = Setting("lr", 0.1, 0.001, 1.0, "log", text="How far a step goes.")


def test_a_tick_stands_at_the_first_frame_that_shows_the_change():
    steps = [0, 4, 8, 8, 12]
    changes = [
        Changed(1, "lr", 0.1, 0.2),
        Changed(5, "weight", 1, 0.5),
        Changed(13, "lr", 0.2, 0.1),
    ]
    assert [at for at, _, _ in ticks(steps, changes, [8])] == [1, 2, 2, 5]
    assert [kind for *_, kind in ticks(steps, changes, [8])] == [
        "change",
        "branch",
        "change",
        "change",
    ]


def test_a_dragged_slider_makes_one_tick_that_says_from_where_to_where():
    changes = [
        Changed(3, "weight", 1.0, 0.8),
        Changed(3, "lr", 0.1, 0.2),
        Changed(4, "weight", 0.8, 0.25),
    ]
    assert ticks([0, 2, 6], changes, []) == [
        (2, "step 4: weight 1 → 0.25; step 3: lr 0.1 → 0.2", "change")
    ]


def test_changes_are_said_in_words():
    assert words(Changed(2, "freeze_depth", 0, 2)) == "freeze depth 0 → 2"
    assert words(Changed(2, "estimator", "unbiased", "biased")) == "estimator unbiased → biased"
    assert words(Changed(2, "ramp", True, False)) == "ramp True → False"


@pytest.fixture
def screen():
    board = Board()
    board.map.set_points([0, 1, 0, 1], [False, False, True, True])
    screen = Screen(board)
    session = SimpleNamespace(
        step_number=0,
        steps=10_000,
        device="cpu",
        objective=SimpleNamespace(terms=("task", "mmd")),
        transfer_acts=True,
    )
    screen.begin(session, Recording())
    yield screen
    board.close()


def tell(screen, *facts):
    for fact in facts:
        screen.recording.append(fact)
        screen.on_fact(fact)


def frame(step, predictions):
    target = np.array([False, False, True, True])
    looked = Snapshot(
        step,
        np.zeros((4, 2)),
        np.array([0, 1, 0, 1]),
        np.array(predictions),
        target,
        {"target_accuracy": step / 1e4},
    )
    return looked, Embedded(step, np.full((4, 2), step))


def test_what_changed_compares_with_the_look_before_not_with_a_move_of_the_layout(screen):
    tell(
        screen,
        *frame(0, [0, 0, 0, 0]),
        *frame(5, [1, 0, 1, 0]),
        *frame(9, [0, 0, 1, 1]),
        Embedded(9, np.ones((4, 2))),
    )
    screen.changed(3)
    assert screen.board.map.selected == (3,)
    assert screen.board.map.title == "1 target points changed class from step 5 to 9"
    screen.changed(3, start=True)
    assert screen.board.map.selected == (2, 3)
    screen.changed(1)
    assert screen.board.map.selected == (2,)


def test_a_frame_scrubbed_to_stays_when_a_long_run_is_thinned(screen):
    for step in range(2000):
        tell(screen, *frame(step, [0, 0, 0, 0]))
    screen.board.timeline.position = 700
    screen.scrub(700)
    tell(screen, *frame(2000, [0, 0, 0, 0]))
    count = screen.recording.frame_count
    assert count < 1500
    assert screen.board.timeline.length == count
    assert screen.frame.step == 700
    assert abs(screen.recording.frame(screen.board.timeline.position).step - 700) <= 4


class Thinning(Recording):
    """A recording that another thread thins in the moment after its length was read."""

    thins = False

    @property
    def frame_count(self):
        count = super().frame_count
        if self.thins:
            self._frames = self._frames[: count // 2]
        return count


def test_a_run_that_is_thinned_while_it_is_shown_is_no_error(screen):
    screen.begin(screen.session, Thinning())
    for step in range(40):
        tell(screen, *frame(step, [0, 0, 0, 0]))
    screen.recording.thins = True
    for index in (30, 39, 100, None):
        screen.scrub(index)
        assert screen.frame is not None
    screen.scrub(100, hold=True)  # the page knows more frames than there still are
    assert screen.frame is screen.recording.frames[-1]
    screen.show_settled(None)
    screen.retell()
    tell(screen, *frame(40, [0, 0, 0, 0]))


def test_a_frame_that_was_thinned_away_keeps_its_place_in_the_count(screen, monkeypatch):
    notes = []
    for step in range(0, 40, 2):
        tell(screen, *frame(step, [0, 0, 0, 0]))
    screen.scrub(5)
    kept = screen.frame
    del screen.recording._frames[5]
    monkeypatch.setattr(screen.board.map, "send", lambda *frame, **_: notes.append(frame[3]))
    screen.retell()
    assert screen.frame is kept
    assert notes == ["step 10, 6 of 19 frames"]


def test_only_a_held_last_frame_stays_when_more_come(screen):
    tell(screen, *frame(0, [0] * 4), *frame(1, [0] * 4))
    for hold, wanted in ((False, 2), (True, 1)):
        screen.scrub(1, hold=hold)
        tell(screen, *frame(2, [0] * 4))
        assert screen.frame.step == wanted


def test_steps_losses_and_accuracies_go_to_the_curves(screen):
    tell(
        screen,
        Stepped(1, {"task": 2.0}, {"lr": 0.1}),
        *frame(1, [0] * 4),
        Changed(2, "lr", 0.1, 0.2),
    )
    curves = screen.board.curves
    assert list(curves._series) == ["loss/task", "loss/mmd", "target_accuracy"], (
        "declared terms come first, before they have a value"
    )
    assert curves._changes == [(2, "lr 0.1 → 0.2")]
    assert "lr 0.1 → 0.2 from step 2" in screen.note


def test_a_pause_shows_the_last_step_however_soon_it_came_after_the_one_before(screen):
    board = screen.board
    board.set_controls((LR,), {})
    for step in (1, 2, 3):
        tell(screen, Stepped(step, {"task": 1.0 / step}, {"lr": 0.1 / step, "weight": 1 / step}))
    assert board.network.losses == {"task": 1.0}
    screen.on_heartbeat("paused")
    assert board.network.losses == {"task": 1 / 3}
    assert board.network.weight == 1 / 3
    assert board.controls.notes["lr"] == "acts as 0.0333"


def test_what_is_done_instead_of_training_is_said(screen):
    screen.busy = "replaying 120 of 400 steps"
    screen.on_heartbeat("paused")
    assert screen.board.status.shown["state"] == "loading"
    assert screen.board.status.shown["note"] == "replaying 120 of 400 steps"
    screen.busy = ""
    screen.on_heartbeat("paused")
    assert screen.board.status.shown["state"] == "paused"
    assert screen.board.status.shown["note"] == ""
