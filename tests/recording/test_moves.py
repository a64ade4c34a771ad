"""The changes of a run as people made them: one drag of a slider is one move."""

from __future__ import annotations

import itertools

from tltutor.events import Changed
from tltutor.recording import Recording
from tltutor.recording.recording import moves


def drag(name: str, *values: float, at: int = 1, every: int = 1) -> list[Changed]:
    pairs = itertools.pairwise(values)
    return [Changed(at + every * i, name, old, new) for i, (old, new) in enumerate(pairs)]


def test_a_drag_is_one_move_from_where_it_began_to_where_it_ended() -> None:
    assert moves(drag("weight", 1.0, 2.0, 4.0, 3.0, at=7)) == (Changed(7, "weight", 1.0, 3.0),)


def test_moves_that_lie_apart_stay_apart() -> None:
    near = drag("weight", 1.0, 2.0, 3.0, at=1, every=10)
    far = drag("weight", 1.0, 2.0, 3.0, at=1, every=11)
    assert len(moves(near)) == 1
    assert moves(far) == tuple(far)


def test_two_sliders_at_once_are_two_moves_in_the_order_in_which_they_began() -> None:
    mixed = [
        c for pair in zip(drag("weight", 1, 2, 3), drag("lr", 4, 5, 6), strict=True) for c in pair
    ]
    assert [(m.name, m.old, m.new) for m in moves(mixed)] == [("weight", 1, 3), ("lr", 4, 6)]


def test_a_drag_that_came_back_is_no_move() -> None:
    assert moves(drag("weight", 1.0, 2.0, 1.0)) == ()
    assert moves(drag("weight", 1.0, 2.0, 1.0, 5.0)) == (Changed(1, "weight", 1.0, 5.0),)


def test_the_log_itself_keeps_every_change() -> None:
    recording, log = Recording(), drag("weight", 1.0, 2.0, 4.0)
    for change in log:
        recording.append(change)
    assert recording.changes == tuple(log)
    assert recording.moves == (Changed(1, "weight", 1.0, 4.0),)
