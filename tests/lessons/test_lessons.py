"""Every shipped lesson in every language: short cells, whole scripts, exercises that check, and all of it executed, each cell twice."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
import torch
from nbclient import NotebookClient
from nbformat import NotebookNode
from places import TUTORIALS

import tltutor
from tltutor import lessons
from tltutor.language import LANGUAGES, catalog, language
from tltutor.lessons.book.running import shorten
from tltutor.lessons.by_hand import SAME
from tltutor.lessons.exercises import check
from tltutor.lessons.folders import lesson_numbers
from tltutor.lessons.lesson import exercises
from tltutor.lessons.measured import Measured
from tltutor.lessons.playing import Played, experiment_of, held
from tltutor.lessons.progress import VARIABLE, Progress
from tltutor.lessons.wording import Help, Question, Script, glossary, script

ENGLISH = sorted(TUTORIALS.glob("*.ipynb"))
CHINESE = sorted((TUTORIALS / "zh").glob("*.ipynb"))
LESSONS = [*ENGLISH, *CHINESE]
each = pytest.mark.parametrize(
    "lesson", LESSONS, ids=[str(path.relative_to(TUTORIALS)) for path in LESSONS]
)
ONCE = [
    both[i % 2] for i, both in enumerate(zip(ENGLISH, CHINESE, strict=True))
]  # the cells are equal in both languages
SOON = (
    "01",
)  # of which each change is to be run; what breaks one of the others alone, its own half finds
each_in_its_half = pytest.mark.parametrize(
    "lesson",
    [
        pytest.param(path, marks=[] if path.name.startswith(SOON) else pytest.mark.slow)
        for path in ONCE
    ],
    ids=[str(path.relative_to(TUTORIALS)) for path in ONCE],
)
each_script = pytest.mark.parametrize("number", lesson_numbers())
EXERCISES = [(number, name) for number in lesson_numbers() for name in script(number).exercises]
each_exercise = pytest.mark.parametrize(
    ("number", "name"), EXERCISES, ids=["-".join(pair) for pair in EXERCISES]
)
MAX_CELL, MAX_FUNCTION = 15, 10  # lines
MAX_LINE = 102  # characters: what is read at 1280 beside the file browser
FAST = 40  # steps of a run when the lesson is executed here
SPEAK = 'lessons.speak("zh")\n'
HEADINGS = {
    "en": (
        "**Goal.**",
        "Teacher's notes",
        "**Timing",
        "**In 15 minutes",
        "**Questions to ask",
        "**Wrong answers to expect",
    ),
    "zh": ("**目标。**", "教学说明", "**时间", "**15 分钟版", "**可以问的问题", "**常见错误回答"),
}
PRESETS = {"en": "**Presets", "zh": "**预设"}
LOOSE = re.compile(r"[\u4e00-\u9fff]")
STARRED = re.compile(
    r"(?<![\w*)])\*\w[^*\s]*( \w[^*\s]*)*\*"
)  # emphasis, which a card would show as asterisks
BY_HAND = ("by hand", "手写")  # in a table of one step
THE_SAME = tuple(SAME if name == "en" else catalog(name)[SAME] for name in LANGUAGES)
WIDE = "[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"
GAP = re.compile(
    rf"^(?![#|>-]).*{WIDE}[*)]*\n[*(]*{WIDE}.*$", re.MULTILINE
)  # a wrapped line is shown with a blank


def read(lesson: Path) -> NotebookNode:
    return nbformat.read(lesson, as_version=4)


def code(lesson: Path) -> list[str]:
    return [cell.source for cell in read(lesson).cells if cell.cell_type == "code"]


def prose(lesson: Path) -> str:
    return "\n\n".join(cell.source for cell in read(lesson).cells if cell.cell_type == "markdown")


def language_of(lesson: Path) -> str:
    return "zh" if lesson.parent.name == "zh" else "en"


def script_of(lesson: Path) -> Script:
    return script(lesson.stem[:2])


# --- the files


def test_every_lesson_is_there_in_both_languages_with_its_script() -> None:
    assert ENGLISH
    assert [path.name for path in CHINESE] == [path.name for path in ENGLISH]
    assert [path.stem[:2] for path in ENGLISH] == list(lesson_numbers())


@each
def test_the_file_holds_no_outputs_and_no_state(lesson: Path) -> None:
    notebook = read(lesson)
    nbformat.validate(notebook)
    assert set(notebook.metadata) <= {"kernelspec", "language_info"}
    assert notebook.metadata.kernelspec.name == "python3"
    for cell in notebook.cells:
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None
        assert cell.metadata in ({}, {"jupyter": {"source_hidden": True}})


@pytest.mark.parametrize("lesson", ENGLISH, ids=[path.stem for path in ENGLISH])
def test_both_languages_run_the_same_code(lesson: Path) -> None:
    """Cell by cell, kind and metadata included, so that texts stand between the same cells."""
    cells, translated = (read(path).cells for path in (lesson, lesson.parent / "zh" / lesson.name))
    assert [(c.cell_type, c.metadata) for c in cells] == [
        (c.cell_type, c.metadata) for c in translated
    ]
    chinese = code(lesson.parent / "zh" / lesson.name)
    assert chinese[0].count(SPEAK) == 1, "it says its language, wherever it lies"
    assert code(lesson) == [chinese[0].replace(SPEAK, ""), *chinese[1:]]
    assert not LOOSE.search("".join(code(lesson)))


def test_a_chinese_lesson_in_any_folder_speaks_chinese_in_its_cards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    space: dict[str, Any] = {}
    exec(code(CHINESE[0])[0], space)  # noqa: S102 - our own text
    assert language() == "zh"
    words = script_of(CHINESE[0])
    assert words.exit[0].text["zh"] in space["lesson"].exit_ticket().html
    assert words.title["zh"] in space["lesson"].html


@pytest.mark.parametrize("lesson", CHINESE, ids=[path.stem for path in CHINESE])
def test_no_sentence_has_a_gap_where_its_line_was_wrapped(lesson: Path) -> None:
    assert GAP.findall(prose(lesson)) == []


@each
def test_the_first_cell_says_run_me(lesson: Path) -> None:
    assert code(lesson)[0].startswith("# Run me")


@each
def test_cells_functions_and_lines_are_short(lesson: Path) -> None:
    for source in code(lesson):
        assert len(source.splitlines()) <= MAX_CELL, source
        assert max(map(len, source.splitlines())) <= MAX_LINE, source
        functions = (n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef))
        assert all((f.end_lineno or 0) - f.lineno + 1 <= MAX_FUNCTION for f in functions), source


@each
def test_the_text_names_only_what_the_package_has(lesson: Path) -> None:
    text = "\n".join(cell.source for cell in read(lesson).cells)
    assert set(re.findall(r"\blessons\.(\w+)", text)) <= set(lessons.__all__)
    assert set(re.findall(r"\btl\.(\w+)", text)) <= set(tltutor.__all__)


@each
def test_it_has_a_goal_and_notes_for_the_teacher(lesson: Path) -> None:
    text, language = prose(lesson), language_of(lesson)
    missing = [heading for heading in HEADINGS[language] if heading not in text]
    assert not missing
    assert not script_of(lesson).boards or PRESETS[language] in text


# --- the lesson and its script


@each
def test_presets_and_lessons_that_its_text_names_exist(lesson: Path) -> None:
    text, words = prose(lesson), script_of(lesson)
    assert set(re.findall(r'lesson\.preset\("([\w-]+)"\)', text)) <= set(words.boards)
    for link in re.findall(r"\]\(([\w/.]+\.ipynb)\)", text):
        assert (lesson.parent / link).is_file(), link


@each_script
def test_a_lesson_has_three_exit_questions_and_words_that_are_explained(number: str) -> None:
    assert len(script(number).exit) == 3
    assert len(script(number).words) >= 3


@each_script
def test_each_option_has_its_own_feedback(number: str) -> None:
    words = script(number)
    for question in (*words.explain.values(), *words.exit):
        said = [option.feedback["en"] for option in question.options]
        assert all(len(text) > 15 for text in said), question.id
        assert len(set(said)) == len(said), question.id


@each_script
def test_some_outcome_makes_each_predicted_option_true(number: str) -> None:
    for question in script(number).predict.values():
        if question.answer == "options":
            assert len({option.low < option.high for option in question.options}) == 1, question.id
        else:
            assert question.tolerance > 0


def every_text(words: Script) -> Iterator[tuple[str, Any]]:
    """Every text of a lesson with the place where it stands."""
    yield "title", words.title
    yield from ((f"goal {i}", goal.text) for i, goal in enumerate(words.goals))
    yield from ((f"board {name}", board.text) for name, board in words.boards.items() if board.text)
    for question in (*words.predict.values(), *words.explain.values(), *words.exit):
        yield from question_texts(question)
    for name, task in words.exercises.items():
        yield from ((f"{name} hint {i}", hint) for i, hint in enumerate(task.hints))
        yield from ((f"{name} mistake {i}", text) for i, text in task.mistakes.items())


def question_texts(question: Question) -> Iterator[tuple[str, Any]]:
    yield question.id, question.text
    yield from ((f"{question.id} {axis}", axis.text) for axis in (question.x, question.y) if axis)
    for option in question.options:
        yield f"{question.id} option", option.text
        if option.feedback:
            yield f"{question.id} feedback", option.feedback


@each_script
def test_every_text_is_there_in_both_languages(number: str) -> None:
    for place, text in every_text(script(number)):
        assert set(text) == {"en", "zh"}, place
        assert all(part.strip() for part in text.values()), place
        assert not LOOSE.search(text["en"]), place
        assert not any(STARRED.search(part) for part in text.values()), place


def test_every_word_is_explained_in_both_languages() -> None:
    for name, word in glossary().items():
        assert set(word.name) == set(word.text) == {"en", "zh"}, name


# --- exercises


def defined(source: str, name: str) -> Any:
    """The function of this name that the source defines, with what a lesson's notebook has imported."""
    space = {
        "math": math,
        "np": np,
        "torch": torch,
        "F": torch.nn.functional,
        "tl": tltutor,
        "__name__": "__main__",
    }
    exec(source, space)  # noqa: S102 - our own text
    return space[name]


