"""What a run tells finds its place on the board: ticks at the frames that show a change, and the frame that was scrubbed to."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from tltutor.events import JUDGE, Changed, Embedded, Snapshot, Stepped
from tltutor.lab.screen import Screen, place_on_path, ticks, words
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


def test_a_slider_that_came_back_before_the_next_frame_makes_no_tick():
    there, back = Changed(3, "weight", 1.0, 0.8), Changed(40, "weight", 0.8, 1.0)
    assert ticks([0, 2, 60], [there, back], []) == []
    kept = ticks([0, 2, 60], [there, Changed(4, "lr", 0.1, 0.2), back], [])
    assert kept == [(2, "step 4: lr 0.1 → 0.2", "change")]


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
        objective=SimpleNamespace(
            terms=("task", "mmd"), weighted=True, target_domain=lambda _: None
        ),
        pair=SimpleNamespace(class_names=("0", "1"), target=SimpleNamespace(domain_id=None)),
        progress=0.0,
        network=SimpleNamespace(frozen=0),
        snapshot_points=SimpleNamespace(origin=np.zeros(4, int)),
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


def called(view):
    """What the selection is called in English; the page translates it before its values fill it in."""
    assert view.title in view.told
    return view.title.format(**view.title_values)


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
    assert called(screen.board.map) == "1 target points changed class from step 5 to 9"
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
    assert notes == ["6 of 19 frames"]


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


# --- judges without target labels


def test_it_says_how_many_images_the_frozen_stages_have_seen(screen, monkeypatch):
    now = [100.0]
    monkeypatch.setattr("tltutor.lab.screen.time.monotonic", lambda: now[0])
    screen.on_frozen(4, 400)
    assert screen.note == "frozen stages: 4 of 400 examples, computed once"
    screen.on_frozen(8, 400)
    assert "4 of 400" in screen.note, "a line that changes faster cannot be read"
    now[0] += 1
    screen.on_frozen(12, 400)
    assert "12 of 400" in screen.note
    screen.on_frozen(400, 400)
    assert "400 of 400" in screen.note


def judged(step, predictions, **scores):
    looked, embedded = frame(step, predictions)
    named = {f"{JUDGE}{name}": value for name, value in scores.items()}
    return replace(looked, numbers={**looked.numbers, **named}), embedded


def test_the_steps_that_judges_would_choose_are_marked_while_they_are_asked(screen):
    screen.judge(on=True)
    tell(screen, *judged(0, [0, 1, 0, 1], snd=1.0), *judged(5, [0, 1, 0, 1], snd=3.0))
    tell(screen, *judged(9, [0, 1, 1, 0], snd=2.0))
    board = screen.board
    assert board.numbers.judging
    assert board.numbers.chosen == board.timeline.chosen == {"snd": 5, "oracle": 9}
    screen.judge(on=False)
    assert board.timeline.chosen == {}
    assert not board.numbers.judging
    screen.judge(on=True)
    assert board.timeline.chosen == {"snd": 5, "oracle": 9}


def test_the_status_line_says_where_the_run_stands_after_what_was_done_last(screen):
    learned = {"source_accuracy": 1.0, "target_accuracy": 0.5}
    look = {"features": np.zeros((4, 2)), "labels": np.array([0, 1, 0, 1])}
    rest = {"predictions": np.zeros(4, int), "is_target": np.array([False, False, True, True])}
    for step in (0, 8):
        tell(screen, Snapshot(step, **look, **rest, numbers=learned), Embedded(step, np.eye(4, 2)))
        screen.on_heartbeat("playing")
        wanted = "source learned, target not yet" if step else ""
        assert screen.board.status.shown["note"] == wanted, "nothing is said before a step"
    tell(screen, Changed(9, "lr", 0.1, 0.2))
    assert screen.note == "lr 0.1 → 0.2 from step 9 · source learned, target not yet"


def test_the_status_line_says_which_domain_of_a_path_is_learned(open_small):
    lab = open_small("gradual", pair="moons->turning-moons", pair_options={"domains": 2}, steps=6)
    assert place_on_path(lab.session) == "domain 1 of 2 on the path"
    lab.session.step_number = 4
    assert lab.screen.note == "domain 2 of 2 on the path"
    assert place_on_path(open_small("mmd").session) == ""
