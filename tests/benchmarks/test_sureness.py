"""The benchmark of sure answers: by hand, against the committed table, and what docs/results.md says of it."""

import json
import math

import pytest
import torch

from benchmarks import report, sureness
from benchmarks.plan import cases


def test_sure_and_right_by_hand():
    """Probabilities .96, .99, .90 and .97 for classes 0, 1, 0, 1: three are sure, of these two are right."""
    z = torch.tensor([[math.log(p / (1 - p)), 0.0] for p in (0.96, 0.01, 0.90, 0.03)])
    assert sureness.sureness(z, torch.tensor([0, 1, 0, 0])) == pytest.approx({"sure": 3 / 4, "right": 2 / 3})


def held():
    return json.loads((report.DOCS / "sureness.json").read_text("utf-8"))


def test_the_committed_table_is_what_the_command_gives():
    row = next(row for row in held()["rows"] if row["pair"] == "printed->digits" and row["method"] == "fixmatch")
    case = next(case for case in cases() if case.pair == row["pair"])
    found = sureness.measure(case, "fixmatch", case.seeds[0])
    assert found == pytest.approx({name: row[name]["values"][0] for name in found}, abs=0.03)
    assert found.keys() == {"sure", "right", "consistency"}
    assert (report.DOCS / "sureness.md").read_text("utf-8") == sureness.as_text(held()).rstrip() + "\n"


def test_what_the_results_say_of_it():
    rows = {(row["pair"], row["method"]): row for row in held()["rows"]}
    for pair in {pair for pair, _ in rows}:
        plain, fixmatch, teacher = (rows[pair, method] for method in sureness.METHODS)
        assert fixmatch["sure"]["mean"] > plain["sure"]["mean"]
        assert fixmatch["right"]["mean"] < plain["right"]["mean"]
        assert f"{teacher['consistency']['mean']:.4f}" == "0.0000"