def told(number: str, name: str, answer: Any) -> Any:
    """The feedback on a function, or on a class that plays on a board of the lesson."""
    words, task = script(number), exercises(number)[name]
    if isinstance(task, Played):
        return held(
            answer, task, experiment_of(words.boards[task.board].lab), words.exercises[name]
        )[0]
    return check(answer, task, words.exercises[name])


def answered(number: str, name: str, source: str) -> Any:
    """What the source makes of this exercise, which may use the solutions of the lesson's earlier ones."""
    known = script(number).exercises
    earlier = [known[other].solution for other in list(known)[: list(known).index(name)]]
    return defined("\n".join([*earlier, source]), name)


def stub(number: str, name: str) -> str:
    (path,) = (path for path in ENGLISH if path.stem.startswith(number))
    shown = re.compile(rf'lesson\.(exercise|play_objective)\("{name}"')
    (source,) = (source for source in code(path) if shown.search(source))
    return source.split("lesson.")[0]


@each_exercise
def test_the_solution_passes_and_the_stub_fails_kindly(number: str, name: str) -> None:
    solution = answered(number, name, script(number).exercises[name].solution)
    assert told(number, name, solution).mood == "right"
    blank = told(number, name, answered(number, name, stub(number, name)))
    assert blank.mood == "plain"
    assert "blank" in blank.text


