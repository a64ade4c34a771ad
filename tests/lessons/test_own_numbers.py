"""The learner's own numbers in a question: in stem and feedback once they are there, and another text where a run disagrees."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import tiny
from cases import for_each
from waiting import until

from tltutor import lessons
from tltutor.language import VARIABLE as LANGUAGE
from tltutor.lessons import cards
from tltutor.lessons.authoring import complaints
from tltutor.lessons.folders import VARIABLE, LessonFolder, lesson_numbers
from tltutor.lessons.own_numbers import filled, objection, places
from tltutor.lessons.progress import VARIABLE as PROGRESS
from tltutor.lessons.runs import numbers_of
from tltutor.lessons.scoring import judged
from tltutor.lessons.wording import Expectation, Option, Question, script

RUNS: Mapping[str, Mapping[str, float]] = {
    "game": {"target_accuracy": 0.871, "loss domain": 0.69},
    "plain": {"target_accuracy": 0.62, "mmd2": -0.004},
}
made: list[Any] = []


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    while made:
        made.pop().close()
    for card in cards._shown.values():
        card.close()
    cards._shown.clear()


def both(text: str) -> dict[str, str]:
    return {"en": text, "zh": f"中{text}"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("It reached {game.target_accuracy}.", "It reached .87."),
        ("D is at {game.loss domain}, MMD² at {plain.mmd2}.", "D is at .69, MMD² at .00."),
        ("A gain of {game.target_accuracy - plain.target_accuracy}.", "A gain of +.25."),
        ("{plain.target_accuracy - game.target_accuracy}", "−.25"),
        ("No number.", "No number."),
        ("{strong.target_accuracy} and {game.target_accuracy}", ""),
        ("{game.source_accuracy}", ""),
    ],
)
def test_a_text_has_the_learners_numbers_or_is_left_out(text: str, shown: str) -> None:
    assert filled(both(text), RUNS.get) == shown
    assert filled({}, RUNS.get) == ""


def test_it_is_filled_in_the_language_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LANGUAGE, "zh")
    assert filled(both("{game.target_accuracy}"), RUNS.get) == "中.87"


def question(low: float, high: float, over: str = "plain") -> Question:
    options = (Option("a", both("a")), Option("b", both("b")))
    expected = Expectation("game", "target_accuracy", over, low, high)
    return Question(
        "why", both("Why?"), options, "a", expects=(expected,), otherwise=both("It was not so.")
    )


def test_a_run_that_disagrees_is_told() -> None:
    assert objection(question(0.1, math.inf), RUNS.get) == ""
    assert objection(question(0.3, math.inf), RUNS.get) == "It was not so."
    assert objection(question(-math.inf, 0.9, over=""), RUNS.get) == ""
    assert objection(question(0.9, 1.0, over=""), RUNS.get) == "It was not so."
    assert objection(question(0.3, math.inf), lambda _: None) == "", "nothing has run"


# --- in a lesson


YOURS = """yours.en = "You trained {small.source_accuracy} and lost {small.loss task}."
yours.zh = "你的是 {small.source_accuracy}，损失 {small.loss task}。"
expects = [{ board = "small", number = "source_accuracy", range = [2.0, 3.0] }]
otherwise.en = "(Yours is below 2.)"
otherwise.zh = "（你的小于 2。）"
right = "asked"
"""
SCRIPT = tiny.SCRIPT.replace('right = "asked"\n', YOURS).replace(
    'say.zh = "网络不会累。"\n',
    'say.zh = "网络不会累。"\nyours.en = "Yours is at {small.source_accuracy}."\nyours.zh = "你的是 {small.source_accuracy}。"\n',
)


@pytest.fixture
def lesson(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    own = tmp_path / "own"
    own.mkdir()
    monkeypatch.setenv(VARIABLE, str(own))
    monkeypatch.setenv(PROGRESS, str(tmp_path / "progress.jsonl"))
    tiny.write_lesson(own, lesson_toml=SCRIPT)
    return lessons.begin("90")


def finished(lesson: Any) -> Any:
    small = lesson.board("small")
    made.append(small)
    small.play()
    assert small.wait(30)
    return small


def test_a_question_tells_the_learners_numbers_when_its_board_has_finished(lesson: Any) -> None:
    card = lesson.explain("why")
    assert card._words.question == "Why so few?"
    small = finished(lesson)
    until(lambda: card.state == "unattempted")
    numbers = numbers_of("small")
    assert numbers is not None
    assert numbers["source_accuracy"] == small.recording.latest.numbers["source_accuracy"]
    losses = [fact.losses["task"] for fact in small.recording.stepped]
    assert numbers["loss task"] == pytest.approx(sum(losses) / len(losses))
    shown = filled(script("90").explain["why"].yours, numbers_of)
    assert shown.startswith("You trained ")
    assert card._words.question == f"{shown} Why so few? (Yours is below 2.)"
    until(lambda: card.view.words["question"] == card._words.question)
    assert card._commit("tired").text.startswith("Networks do not tire. Yours is at ")


def test_other_numbers_leave_what_was_chosen_and_said(lesson: Any) -> None:
    small = finished(lesson)
    card = lesson.explain("why")
    card.view.show("tired", card._commit("tired"))
    before = card.view.words["question"]
    small.set(lr=0.5)
    small.reset()
    small.play()
    assert small.wait(30)
    until(lambda: card.view.words["question"] != before)
    assert card.view.note["text"].startswith("Networks do not tire. Yours is at ")
    assert card.view.draft == "tired"


def test_a_run_in_which_a_slider_was_moved_gives_no_numbers(lesson: Any) -> None:
    small = lesson.board("small")
    made.append(small)
    small.step(1)
    assert small.wait(30)
    small.set(lr=0.5)
    small.play()
    assert small.wait(30)
    assert numbers_of("small") is None
    assert lesson.explain("why")._words.question == "Why so few?"
    assert numbers_of("no such board") is None


# --- what an author may write


def test_an_author_is_told_what_a_number_may_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    otherwise = 'otherwise.en = "(Yours is below 2.)"\notherwise.zh = "（你的小于 2。）"\n'
    cases = [
        ("You trained {small.source_accuracy}", "You trained {other.source_accuracy}", "'other'"),
        ("lost {small.loss task}", "lost {small.accuracy}", "'accuracy' of 'small'"),
        (otherwise, "", "expects and otherwise belong together"),
        ('board = "small", number', 'board = "small", figure', "board, number, range"),
        ('board = "small", number', 'board = "large", number', "'large'"),
    ]

    def refused(case: tuple[str, str, str]) -> None:
        before, after, told = case
        assert before in SCRIPT
        place = tmp_path / f"{cases.index(case)}"
        monkeypatch.setenv(VARIABLE, str(place))
        folder = tiny.write_lesson(place, lesson_toml=SCRIPT.replace(before, after))
        assert [told in sentence for sentence in complaints(LessonFolder(folder))] == [True]

    for_each(cases, refused)


def test_places_are_found_in_both_forms() -> None:
    assert places("{a.x} and {b.loss y - c-d.z}") == [("a", "x"), ("b", "loss y"), ("c-d", "z")]


# --- predictions


def test_a_wrong_prediction_gets_its_own_feedback() -> None:
    options = (
        Option("up", both("Up"), both("Why should it rise?"), 0.0, 1.0),
        Option("down", both("Down"), {}, -1.0, 0.0),
    )
    asked = Question("gain", both("Gain?"), options)
    wrong = judged(asked, "up", -0.5)
    assert not wrong.right
    assert wrong.values["say"] == "Why should it rise?"
    assert "Which of your assumptions" not in wrong.text
    assert "say" not in judged(asked, "up", 0.5).values
    assert "Which of your assumptions" in judged(asked, "down", 0.5).text


@pytest.mark.parametrize("number", lesson_numbers())
def test_every_option_of_a_prediction_has_an_answer_to_those_who_chose_it(number: str) -> None:
    for asked in script(number).predict.values():
        told = [option.feedback["en"] for option in asked.options if option.feedback]
        assert len(told) == len(asked.options), asked.id
        assert len(set(told)) == len(told), f"{asked.id}: each option has its own"
