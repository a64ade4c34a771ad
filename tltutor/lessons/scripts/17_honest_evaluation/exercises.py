"""Lesson 17's exercises: choose on some images and report on others, and ATC's estimate of target accuracy."""

from __future__ import annotations

import numpy as np

from tltutor.lessons.exercises import Exercise
from tltutor.metrics.judges import atc_accuracy


def choose_and_report(
    right: np.ndarray, choosing: np.ndarray, reporting: np.ndarray
) -> tuple[int, float]:
    """The run of right (runs, images) that is best on the images `choosing`, and its accuracy on `reporting`."""
    accuracies = [np.take(row, choosing).mean() for row in right]
    best = int(np.argmax(accuracies))
    return best, float(np.take(right[best], reporting).mean())


def atc(ps: np.ndarray, ys: np.ndarray, pt: np.ndarray) -> float:
    """ATC by confidence (Garg et al., 2022): probabilities ps (n, k) with labels ys (n,), and pt (m, k)."""
    return atc_accuracy(ps, ys, pt, sureness="confidence")


def answers(seed: int, runs: int = 5, images: int = 12) -> tuple[np.ndarray, ...]:
    """Random right and wrong answers, of which 5 images choose and 7 report."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(images)
    return rng.random((runs, images)) < 0.6, order[:5], order[5:]


def probabilities(seed: int, n: int = 40, k: int = 3) -> tuple[np.ndarray, ...]:
    """Source probabilities with labels that they mostly find, and less sure ones of a target."""
    rng = np.random.default_rng(seed)
    ps, pt = rng.dirichlet(np.full(k, 0.3), n), rng.dirichlet(np.full(k, 0.8), n)
    ys = np.array([rng.choice(k, p=p) for p in ps])
    return ps, ys, pt


EXERCISES = {
    "choose_and_report": Exercise(
        oracle=choose_and_report,
        cases=[answers(0), answers(1), answers(6)],
        mistakes={
            "same": lambda right, a, _b: (right[:, a].mean(1).argmax(), right[:, a].mean(1).max()),
            "oracle": lambda right, _a, b: (
                right[:, b].mean(1).argmax(),
                right[:, b].mean(1).max(),
            ),
            "exchanged": lambda right, a, b: choose_and_report(right, b, a),
        },
    ),
    "atc": Exercise(
        oracle=atc,
        cases=[probabilities(0), probabilities(1)],
        mistakes={
            "source": lambda ps, ys, _pt: float((ps.argmax(1) == ys).mean()),
            "mean-confidence": lambda _ps, _ys, pt: float(pt.max(1).mean()),
            "half": lambda _ps, _ys, pt: float((pt.max(1) >= 0.5).mean()),
        },
    ),
}
