"""The benchmark of sure answers: by hand, against the committed table, and what docs/results.md says of it."""

import json
import math
from dataclasses import replace

import pytest
import torch

from benchmarks import report, sureness
from benchmarks.plan import cases


def test_sure_and_right_by_hand():
    """Probabilities .96, .99, .90 and .97 for classes 0, 1, 0, 1: three are sure, of these two are right."""
    z = torch.tensor([[math.log(p / (1 - p)), 0.0] for p in (0.96, 0.01, 0.90, 0.03)])
    assert sureness.sureness(z, torch.tensor([0, 1, 0, 0])) == pytest.approx(
        {"sure": 3 / 4, "right": 2 / 3}
    )


def held():
    return json.loads((report.DOCS / "sureness.json").read_text("utf-8"))


def test_a_run_gives_the_numbers_of_the_table():
    """No number of a fresh run is held to the committed ones: another processor or version moves them."""
    case = next(case for case in cases() if case.embedded)
    short = replace(
        case,
        experiment=replace(
            case.experiment, session_options={**case.experiment.session_options, "steps": 3}
        ),
    )
    for method in sureness.METHODS:
        found = sureness.measure(short, method, case.seeds[0])
        assert found.keys() == {"sure", "right"} | (
            {"consistency"} if method != sureness.METHODS[0] else set()
        )
        assert 0 <= found["sure"] <= 1


def test_the_committed_table_is_made_of_the_committed_numbers():
    assert (report.DOCS / "sureness.md").read_text("utf-8") == sureness.as_text(
        held()
    ).rstrip() + "\n"


def test_what_the_results_say_of_it():
    rows = {(row["pair"], row["method"]): row for row in held()["rows"]}
    for pair in {pair for pair, _ in rows}:
        plain, fixmatch, teacher = (rows[pair, method] for method in sureness.METHODS)
        assert fixmatch["sure"]["mean"] > plain["sure"]["mean"]
        assert fixmatch["right"]["mean"] < plain["right"]["mean"]
        assert f"{teacher['consistency']['mean']:.4f}" == "0.0000"
