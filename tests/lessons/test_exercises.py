"""Exercises: whatever a learner writes, the check answers with a sentence, names what differs and for which input, and goes on."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import lru_cache, partial
from typing import Any

import numpy as np
import pytest
import torch
from cases import for_each

from tltutor.lessons import cards
from tltutor.lessons.comparing import difference
from tltutor.lessons.exercises import Exercise, ExerciseResult, check
from tltutor.lessons.progress import Entry
from tltutor.lessons.sandbox import shared_sandbox
from tltutor.lessons.wording import Help
from tltutor.views.cards import Note
from tltutor.views.exercise import ExerciseView

WORDS = Help(
    (
        {"en": "Look there.", "zh": "看那里。"},
        {"en": "Change this.", "zh": "改这里。"},
        {"en": "Nearly.", "zh": "差一点。"},
    ),
    "def double(x):\n    return 2 * x",
    {"half": {"en": "You halved it.", "zh": "你减半了。"}},
)
DOUBLE = Exercise(lambda x: 2 * x, [(1.0,), (3.0,)], {"half": lambda x: x / 2}, seconds=0.6)
ROWS = Exercise(
    lambda x: x.mean(0), [(np.arange(6.0).reshape(3, 2),), (np.ones((2, 2)),)], seconds=2.0
)
TENSORS = Exercise(lambda x: x.mean(0), [(torch.arange(6.0).reshape(3, 2),)], seconds=2.0)


@pytest.fixture(autouse=True, scope="module")
def one_worker() -> Iterator[None]:
    shared_sandbox().warm()
    yield
    shared_sandbox().close()
    shared_sandbox.cache_clear()


def forever(x: float) -> float:
    while x is not None:
        pass
    return x


def stubborn(x: float) -> float:
    while x is not None:
        try:
            time.sleep(0.01)
        except BaseException:  # noqa: BLE001 - what a learner may write
            time.sleep(0)
    return x


def stuck_in_c(_: float) -> float:
    return float(sum(range(10**12)))


def in_place(x: np.ndarray) -> np.ndarray:
    x /= len(x)
    return x.sum(0)


def deep(x: float) -> float:
    y = {"a": x}
    return y["b"]


lock = threading.Lock()


@pytest.mark.parametrize(
    ("mine", "mood", "words"),
    [
        (lambda x: x + x, "right", "same as the package's own"),
        (lambda x: torch.tensor(2 * x), "right", "same"),
        (lambda x: x / 2, "wrong", "You halved it."),
        (lambda x: x + 1, "wrong", "For x = 3: yours gives 4, the package's 6"),
        (lambda x: ... * x, "plain", "blank"),
        (lambda _: ..., "plain", "blank"),
        (lambda _: None, "wrong", "return"),
        (lambda x: x / 0, "wrong", "For x = 1: in its line 1 it raises ZeroDivisionError"),
        (deep, "wrong", "in its line 3 it raises KeyError"),
        (lambda: 1, "wrong", "TypeError"),
        (lambda _: float("nan"), "wrong", "yours gives nan"),
        (lambda _: "two", "wrong", "yours is str, expected a number"),
        (lambda _: [2.0, 3.0], "wrong", "yours is list"),
        (lambda _: sys.exit(), "wrong", "SystemExit"),
        (lambda _: lock.locked and lock, "wrong", "cannot be sent there"),
        (lambda x: (y for y in [x]), "wrong", "generator, which cannot be compared"),
        (3, "wrong", "the function itself"),
        (..., "wrong", "the function itself"),
    ],
)
def test_an_exercise_says_why(mine: Any, mood: str, words: str) -> None:
    note = check(mine, DOUBLE, WORDS)
    assert words in note.text
    assert note.mood == mood


def test_wrappers_and_library_functions_are_tried_like_any_other() -> None:
    for mine in (
        partial(np.multiply, 2),
        np.vectorize(lambda x: 2 * x),
        lru_cache(lambda x: 2 * x),
        partial(torch.mul, other=2),
    ):
        assert check(mine, DOUBLE, WORDS).mood == "right"
    assert "yours gives 1" in check(np.reciprocal, DOUBLE, WORDS).text
    note = check(
        torch.nn.functional.mse_loss,
        Exercise(lambda a, b: a - b, [(np.ones(2), np.ones(3))]),
        WORDS,
    )
    assert "a library function, and it raises TypeError" in note.text
    assert "Convert them first" in note.text
    assert (
        check(
            partial(tensors_first, torch.sub),
            Exercise(lambda a, b: a - b, [(np.ones(2), np.ones(2))]),
            WORDS,
        ).mood
        == "right"
    )


def tensors_first(function: Any, *args: np.ndarray) -> np.ndarray:
    """The remedy that the check names."""
    found: np.ndarray = function(*map(torch.as_tensor, args)).numpy()
    return found


def test_what_the_worker_cannot_import_is_named(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    (tmp_path / "beside_the_notebook.py").write_text(
        "import threading\nlock = threading.Lock()\ndef double(x):\n    return 2 * x\n"
    )
    module = importlib.import_module("beside_the_notebook")

    def through_its_module(x: float) -> float:
        return float(module.double(x))

    try:
        assert check(through_its_module, DOUBLE, WORDS).mood == "right", (
            "the worker looks where the notebook looks"
        )
        shared_sandbox()._worker._end(0)
        monkeypatch.setattr(sys, "path", sys.path[:-1])
        assert (
            "ModuleNotFoundError: No module named 'beside_the_notebook'"
            in check(through_its_module, DOUBLE, WORDS).text
        )
    finally:
        del sys.modules["beside_the_notebook"]


@pytest.mark.parametrize("mine", [forever, stubborn, stuck_in_c])
def test_what_never_ends_is_stopped_and_the_next_check_works(mine: Any) -> None:
    note = check(mine, DOUBLE, WORDS)
    assert "still running after 0.6 seconds, and was stopped" in note.text
    assert check(lambda x: x + x, DOUBLE, WORDS).mood == "right"


def test_what_ends_its_process_is_told_and_the_next_check_works() -> None:
    assert "ended the process" in check(lambda _: os._exit(3), DOUBLE, WORDS).text
    assert check(lambda x: x + x, DOUBLE, WORDS).mood == "right"


@pytest.mark.parametrize(
    ("mine", "words"),
    [
        (lambda x: x.mean(1), "For x = array (3, 2): yours has the shape (3,), expected (2,)"),
        (lambda x: x.mean(0).astype(np.float32), "yours has the dtype float32, expected float64"),
        (lambda x: list(x.mean(0)), "yours is list, expected an array"),
        (lambda x: x.mean(0) + np.array([0, 1]), "yours gives 4 at [1], the package's 3"),
        (in_place, "it changes its input in place"),
    ],
)
def test_arrays_differ_in_words(mine: Any, words: str) -> None:
    note = check(mine, ROWS, WORDS)
    assert note.mood == "wrong"
    assert words in note.text


def test_the_callers_arrays_stay_as_they_are() -> None:
    before = ROWS.cases[0][0].copy()
    check(in_place, ROWS, WORDS)
    assert np.array_equal(ROWS.cases[0][0], before)


@pytest.mark.parametrize(
    ("mine", "mood", "words"),
    [
        (lambda x: x.sum(0) / 3, "right", "same"),
        (lambda x: (x * torch.ones(2, requires_grad=True)).mean(0), "right", "same"),
        (lambda x: x.mean(0).double(), "wrong", "dtype float64, expected float32"),
        (lambda x: x.mean(0).numpy(), "wrong", "an array, expected a tensor"),
    ],
)
def test_tensors_too(mine: Any, mood: str, words: str) -> None:
    note = check(mine, TENSORS, WORDS)
    assert words in note.text
    assert note.mood == mood


def test_warming_up_at_the_end_of_python_says_nothing() -> None:
    """A lesson's timer may fire when the kernel is already on its way out."""
    code = (
        "import threading, time; from tltutor.lessons.sandbox import Sandbox; trial = Sandbox()\n"
    )
    code += "threading.Thread(target=lambda: (threading.main_thread().join(), trial.warm(), trial.close(), trial.warm())).start()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_what_it_printed_is_shown_not_lost() -> None:
    def chatty(x: float) -> float:
        print("x is", x)  # noqa: T201 - as learners do
        return x

    assert "It printed: x is 1.0" in check(chatty, DOUBLE, WORDS).text


