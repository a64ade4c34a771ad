"""A board for a beginner shows Play, one slider, the map and two numbers; what is hidden is unlocked by name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import tltutor as tl
from tltutor import lessons
from tltutor.lessons.progress import VARIABLE
from tltutor.views.board import NUMBERS, PLACES
from tltutor.views.header import BUTTONS, FIELDS

SMALL: dict[str, Any] = {
    "pair": "moons->rotated-moons",
    "projection": "pca",
    "steps": 4,
    "batch_size": 8,
    "snapshot_size": 20,
    "name": "simple",
}


@pytest.fixture
def lab() -> Iterator[Any]:
    made: list[tl.Lab] = []

    def build(**options: Any) -> tl.Lab:
        made.append(tl.Lab(**{**SMALL, "objective": "dann", **options}))
        return made[-1]

    yield build
    for one in made:
        one.close()


def seen(lab: tl.Lab) -> set[str]:
    return set(PLACES) - set(lab.board.frame.hidden)


def sliders(lab: tl.Lab) -> list[str]:
    return [row["name"] for row in lab.board.controls.rows]


def test_a_simple_board_has_play_reset_one_slider_and_two_numbers(lab: Any) -> None:
    board = lab(simple=True)
    assert seen(board) & set(BUTTONS) == {"play", "reset"}
    assert not seen(board) & set(FIELDS)
    assert seen(board) & set(NUMBERS) == {
        "target_accuracy",
        "source_accuracy",
        "effective_sample_size",
        "mass_to_other_class",
        "source_AP",
        "target_AP",
    }
    assert not seen(board) & {"network", "curves", "timeline", "link", "map", "step", "stop"}
    assert sliders(board) == ["weight"]
    assert board.board.map_controls.rows == []
    assert not board.session.flow, "nothing is measured for a strip that is not seen"


def test_its_slider_may_be_another_setting(lab: Any) -> None:
    assert sliders(lab(objective="mmd", simple="width")) == ["width"]
    assert sliders(lab(objective="source-only", simple=True)) == []
    with pytest.raises(ValueError, match="widht"):
        lab(objective="mmd", simple="widht")


def test_controls_are_unlocked_by_name_and_stay_where_they_were(lab: Any) -> None:
    board = lab(simple=True)
    board.set(weight=3.0)
    board.unlock("curves", "lr", "domain_probe_accuracy")
    assert seen(board) - set(BUTTONS) == {
        "curves",
        "numbers",
        "language",
        "target_accuracy",
        "source_accuracy",
        "effective_sample_size",
        "mass_to_other_class",
        "source_AP",
        "target_AP",
        "domain_probe_accuracy",
    }
    assert set(sliders(board)) == {"weight", "lr"}
    assert board.board.controls.values["weight"] == 3.0
    board.unlock("network", "link")
    assert board.session.flow
    assert board.board.foot.links
    with pytest.raises(ValueError, match="curvs"):
        board.unlock("curvs")


def test_without_names_everything_is_unlocked(lab: Any) -> None:
    board, whole = lab(simple=True), lab(name="whole")
    board.unlock()
    assert seen(board) == set(PLACES)
    assert sliders(board) == sliders(whole)
    assert board.board.map_controls.rows == whole.board.map_controls.rows


def test_what_is_unlocked_stays_so_after_a_reset(lab: Any) -> None:
    board = lab(simple=True)
    board.unlock("lr")
    board.reset()
    assert set(sliders(board)) == {"weight", "lr"}


# --- boards to diagnose


def test_what_is_to_be_found_out_is_hidden_with_all_that_tells_it(lab: Any) -> None:
    board = lab(diagnose=["weight"], weight=10)
    assert not seen(board) & {"network", "link"}
    assert "weight" not in sliders(board)
    assert seen(board) >= {"curves", "timeline", "numbers"}
    board.unlock("weight", "network")
    assert board.secret == frozenset()
    assert "weight" in sliders(board)
    with pytest.raises(ValueError, match="wieght"):
        lab(diagnose=["wieght"])


def test_an_answer_shows_it(lab: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "progress.jsonl"))
    asked = lessons.begin("01").explain("diagnosis")
    board = lab(diagnose=["weight"], weight=10)
    asked.unlocks(board)
    assert board.secret == {"weight"}, "nothing is answered yet"
    asked._commit("more-steps")
    assert board.secret == frozenset()
    assert {"network", "link"} <= seen(board)
    again = lessons.begin("01").explain("diagnosis")
    other = lab(diagnose=["weight"], weight=10, name="other")
    again.unlocks(other)
    assert other.secret == frozenset(), "it was answered before"
