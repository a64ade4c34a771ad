"""Split domains for honest judging: the source into training and validation, the target into an unlabeled and a test part."""

from __future__ import annotations

from typing import Any

import numpy as np

from tltutor import checks
from tltutor.domains.domain import Domain
from tltutor.domains.pair import DomainPair


def split_rows(
    n: int, share: float = 0.2, *, y: Any = None, groups: Any = None, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows 0..n-1 in two parts, both in order: the rest, and about `share` of them held out at random.

    y: (n,) labels, to give both parts the shares of the classes (stratified). groups: (n,), for rows that belong together,
    such as one speaker's takes or one patient's images: no group is in both parts; `share` is then one of the groups. With
    both, one of k = round(1 / share) parts is held out, the one whose classes are shared best.
    Errors: ValueError for a share outside 0..1, a part that would be empty, and a class or groups too few to be split.
    """
    if not 0 < share < 1:
        raise ValueError(f"share must be between 0 and 1, got {share}: 0.2 holds out a fifth")
    labels = None if y is None else checks.as_labels(y, what="y", n=n)
    together = None if groups is None else np.unique(_one_a_row(groups, n), return_inverse=True)[1]
    if together is None:
        held = _at_random(n, share, labels, seed)
    elif labels is None:
        held = _whole_groups(together, share, seed)
    else:
        held = _stratified_groups(labels, together, share, seed)
    return np.setdiff1d(np.arange(n), held), np.sort(held)


def split_domain(
    domain: Domain, share: float = 0.2, *, stratify: bool = True, groups: Any = None, seed: int = 0
) -> tuple[Domain, Domain]:
    """Return a domain in two parts, the rest and about `share` of it held out, as `split_rows` does.

    stratify: by the domain's labels, if it has any.
    """
    y = domain.y if stratify else None
    rest, held = split_rows(len(domain), share, y=y, groups=groups, seed=seed)
    return domain.take(rest), domain.take(held)


def split_pair(
    source: Domain,
    target: Domain,
    *,
    validation: float = 0.2,
    test: float = 0.2,
    source_groups: Any = None,
    target_groups: Any = None,
    seed: int = 0,
) -> DomainPair:
    """Return a pair of a source for training, `source_test` to validate, a target to adapt to and `target_test` to judge.

    validation, test: the shares of source and target that are held out; test=0 holds out none, for a target without
    labels. The source is stratified. The target is not: its labels decide nothing, not even which examples are unlabeled.
    Groups as in `split_rows`. (A split that leaves the target out of training has nothing to adapt with.)
    Errors: those of `split_rows` and `DomainPair`.
    """
    train, held = split_domain(source, validation, groups=source_groups, seed=seed)
    unlabeled, judged = (
        split_domain(target, test, stratify=False, groups=target_groups, seed=seed)
        if test
        else (target, None)
    )
    return DomainPair(train, unlabeled, target_test=judged, source_test=held)


def _one_a_row(groups: Any, n: int) -> np.ndarray:
    array = np.asarray(groups)
    if array.shape != (n,):
        raise ValueError(
            f"groups must have shape ({n},), got {array.shape}: give each row the name of its group"
        )
    return array


def _at_random(n: int, share: float, labels: np.ndarray | None, seed: int) -> np.ndarray:
    from sklearn.model_selection import train_test_split

    if n * share < 1 or n - np.ceil(n * share) < 1:
        raise ValueError(
            f"both parts must have a row, and a share of {share} of {n} rows leaves one empty: give more rows"
        )
    if labels is not None:
        classes, counts = np.unique(labels, return_counts=True)
        least = min(np.ceil(n * share), n - np.ceil(n * share))
        if counts.min() < 2 or least < len(classes):
            raise ValueError(
                f"a stratified split needs 2 examples of each class, and a row for each of {len(classes)} classes in both parts,"
                f" got {counts.min()} of class {classes[counts.argmin()]} and {least:.0f} rows: add examples, or do not stratify"
            )
    held = train_test_split(np.arange(n), test_size=share, stratify=labels, random_state=seed)[1]
    return np.asarray(held)


def _whole_groups(groups: np.ndarray, share: float, seed: int) -> np.ndarray:
    from sklearn.model_selection import GroupShuffleSplit

    _check_groups(groups, 2)
    splitter = GroupShuffleSplit(1, test_size=share, random_state=seed)
    return np.asarray(next(splitter.split(groups, groups=groups))[1])


def _stratified_groups(
    labels: np.ndarray, groups: np.ndarray, share: float, seed: int
) -> np.ndarray:
    from sklearn.model_selection import StratifiedGroupKFold

    k = max(2, round(1 / share))
    _check_groups(groups, k)
    classes = np.eye(labels.max() + 1)[labels]
    scarce = int(classes.sum(0)[np.unique(labels)].min())
    if scarce < k:
        raise ValueError(
            f"a class must have at least {k} examples to be split into {k} parts, got {scarce}: give a larger share, or no y"
        )
    splitter = StratifiedGroupKFold(k, shuffle=True, random_state=seed)
    parts = [held for _, held in splitter.split(labels, labels, groups)]
    wanted = classes.sum(0) * share
    return np.asarray(min(parts, key=lambda held: np.abs(classes[held].sum(0) - wanted).sum()))


def _check_groups(groups: np.ndarray, least: int) -> None:
    found = int(groups.max()) + 1
    if found < least:
        raise ValueError(
            f"a split needs at least {least} groups, got {found}: give a larger share, or finer groups"
        )
