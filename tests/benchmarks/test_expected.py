"""What a report expects beside the truth: the committed table is made of the committed numbers, and the page says what it says."""

import json

import pytest

from benchmarks import expected, report
from tltutor.evaluation.report.words import USUAL_MISS


def held():
    return json.loads((report.DOCS / "expected.json").read_text("utf-8"))


def test_the_committed_table_is_made_of_the_committed_numbers():
    assert (report.DOCS / "expected.md").read_text("utf-8") == expected.as_text(
        held()
    ).rstrip() + "\n"


def test_the_summary_is_by_hand():
    rows = [
        {
            "pair": p,
            "method": m,
            "expected": e,
            "low": e - 0.1,
            "high": e + 0.1,
            "true": t,
            "chosen": c,
        }
        for p, m, e, t, c in (
            ("one", "source-only", 0.9, 0.5, False),
            ("one", "mcc", 0.7, 0.75, True),
            ("two", "source-only", 0.6, 0.65, True),
            ("two", "mcc", 0.5, 0.5, False),
        )
    ]
    found = expected.summary(rows)
    assert found["off"] == pytest.approx((0.4 + 0.05 + 0.05) / 4)
    assert found["worst"] == pytest.approx(0.4)
    assert (found["too_high"], found["inside"]) == (1, 3)
    assert found["gain"] == pytest.approx(0.125)
    assert found["least_gain"] == 0


def test_every_pair_has_all_its_rows_and_the_page_says_the_usual_miss():
    result = held()
    rows = [(row["pair"], row["method"]) for row in result["rows"]]
    methods = ("source-only", *result["methods"])
    assert rows == [(pair, method) for pair in expected.PAIR_NAMES for method in methods]
    assert 100 * result["off"] == pytest.approx(USUAL_MISS, abs=5), "what the report's page says"
    assert result["too_high"] > len(rows) / 2
    again = expected.summary(result["rows"])
    for name in ("off", "worst", "too_high", "inside", "gain", "least_gain"):
        assert again[name] == result[name], name
