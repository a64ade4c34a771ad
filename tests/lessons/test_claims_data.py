"""Claims as data: limits on figures and their differences, seed by seed and on average; an author's mistakes get a sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import tiny
from cases import for_each

from tltutor.lessons.authoring import complaints
from tltutor.lessons.claims import Claim, Figure, between, read_claims
from tltutor.lessons.folders import VARIABLE, LessonFolder
from tltutor.lessons.rendering.papers import figures_table
from tltutor.lessons.wording import read_script

FIGURES = {"a": [0.5, 0.7, 0.9], "b": [0.4, 0.5, 0.9]}  # differences .1, .2, .0: mean .1
INF = float("inf")
CLAIMS = """
[figures.with]
board = "small"
number = "target_accuracy"

[figures.without]
board = "small"
number = "loss task"
changes = { objective = "source-only" }

[[claims]]
figure = "with"
over = "without"
mean = [0.2, 0.6]
"""


@pytest.mark.parametrize(
    ("claim", "said"),
    [
        (Claim("a", each=(0.5, INF)), ""),
        (Claim("a", each=(0.51, INF)), "a must be at least .51 on each seed, got 0.500, 0.700, 0.900"),
        (Claim("a", each=(-INF, 0.8)), "a must be at most .80 on each seed"),
        (Claim("a", mean=(0.69, 0.71)), ""),
        (Claim("a", mean=(0.71, 0.8)), "a must be from .71 to .80 on average, got 0.700"),
        (Claim("a", over="b", each=(0.0, INF)), ""),
        (Claim("a", over="b", each=(0.05, INF)), "a − b must be at least .05 on each seed, got 0.100, 0.200, 0.000"),
        (Claim("a", over="b", mean=(0.09, 0.11)), ""),
        (Claim("b", over="a", mean=(-INF, -0.2)), "b − a must be at most −.20 on average, got -0.100"),
        (Claim("a", over="b", times=0.5, each=(0.3, 0.45)), ""),
        (Claim("a", over="b", times=2, each=(0.0, INF)), "a − 2 · b must be at least .00 on each seed"),
    ],
)  # fmt: skip
def test_limits_are_held_to_every_seed_or_to_the_mean(claim: Claim, said: str) -> None:
    assert claim.objection(FIGURES).startswith(said)
    assert bool(claim.objection(FIGURES)) == bool(said)


def test_limits_are_said_in_words() -> None:
    words = [between(limits) for limits in ((0.1, INF), (-INF, -0.1), (-0.02, 0.02))]
    assert words == ["at least .10", "at most −.10", "from −.02 to .02"]


def lesson(place: Path, claims: str, **changed: str) -> LessonFolder:
    folder = tiny.write_lesson(place, **changed)
    (folder / "claims.toml").write_text(claims, "utf-8")
    return LessonFolder(folder)


def test_claims_are_read_held_to_what_was_measured_and_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    found = lesson(tmp_path, CLAIMS)
    claims = read_claims(found.path)
    assert claims.figures["without"] == Figure(
        "without", "small", "loss task", {"objective": "source-only"}
    )
    assert claims.claims == (Claim("with", "without", mean=(0.2, 0.6)),)
    assert complaints(found) == []
    row = "| with − without | – | from .20 to .60 | .26 | .49 | 1.00 |"
    assert row in figures_table(read_script(found), "en"), "by hand: .4, .3, .26 and 1, mean .49"
    assert row in figures_table(read_script(found), "zh")


BAD = {
    "an unknown figure": (CLAIMS.replace('over = "without"', 'over = "wthout"'), "no figure is called 'wthout'"),
    "no limits": (CLAIMS.replace("mean = [0.2, 0.6]", ""), "no limits for 'with − without'"),
    "an unknown word": (CLAIMS.replace("mean =", "average ="), "figure, over, times, each and mean, got"),
    "no number": (CLAIMS.replace('number = "loss task"', ""), "a figure has board, number and changes"),
    "no TOML": (CLAIMS.replace("[[claims]]", "[[claims]"), "90_tiny/claims.toml: .*got: "),
    "not measured": (CLAIMS.replace("with]", "wth]", 1).replace('"with"', '"wth"'), "got no 'wth': measure it, TLTUTOR_MEASURE=1"),
    "broken": (CLAIMS.replace("0.6]", "0.3]"), "claims.toml: with − without must be from .20 to .30 on average, got 0.490"),
}  # fmt: skip


def test_a_mistake_in_claims_gets_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def check(name: str) -> None:
        text, said = BAD[name]
        monkeypatch.setenv(VARIABLE, str(tmp_path / name))
        (sentence,) = complaints(lesson(tmp_path / name, text))
        assert re.search(said, sentence), sentence
        assert "\n" not in sentence

    for_each(BAD, check)