@each_exercise
def test_the_stub_is_the_solution_with_blanks(number: str, name: str) -> None:
    solution, given = script(number).exercises[name].solution, stub(number, name)
    assert "..." in given
    names = [
        [node.name for node in ast.walk(ast.parse(text)) if hasattr(node, "name")]
        + [node.arg for node in ast.walk(ast.parse(text)) if isinstance(node, ast.arg)]
        for text in (solution, given)
    ]
    assert names[0] == names[1]


@pytest.mark.parametrize(
    ("number", "name"),
    [
        pytest.param(*pair, marks=pytest.mark.slow if pair[1].startswith("My") else [])
        for pair in EXERCISES
    ],  # a whole objective is trained with each mistake
    ids=["-".join(pair) for pair in EXERCISES],
)
def test_each_known_mistake_says_what_is_wrong(number: str, name: str) -> None:
    words: Help = script(number).exercises[name]
    task = exercises(number)[name]
    assert len(words.hints) == 3
    assert set(task.mistakes) == set(words.mistakes)
    for mistake, wrong in task.mistakes.items():
        assert told(number, name, wrong).text.startswith(words.mistakes[mistake]["en"]), mistake


# --- it runs


def with_each_cell_twice(lesson: Path) -> NotebookNode:
    """The lesson with short runs, as a learner might go through it who runs every cell again."""
    notebook = read(lesson)
    shorten(notebook, FAST)
    again = []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            copy = nbformat.v4.new_code_cell(cell.source)
            again += [cell, copy]
    notebook.cells = again
    return notebook


