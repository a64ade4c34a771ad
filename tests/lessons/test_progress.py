"""A learner's progress: kept through kills, other notebooks and broken files, restored in the cards, shown, exported, reset."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import pytest

from tltutor import lessons
from tltutor.cli import main
from tltutor.lessons import cards
from tltutor.lessons.progress import HEAD, VARIABLE, Progress, default_path
from tltutor.lessons.report import COLUMNS, as_csv, lesson_lines
from tltutor.lessons.wording import script


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "own" / "progress.jsonl"))
    yield tmp_path / "own" / "progress.jsonl"
    for asked in cards._shown.values():
        asked.close()
    cards._shown.clear()


def test_what_is_added_is_there_for_the_next_kernel(path: Path) -> None:
    Progress().add("01", "gain", "answered", answer="8 or more")
    (entry,) = Progress().entries("01", "gain")
    assert (entry.did, entry.facts) == ("answered", {"answer": "8 or more"})
    assert Progress().entries("02") == ()
    assert path.read_text("utf-8").splitlines()[0] == HEAD


def test_two_notebooks_add_to_one_file(path: Path) -> None:
    one, other = Progress(), Progress()
    one.add("01", "a", "answered")
    other.add("02", "b", "answered")
    one.add("01", "c", "answered")
    assert [e.task for e in Progress().entries()] == ["a", "b", "c"]


@pytest.mark.parametrize("cut", [1, 10, 40])
def test_a_line_that_a_kill_cut_short_costs_itself_alone(path: Path, cut: int) -> None:
    Progress().add("01", "a", "answered")
    Progress().add("01", "b", "answered")
    path.write_bytes(path.read_bytes()[:-cut])
    Progress().add("01", "c", "answered")
    tasks = [e.task for e in Progress().entries()]
    assert tasks == (["a", "b", "c"] if cut == 1 else ["a", "c"])
    assert Progress().note == ""


KILLED = "import os, signal; from tltutor.lessons import Progress; p = Progress(); p.add('01', 'a', 'answered'); os._exit(9)"


def test_an_answer_is_on_disk_before_a_kill(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED], check=False, env=os.environ | {"OMP_NUM_THREADS": "1"}
    )
    assert done.returncode == 9
    assert [e.task for e in Progress().entries()] == ["a"]


@pytest.mark.parametrize(
    "content", [b"\xff\xfe\x00broken", b"not ours\n", json.dumps({"tltutor progress": 99}).encode()]
)
def test_an_unreadable_file_is_set_aside_with_a_sentence(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    progress = Progress()
    assert "renamed to progress.unreadable1.jsonl" in progress.note
    assert (path.parent / "progress.unreadable1.jsonl").read_bytes() == content
    progress.add("01", "a", "answered")
    assert [e.task for e in Progress().entries()] == ["a"]
    path.write_bytes(content)
    assert "unreadable2" in Progress().note


def test_where_nothing_can_be_written_the_lesson_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "file" / "progress.jsonl"))
    progress = Progress()
    progress.add("01", "a", "answered")
    assert "cannot be saved" in progress.note
    assert [e.task for e in progress.entries()] == ["a"]


def test_the_file_is_the_learners_own_unless_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE)
    assert default_path().name == "progress.jsonl"
    assert default_path().is_absolute()


def test_reset_forgets_one_lesson_or_all(path: Path) -> None:
    for lesson in ("01", "02", "01"):
        Progress().add(lesson, "a", "answered")
    assert Progress().reset("01") == 2
    assert [e.lesson for e in Progress().entries()] == ["02"]
    assert Progress().reset() == 1
    assert Progress().entries() == ()
    assert path.read_text("utf-8") == f"{HEAD}\n"
    assert list(path.parent.iterdir()) == [path]


# --- a lesson with progress


def answer(card: Any, value: Any) -> None:
    card.receive("message", {"kind": "commit", "answer": value})


def test_a_lesson_begun_again_has_its_answers_and_ticks(path: Path) -> None:
    lesson = lessons.begin("01")
    assert "0 of 4 goals reached" in lesson.panel.html
    answer(lesson.predict("gain").view, "more")
    assert lesson.predict("gain").check(0.3).mood == "right"
    answer(lesson.explain("why").view, script("01").explain["why"].right.id)
    assert "1 of 4 goals reached" in lesson.panel.html
    cards._shown.clear()
    again = lessons.begin("01")
    assert "1 of 4 goals reached" in again.panel.html
    assert again.predict("gain").chosen == script("01").predict["gain"].option("more").text["en"]
    assert again.explain("why").view.closed


def test_all_exit_questions_make_their_goal(path: Path) -> None:
    lesson = lessons.begin("01")
    ticket = lesson.exit_ticket()
    for choice in ticket.choices:
        assert "exit" not in lesson.done
        answer(choice.view, choice.question.right.id)
    assert "exit" in lesson.done
    assert "3 of 3 right at the first try" in ticket.summary.note["text"]


def test_answers_of_older_files_are_read_by_text_and_by_place(path: Path) -> None:
    """Until options had ids, files held the option's English text; a place counts from 0, in the script's own order."""
    progress, question = Progress(), script("01").explain["why"]
    gain, wrong = script("01").predict["gain"].options[0], question.options[0]
    progress.add("01", "gain", "answered", answer=gain.text["en"])
    progress.add("01", "why", "answered", answer=wrong.text["en"], right=False)
    progress.add("01", "why", "answered", answer=1, right=True)
    lesson = lessons.begin("01")
    assert lesson.predict("gain").answer == "more"
    why = lesson.explain("why")
    assert why.tries == [wrong.id, question.options[1].id]
    assert why.state == "done"
    assert question.option("gone") is question.option(9) is None


def test_options_are_in_an_order_of_the_learners_own_that_stays(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def order() -> dict[str, list[str]]:
        lesson = lessons.begin("12")
        cards = [lesson.explain(name) for name in lesson.script.explain]
        cards += lesson.exit_ticket().choices
        return {c.question.id: [key for _, key in c.view.field["options"]] for c in cards}

    mine = order()
    learner = Progress().learner
    assert order() == mine, "the same in the next kernel"
    for question in script("12").judged:
        assert sorted(mine[question.id]) == sorted(option.id for option in question.options)
    orders = []
    for name in ("one", "two", "three"):
        monkeypatch.setenv(VARIABLE, str(path.with_name(f"{name}.jsonl")))
        orders.append(order())
        assert Progress().learner != learner
    assert len({str(each) for each in [mine, *orders]}) == 4, "another learner sees another order"


def test_the_right_option_may_stand_anywhere() -> None:
    """Over 300 learners each place holds it about as often: within five standard deviations."""
    question = script("10").explain["why-width"]
    places = [
        [o.id for o in question.shuffled(f"learner {i}/10").options].index(question.right_id)
        for i in range(300)
    ]
    for place in range(3):
        assert abs(places.count(place) - 100) < 5 * (300 * 2 / 9) ** 0.5


def test_a_scale_keeps_its_order() -> None:
    for number, name in (("01", "gain"), ("10", "width")):
        question = script(number).predict[name]
        assert all(question.shuffled(f"{i}").options == question.options for i in range(20))


def test_the_learners_id_is_random_and_survives_a_reset(path: Path) -> None:
    learner = Progress().learner
    assert Progress().learner == learner
    Progress().add("01", "a", "answered")
    assert Progress().reset() == 1
    assert Progress().learner == learner
    assert Progress().entries() == ()


def blank(gradient: float, weight: float) -> Any:
    return ...


def straight(gradient: float, weight: float) -> float:
    return gradient


def turned(gradient: float, weight: float) -> float:
    return -weight * gradient


def test_unattempted_attempted_done(path: Path) -> None:
    lesson = lessons.begin("01")
    guess, why = lesson.predict("gain"), lesson.explain("why")
    assert (guess.state, why.state) == ("unattempted", "asleep"), "its boards have not run"
    answer(guess.view, "more")
    answer(why.view, "target-images")
    assert (guess.state, why.state) == ("attempted", "attempted")
    guess.check(0.3)
    answer(why.view, "own-class")
    assert (guess.state, why.state) == ("done", "done")
    unfilled = lesson.exercise("goes_on", blank)
    assert unfilled.state == "unattempted", "a blank that nobody filled"
    assert lesson.exercise("goes_on", straight).state == "attempted"
    assert lesson.exercise("goes_on", turned).state == "done"
    assert lesson.exercise("goes_on", straight).state == "done", "once"


def test_homework_says_nothing_and_is_handed_in_as_a_file(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lesson = lessons.begin("01", homework=True)
    guess, why = lesson.predict("gain"), lesson.explain("why")
    answer(guess.view, "more")
    answer(why.view, "own-class")
    ticket = lesson.exit_ticket()
    for choice in ticket.choices:
        answer(choice.view, choice.question.right_id)
    right = lesson.exercise("goes_on", turned)
    wrong = lesson.exercise("goes_on", straight)
    said = [guess.check(0.3).text, guess.check(-0.3).text, right.text, wrong.text]
    assert len(set(said)) == 1
    feedback = script("01").explain["why"].right.feedback["en"]
    assert feedback not in why.view.note["text"]
    assert not why.view.closed, "an answer may be changed"
    assert ticket.summary.note == {}
    assert "0 of 4 goals" in lesson.panel.html
    assert not path.exists(), "the learner's own progress is another file"
    handed = as_csv(Progress(tmp_path / "homework_01.jsonl"))
    rows = {row["task"]: row for row in csv.DictReader(io.StringIO(handed))}
    assert (rows["why"]["last_answer"], rows["why"]["right_at_once"]) == ("own-class", "1")
    assert rows["goes_on"]["right_at_once"] == "1"


@pytest.mark.parametrize("ask", ["predict", "explain", "preset", "board"])
def test_an_unknown_id_names_the_known_ones(path: Path, ask: str) -> None:
    with pytest.raises(ValueError, match="Known:"):
        getattr(lessons.begin("01"), ask)("gian")


def test_a_preset_is_a_labs_arguments_to_change_as_one_likes(path: Path) -> None:
    lesson = lessons.begin("01")
    options = lesson.preset("collapse")
    assert options["weight"] == 10
    options["pair_options"]["rotation"] = 0
    assert lesson.preset("collapse")["pair_options"]["rotation"] == 30


def test_the_switch_changes_the_language_of_what_is_shown(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tltutor.language._chosen", [])
    lesson = lessons.begin("02")
    choice = lesson.explain("recall")
    lesson.panel.receive("message", {"kind": "language", "name": "zh"})
    assert script("02").title["zh"] in lesson.panel.html
    assert escape(script("02").explain["recall"].text["zh"]) in choice.view.html
    lesson.panel.receive("message", {"kind": "language", "name": "en"})
    assert escape(script("02").explain["recall"].text["en"]) in choice.view.html


# --- the command line


def some_progress() -> Progress:
    progress = Progress()
    progress.add("01", "gain", "answered", answer="8 or more")
    progress.add("01", "gain", "scored", right=True)
    progress.add("01", "why", "answered", answer="wrong one", right=False)
    progress.add("01", "why", "answered", answer="right one", right=True)
    progress.add("01", "acting", "tried", right=False)
    progress.add("01", "acting", "hint")
    return progress


def test_a_table_for_a_teacher(path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(some_progress()))))
    assert tuple(rows[0]) == COLUMNS
    told = {
        row["task"]: (
            row["kind"],
            row["state"],
            row["tries"],
            row["done"],
            row["right_at_once"],
            row["hints"],
        )
        for row in rows
    }
    tried = {
        "gain": ("predict", "done", "1", "1", "1", "0"),
        "why": ("explain", "done", "2", "1", "0", "0"),
        "acting": ("exercise", "attempted", "1", "0", "0", "1"),
    }
    assert told == tried | {
        row["task"]: (row["kind"], "unattempted", "0", "0", "", "0")
        for row in rows
        if row["task"] not in tried
    }
    assert {"ramp", "diagnosis", "goes_on", "exit-3"} <= set(told), "also what nobody tried"
    assert {row["lesson"] for row in rows} == {"01"}, "a lesson that was not begun has no rows"


def test_lines_for_people_say_what_is_missing(path: Path) -> None:
    progress = some_progress()
    lines = lesson_lines(progress)
    assert lines[0].endswith("1 of 4 goals reached")
    assert lines[1].startswith("  ✓")
    assert 'missing: predict("ramp"), exercise("acting"), exercise("goes_on")' in lines[2]
    assert lines[-1].strip() == "answers: 4, hints: 1, not attempted: 6"
    progress.add("01", "ramp", "answered", answer="a tenth")
    assert 'missing: predict("ramp").check, ' in lesson_lines(progress)[2], (
        "committed, and held to no run yet"
    )


def test_the_command_shows_exports_and_resets(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["progress"]) == 0
    assert "Nothing yet" in capsys.readouterr().out
    some_progress()
    assert main(["progress"]) == 0
    assert "1 of 4 goals" in capsys.readouterr().out
    assert main(["progress", "--csv", str(tmp_path / "class.csv")]) == 0
    assert (tmp_path / "class.csv").read_text("utf-8-sig").startswith("lesson,task")
    assert main(["progress", "--reset", "1"]) == 0
    assert "deleted: 6 entries of lesson 01" in capsys.readouterr().out
    assert Progress().entries() == ()


def test_an_unknown_lesson_is_not_reset(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    some_progress()
    assert main(["progress", "--reset", "77"]) == 2
    assert "--reset takes one of 01" in capsys.readouterr().err
    assert len(Progress().entries()) == 6
