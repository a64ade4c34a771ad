"""A class's progress files become one table and one page, a broken one costs itself alone; exit tickets are packages of QTI."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tltutor.cli import main
from tltutor.language import language
from tltutor.lessons import desk
from tltutor.lessons.desk.qti import PACK, QTI
from tltutor.lessons.folders import lesson_numbers
from tltutor.lessons.progress import HEAD, Progress
from tltutor.lessons.report import COLUMNS
from tltutor.lessons.wording import localized, script

NASTY = "<script>alert(1)</script>"


def written(path: Path, *entries: tuple[str, str, dict[str, Any]], lesson: str = "01") -> Path:
    """A progress file as a learner's notebook writes it."""
    progress = Progress(path)
    assert progress.learner
    for task, did, facts in entries:
        progress.add(lesson, task, did, **facts)
    return path


def wrong_of(task: str, lesson: str = "01") -> str:
    """The id of a wrong option."""
    (question,) = (q for q in script(lesson).judged if q.id == task)
    return next(option.id for option in question.options if not question.is_right(option))


def right_of(task: str, lesson: str = "01") -> str:
    (question,) = (q for q in script(lesson).judged if q.id == task)
    return question.right_id


def answer(task: str, *, right: bool, lesson: str = "01") -> tuple[str, str, dict[str, Any]]:
    chosen = right_of(task, lesson) if right else wrong_of(task, lesson)
    return task, "answered", {"answer": chosen, "right": right}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three learners: ann by a file of her own, bob and cem by folders, cem with two files."""
    home = tmp_path / "class"
    written(home / "ann.jsonl", answer("exit-1", right=False), answer("exit-1", right=True))
    written(
        home / "bob" / "deep" / "progress.jsonl",
        answer("exit-1", right=False),
        answer("exit-2", right=False),
    )
    written(home / "cem" / "progress.jsonl", answer("exit-1", right=True))
    exercise = next(n for n in lesson_numbers() if n != "01" and script(n).exercises)
    task = next(iter(script(exercise).exercises))
    written(
        home / "cem" / "homework.jsonl",
        (task, "hint", {}),
        (task, "hint", {}),
        (task, "solution", {}),
        (task, "tried", {"right": True}),
        lesson=exercise,
    )
    written(home / "ann2.jsonl", (task, "tried", {"right": False}), lesson=exercise)
    return home


def test_everybodys_place_misconceptions_and_hints_are_found(folder: Path) -> None:
    group = desk.read_class([folder])
    assert [learner.name for learner in group.learners] == ["ann", "ann2", "bob", "cem"]
    assert group.complaints == ()
    found = desk.find(group)
    places = {
        row.name: {number: place.done for number, place in row.places.items()} for row in found.rows
    }
    (hints,) = found.exercises
    assert places == {
        "ann": {"01": 1},
        "ann2": {hints.lesson: 0},
        "bob": {"01": 0},
        "cem": {"01": 1, hints.lesson: 1},
    }
    assert found.rows[0].places["01"].all == len(list(script("01").predict)) + len(
        script("01").explain
    ) + len(script("01").exercises) + len(script("01").exit)
    assert (hints.began, hints.done, hints.hints, hints.solutions) == (2, 1, 1.0, 1)
    first, second = found.misconceptions
    assert (first.task, first.chosen, first.answered) == ("exit-2", 1, 1), (
        "the largest share comes first"
    )
    assert (second.task, second.chosen, second.answered) == ("exit-1", 2, 3), (
        "the first answer counts, not the last"
    )
    question = next(q for q in script("01").judged if q.id == "exit-1")
    option = question.option(wrong_of("exit-1"))
    assert option is not None
    assert (second.option, second.feedback) == (localized(option.text), localized(option.feedback))


def test_the_table_has_a_line_for_every_learner_and_task(folder: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(desk.table(desk.read_class([folder])))))
    assert tuple(rows[0]) == ("learner", *COLUMNS)
    ann = {row["task"]: row for row in rows if row["learner"] == "ann"}
    assert ann["exit-1"]["tries"] == "2"
    assert (ann["exit-1"]["done"], ann["exit-1"]["right_at_once"]) == ("1", "0")
    assert ann["exit-2"]["state"] == "unattempted"


def test_a_broken_file_is_one_sentence_and_the_rest_goes_on(
    folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    bad = {
        "dan.jsonl": b"not the header\n",
        "eve.jsonl": b"\xff\xfe\x00",
        "fay.jsonl": f"{HEAD}\n{{half a li\n[1]\n{json.dumps({'at': 1})}\n".encode(),
    }
    for name, content in bad.items():
        (folder / name).write_bytes(content)
    before = {path: path.read_bytes() for path in folder.rglob("*.jsonl")}
    page = tmp_path / "class.html"
    assert (
        main(
            [
                "class",
                "report",
                str(folder),
                "--page",
                str(page),
                "--csv",
                str(tmp_path / "class.csv"),
            ]
        )
        == 0
    )
    out, error = capsys.readouterr()
    lines = error.splitlines()
    assert len(lines) == len(bad)
    for name, said in (
        ("dan", "its first line is not the header"),
        ("eve", "it is not UTF-8"),
        ("fay", "3 lines could not be read"),
    ):
        assert [said in line for line in lines if f"{name}.jsonl" in line] == [True]
    assert "ann  01: 1/" in out
    assert {path: path.read_bytes() for path in folder.rglob("*.jsonl")} == before, (
        "a teacher's look changes no file"
    )
    assert "dan.jsonl is no progress file" in page.read_text("utf-8")
    assert "bob" in (tmp_path / "class.csv").read_text("utf-8-sig")


def test_what_the_remedies_say_works(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["class", "report", str(tmp_path / "nowhere")]) == 1
    assert "name the folder that holds" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    assert main(["class", "report", str(tmp_path / "empty")]) == 1
    assert "one a learner" in capsys.readouterr().err
    assert main(["class", "report", str(folder / "ann.jsonl")]) == 0
    assert "ann" in capsys.readouterr().out


def test_a_copied_file_is_named(folder: Path) -> None:
    (folder / "gil.jsonl").write_bytes((folder / "ann.jsonl").read_bytes())
    (complaint,) = desk.read_class([folder]).complaints
    assert "ann, gil" in complaint


def test_a_script_or_a_formula_in_a_name_is_a_name(tmp_path: Path) -> None:
    (tmp_path / "class").mkdir()
    names = [NASTY.replace("/", "∕"), "=1+1", "@SUM(A1)"]
    for name in names:
        written(
            tmp_path / "class" / f"{name}.jsonl",
            ("exit-1", "answered", {"answer": "=HYPERLINK(1)", "right": False}),
        )
    group = desk.read_class([tmp_path / "class"])
    page = desk.page(group, desk.find(group))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "default-src &#39;none&#39;" in page
    cells = [cell for row in csv.reader(io.StringIO(desk.table(group))) for cell in row]
    assert "'=1+1" in cells
    assert "'=HYPERLINK(1)" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_the_page_speaks_both_languages_and_needs_no_network(folder: Path) -> None:
    group = desk.read_class([folder])
    english = desk.page(group, desk.find(group))
    assert "chosen instead" in english
    language("zh")
    chinese = desk.page(group, desk.find(group))
    assert "各人的进度" in chinese
    assert '<html lang="zh">' in chinese
    assert not re.search(r"(src|href)=", english + chinese)


# --- exit tickets


def tag(name: str, space: str = QTI) -> str:
    return f"{{{space}}}{name}"


def parsed(pack: zipfile.ZipFile, name: str) -> ET.Element:
    """A document that is well-formed; our own, so that no parser for hostile ones is needed."""
    return ET.fromstring(pack.read(name))  # noqa: S314


ORDER = [
    "responseDeclaration",
    "outcomeDeclaration",
    "itemBody",
    "responseProcessing",
    "modalFeedback",
]


def check_item(root: ET.Element) -> None:
    """The rules of an item of QTI 2.1 (section 3): attributes, order of parts, and that every identifier names something."""
    assert root.tag == tag("assessmentItem")
    assert {"identifier", "title", "adaptive", "timeDependent"} <= set(root.attrib)
    parts = [child.tag.removeprefix(f"{{{QTI}}}") for child in root]
    assert parts == sorted(parts, key=ORDER.index), "the parts have one order"
    declared = {child.get("identifier") for child in root if child.tag.endswith("Declaration")}
    assert declared == {"RESPONSE", "SCORE", "FEEDBACK"}
    (choice,) = root.iter(tag("choiceInteraction"))
    assert choice.get("responseIdentifier") == "RESPONSE"
    assert choice.get("maxChoices") == "1"
    assert choice[0].tag == tag("prompt"), "the prompt comes first"
    options = [option.get("identifier") for option in choice.iter(tag("simpleChoice"))]
    assert len(set(options)) == len(options) >= 2
    assert all(re.fullmatch(r"[A-Za-z_][\w.-]*", option or "") for option in options)
    (correct,) = root.findall(
        f"{tag('responseDeclaration')}/{tag('correctResponse')}/{tag('value')}"
    )
    assert correct.text in options
    told = [feedback.get("identifier") for feedback in root.iter(tag("modalFeedback"))]
    assert told == options, "every option is spoken to"
    for used in (
        *root.iter(tag("variable")),
        *root.iter(tag("correct")),
        *root.iter(tag("setOutcomeValue")),
    ):
        assert used.get("identifier") in declared


def check_package(path: Path) -> int:
    """The rules of the package: the manifest at its root names every file, once, and every reference leads somewhere."""
    with zipfile.ZipFile(path) as pack:
        assert pack.testzip() is None
        files = {name: parsed(pack, name) for name in pack.namelist()}
    manifest = files.pop("imsmanifest.xml")
    assert manifest.tag == tag("manifest", PACK)
    assert [child.tag for child in manifest] == [
        tag(name, PACK) for name in ("metadata", "organizations", "resources")
    ]
    resources = {one.get("identifier"): one for one in manifest.iter(tag("resource", PACK))}
    assert sorted(one.get("href") or "" for one in resources.values()) == sorted(files)
    assert {one.get("identifierref") for one in manifest.iter(tag("dependency", PACK))} == set(
        resources
    ) - {"test"}
    for one in resources.values():
        assert [file.get("href") for file in one.findall(tag("file", PACK))] == [one.get("href")]
    test = files.pop("test.xml")
    assert test.tag == tag("assessmentTest")
    refs = {ref.get("href"): ref.get("identifier") for ref in test.iter(tag("assessmentItemRef"))}
    assert refs == {name: root.get("identifier") for name, root in files.items()}
    for root in files.values():
        check_item(root)
    return len(files)


def test_every_lessons_exit_ticket_is_a_package_in_both_languages(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in lesson_numbers():
        for name in ("en", "zh"):
            out = tmp_path / f"{number}-{name}.zip"
            language(name)
            assert desk.write_tickets(number, out) == check_package(out) == len(script(number).exit)
    assert main(["class", "tickets", "01", str(tmp_path / "one.zip"), "--language", "zh"]) == 0
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "01-zh.zip").read_bytes(), (
        "the same questions, the same package"
    )
    assert "QTI 2.1" in capsys.readouterr().out
    with zipfile.ZipFile(tmp_path / "one.zip") as pack:
        item = parsed(pack, "lesson-01-exit-1.xml")
    question = script("01").exit[0]
    assert [o.text for o in item.iter(tag("simpleChoice"))] == [
        o.text["zh"] for o in question.options
    ]
    (correct,) = item.findall(
        f"{tag('responseDeclaration')}/{tag('correctResponse')}/{tag('value')}"
    )
    assert correct.text == f"option-{question.right_id}"


def test_an_unknown_lesson_has_no_ticket(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["class", "tickets", "99", str(tmp_path / "no.zip")])
    assert left.value.code == 2
    assert "01" in capsys.readouterr().err
    assert main(["class", "tickets", "01", str(tmp_path / "no" / "no.zip")]) == 1
    assert "create it first" in capsys.readouterr().err