@pytest.mark.parametrize(
    ("given", "wanted", "same"),
    [
        (1.0, 1, True),
        (np.float32(1), 1.0, True),
        (True, 1.0, True),
        (np.array([1.0, np.nan]), np.array([1.0, np.nan]), True),
        ((1, [2.0]), [1, (2.0,)], True),
        ([1], [1, 2], False),
        ("a", "a", True),
        ("a", "b", False),
        (np.array([1, 2]), np.array([1, 3]), False),
        (None, 1.0, False),
        (np.ones(2), 1.0, False),
    ],
)
def test_what_counts_as_the_same(given: Any, wanted: Any, *, same: bool) -> None:
    assert (difference(given, wanted) is None) == same


def test_the_tolerance_is_the_exercises_own() -> None:
    assert difference(1.001, 1.0, rtol=1e-2) is None
    assert difference(1.001, 1.0, rtol=1e-4) is not None


# --- the card


written: list[tuple[str, str]] = []


def write(task: str, did: str, **facts: Any) -> Entry:
    written.append((task, did))
    return Entry("now", "01", task, did, facts)


def exercised(note: Note, known: Any = ()) -> ExerciseResult:
    written.clear()
    made = ExerciseResult("double", "01/double", WORDS, note=note, write=write, known=known)
    cards._shown.pop("01/double")
    return made


def more(card: ExerciseView) -> None:
    """What a page says when a learner presses the button."""
    card.receive("message", {"kind": "more"})


def test_hints_open_one_at_a_time_and_the_solution_after_them() -> None:
    card, seen = exercised(Note("Not so.", "wrong")).view, []
    for _ in range(4):
        seen.append(card.button)
        more(card)
    assert seen == ["Hint 1 of 3", "Hint 2 of 3", "Hint 3 of 3", "Show the solution"]
    assert [code for _, _, code in card.opened] == [False, False, False, True]
    assert "return 2 * x" in card.opened[-1][1]
    assert card.button == ""
    more(card)
    assert written == [("double", "tried"), *[("double", "hint")] * 3, ("double", "solution")]


def test_a_hint_stands_back_once_the_exercise_is_solved() -> None:
    def stands_back(case: tuple[str, bool]) -> None:
        mood, back = case
        assert exercised(Note("Well.", mood)).view.solved is back

    for_each([("right", True), ("wrong", False), ("plain", False)], stands_back)


def test_nothing_is_open_at_first_and_what_was_opened_stays_open() -> None:
    fresh, again = (
        exercised(Note("")).view,
        exercised(Note(""), [Entry("", "01", "double", "hint")]).view,
    )
    assert fresh.opened == []
    assert again.opened == [["Hint 1 of 3", "Look there.", False]]
    assert again.button == "Hint 2 of 3"


def test_a_blank_is_no_try() -> None:
    exercised(Note("There is a blank.", "plain"))
    assert written == []


def test_without_a_kernel_hints_and_solution_are_folded() -> None:
    card = exercised(Note("Not so.", "wrong")).view
    assert card.html.count("<details>") == 4
    assert "Nearly." in card.html
    assert "Not so." in card.line
