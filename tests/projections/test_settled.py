"""The settled snapshot: the real umap-learn in a worker, the newest question, errors that are told, and workers that end."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.manifold import trustworthiness

from tltutor.projections import settled
from tltutor.projections.settled import Settler

X = load_digits().data[:120].astype(np.float32)
PATIENCE = 240  # seconds that a worker on a busy machine may take to import and compile


@pytest.fixture(scope="module")
def settler() -> Iterator[Settler]:
    one = Settler(seed=0)
    one.warm()
    yield one
    one.close()


class Answers:
    """Listens to a settler."""

    def __init__(self) -> None:
        self.heard: queue.Queue[tuple[int, Any, str]] = queue.Queue()

    def __call__(self, step: int, answer: Any) -> None:
        self.heard.put((step, answer, threading.current_thread().name))

    def next(self) -> tuple[int, Any]:
        return self.heard.get(timeout=PATIENCE)[:2]


@pytest.mark.slow
def test_the_answer_is_umap_learns_map(settler: Settler) -> None:
    answers = Answers()
    settler.ask(X, 7, answers)
    step, xy, thread = answers.heard.get(timeout=PATIENCE)
    assert step == 7
    assert thread == "tltutor-settler"
    assert xy.shape == (120, 2)
    assert xy.dtype == np.float32
    assert np.abs(xy.mean(0)).max() < 1e-4
    assert trustworthiness(X, xy, n_neighbors=10) > 0.95
    settler.ask(X, 8, answers)
    np.testing.assert_array_equal(answers.next()[1], xy)  # one seed, one map


@pytest.mark.slow
def test_a_start_keeps_the_map_the_right_way_round(settler: Settler) -> None:
    answers = Answers()
    left = np.repeat([True, False], 60)
    x = np.where(left[:, None], -20, 20) + X[:, :10]
    for side in (-1, 1):
        start = np.stack([np.where(left, -side, side) * 5.0, np.linspace(-1, 1, 120)], 1)
        settler.ask(x, 0, answers, start=start)
        xy = answers.next()[1]
        assert side * (xy[~left, 0].mean() - xy[left, 0].mean()) > 1


@pytest.mark.slow
def test_errors_are_told_and_the_worker_lives_on(settler: Settler) -> None:
    answers = Answers()
    settler.ask(np.full((20, 3), np.nan), 1, answers)
    step, error = answers.next()
    assert step == 1
    assert isinstance(error, RuntimeError)
    assert "NaN" in str(error)
    settler.ask(X[:40], 2, answers)
    assert answers.next()[1].shape == (40, 2)


def test_few_points_have_fewer_neighbors(settler: Settler) -> None:
    answers = Answers()
    settler.ask(X[:8], 1, answers)
    assert answers.next()[1].shape == (8, 2)


def test_a_listener_that_fails_costs_nobody_an_answer(settler: Settler) -> None:
    answers = Answers()

    def fails(step: int, _: Any) -> None:
        answers(step, None)
        raise ValueError("a listener's own fault")

    settler.ask(X[:40], 3, fails)
    assert answers.next()[0] == 3
    settler.ask(X[:40], 4, answers)
    assert answers.next()[0] == 4


def test_the_newest_question_wins(settler: Settler) -> None:
    answers, asked = Answers(), threading.Event()

    def holds(step: int, answer: Any) -> None:
        answers(step, answer)
        asked.wait(PATIENCE)

    settler.ask(X[:40], 1, holds)
    assert answers.next()[0] == 1
    for step in (2, 3, 4):  # while the thread is held: 2 and 3 are overtaken
        settler.ask(X[:40], step, answers)
    asked.set()
    assert answers.next()[0] == 4
    assert answers.heard.empty()


def test_an_answer_that_was_overtaken_is_not_told(
    settler: Settler, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, answer = Answers(), settler._answer

    def overtaken(question: settled.Question) -> Any:
        if question.step == 1:
            settler.ask(X[:40], 2, answers)
        return answer(question)

    monkeypatch.setattr(settler, "_answer", overtaken)
    settler.ask(X[:40], 1, answers)
    assert answers.next()[0] == 2
    assert answers.heard.empty()


@pytest.mark.slow
def test_a_worker_that_dies_is_told_and_replaced(settler: Settler) -> None:
    answers = Answers()
    settler.warm()
    worker = settler._worker._process
    settler.ask(np.repeat(X, 20, axis=0), 1, answers)
    time.sleep(0.2)
    os.kill(worker.pid, signal.SIGKILL)
    assert "ended before it answered" in str(answers.next()[1])
    settler.ask(X[:40], 2, answers)
    assert answers.next()[1].shape == (40, 2)
    assert settler._worker._process.pid != worker.pid


def test_an_interrupt_of_the_notebook_is_not_the_workers(settler: Settler) -> None:
    """A kernel's interrupt goes to all processes of its group."""
    answers = Answers()
    settler.ask(X[:40], 1, answers)
    answers.next()
    worker = settler._worker._process
    os.kill(worker.pid, signal.SIGINT)
    settler.ask(X[:40], 2, answers)
    assert answers.next()[1].shape == (40, 2)
    assert settler._worker._process is worker


def test_a_closed_settler_says_so() -> None:
    one, answers = Settler(), Answers()
    one.close()
    one.ask(X, 1, answers)
    assert "closed" in str(answers.next()[1])
    one.close()
    assert one._worker._process is None


def test_closing_ends_worker_and_question() -> None:
    one, answers = Settler(), Answers()
    one.ask(X, 1, answers)
    time.sleep(0.1)
    one.close()
    assert isinstance(answers.next()[1], RuntimeError)
    assert one._worker._process is None


def test_without_umap_learn_the_remedy_is_told(settler: Settler) -> None:
    answers = Answers()
    settler._worker.call(lambda: sys.modules.update(umap=None))
    settler.ask(X, 1, answers)
    assert "pip install umap-learn" in str(answers.next()[1])
    settler._worker._end(0)  # the next child has it again


PARENT = """
from tltutor.projections.settled import Settler
if __name__ == "__main__":
    settler = Settler()
    settler.warm()
    print(settler._worker._process.pid, flush=True)
    input()
"""


def test_the_worker_dies_with_its_parent(tmp_path: Any) -> None:
    program = tmp_path / "parent.py"
    program.write_text(PARENT)
    parent = subprocess.Popen(
        [sys.executable, str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    until = time.monotonic() + PATIENCE
    while _lives(pid) and time.monotonic() < until:
        time.sleep(0.1)
    assert not _lives(pid)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123 - a zombie that nobody has waited for is dead too
        return stat.read().rsplit(")", 1)[1].split()[0] != "Z"


@pytest.mark.slow  # a process more that loads umap-learn; test_worker.py holds the same of a small one
def test_a_script_without_a_guard_is_not_run_again_and_ends_without_a_warning(
    tmp_path: Path,
) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import threading\nimport numpy as np\nfrom tltutor.projections.settled import Settler\nprint('ran', flush=True)\n"
        "settler, done = Settler(), threading.Event()\n"
        "settler.ask(np.eye(30), 1, lambda step, xy: done.set())\ndone.wait()\nsettler.close()\n"
    )
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, timeout=PATIENCE, check=True
    )
    assert done.stdout.split() == ["ran"]
    assert "leaked" not in done.stderr, (
        "numba and tqdm hold semaphores, which a killed process leaves to the system"
    )
