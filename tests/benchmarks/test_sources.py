"""The table of sources: correlations and regret by hand, and the committed table made of the committed numbers."""

import json
import math

import pytest

from benchmarks import report, sources
from tltutor.metrics.transferability import TRANSFERABILITY


def one(order, gains):
    """Scores of three candidates: each score is that of `order`."""
    names = ("a", "b", "c")
    return {
        "scores": {n: dict.fromkeys(TRANSFERABILITY, v) for n, v in zip(names, order, strict=True)},
        "gains": dict(zip(names, gains, strict=True)),
    }


def test_correlation_and_regret_by_hand():
    measured = {
        ("digits", "x", 0): one((1, 2, 3), (0.1, 0.2, 0.9)),  # tau 1
        ("digits", "y", 0): one((1, 2, 3), (0.1, 0.9, 0.5)),  # tau 1/3
    }
    found = sources.summary(measured)["digits"]
    assert found["leep"]["tau"] == pytest.approx(2 / 3)
    assert found["leep"]["regret"] == pytest.approx(0.2)
    assert (found["leep"]["low"], found["leep"]["high"]) == (pytest.approx(1 / 3), 1.0)
    assert found["about"]["best"] == pytest.approx(0.9)


def test_a_score_that_a_candidate_lacks_or_that_is_equal_for_all_has_no_correlation():
    without = one((1, 2, 3), (0.1, 0.2, 0.9))
    without["scores"]["a"]["leep"] = None
    found = sources.summary({("digits", "x", 0): without})["digits"]
    assert found["leep"]["tau"] is None
    assert found["nce"]["tau"] == 1
    same = sources.summary({("digits", "x", 0): one((1, 1, 1), (0.1, 0.2, 0.9))})["digits"]
    assert same["leep"]["tau"] is None


def test_a_short_measurement_has_every_score_and_gain(monkeypatch):
    monkeypatch.setattr(sources, "PRETRAIN", sources.PRETRAIN | {"steps": 3})
    monkeypatch.setattr(sources, "TUNE", sources.TUNE | {"steps": 3})
    monkeypatch.setattr(sources, "DIGITS", sources.DIGITS[:2])
    sources.pretrained.cache_clear()
    found = sources.measure("digits", "printed", 0)
    sources.pretrained.cache_clear()
    sources.family.cache_clear()
    assert found["gains"].keys() == {"digits, small", "digits, large"}
    for row in found["scores"].values():
        assert row.keys() == TRANSFERABILITY.keys()
        assert all(value is None or math.isfinite(value) for value in row.values())


def held():
    return json.loads((report.DOCS / "sources.json").read_text("utf-8"))


def test_the_committed_table_is_made_of_the_committed_numbers():
    text = (report.DOCS / "sources.md").read_text("utf-8")
    assert text == sources.as_text(held()).rstrip() + "\n"
    measured = {(m["family"], m["target"], m["seed"]): m for m in held()["measured"]}
    assert json.loads(json.dumps(sources.summary(measured))) == held()["families"]
