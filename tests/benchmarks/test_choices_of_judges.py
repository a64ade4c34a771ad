"""The table of the judges' choices: regrets of made-up sweeps by hand, and the committed table made of the committed numbers."""

import json

import pytest

from benchmarks import judges, report
from tltutor.evaluation.sweep import SweepResult, Trial
from tltutor.evaluation.sweep.plan import USABLE
from tltutor.evaluation.sweep.runs import Measured


def made(better):
    """A sweep in which weight w and the longest run reach better[w], and iwcv likes small weights, entropy large ones."""
    plan = judges.plan("blobs->rotated-blobs")
    trials = []
    for objective in plan.objectives:
        for setting in plan.points(objective):
            w, steps = setting.get("weight", 1.0), setting["steps"]
            accuracy = better[w] - (steps < max(judges.STEPS)) * 0.1
            accuracy = 0.5 if objective == judges.SOURCE_ONLY else accuracy
            likes = dict.fromkeys(USABLE, accuracy) | {"iwcv": -w, "entropy": w + steps / 1e4}
            runs = {seed: Measured(likes, False, accuracy, 1.0) for seed in plan.seeds}
            trials.append(Trial(objective, setting, "complete", runs))
    return SweepResult(plan, trials)


def test_regrets_by_hand():
    (cell, *others) = judges.cells(made({0.1: 0.4, 0.3: 0.9, 1.0: 0.7, 3.0: 0.6}))
    assert {one["method"] for one in (cell, *others)} == set(judges.METHODS)
    assert (cell["oracle"], cell["source_only"]) == (0.9, 0.5)
    regret = cell["regret"]
    assert regret["source_risk"] == regret["oracle"] == 0
    assert regret["iwcv"] == pytest.approx(0.6)  # .1 and few steps, the first of equal ones
    assert regret["entropy"] == pytest.approx(0.3)
    assert regret[judges.DEFAULT] == pytest.approx(0.2)
    mean = (0.4 + 0.9 + 0.7 + 0.6) / 4 - 0.05
    assert regret[judges.RANDOM] == pytest.approx(0.9 - mean)


def test_below_counts_what_is_worse_than_source_only():
    rows = judges.summary([*judges.cells(made({0.1: 0.4, 0.3: 0.9, 1.0: 0.7, 3.0: 0.6}))])["rows"]
    assert rows["iwcv"]["below"] == len(judges.METHODS)
    assert rows["entropy"]["below"] == rows["oracle"]["below"] == 0
    assert rows["iwcv"]["mean"] == rows["iwcv"]["worst"] == pytest.approx(0.6)


def held():
    return json.loads((report.DOCS / "judges.json").read_text("utf-8"))


def test_the_committed_table_is_made_of_the_committed_numbers():
    assert (report.DOCS / "judges.md").read_text("utf-8") == judges.as_text(held()).rstrip() + "\n"


def test_the_committed_numbers_are_of_this_design_and_whole():
    result = held()
    assert result["design"] == json.loads(json.dumps(judges.design()))
    assert len(result["cells"]) == len(judges.PAIR_NAMES) * len(judges.METHODS)
    for cell in result["cells"]:
        assert set(cell["regret"]) == {*USABLE, judges.DEFAULT, judges.RANDOM, judges.ORACLE}
        assert min(cell["regret"].values()) >= -1e-9, "the oracle's choice is the best on average"
