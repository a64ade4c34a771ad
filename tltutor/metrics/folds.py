"""Cross-validation folds for telling domains apart: both domains spread evenly, identical rows never in two folds."""

from __future__ import annotations

import numpy as np

FOLDS = 5


def domain_folds(x: np.ndarray, is_target: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the fold that holds out each row of x (n, d): (n,), 0 to FOLDS - 1, fewer if a domain has fewer rows.

    A row whose twin of the other domain were in the training part would be predicted wrongly for that reason alone, and a
    domain would look unlike itself. So identical rows share a fold. Rows with more copies than a fold holds are dealt over
    all folds, alike for both domains. Each training part has rows of both domains, if each has two.
    """
    sizes = (int(np.sum(~is_target)), int(np.sum(is_target)))
    folds = min(FOLDS, *sizes)
    order = (
        (1, 0) if sizes[1] <= sizes[0] else (0, 1)
    )  # the smaller domain first; 0 is the source, 1 the target
    filled = [[0] * folds, [0] * folds]  # rows of each domain in each fold
    found = [0] * len(x)
    groups = _groups(x, is_target, rng, [-(-size // folds) for size in sizes])
    for group in sorted(groups, key=lambda group: [-len(group[domain]) for domain in order]):
        here = [domain for domain in order if group[domain]]
        counts = list(zip(*(filled[domain] for domain in here), strict=True))
        fold = counts.index(min(counts))
        for domain in here:
            for row in group[domain]:
                found[row] = fold
            filled[domain][fold] += len(group[domain])
    return np.array(found)


Group = tuple[list[int], list[int]]  # row numbers of the source and of the target


def _groups(
    x: np.ndarray, is_target: np.ndarray, rng: np.random.Generator, most: list[int]
) -> list[Group]:
    """Return the row numbers of identical rows, in random order; groups with more than `most` of a domain in FOLDS parts."""
    rows = np.ascontiguousarray(x) + 0.0  # -0 is 0
    same: dict[bytes, Group] = {}
    for i in rng.permutation(len(x)).tolist():
        same.setdefault(rows[i].tobytes(), ([], []))[int(is_target[i])].append(i)
    groups = []
    for source, target in same.values():
        parts = FOLDS if len(source) > most[0] or len(target) > most[1] else 1
        groups += [(source[k::parts], target[k::parts]) for k in range(parts)]
    return [group for group in groups if any(group)]
