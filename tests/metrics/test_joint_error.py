"""The joint error: 0 where one line fits both domains, 1 where the domains contradict each other, and no domain counts for more."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from tltutor.metrics import joint_error


def two_classes(n: int, seed: int, gap: float = 10.0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    return rng.normal(size=(n, 2)) + gap * np.stack([y, 0 * y], 1), y


def test_one_line_for_both_domains_has_no_error_wherever_they_lie() -> None:
    (xs, ys), (xt, yt) = two_classes(40, 0), two_classes(60, 1)
    assert joint_error(xs, ys, xt + np.array([0, 50]), yt) == 0


def test_domains_that_contradict_each_other_leave_an_error_of_one() -> None:
    """The same points with exchanged labels: whatever is right in one domain is wrong in the other."""
    xs, ys = two_classes(2000, 0)
    assert joint_error(xs, ys, xs, 1 - ys) == pytest.approx(1, abs=0.1)
    three_times = np.tile(xs, (3, 1)), np.tile(1 - ys, 3)
    assert joint_error(xs, ys, *three_times) == pytest.approx(1, abs=0.1)


def test_it_is_the_errors_of_a_classifier_by_hand_out_of_fold() -> None:
    """Five folds written out: each domain has the same weight in training."""
    from sklearn.model_selection import StratifiedKFold

    (xs, ys), (xt, yt) = two_classes(50, 2, gap=1.0), two_classes(150, 3, gap=1.0)
    x, y = np.concatenate([xs, xt]), np.concatenate([ys, yt])
    target = np.arange(200) >= 50
    weight = np.where(target, 200 / 300, 200 / 100)
    errors = {False: 0, True: 0}
    for train, test in StratifiedKFold(5, shuffle=True, random_state=0).split(x, target):
        scaler = StandardScaler().fit(x[train])
        h = LogisticRegression(max_iter=1000).fit(
            scaler.transform(x[train]), y[train], sample_weight=weight[train]
        )
        for row in test:
            errors[bool(target[row])] += int(
                h.predict(scaler.transform(x[row : row + 1]))[0] != y[row]
            )
    assert joint_error(xs, ys, xt, yt) == pytest.approx(errors[False] / 50 + errors[True] / 150)


def test_rows_without_a_label_or_too_few_are_refused() -> None:
    xs, ys = two_classes(20, 0)
    for wrong in ((xs, ys, xs[:4], ys[:4]), (xs, ys, xs, np.full(20, -1))):
        with pytest.raises(ValueError, match="5 labeled rows or more of each domain"):
            joint_error(*wrong)
