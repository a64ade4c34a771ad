"""NCE (Tran et al., 2019): the negative conditional entropy of the target's classes, given the source's."""

from __future__ import annotations

import numpy as np

from tltutor.language import mark
from tltutor.metrics.confusion import confusion_matrix
from tltutor.metrics.judges.entropy import entropies
from tltutor.metrics.score import Score
from tltutor.metrics.transferability.labeled import numbered
from tltutor.projections.checks import Array, as_labels


def nce(source_classes: Array, target_labels: Array) -> float:
    """Return -H(Y | Z) = sum_z P(z) sum_y P(y | z) log P(y | z), in nats, from -log k to 0.

    source_classes z (n,): the source class of each target example, such as the source model's prediction; target_labels y
    (n,), -1 for none. With many source classes and few examples it is too close to 0. Raises ValueError for other shapes and
    fewer than two target classes. (Tran et al., 2019, eq. 9.)
    """
    z = as_labels(source_classes, len(source_classes), "source_classes").numpy()
    y = as_labels(target_labels, len(z), "target_labels").numpy()
    z = np.unique(z[y >= 0], return_inverse=True)[1]
    counts = confusion_matrix(numbered(y), z)  # (source classes, target classes), up to padding
    of_source = counts.sum(1)
    given = counts[of_source > 0] / of_source[of_source > 0, None]
    return float(-(of_source[of_source > 0] * entropies(given)).sum() / len(z))


SCORE = Score(
    "nce",
    mark("NCE (negative conditional entropy)"),
    "Tran et al., 2019",
    mark("It sees predicted classes alone, and is too good where the source has many classes."),
    nce,
)
