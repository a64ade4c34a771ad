"""A lesson's exercises as graded cells: nbgrader's own autograder gives a point to a right answer and none to a wrong one or a blank."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import nbformat
import pytest
from cases import for_each

from tltutor import lessons
from tltutor.cli import main
from tltutor.lessons.exercises import Exercise
from tltutor.lessons.folders import lesson_numbers
from tltutor.lessons.lesson import exercises
from tltutor.lessons.rendering.assignment import assignment
from tltutor.lessons.rendering.files import rendered
from tltutor.lessons.wording import script

LESSON = "10"


def graded(number: str) -> list[str]:
    """The exercises that are a function."""
    return [name for name, task in exercises(number).items() if isinstance(task, Exercise)]


def about(cell: Any) -> dict[str, Any]:
    found: dict[str, Any] = cell["metadata"].get("nbgrader", {})
    return found


def check_assignment(number: str) -> None:
    """Every exercise has an answer cell and a locked one for its point; no cell needs the lesson or shows a solution."""
    for language in ("en", "zh"):
        cells = assignment(script(number), language)
        if not graded(number):
            assert cells == []
            continue
        marked = [about(cell) for cell in cells if about(cell)]
        assert all(re.fullmatch(r"[a-zA-Z0-9_-]+", cell["grade_id"]) for cell in marked)
        answers = [cell["grade_id"] for cell in marked if cell["solution"]]
        assert sorted(answers) == sorted(graded(number))
        tests = [cell for cell in marked if cell["grade"]]
        assert [(c["grade_id"], c["points"], c["locked"], c["solution"]) for c in tests] == [
            (f"{name}-test", 1, True, False) for name in answers
        ]
        names = [cell["id"] for cell in cells]
        assert len(set(names)) == len(names)
        source = "\n".join(cell["source"] for cell in cells)
        assert not re.search(r"^lesson\b|<details>", source, re.MULTILINE)
        assert ('lessons.speak("zh")' in cells[1]["source"].splitlines()) == (language == "zh")


def test_every_exercise_is_an_answer_cell_and_a_graded_one() -> None:
    for_each(["01", LESSON], check_assignment)


def test_a_lesson_without_an_exercise_gives_no_file() -> None:
    words = script("01")
    cells = tuple(cell for cell in words.cells if "lesson.exercise(" not in cell.code)
    assert rendered("nbgrader", [replace(words, cells=cells)]) == {}


@pytest.mark.slow  # another process loads torch
def test_a_grade_is_an_error_with_the_feedback_or_nothing() -> None:
    def blank(xs: Any, xt: Any, sigma: Any) -> Any:
        return ...

    task = exercises(LESSON)["biased_mmd2"]
    assert isinstance(task, Exercise)
    lessons.grade(LESSON, "biased_mmd2", task.oracle)
    with pytest.raises(AssertionError, match="blank to fill"):
        lessons.grade(LESSON, "biased_mmd2", blank)
    name, wrong = next(iter(task.mistakes.items()))
    said = script(LESSON).exercises["biased_mmd2"].mistakes[name]["en"]
    with pytest.raises(AssertionError, match=re.escape(said)):
        lessons.grade(LESSON, "biased_mmd2", wrong)
    with pytest.raises(ValueError, match="biased_mmd2"):
        lessons.grade(LESSON, "nothing", blank)


@pytest.mark.slow
def test_every_solution_runs_with_the_imports_of_its_assignment_alone() -> None:
    for number in lesson_numbers():
        check_assignment(number)
        for cell in assignment(script(number), "en"):
            kind = about(cell)
            if kind.get("grade_id") == "imports":
                room: dict[str, Any] = {}
            if kind.get("solution"):
                exec(script(number).exercises[kind["grade_id"]].solution, room)  # noqa: S102 - our own
            elif cell["cell_type"] == "code":
                exec(cell["source"], room)  # noqa: S102 - our own


@pytest.mark.slow
def test_nbgraders_autograder_gives_points_to_right_answers_alone(tmp_path: Path) -> None:
    if find_spec("nbgrader") is None:
        pytest.skip("no nbgrader: python -m pip install nbgrader")
    source = tmp_path / "source" / "week1"
    assert main(["render", "nbgrader", "--lesson", LESSON, "--out", str(source)]) == 0
    nbgrader(tmp_path, "generate_assignment", "week1")
    answers = {
        "ann": {name: script(LESSON).exercises[name].solution for name in graded(LESSON)},
        "bob": {"witness": script(LESSON).exercises["witness"].solution, "biased_mmd2": wrong()},
        "cem": {},
    }
    for learner, written in answers.items():
        hand_in(tmp_path, learner, written)
    nbgrader(tmp_path, "autograde", "week1")
    nbgrader(tmp_path, "export", "--to", "grades.csv")
    lines = (tmp_path / "grades.csv").read_text().splitlines()
    rows = [dict(zip(lines[0].split(","), line.split(","), strict=True)) for line in lines[1:]]
    assert {row["student_id"]: float(row["raw_score"]) for row in rows} == {
        "ann": 2.0,
        "bob": 1.0,
        "cem": 0.0,
    }
    assert {float(row["max_score"]) for row in rows} == {2.0}


def wrong() -> str:
    return "def biased_mmd2(xs, xt, sigma):\n    return xs.mean() - xt.mean()"


def nbgrader(course: Path, *words: str) -> None:
    """Run nbgrader in the folder of this course."""
    command = [sys.executable, "-m", "nbgrader", *words, "--CourseDirectory.course_id=tltutor"]
    own = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(command, cwd=course, env=own, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]


def hand_in(course: Path, learner: str, written: dict[str, str]) -> None:
    """Put a learner's notebooks, with these functions, where nbgrader collects them."""
    for path in (course / "release" / "week1").glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            if about(cell).get("grade_id") in written:
                cell.source = written[about(cell)["grade_id"]]
        place = course / "submitted" / learner / "week1" / path.name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(notebook), "utf-8")
