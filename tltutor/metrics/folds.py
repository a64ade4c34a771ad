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
    sizes = np.array([np.sum(~is_target), np.sum(is_target)])
    folds = min(FOLDS, int(sizes.min()))
    smaller = int(sizes[1] <= sizes[0])  # 0 for the source, 1 for the target
    filled = np.zeros((folds, 2), int)
    found = np.empty(len(x), int)
    groups = [(group, np.bincount(is_target[group].astype(int), minlength=2)) for group in _groups(x, is_target, rng, folds)]
    for group, counts in sorted(groups, key=lambda g: (-g[1][smaller], -g[1][1 - smaller])):
        first, second = (filled[:, domain] if counts[domain] else np.zeros(folds) for domain in (smaller, 1 - smaller))
        fold = np.lexsort((second, first))[0]  # the emptiest fold, by the smaller domain first
        found[group] = fold
        filled[fold] += counts
    return found


def _groups(x: np.ndarray, is_target: np.ndarray, rng: np.random.Generator, folds: int) -> list[list[int]]:
    """Return the row numbers of identical rows, in random order; too large groups in parts."""
    rows = np.ascontiguousarray(x) + 0.0  # -0 is 0
    same: dict[bytes, tuple[list[int], list[int]]] = {}
    for i in rng.permutation(len(x)).tolist():
        same.setdefault(rows[i].tobytes(), ([], []))[int(is_target[i])].append(i)
    most = [-(-int(np.sum(is_target == domain)) // folds) for domain in (0, 1)]
    groups = []
    for source, target in same.values():
        parts = folds if len(source) > most[0] or len(target) > most[1] else 1
        groups += [source[k::parts] + target[k::parts] for k in range(parts)]
    return [group for group in groups if group]
