"""The usability questionnaire's score, as the System Usability Scale's (Brooke, 1996): 0 to 100 for each learner, 50 if undecided."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import stats

from tltutor.lessons.course.answers import Answers

CHOICES = ("1", "2", "3", "4", "5")
UNDECIDED = "3"  # also for a statement without an answer (Brooke, 1996)
SCALE = 2.5


@dataclass(frozen=True)
class Usability:
    """The scores (n,), their mean, and its 95 % interval (Student's t); nan below two learners."""

    scores: np.ndarray
    mean: float
    interval: tuple[float, float]


def usability_of(answers: Answers) -> Usability:
    """Return the scores: statements with an odd number count x - 1, the others 5 - x, times 2.5."""
    given = np.array([[int(x or UNDECIDED) for x in one] for one in answers.values()])
    scores = SCALE * ((given[:, 0::2] - 1).sum(1) + (5 - given[:, 1::2]).sum(1))
    mean = float(scores.mean())
    if len(scores) == 1:
        return Usability(scores, mean, (float("nan"), float("nan")))
    half = float(stats.t.ppf(0.975, len(scores) - 1) * scores.std(ddof=1) / np.sqrt(len(scores)))
    return Usability(scores, mean, (mean - half, mean + half))
