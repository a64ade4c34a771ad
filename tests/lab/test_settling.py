"""The settled map of a pause: asked for once, shown on demand, forgotten when the run goes on."""

import numpy as np
import pytest

from tltutor.events import Embedded, Snapshot
from tltutor.lab.settled_map import WARM_AFTER, Settling
from tltutor.recording import Recording


class Asked:
    """Stands for the worker: keeps the questions, so that a test can answer them."""

    def __init__(self):
        self.questions, self.warmed = [], 0

    def ask(self, features, step, on_done, *, start=None):
        self.questions.append((features, step, on_done, start))

    def warm(self):
        self.warmed += 1


def recorded(features=None, step=7):
    x = np.random.default_rng(0).normal(size=(30, 4)) if features is None else features
    n = len(x)
    recording = Recording()
    recording.append(
        Snapshot(
            step,
            x.astype(np.float32),
            np.zeros(n, int),
            np.zeros(n, int),
            np.arange(n) % 2 == 0,
            {},
        )
    )
    recording.append(Embedded(step, np.ones((n, 2)), "tsne"))
    return recording


@pytest.fixture
def worker():
    return Asked()


@pytest.fixture
def told():
    return []


@pytest.fixture
def settling(worker, told):
    return Settling(told.append, lambda: worker)


def test_a_pause_asks_once_from_where_the_points_are(settling, worker, told):
    recording = recorded()
    for _ in range(3):
        settling.on_heartbeat("paused", recording)
    (features, step, _, start) = worker.questions[0]
    assert len(worker.questions) == 1
    assert step == 7
    np.testing.assert_array_equal(features, recording.latest.features)
    np.testing.assert_array_equal(start, np.ones((30, 2)))
    assert told == ["waiting"]


def test_the_map_is_shown_and_hidden_by_the_button(settling, worker, told):
    settling.on_heartbeat("paused", recorded())
    assert settling.toggle() is None  # nothing there yet
    worker.questions[0][2](7, np.zeros((30, 2)))
    shown = settling.toggle()
    assert shown.step == 7
    assert settling.toggle() is None
    settling.toggle()
    settling.hide()
    assert told == ["waiting", "", "ready", "shown", "ready", "shown", "ready"]


def test_playing_on_forgets_it_and_a_late_answer_is_not_shown(settling, worker, told):
    settling.on_heartbeat("paused", recorded())
    settling.on_heartbeat("playing", recorded())
    worker.questions[0][2](7, np.zeros((30, 2)))
    assert settling.settled is None
    assert told == ["waiting", ""]


def test_a_fault_of_the_worker_takes_the_button_away(settling, worker, told):
    settling.on_heartbeat("finished", recorded())
    worker.questions[0][2](7, RuntimeError("gone"))
    assert told == ["waiting", ""]


@pytest.mark.parametrize(
    "features",
    [np.ones((30, 4)), np.full((30, 4), np.nan), np.zeros((2, 4))],
    ids=["constant", "nan", "two"],
)
def test_features_that_say_nothing_are_not_asked_about(features, settling, worker, told):
    settling.on_heartbeat("paused", recorded(features))
    assert worker.questions == []
    assert told == []


def test_the_worker_is_warmed_once_while_the_board_rests(settling, worker):
    for _ in range(WARM_AFTER - 1):
        settling.on_heartbeat("ready", recorded())
    assert worker.warmed == 0
    for _ in range(5):
        settling.on_heartbeat("ready", recorded())
    assert worker.warmed == 1
