"""A lesson is one folder: a new one is found, checked, listed, rendered and run; nothing else is touched; a mistake gets a sentence."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
import tiny
from cases import for_each
from nbclient import NotebookClient
from places import PACKAGE, ROOT, TUTORIALS
from waiting import until

from tltutor import lessons
from tltutor.cli import main, render
from tltutor.language import LANGUAGES
from tltutor.lessons import cards
from tltutor.lessons.authoring import complaints, longest_is_right
from tltutor.lessons.claims import read_claims
from tltutor.lessons.folders import VARIABLE, LessonFolder, find_folder, lesson_numbers
from tltutor.lessons.measured import Measured, short
from tltutor.lessons.progress import VARIABLE as PROGRESS
from tltutor.lessons.progress import Progress
from tltutor.lessons.rendering import notebooks
from tltutor.lessons.rendering.papers import TABLE_BEGINS, TABLE_ENDS
from tltutor.lessons.runs import TEST_RUN
from tltutor.lessons.wording import Option, Question, glossary, read_script, script

MOST_LONGEST = 0.4  # of the questions may have their right option as the longest one


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of lessons beside the package's own, still empty."""
    own = tmp_path / "own"
    own.mkdir()
    monkeypatch.setenv(VARIABLE, str(own))
    monkeypatch.setenv(PROGRESS, str(tmp_path / "progress.jsonl"))
    return own


made: list[Any] = []  # boards of a test


@pytest.fixture(autouse=True)
def closed() -> Any:
    """No card and no board outlives its test."""
    yield
    while made:
        made.pop().close()
    for card in cards._shown.values():
        card.close()
    cards._shown.clear()


def shipped() -> dict[str, int]:
    """When each file of the package and of the shipped lessons was last written."""
    files = (path for root in (PACKAGE, TUTORIALS) for path in root.rglob("*"))
    return {
        str(path): path.stat().st_mtime_ns
        for path in files
        if path.is_file() and "__pycache__" not in path.parts
    }


def made_as(kind: str, number: str, language: str = "en") -> Any:
    """The lesson as a notebook, read back from its text as Jupyter reads it."""
    found = notebooks.as_text(getattr(notebooks, kind)(script(number), language))
    read = nbformat.reads(found, as_version=4)
    nbformat.validate(read)
    assert nbformat.writes(read) + "\n" == found, "as Jupyter itself would save it"
    return read


def notebook(number: str, language: str = "en") -> Any:
    return made_as("notebook", number, language)


def prose(found: Any) -> str:
    return "\n\n".join(cell.source for cell in found.cells if cell.cell_type == "markdown")


# --- the shipped lessons


def test_no_shipped_lesson_is_stale(capsys: pytest.CaptureFixture[str]) -> None:
    """`tltutor render` brings the notebooks and the list of lessons in step with the folders."""
    assert main(["render", "--check"]) == 0, capsys.readouterr().out


@pytest.mark.parametrize("number", lesson_numbers())
def test_every_shipped_lesson_is_in_order(number: str) -> None:
    assert complaints(find_folder(number)) == []


# --- a new lesson


