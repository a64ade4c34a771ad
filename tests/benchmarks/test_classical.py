"""The classical methods' benchmark: every row sees what it may, the marks follow the seeds, the committed table is whole."""

import json
from dataclasses import replace

import numpy as np
import pytest

from benchmarks import classical, report
from tltutor.classical import METHODS
from tltutor.domains import load_pair


def pair(seed=0):
    return load_pair("blobs->conditional-shift", seed=seed, n_samples=60)


def test_every_method_has_a_row_or_a_reason():
    rows = set(classical.rows())
    assert set(METHODS) == (rows & set(METHODS)) | set(classical.LEFT_OUT)
    assert set(classical.LEFT_OUT) <= set(METHODS)
    assert not rows & set(classical.LEFT_OUT)


@pytest.mark.parametrize("row", ["source-only", "kmm", "coral"])
def test_an_unsupervised_row_sees_no_target_label(row):
    one, rng = pair(), np.random.default_rng(0)
    other = replace(one, target=replace(one.target, y=rng.permutation(one.target.y)))
    a, b = (classical.fitted(p, row, 0).predict(one.target_test.x) for p in (one, other))
    assert np.array_equal(a, b)


def test_boosting_and_the_row_beside_it_see_the_same_few_labels():
    one = pair()
    few = one.with_target_labels(classical.FEW, 3).target_labeled
    model = classical.fitted(one, "5 labels a class alone", 3)
    assert model.n_iter_ is not None
    peer = classical.LogisticRegression(max_iter=1000).fit(few.x, few.y)
    np.testing.assert_allclose(model.coef_, peer.coef_)


@pytest.mark.parametrize(
    ("values", "mark"),
    [
        ([0.9, 0.8, 0.7], ""),
        ([0.8, 0.7, 0.61], "▼"),
        ([0.9, 0.8, 0.4], "▽"),
        ([0.95, 0.8, 0.7], ""),
    ],
)
def test_marks_follow_the_differences_seed_by_seed(values, mark):
    assert classical.mark("coral", values, [0.9, 0.8, 0.7]) == mark


def test_the_ceiling_and_few_labels_alone_bear_no_mark():
    assert classical.mark("target-only", [0.1, 0.2], [0.9, 0.8]) == ""


def test_another_pair_is_measured_anew(monkeypatch):
    before = classical._key("covariate", 0, "kmm")
    monkeypatch.setattr(classical, "VERSION", classical.VERSION + 1)
    assert classical._key("covariate", 0, "kmm") != before
    monkeypatch.undo()
    monkeypatch.setitem(classical.SHIFTS, "covariate", "moons->rotated-moons")
    assert classical._key("covariate", 0, "kmm") != before


def test_the_committed_table_holds_every_row_and_its_marks():
    result = json.loads((report.DOCS / "classical.json").read_text("utf-8"))
    text = (report.DOCS / "classical.md").read_text("utf-8")
    assert result["pairs"] == classical.SHIFTS
    for by_row in result["results"].values():
        assert tuple(by_row) == classical.rows()
        base = by_row["source-only"]["values"]
        assert all(
            one["below_source_only"] == classical.mark(row, one["values"], base)
            for row, one in by_row.items()
        )
    assert text == classical.as_text(result).rstrip() + "\n"
