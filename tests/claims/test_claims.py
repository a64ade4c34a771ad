"""What lessons claim as data (claims.toml): each figure is trained anew, seed by seed, and keeps its limits."""

from __future__ import annotations

import pytest
from boards import read_boards, trained
from measured import SEEDS, keep

from tltutor.lessons.claims import Figure, read_claims
from tltutor.lessons.folders import find_folder, lesson_numbers
from tltutor.settings import check_name

pytestmark = [pytest.mark.claims, pytest.mark.slow]

CLAIMS = {number: read_claims(find_folder(number).path) for number in lesson_numbers()}


def measured(number: str, figure: Figure) -> list[float]:
    """The figure's values, seed by seed; runs are shared between figures."""
    boards = read_boards(number)
    board = boards[check_name(figure.board, boards, what=f"board of lesson {number}")]
    found = []
    for seed in SEEDS:
        numbers, losses, _ = trained(board, seed, **figure.changes)
        term = figure.number.removeprefix("loss ")
        found.append(losses[term] if term != figure.number else numbers[figure.number])
    return keep(number, figure.name, found)


@pytest.mark.parametrize("number", [number for number in CLAIMS if CLAIMS[number].claims])
def test_the_claims_of_a_lesson_hold(number: str) -> None:
    figures = {name: measured(number, figure) for name, figure in CLAIMS[number].figures.items()}
    assert CLAIMS[number].objections(figures) == []