def test_a_new_folder_is_found_listed_and_rendered_and_nothing_else_is_touched(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = shipped()
    tiny.write_lesson(place)
    out = tmp_path / "out"
    out.mkdir()
    (out / "README.md").write_text(
        f"Above\n\n{TABLE_BEGINS}\nwhat stood here\n{TABLE_ENDS}\n\nBelow\n"
    )
    assert lesson_numbers()[-1] == "90"
    assert glossary()["crumb"].text["zh"] == "很小的东西。"
    assert main(["render", "--out", str(out), "--lesson", "90"]) == 0
    assert "3 files written" in capsys.readouterr().out
    english, chinese = (
        nbformat.read(out / folder / "90_tiny.ipynb", as_version=4) for folder in ("", "zh")
    )
    assert [cell.cell_type for cell in english.cells] == [c.cell_type for c in chinese.cells]
    assert "It gained +.32 (.80 ± .08; .90, .80, .70; torch 9.9, abacus)." in prose(english)
    assert "收益 +.32（.80 ± .08；.90、.80、.70；torch 9.9, abacus）。" in prose(chinese)
    hidden = [cell.metadata.get("jupyter") for cell in english.cells]
    assert hidden.count({"source_hidden": True}) == 2
    listing = (out / "README.md").read_text("utf-8")
    assert "| 90 | [Tiny](90_tiny.ipynb) | steps | a tiny run |" in listing
    assert "| 01 | [First flight](01_first_flight.ipynb) |" in listing
    assert "what stood here" not in listing
    assert listing.startswith("Above\n")
    assert listing.endswith("\nBelow\n")
    assert shipped() == before


def test_a_lesson_that_is_not_finished_disturbs_no_other(place: Path) -> None:
    tiny.write_lesson(place, lesson_toml="half a line", lesson_md="")
    panel = lessons.begin("01").panel
    assert "First flight" in panel.html
    assert lessons.begin("02").explain("homogeneous").state == "unattempted"


def test_a_lesson_may_use_a_word_that_another_one_explains(place: Path) -> None:
    tiny.write_lesson(place)
    other = tiny.write_lesson(
        place,
        "91_other",
        lesson_toml=re.sub(r"\[glossary.*?\n\n", "", tiny.SCRIPT, flags=re.DOTALL),
        lesson_md=tiny.LESSON.replace("90", "91"),
        faults_py=tiny.FAULTS.replace("tiny-fault", "other-fault"),
    )
    assert complaints(LessonFolder(other)) == []
    assert "A small thing." in lessons.begin("91").panel.html


def test_a_lesson_leads_to_the_next_one_and_the_last_to_none(place: Path) -> None:
    *_, last = lesson_numbers()
    tiny.write_lesson(place)
    assert "**Next:** [90 · Tiny](90_tiny.ipynb)" in prose(notebook(last, "en"))
    assert "**下一课：**[90 · 很小](90_tiny.ipynb)" in prose(notebook(last, "zh"))
    assert "Next:" not in prose(notebook("90", "en"))


@pytest.mark.slow
def test_a_new_lesson_runs_in_a_kernel_and_its_question_wakes_after_the_run(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The notebook as it was rendered, with its cards, exercise, boards and fault."""
    tiny.write_lesson(place)
    monkeypatch.setenv(TEST_RUN, "1")
    found = notebook("90", "en")
    (begin,) = (i for i, cell in enumerate(found.cells) if 'board("small")' in cell.source)
    early = nbformat.v4.new_code_cell('early = lesson.explain("why")\nstate = early.state')
    late = nbformat.v4.new_code_cell("state, early.state, early.view.reason")
    found.cells.insert(begin, early)
    found.cells.append(late)
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(found, timeout=120, kernel_name="python3", resources=resources).execute()
    assert late.outputs[0].data["text/plain"] == "('asleep', 'unattempted', '')"
    shown = json.dumps([cell.get("outputs") for cell in found.cells], ensure_ascii=False)
    assert "90 · Tiny" in shown
    assert "There is still a blank to fill" in shown
    assert "batch" in shown, "both codes of the fault"


def test_a_changed_or_missing_or_orphaned_file_is_stale_until_rendered(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, out = tiny.write_lesson(place), tmp_path / "out"
    command = ["render", "--out", str(out), "--lesson", "90"]
    page = out / "90_tiny.ipynb"
    assert main([*command, "--check"]) == 1
    assert f"stale: {page}" in capsys.readouterr().out
    assert not out.exists(), "a check writes nothing"
    assert main(command) == 0
    assert main([*command, "--check"]) == 0
    page.write_text(page.read_text("utf-8").replace("Tiny", "Tinny"), "utf-8")
    orphan = out / "zh" / "77_gone.ipynb"
    orphan.write_text("{}")
    capsys.readouterr()
    assert main([*command, "--check"]) == 1
    assert capsys.readouterr().out.splitlines()[:-1] == [f"stale: {page}", f"stale: {orphan}"]
    orphan.unlink()
    assert main(command) == 0
    assert main([*command, "--check"]) == 0
    assert "Tinny" not in page.read_text("utf-8")
    measured = folder / "measured.json"
    measured.write_text(measured.read_text().replace("0.9", "0.6"))
    assert main([*command, "--check"]) == 1, "a new measurement makes the text stale"


def test_a_cell_keeps_its_id_when_another_one_changes(place: Path) -> None:
    one = tiny.write_lesson(place, "90_tiny")
    other = tiny.write_lesson(
        place.parent / "two", "90_tiny", lesson_md=tiny.LESSON.replace("## 1 ·", "## 2 ·")
    )
    ids = [
        [cell["id"] for cell in notebooks.notebook(read_script(LessonFolder(folder)), language)]
        for folder in (one, other)
        for language in ("en", "zh")
    ]
    assert ids[0] == ids[1], "the same in both languages"
    assert sum(a != b for a, b in zip(ids[0], ids[2], strict=True)) == 1


def test_the_lesson_in_contributing_is_one(place: Path) -> None:
    """Its very text, with figures of its own."""
    text = (
        (ROOT / "CONTRIBUTING.md").read_text("utf-8").split("## Add a lesson")[1].split("\n## T")[0]
    )
    (cells,) = re.findall(r"^````markdown\n(.*?)^````$", text, re.MULTILINE | re.DOTALL)
    (table,) = re.findall(r"^```toml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    (claims,) = re.findall(r"^```\n(\[figures.*?)^```$", text, re.MULTILINE | re.DOTALL)
    figures = {"start": [0.5] * 4, "l2-sp": [0.75] * 4, "near": [0.9] * 4, "far": [0.8] * 4}
    folder = tiny.write_lesson(
        place,
        "23_near_the_start",
        lesson_md=cells,
        lesson_toml=table,
        exercises_py="EXERCISES = {}",
        faults_py="FAULTS = {}",
        measured_json=json.dumps(tiny.MEASURED | {"figures": figures}),
    )
    (folder / "claims.toml").write_text(claims, "utf-8")
    assert complaints(find_folder("23")) == []
    assert len(read_claims(folder).claims) == 1
    assert "reached .50; pulled back to its start, it gained +.25." in prose(notebook("23", "en"))
    assert script("23").boards["far"].lab == {**script("23").boards["near"].lab, "weight": 0.0}
    *_, before, last = lesson_numbers()
    assert last == "23"
    assert "[23 · Near the start](23_near_the_start.ipynb)" in prose(notebook(before, "en"))


# --- what an author may get wrong


def without(text: str, part: str) -> str:
    assert part in text
    return text.replace(part, "", 1)


def with_other(text: str, part: str, other: str) -> str:
    assert part in text
    return text.replace(part, other, 1)


MD, TOML = tiny.LESSON, tiny.SCRIPT
GAIN = MD.splitlines().index("## 1 · A gain") - 1  # the line of its mark, from 1
LAST = len(MD.splitlines()) + 2
BAD: dict[str, tuple[dict[str, str], str]] = {
    "a cell without its Chinese text": (
        {
            "lesson_md": without(
                MD, '<!-- zh -->\n\n## 1 · 收益\n\n收益 {{ gain("with", "without") }}（'
            )
        },
        rf"lesson.md, line {GAIN}: a text must be there in en and zh, got none in zh: add <!-- zh -->",
    ),
    "a Chinese text alone": (
        {"lesson_md": without(MD, "<!-- en -->\n\n# 90 · Tiny")},
        r"lesson.md, line 1: a text must stand below its language, got 'You need",
    ),
    "one cell more in Chinese": (
        {"lesson_md": f"{MD}\n<!-- zh -->\n\n又一段。\n"},
        rf"lesson.md, line {LAST}: a text must be there in en and zh, got none in en: add <!-- en -->",
    ),
    "one cell more in English": (
        {"lesson_md": f"{MD}\n<!-- en -->\n\nOne more.\n"},
        rf"lesson.md, line {LAST}: .* got none in zh",
    ),
    "a code cell without an end": (
        {"lesson_md": f"{MD}\n```python\n1 + 1\n"},
        rf"lesson.md, line {LAST}: a code cell must end, got no ``` below it: add ```",
    ),
    "a code cell without code": (
        {"lesson_md": f"{MD}\n```python\n\n```\n"},
        rf"lesson.md, line {LAST}: a code cell must hold code, got none: add it",
    ),
    "an unknown word at a fence": (
        {"lesson_md": with_other(MD, "python fold", "python hide")},
        r"no word after ```python is called 'hide'.*fold",
    ),
    "no title": (
        {"lesson_md": with_other(MD, "# 90 · Tiny", "Tiny")},
        r"lesson.md: the first cell must be a title.*begin with # 90 ·",
    ),
    "code that is no Python": (
        {"lesson_md": with_other(MD, "return ...", "return (")},
        r"lesson.md, line \d+: a code cell must be Python, got",
    ),
    "an unknown card": (
        {"lesson_md": with_other(MD, 'explain("why")', 'explain("wy")')},
        r"lesson.md, line 50: no explain of lesson 90 is called 'wy': did you mean 'why'\?",
    ),
    "a card that no cell shows": (
        {"lesson_md": with_other(MD, 'explain("why")', "begin('90')")},
        r"lesson.toml: each card must be shown by one cell, got 0 for 'why'",
    ),
    "a card that two cells show": (
        {
            "lesson_md": with_other(
                MD, "lesson.exit_ticket()", 'lesson.explain("why")\nlesson.exit_ticket()'
            )
        },
        r"each card must be shown by one cell, got 2 for 'why'",
    ),
    "no exit ticket": (
        {"lesson_md": with_other(MD, "lesson.exit_ticket()", "lesson")},
        r"lesson.md: exit questions must be shown by one cell, got 0",
    ),
    "another lesson's number": (
        {"lesson_md": with_other(MD, 'begin("90")', 'begin("09")')},
        r"lesson.md, line \d+: no begin of lesson 90 is called '09': .*Known: 90",
    ),
    "an unknown board": (
        {"lesson_md": with_other(MD, 'board("small")', 'board("smal")')},
        r"no board of lesson 90 is called 'smal': did you mean 'small'",
    ),
    "an unknown board to compare with": (
        {"lesson_md": with_other(MD, 'board("small")', 'compare("small", "smal")')},
        r"no compare of lesson 90 is called 'smal': did you mean 'small'",
    ),
    "a word that is not listed": (
        {"lesson_md": with_other(MD, "#word-source", "#word-target")},
        r'a linked word must be listed, got #word-target: add "target" to `words`',
    ),
    "a word that is explained nowhere": (
        {"lesson_toml": with_other(TOML, '"crumb"]', '"crumb", "loaf"]')},
        r"lesson.toml: a listed word must be explained, got 'loaf': add \[glossary.loaf\]",
    ),
    "an unknown figure": (
        {"lesson_md": with_other(MD, 'spread("with")', 'spread("wth")')},
        rf"lesson.md, line {GAIN}: a placeholder .* got: no figure of 90_tiny/measured.json is called 'wth'",
    ),
    "an unknown placeholder": (
        {"lesson_md": with_other(MD, 'spread("with")', 'sprd("with")')},
        rf"lesson.md, line {GAIN}: a placeholder must call one of mean, spread, .*, got: 'sprd' is undefined",
    ),
    "a seed that was not run": (
        {"lesson_md": with_other(MD, 'spread("with")', 'spread("with", 7)')},
        r"no seed of 90_tiny/measured.json is called '7'",
    ),
    "an option without Chinese": (
        {"lesson_toml": without(TOML, 'zh = "网络累了，想回家"\n')},
        r"lesson.toml, explain.why.options.tired: a text must be there in en and zh, got none in zh: add zh",
    ),
    "an option without feedback": (
        {
            "lesson_toml": without(
                TOML, 'say.en = "Networks do not tire."\nsay.zh = "网络不会累。"\n'
            )
        },
        r"lesson.toml, explain.why.options.tired.say: a text must be there in en and zh",
    ),
    "two options of one id": (
        {"lesson_toml": with_other(TOML, "options.tired]", "options.asked]")},
        r"lesson.toml must be TOML with each id once, got: Cannot declare .*asked",
    ),
    "two tasks of one id": (
        {"lesson_toml": TOML.replace("exit.last", "exit.why")},
        r"lesson.toml: each task needs an id of its own, got 'why' twice: rename one",
    ),
    "an unknown right option": (
        {"lesson_toml": with_other(TOML, 'right = "asked"', 'right = "aksed"')},
        r"lesson.toml, explain.why: no right option is called 'aksed': did you mean 'asked'",
    ),
    "no right option": (
        {"lesson_toml": without(TOML, 'right = "asked"\n')},
        r'explain.why: a question must name its right option, got none: add right = "id of the option"',
    ),
    "a prediction with a right option": (
        {"lesson_toml": with_other(TOML, 'en = "How many', 'right = "few"\nen = "How many')},
        r"predict.steps: a prediction has no right option, got few: leave right out",
    ),
    "one option alone": (
        {
            "lesson_toml": TOML[: TOML.index("[exit.last.options.no]")]
            + TOML[TOML.index("[boards") :]
        },
        r"exit.last: a question needs two options or more, got 1",
    ),
    "a goal that needs nothing known": (
        {"lesson_toml": with_other(TOML, '"double", "exit"', '"duoble", "exit"')},
        r"lesson.toml: a goal must need tasks of the lesson, got 'duoble': known are double, exit",
    ),
    "a board like none above it": (
        {"lesson_toml": with_other(TOML, 'like = "small"', 'like = "large"')},
        r"no board above .*boards.broken is called 'large'",
    ),
    "an exercise without code": (
        {"exercises_py": with_other(tiny.EXERCISES, '"double"', '"triple"')},
        r"90_tiny/exercises.py: an exercise and its mistakes must be in .*, got no 'double",
    ),
    "a mistake without a text": (
        {
            "lesson_toml": without(
                TOML, 'mistakes.half = { en = "You halved it.", zh = "你减半了。" }\n'
            )
        },
        r"90_tiny/lesson.toml: an exercise and its mistakes must be in .*, got no 'double.half' here",
    ),
}


def test_a_mistake_of_the_author_gets_one_sentence_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(name: str) -> None:
        changed, said = BAD[name]
        place = tmp_path / name
        monkeypatch.setenv(VARIABLE, str(place))
        found = complaints(LessonFolder(tiny.write_lesson(place, **changed)))
        assert found
        assert re.search(said, found[0]), found
        assert all("\n" not in sentence for sentence in found)

    for_each(BAD, check)


def test_a_missing_file_gets_a_sentence_too(place: Path) -> None:
    folder = tiny.write_lesson(place)
    (folder / "lesson.md").unlink()
    (sentence,) = complaints(LessonFolder(folder))
    assert sentence.endswith("lesson.toml and lesson.md, got no lesson.md: add it")


def test_nothing_is_rendered_before_all_is_well(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny.write_lesson(place, **BAD["no right option"][0])
    assert main(["render", "--lesson", "90", "--out", str(tmp_path / "out")]) == 1
    assert "90_tiny/lesson.toml, explain.why: a question must name" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_two_folders_of_one_number_are_refused(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny.write_lesson(place, "12_tiny")
    with pytest.raises(
        ValueError, match="its own number, got 12_the_adversary and 12_tiny: rename"
    ):
        lesson_numbers()
    assert main(["render", "--check"]) == 1
    assert "rename one folder" in capsys.readouterr().err


def test_two_faults_of_one_id_are_refused(place: Path) -> None:
    tiny.write_lesson(place, faults_py=tiny.FAULTS.replace("tiny-fault", "target-labels"))
    (sentence,) = complaints(find_folder("90"))
    assert (
        "90_tiny/faults.py: each fault needs an id of its own, got 'target-labels' twice"
        in sentence
    )


def test_what_is_no_lesson_is_left_alone(place: Path) -> None:
    for name in ("notes", "90", "9_tiny", "90-tiny"):
        (place / name).mkdir()
    assert "90" not in lesson_numbers()


# --- boards and sleeping questions


def test_a_board_is_made_from_data_and_may_be_like_another(place: Path) -> None:
    tiny.write_lesson(place)
    lesson = lessons.begin("90")
    small = lesson.board("small", steps=4)
    assert (small.name, small.session.steps, small.session.objective.name) == (
        "small",
        4,
        "source-only",
    )
    broken = lesson.board("broken")
    assert (broken.lab.name, broken.lab.session.steps) == ("broken", 3)
    assert broken.mistake
    made.extend([small, broken.lab])


def test_two_boards_share_a_play_that_waits_for_the_prediction(place: Path) -> None:
    other = '[boards.other]\nlike = "small"\nsteps = 2\n'
    tiny.write_lesson(place, lesson_toml=f"{tiny.SCRIPT}\n{other}")
    lesson = lessons.begin("90")
    guess = lesson.predict("steps")
    both = lesson.compare("small", "other", lr=0.25)
    made.extend([both, *both.labs])
    assert [(lab.name, lab.session.steps) for lab in both.labs] == [("small", 3), ("other", 2)]
    assert [lab.session.values["lr"] for lab in both.labs] == [0.25, 0.25]
    guess.unlocks(both)
    assert "Commit" in both.board.header.reason
    guess.view.receive("message", {"kind": "commit", "answer": "few"})
    assert both.board.header.reason == ""
    both.play()
    assert both.wait(30)
    assert [lab.session.done for lab in both.labs] == [True, True]
    again = lesson.compare("small", "other")  # its cell is run again
    made.extend([again, *again.labs])
    assert [lab.session.step_number for lab in again.labs] == [0, 0]


def test_a_question_sleeps_until_its_board_has_finished_and_stays_awake(place: Path) -> None:
    tiny.write_lesson(place)
    lesson = lessons.begin("90")
    early = lesson.explain("why")
    assert early.state == "asleep"
    assert "small" in early.view.reason
    assert "Why so few?" not in early.html
    small = lesson.board("small")
    made.append(small)
    small.step(1)
    assert small.wait(30)
    assert early.state == "asleep", "begun is not finished"
    small.play()
    assert small.wait(30)
    until(lambda: early.state == "unattempted")
    assert early.view.reason == ""
    assert "Why so few?" in early.html
    small.reset()
    assert early.state == "unattempted"
    assert lesson.explain("why").state == "asleep", "asked again after the reset, it waits again"


def test_an_answered_question_does_not_sleep_in_the_next_kernel(place: Path) -> None:
    tiny.write_lesson(place)
    Progress().add("90", "why", "answered", answer="tired", right=False)
    again = lessons.begin("90").explain("why")
    assert again.state == "attempted"
    assert "do not tire" in again.view.note["text"]


# --- the other things that a folder renders to


def test_the_answer_key_gives_right_answers_reasons_solutions_and_fixes(
    place: Path, tmp_path: Path
) -> None:
    tiny.write_lesson(place)
    assert main(["render", "key", "--out", str(tmp_path / "key"), "--lesson", "90"]) == 0
    english, chinese = (
        (tmp_path / "key" / folder / "90_tiny.key.md").read_text("utf-8") for folder in ("", "zh")
    )
    for text in (
        "# 90 · Tiny: Answer key",
        "- **✓ We asked for three** — steps = 3 says it.",
        "- The network was tired, and wanted to go home — Networks do not tire.",
        "- Few (true from 0 to 10) — Count them.",
        "- Many (true from 10 to ∞)",
        "return 2 * x",
        "return super().forward(batch)",
    ):
        assert text in english, text
    assert english.count("✓ ") == 2, "one in each judged question"
    assert "- **✓ 我们只要了三步** — steps = 3 就是这个意思。" in chinese
    assert "tired" not in chinese


def test_the_table_of_figures_holds_every_seed(place: Path, tmp_path: Path) -> None:
    tiny.write_lesson(place)
    assert main(["render", "figures", "--out", str(tmp_path / "all"), "--lesson", "90"]) == 0
    text = (tmp_path / "all" / "90_tiny.figures.md").read_text("utf-8")
    assert "| figure | mean ± spread | seed 0 | seed 1 | seed 2 | seed 10 |\n|---|---|---|" in text
    assert "| with | .80 ± .08 | .90 | .80 | .70 | 1.00 |" in text
    assert "torch 9.9, abacus" in text


def test_homework_has_no_solutions_and_gives_no_feedback(place: Path) -> None:
    tiny.write_lesson(place)
    found = made_as("homework", "90")
    text = "\n".join(cell.source for cell in found.cells)
    assert 'lessons.begin("90", homework=True)' in text
    assert "Secret." not in text
    assert "reveal()" not in text
    assert 'lesson.explain("why")' in text
    for number in lesson_numbers():
        text = "\n".join(cell.source for cell in made_as("homework", number).cells)
        assert f'lessons.begin("{number}", homework=True)' in text
        assert "<details>" not in text


def test_slides_open_at_headings_cards_and_boards(place: Path) -> None:
    tiny.write_lesson(place)
    found = made_as("slides", "90", "zh")
    kinds = {cell.source[:9]: cell.metadata["slideshow"]["slide_type"] for cell in found.cells}
    assert kinds["# 90 · 很小"] == "slide"
    assert kinds["# Run me\n"] == "skip"
    assert [kind for start, kind in kinds.items() if start.startswith("small = ")] == ["subslide"]
    assert kinds["<details>"] == "notes"


def test_all_kinds_are_rendered_by_one_command(
    place: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny.write_lesson(place)
    out = tmp_path / "all"
    assert main(["render", "all", "--out", str(out), "--lesson", "90"]) == 0
    names = {path.name for path in out.iterdir() if path.is_file()}
    endings = (
        "ipynb",
        "slides.html",
        "slides.ipynb",
        "homework.ipynb",
        "nbgrader.ipynb",
        "key.md",
        "figures.md",
    )
    assert names == {f"90_tiny.{ending}" for ending in endings}
    assert {path.name for path in (out / "zh").iterdir()} == names
    assert main(["render", "all", "--out", str(out), "--lesson", "90", "--check"]) == 0


def test_without_a_checkout_notebooks_need_a_folder_that_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(render.resources, "files", lambda _: tmp_path / "site" / "tltutor")
    assert main(["render", "--lesson", "11"]) == 2
    assert "name a folder with --out" in capsys.readouterr().err
    assert main(["render", "--lesson", "11", "--out", str(tmp_path / "named")]) == 0
    assert (tmp_path / "named" / "zh" / "11_deep_coral.ipynb").is_file()


# --- figures and options


def test_figures_are_printed_as_texts_print_them(tmp_path: Path) -> None:
    """By hand: means .8 and .48, population deviations sqrt(.02 / 3) and sqrt(.0024 / 3)."""
    measured = Measured(tiny.write_lesson(tmp_path))
    assert (measured.mean("with"), measured.mean("with", 10)) == (".80", "1.00")
    assert (measured.spread("with"), measured.spread("without")) == (".80 ± .08", ".48 ± .03")
    assert (measured.gain("with", "without"), measured.gain("without", "with")) == ("+.32", "−.32")
    assert measured.gain("with", "with") == ".00"
    close = {"one": [0.846] * 4, "two": [0.834] * 4}
    printed = tiny.write_lesson(
        tmp_path, "91_close", measured_json=json.dumps(tiny.MEASURED | {"figures": close})
    )
    assert Measured(printed).gain("one", "two") == "+.02", ".85 and .83 are printed beside it"
    assert measured.gains("with", "without") == [".40", ".30", ".26"]
    assert measured.each("with", 10, 0) == ["1.00", ".90"]
    assert [short(value) for value in (0.125, 1.0, -0.031, 0.999, -0.004)] == [
        ".12",
        "1.00",
        "−.03",
        "1.00",
        ".00",
    ]


def asked(name: str, right: str, *texts: str) -> Question:
    options = tuple(
        Option(f"{i}", {"en": text, "zh": text[:1] * i}) for i, text in enumerate(texts)
    )
    return Question(name, {"en": "?"}, options, right)


def test_right_options_that_are_the_longest_are_counted() -> None:
    questions = [
        asked("a", "0", "long, long", "short"),
        asked("b", "1", "long, long", "short"),
        asked("c", "1", "a", "bb", "c"),
        asked("a prediction", "", "long, long", "short"),
    ]
    assert longest_is_right(questions, "en") == (2, 3)
    assert longest_is_right(questions, "zh") == (1, 3), "each language has lengths of its own"
    assert longest_is_right([], "en") == (0, 0)


def test_the_longest_option_is_seldom_the_right_one() -> None:
    """At most 40 % in each language: with three or four options chance gives about 30 %."""
    judged = [question for number in lesson_numbers() for question in script(number).judged]
    for language in LANGUAGES:
        longest, asked_in_all = longest_is_right(judged, language)
        assert asked_in_all == len(judged)
        assert longest <= MOST_LONGEST * asked_in_all, f"{language}: {longest} of {asked_in_all}"
