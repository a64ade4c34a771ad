"""A learner's progress: kept through kills, other notebooks and broken files, restored in the cards, shown, exported, reset."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
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
        asked.view.close()
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
    card.field.show(value)
    card.button.click()


def test_a_lesson_begun_again_has_its_answers_and_ticks(path: Path) -> None:
    lesson = lessons.begin("01")
    assert "0 of 4 goals reached" in lesson.panel.html
    answer(lesson.predict("gain").view, "8 or more")
    assert lesson.predict("gain").check(0.3).mood == "right"
    answer(lesson.explain("why").view, script("01").explain["why"].right.key)
    assert "1 of 4 goals reached" in lesson.panel.html
    cards._shown.clear()
    again = lessons.begin("01")
    assert "1 of 4 goals reached" in again.panel.html
    assert again.predict("gain").chosen == "8 or more"
    assert again.explain("why").view.field.widget.disabled


def test_all_exit_questions_make_their_goal(path: Path) -> None:
    lesson = lessons.begin("01")
    ticket = lesson.exit_ticket()
    for choice in ticket.choices:
        assert "exit" not in lesson.done
        answer(choice.card, choice.question.right.key)
    assert "exit" in lesson.done
    assert "3 of 3 right at the first try" in ticket.stack.summary.value


@pytest.mark.parametrize("ask", ["predict", "explain", "preset"])
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
    lesson = lessons.begin("01")
    choice = lesson.explain("why")
    lesson.panel.languages.value = "zh"
    assert script("01").title["zh"] in lesson.panel.html
    assert script("01").explain["why"].text["zh"] in choice.view.html
    lesson.panel.languages.value = "en"
    assert script("01").explain["why"].text["en"] in choice.view.html


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
        row["task"]: (row["kind"], row["tries"], row["done"], row["right_at_once"], row["hints"])
        for row in rows
    }
    assert told == {
        "gain": ("predict", "1", "1", "1", "0"),
        "why": ("explain", "2", "1", "0", "0"),
        "acting": ("exercise", "1", "0", "0", "1"),
    }


def test_lines_for_people_say_what_is_missing(path: Path) -> None:
    progress = some_progress()
    lines = lesson_lines(progress)
    assert lines[0].endswith("1 of 4 goals reached")
    assert lines[1].startswith("  ✓")
    assert 'missing: predict("ramp"), exercise("acting"), exercise("goes_on")' in lines[2]
    assert lines[-1].strip() == "answers: 4, hints: 1"
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
