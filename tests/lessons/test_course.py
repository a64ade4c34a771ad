"""A course's test and questionnaire: twelve questions in both languages, gains and scores by hand, bad files in one sentence."""

from __future__ import annotations

import csv
from collections import Counter
from html import unescape
from pathlib import Path

import numpy as np
import pytest

from tltutor.cli import main
from tltutor.language import language
from tltutor.lessons import course
from tltutor.lessons.course.gain import gain_of
from tltutor.lessons.course.questions import LETTERS

ITEMS = course.questions()
N = len(ITEMS)


def letters(right: int) -> tuple[str, ...]:
    """The answers of a learner with so many right ones, the first; the others chose the next letter."""
    following = {letter: LETTERS[(i + 1) % 4] for i, letter in enumerate(LETTERS)}
    return tuple(q.right if i < right else following[q.right] for i, q in enumerate(ITEMS))


def written(path: Path, lines: dict[str, tuple[str, ...]], mark: str = ",") -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=mark)
        writer.writerow(["who", *map(str, range(1, 1 + len(next(iter(lines.values())))))])
        writer.writerows([name, *answers] for name, answers in lines.items())
    return path


def test_there_are_twelve_questions_whose_right_options_have_no_pattern() -> None:
    assert N == 12
    assert len({item.id for item in ITEMS}) == N
    places = Counter(item.right for item in ITEMS)
    assert set(places) == set(LETTERS)
    assert max(places.values()) <= 4
    longest = shortest = 0
    for item in ITEMS:
        sizes = [len(option["en"]) for option in item.options]
        right = sizes[LETTERS.index(item.right)]
        longest += right == max(sizes)
        shortest += right == min(sizes)
    assert longest <= N // 3, "who knows nothing must not win by length"
    assert shortest <= N // 3
    assert len(course.statements()) == 10


def test_the_normalized_gain_is_hakes() -> None:
    before = {"ann": letters(2), "bob": letters(6), "eve": letters(1)}
    after = {"ann": letters(8), "bob": letters(10), "dan": letters(12)}
    gain = gain_of(before, after, ITEMS)
    assert list(gain.before) == [2, 6]
    assert list(gain.after) == [8, 10]
    assert gain.normalized == pytest.approx((9 - 4) / (12 - 4))
    assert gain.alone == ("dan", "eve")
    low, high = gain.interval
    assert (low, high) == pytest.approx((6 / 10, 4 / 6)), (
        "all draws of two learners lie between each one's own"
    )
    first, last = gain.rows[0], gain.rows[-1]
    assert (first.before, first.after, first.error) == (1.0, 1.0, "")
    assert (last.before, last.after, last.errors) == (0.0, 0.0, 2)
    assert last.error == letters(0)[-1]


def test_a_class_that_knew_all_has_no_gain_to_speak_of() -> None:
    full = {"ann": letters(N)}
    gain = gain_of(full, full, ITEMS)
    assert np.isnan(gain.normalized)
    assert np.isnan(gain.interval).all()


@pytest.mark.parametrize(
    ("answers", "score"),
    [("5151515151", 100.0), ("1515151515", 0.0), ("3333333333", 50.0), ("4251423241", 80.0)],
)
def test_the_usability_score_is_brookes(answers: str, score: float) -> None:
    found = course.usability_of({"ann": tuple(answers)})
    assert found.mean == score
    assert np.isnan(found.interval).all()


def test_the_interval_of_the_scores_is_students_and_no_answer_is_undecided() -> None:
    found = course.usability_of(
        {"a": tuple("5151515151"), "b": ("",) * 10, "c": tuple("3333333333")}
    )
    assert list(found.scores) == [100.0, 50.0, 50.0]
    half = 4.302653 * np.std([100, 50, 50], ddof=1) / np.sqrt(3)
    assert found.interval == pytest.approx((200 / 3 - half, 200 / 3 + half), rel=1e-5)


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_files_of_any_spreadsheet_are_read(
    tmp_path: Path, mark: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = written(tmp_path / "b.csv", {"ann": letters(3), "bob": ("",) * N}, mark)
    after = written(
        tmp_path / "a.csv", {"ann": tuple(map(str.lower, letters(9))), "bob": letters(6)}, mark
    )
    assert main(["course", "gain", str(before), str(after)]) == 0
    said = capsys.readouterr().out
    assert "2 learners answered both tests" in said
    assert f"normalized gain {(7.5 - 1.5) / (12 - 1.5):.2f}" in said
    assert "fewer than 10 learners" in said
    scores = written(
        tmp_path / "s.csv", {"ann": tuple("5151515151"), "bob": tuple("3333333333")}, mark
    )
    assert main(["course", "usability", str(scores)]) == 0
    assert "2 learners: 75.0 of 100" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("who,1\nann,A\n", "line 2: there must be 12 answers, got 1"),
        ("who\nann" + ",E" * 12 + "\n", "must be one of A, B, C, D or empty, got 'E'"),
        (
            "who\n" + ("ann" + ",A" * 12 + "\n") * 2,
            "line 3: each learner must have one line, got 'ann' twice",
        ),
        ("who\n" + ",A" * 12 + "\n", "line 2: the first column must name the learner"),
        ("who\n", "must hold one line a learner"),
        ("", "must hold one line a learner"),
    ],
)
def test_a_wrong_file_is_said_in_one_sentence(
    tmp_path: Path, text: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "answers.csv"
    path.write_text(text, "utf-8")
    good = written(tmp_path / "good.csv", {"ann": letters(3)})
    assert main(["course", "gain", str(path), str(good)]) == 1
    assert sentence in capsys.readouterr().err


def test_files_of_two_classes_or_of_other_bytes_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one = written(tmp_path / "one.csv", {"ann": letters(3)})
    other = written(tmp_path / "other.csv", {"bob": letters(3)})
    assert main(["course", "gain", str(one), str(other)]) == 1
    assert "both files must name the same learners" in capsys.readouterr().err
    one.write_bytes("who,é".encode("latin-1"))
    assert main(["course", "gain", str(one), str(other)]) == 1
    assert "must be UTF-8" in capsys.readouterr().err


def test_sheets_are_there_in_both_languages_and_only_the_key_tells(tmp_path: Path) -> None:
    pages = {}
    for kind in course.KINDS:
        for spoken in ("en", "zh"):
            out = tmp_path / f"{kind}-{spoken}.html"
            assert main(["course", "sheet", kind, str(out), "--language", spoken]) == 0
            pages[kind, spoken] = out.read_text("utf-8")
    language("en")
    for spoken in ("en", "zh"):
        for item in ITEMS:
            assert item.text[spoken] in unescape(pages["test", spoken])
        assert pages["test", spoken].count("☐") == 4 * N
        assert "✓" not in pages["test", spoken]
        assert 'class="right"' not in pages["test", spoken]
        assert pages["key", spoken].count("✓") == N
        assert pages["usability", spoken].count("☐") == 50
