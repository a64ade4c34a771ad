"""The benchmark of unlike feature spaces: its edges by a double loop, its splits, what it may see, the committed table."""

import json

import numpy as np
import pytest

from benchmarks import heterogeneous, report


def test_edges_are_mean_absolute_differences_by_a_double_loop():
    image = np.random.default_rng(0).random((8, 8))
    found = heterogeneous.edges(image[None])[0].reshape(2, 4, 4)
    wide, tall = np.zeros((8, 8)), np.zeros((8, 8))
    for i in range(8):
        for j in range(8):
            wide[i, j] = abs((image[i, j + 1] if j < 7 else 0) - image[i, j])
            tall[i, j] = abs((image[i + 1, j] if i < 7 else 0) - image[i, j])
    for k, whole in enumerate((wide, tall)):
        for i in range(4):
            for j in range(4):
                assert found[k, i, j] == pytest.approx(
                    whole[2 * i : 2 * i + 2, 2 * j : 2 * j + 2].mean()
                )


def test_no_digit_is_in_two_groups():
    s = heterogeneous.split(3)
    groups = [s.source, s.pairs, s.target, s.test]
    assert [len(group) for group in groups] == [600, 300, 400, 497]
    assert len(set(np.concatenate(groups))) == 1797


def test_no_row_that_does_not_say_so_sees_a_target_label(monkeypatch):
    pixels, edge, y = heterogeneous.views()
    s = heterogeneous.split(0)
    hidden = np.setdiff1d(np.concatenate([s.target, s.pairs]), heterogeneous.few(s.target))
    before = heterogeneous.measure(0)
    shuffled, some = y.copy(), heterogeneous.few(s.target)
    shuffled[hidden] = np.random.default_rng(1).permutation(y[hidden])
    monkeypatch.setattr(heterogeneous, "views", lambda: (pixels, edge, shuffled))
    monkeypatch.setattr(heterogeneous, "few", lambda _: some)
    after = heterogeneous.measure(0)
    assert [row for row in before if before[row] != after[row]] == [
        "all 400 target labels, no source"
    ]


def test_the_committed_table_is_what_the_command_gives():
    held = json.loads((report.DOCS / "heterogeneous.json").read_text("utf-8"))
    assert heterogeneous.measure(0) == pytest.approx(
        {row: one["values"][0] for row, one in held["results"].items()}, abs=0.01
    )
    assert (report.DOCS / "heterogeneous.md").read_text("utf-8") == heterogeneous.as_text(
        held
    ).rstrip() + "\n"
    values = [one["values"] for one in held["results"].values()]
    pairs, strangers, labels, alone, _ = values
    assert all(
        a > b for a, b in zip(pairs, alone, strict=True)
    )  # the pairs' gain holds in every seed
    assert max(strangers) < 0.2 < min(labels)
