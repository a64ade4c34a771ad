"""Where a run stands, in a few words: from its accuracies and from what trains, and never what a board hides."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tltutor.lab.situation import situation

NOTHING = frozenset[str]()


def run(*, classes: int = 10, weighted: bool = True, acts: bool = True) -> Any:
    return SimpleNamespace(
        objective=SimpleNamespace(weighted=weighted),
        transfer_acts=acts,
        pair=SimpleNamespace(class_names=tuple(map(str, range(classes)))),
    )


def numbers(source: float, target: float) -> dict[str, float]:
    return {"source_accuracy": source, "target_accuracy": target}


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        (0.1, 0.1, "source not learned yet"),
        (0.81, 0.9, "source not learned yet"),  # .79 of the way from 0.1 to 1
        (0.95, 0.5, "source learned, target not yet"),
        (0.95, 0.9, "source and target learned"),
        (0.9, 0.95, "source and target learned"),
    ],
)
def test_what_is_learned_is_counted_from_guessing(source: float, target: float, said: str) -> None:
    assert situation(run(), numbers(source, target), NOTHING) == said


def test_of_two_classes_more_is_chance() -> None:
    assert situation(run(classes=2), numbers(0.85, 0.85), NOTHING) == "source not learned yet"


def test_where_nothing_before_the_features_trains_lambda_is_said_to_do_nothing() -> None:
    said = situation(run(acts=False), {}, NOTHING)
    assert said == "nothing before the features trains: λ does nothing"
    assert situation(run(acts=False, weighted=False), {}, NOTHING) == ""
    both = situation(run(acts=False), numbers(0.95, 0.5), NOTHING)
    assert both == f"{said} · source learned, target not yet"


def test_what_is_hidden_is_not_said() -> None:
    known = numbers(0.95, 0.5)
    for name in ("numbers", "source_accuracy", "target_accuracy"):
        assert situation(run(), known, frozenset({name})) == ""
    assert situation(run(acts=False), {}, frozenset({"network"})) == ""
    assert situation(run(), {"source_accuracy": 0.9}, NOTHING) == "", "no labels to judge by"