@each_in_its_half
def test_it_runs_through_with_every_cell_run_twice(
    lesson: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tltutor.lessons import runs

    monkeypatch.setenv(runs.TEST_RUN, "1")
    notebook = with_each_cell_twice(lesson)
    NotebookClient(
        notebook,
        timeout=240,
        kernel_name="python3",
        resources={"metadata": {"path": str(lesson.parent)}},
    ).execute()
    said = [output for cell in notebook.cells for output in cell.outputs]
    assert not [output for output in said if output.output_type == "error"]
    assert not [
        output for output in said if output.output_type == "stream" and output.name == "stderr"
    ]
    tables = [
        str(output.data["text/plain"])
        for output in said
        if "tlt-beside" in str(output.get("data", {}).get("text/html"))
    ]
    by_hand = [table for table in tables if any(word in table for word in BY_HAND)]
    of_the_bound = [table for table in tables if "ε_T" in table]
    compared = [table for table in tables if table not in (*by_hand, *of_the_bound)]
    assert compared
    assert all(f"{FAST}" in table and "let it finish" not in table for table in compared)
    assert all(any(word in table for word in THE_SAME) for table in by_hand)
    shown = "".join(str(output.get("data", {}).get("text/html")) for output in said)
    assert (script_of(lesson).title[language_of(lesson)]) in shown


def needs_a_board(source: str) -> bool:
    """Whether the cell reads what a cell further up has made."""
    return any(mark in source for mark in ("side_by_side(", ".check(", ".reveal()"))


@each_in_its_half
def test_after_a_restart_in_the_middle_answers_stand_and_cells_out_of_order_say_what_to_run(
    lesson: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel before had a prediction's answer; in the new one the learner runs the first cell, then the rest from below."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "progress.jsonl"))
    first, *others = [cell for cell in read(lesson).cells if cell.cell_type == "code"]
    asking = next(cell for cell in others if "lesson.predict(" in cell.source)
    name, task = re.search(r'(\w+) = lesson\.predict\("([\w-]+)"\)', asking.source).groups()  # type: ignore[union-attr]
    answer = some_answer(script_of(lesson).predict[task])
    Progress().add(script_of(lesson).number, task, "answered", answer=answer)
    early = [cell for cell in reversed(others) if needs_a_board(cell.source) and cell is not asking]
    chosen = nbformat.v4.new_code_cell(f"{name}.answer")
    monkeypatch.setenv(
        "JPY_SESSION_NAME", str(lesson)
    )  # as Jupyter names the open notebook to its kernel
    notebook = read(lesson)
    notebook.cells = [first, asking, chosen, *early]
    NotebookClient(
        notebook,
        timeout=120,
        allow_errors=True,
        resources={"metadata": {"path": str(lesson.parent)}},
    ).execute()
    assert [
        output.output_type
        for cell in (first, asking)
        for output in cell.outputs
        if output.output_type == "error"
    ] == []
    assert ast.literal_eval(chosen.outputs[0]["data"]["text/plain"]) == answer
    assert early
    for cell in early:
        (said,) = [output for output in cell.outputs if output.output_type == "error"]
        assert said.ename == "NameError", cell.source
        assert "Run All Above" in said.evalue or "运行" in said.evalue


def some_answer(question: Question) -> Any:
    """An answer that the question takes."""
    if question.answer == "options":
        return question.options[0].id
    if question.y is not None:
        return [question.y.low] * question.points
    return question.low


# --- lessons 04 and 20 without the photographs, lesson 19 without the sentences


PHOTOGRAPHS = "04"


def without_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither data nor weights are anywhere, as on a learner's machine that has fetched nothing."""
    monkeypatch.delenv("TLTUTOR_DATA", raising=False)
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "TORCH_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setattr("tltutor.domains.sets.data_roots", lambda *_: (tmp_path,))


def test_without_photographs_the_lesson_takes_our_scores_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The cells of its third section: what is missing is told, and the prediction is compared all the same."""
    without_data(monkeypatch, tmp_path)
    monkeypatch.setenv(VARIABLE, str(tmp_path / "progress.jsonl"))
    (path,) = (path for path in ENGLISH if path.stem.startswith(PHOTOGRAPHS))
    cells = code(path)
    first, last = (
        next(i for i, source in enumerate(cells) if mark in source)
        for mark in ('lesson.predict("bees")', "bees_guess.check")
    )
    Progress().add(PHOTOGRAPHS, "bees", "answered", answer="much")
    space: dict[str, Any] = {}
    for source in (cells[0], *cells[first:last]):
        exec(source, space)  # noqa: S102 - our own text
    assert "tltutor data fetch hymenoptera" in capsys.readouterr().out
    figures = Measured(script(PHOTOGRAPHS).folder.path).figures
    assert space["scores"] == {
        name: figures[f"bees, {name}, 25"][0] for name in ("ImageNet", "untrained")
    }
    note = eval(cells[last], space)  # noqa: S307 - our own text
    assert note.mood == "right", "our own seed 0"
    assert "bees" in space["lesson"].done


@pytest.mark.slow  # whole lessons
@pytest.mark.parametrize("number", [PHOTOGRAPHS, "20"])
def test_without_photographs_it_runs_from_the_first_cell_to_the_last(
    number: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = printed_without_data(number, tmp_path, monkeypatch)
    assert "tltutor data fetch hymenoptera" in said
    assert len(said.splitlines()) == 1, "nothing else had to be said"


TEXTS = "19"


@pytest.mark.slow  # a whole lesson
def test_without_sentences_it_says_what_is_missing_and_goes_on_with_invented_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = printed_without_data(TEXTS, tmp_path, monkeypatch)
    assert said.count("tltutor data fetch sentences") == 1
    assert "the plot is great" in said
    assert "changed 2 predictable unpredictable" in said, "what they were invented for"


def printed_without_data(number: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the whole lesson prints on a machine without data and weights; an error ends it."""
    from tltutor.lessons import runs

    without_data(monkeypatch, tmp_path)
    monkeypatch.setenv(runs.TEST_RUN, "1")
    (path,) = (path for path in CHINESE if path.stem.startswith(number))
    notebook = read(path)
    shorten(notebook, FAST)
    hidden = "import tltutor.domains.sets as sets, pathlib\nsets.data_roots = lambda *_: (pathlib.Path.cwd(),)"
    notebook.cells.insert(0, nbformat.v4.new_code_cell(hidden))
    NotebookClient(notebook, timeout=240, resources={"metadata": {"path": str(tmp_path)}}).execute()
    return "".join(
        output.text
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if output.output_type == "stream"
    )
