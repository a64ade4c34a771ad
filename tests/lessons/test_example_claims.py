"""What the worked examples say of their tables, held over their five seeds: their cells run as they stand, but for the board."""

from statistics import fmean
from types import SimpleNamespace
from typing import Any

import pytest

import tltutor as tl
from tltutor.lessons.rendering import examples

pytestmark = pytest.mark.slow
WORSE, BETTER = "harm", "gain"


@pytest.fixture
def run(data_root: object, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run an example's cells without its board; its variables."""
    monkeypatch.setattr(tl, "Lab", lambda *_, **__: None)

    def names(example: str) -> SimpleNamespace:
        found: dict[str, Any] = {}
        for cell in examples.example_cells(examples.HOME / f"{example}.md"):
            if cell.code:
                exec(cell.code, found)  # noqa: S102 - our own cells
        return SimpleNamespace(**found)

    return names


def recall(judgment: Any, row: str, label: int) -> list[float]:
    """The share of a class that a row finds, seed by seed."""
    return [float((p.argmax(1) == label)[y == label].mean()) for p, y in judgment.of(row)]


def mean(judgment: Any, row: str, measure: str = "") -> float:
    return fmean(judgment.values(row, measure))


def test_speech(run: Any) -> None:
    found = run("speech")
    lucas, theo = found.lucas, found.theo
    assert mean(lucas, "source only") < 0.5 < mean(theo, "source only") - 0.3
    assert lucas.gain("CORAL").verdict == BETTER
    assert mean(lucas, "CORAL") < 0.65
    assert mean(lucas, "few labels") > mean(lucas, "CORAL") - 0.05
    for row in ("source only", "CORAL", "subspace alignment", "source + few labels"):
        assert fmean(recall(lucas, row, 5)) < 0.2, row
    surest = fmean(float(p.max(1).mean()) for p, _ in theo.of("source only"))
    assert mean(theo, "source only") > surest + 0.3
    assert {len(y) for _, y in lucas.of("CORAL")} == {48}


def test_medicine(run: Any) -> None:
    found = run("medicine")
    va, swiss = found.va, found.swiss
    for row in ("CORAL", "BBSE", "DANN", "few labels", "source + few labels"):
        assert va.gain(row).verdict != BETTER, row
    assert mean(va, "CORAL", "accuracy") < mean(va, "source only", "accuracy") - 0.05
    assert va.gain("BBSE").verdict == WORSE
    assert mean(swiss, "BBSE", "accuracy") > mean(swiss, "source only", "accuracy") + 0.1
    assert mean(swiss, "BBSE") < mean(swiss, "source only") - 0.05
    error = "calibration error"
    assert mean(swiss, "BBSE", error) < mean(swiss, "source only", error)
    assert fmean(recall(swiss, "BBSE", 1)) > 0.9


def test_finance(run: Any) -> None:
    found = run("finance")
    plain, weighted = found.found, found.weighted
    for judgment in (plain, weighted):
        assert judgment.gain("CORAL").mean < 0
    assert plain.gain("CORAL").verdict == WORSE
    assert min(recall(plain, "BBSE", 0)) < 0.3 < max(recall(plain, "BBSE", 0))
    assert plain.gain("few labels").verdict == BETTER
    assert weighted.gain("few labels").mean < plain.gain("few labels").mean / 2
    assert fmean(recall(plain, "source only", 1)) < 0.5
    assert 0.6 < fmean(recall(weighted, "source only", 0)) < 0.9


def test_industry(run: Any) -> None:
    found = run("industry")
    for row in ("CORAL", "optimal transport"):
        assert found.found.gain(row).verdict == BETTER, row
        assert mean(found.found, row) > 0.95
    missed = [
        name
        for k, name in enumerate(found.found.class_names)
        if fmean(recall(found.found, "source only", k)) < 0.8
    ]
    assert len(missed) == 2
    for judgment in found.nearer:
        assert mean(judgment, "source only") > 0.97
    error = "calibration error"
    assert mean(found.found, "source only", error) > mean(found.found, "CORAL", error) + 0.04
