"""The list of what happened, the numbers and the curves that ask for points, and files that are handed over."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import tltutor
from tltutor.metrics.trust import BAR
from tltutor.views import Board, Handlers
from tltutor.views.happenings import HappeningsView

PAINTER = Path(tltutor.__file__).parent / "views" / "points" / "painter.js"


def test_only_a_list_that_is_unfolded_is_asked_for() -> None:
    view, heard = HappeningsView(), []
    view.on_unfold = lambda: heard.append("unfold")
    view.receive("message", {"kind": "unfold", "unfolded": True})
    view.receive("message", {"kind": "unfold", "unfolded": False})
    assert (heard, view.unfolded) == (["unfold"], False)


@pytest.mark.parametrize("number", [-1, 2, 99])
def test_a_line_that_is_not_there_leads_nowhere(number: int) -> None:
    view, heard = HappeningsView(), []
    view.on_go = heard.append
    view.show([("right", 0, 5, 3), ("wrong", 0, 5, 1)])
    view.receive("message", {"kind": "go", "number": number})
    view.receive("message", {"kind": "go"})
    assert heard == []
    view.receive("message", {"kind": "go", "number": 1})
    assert heard == [1]


def test_what_asks_for_points_is_guarded() -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no such points")

    board = Board(Handlers(points=fail, happening=fail, unfolded=fail, share=fail))
    board.numbers.show({"target_accuracy": 0.5})
    board.happenings.show([("right", 0, 5, 3)])
    asks = [
        (board.numbers, {"kind": "points", "name": "target_accuracy"}),
        (board.curves, {"kind": "points", "name": "loss/task", "step": 3}),
        (board.happenings, {"kind": "go", "number": 0}),
        (board.happenings, {"kind": "unfold", "unfolded": True}),
        (board.foot, {"kind": "share", "as": "png"}),
    ]
    for part, content in asks:
        board.clear_error()
        part.receive("message", content)
        assert "no such points" in board.error.text, content
    board.clear_error()
    board.foot.receive("message", {"kind": "share", "as": "exe"})
    assert board.error.text == ""
    board.close()


def test_a_point_is_faint_on_the_page_below_the_bar_of_the_metric() -> None:
    (bar,) = re.findall(r"^const TRUSTED = ([.\d]+);", PAINTER.read_text("utf-8"), re.MULTILINE)
    assert float(bar) == BAR


def test_values_of_other_points_are_refused_and_new_points_have_none() -> None:
    board = Board()
    board.map.set_points([0, 1], [False, True])
    board.map.show_values({"loss": np.array([1.0, np.nan])})
    assert board.map.value_names == ("loss",)
    assert np.isnan(np.frombuffer(board.map.values, "<f4")[1])
    with pytest.raises(ValueError, match=r"trust must be \(2,\), got \(3,\)"):
        board.map.show_values({"trust": np.ones(3)})
    board.map.set_points([0, 1], [False, True])
    assert (board.map.values, board.map.value_names) == (b"", ())
    board.close()
