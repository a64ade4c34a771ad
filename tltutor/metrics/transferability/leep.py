"""LEEP (Nguyen et al., 2020): how well do the source model's own classes predict the target's, without any training?"""

from __future__ import annotations

import numpy as np

from tltutor.language import mark
from tltutor.metrics.probabilities import as_probabilities
from tltutor.metrics.score import Score
from tltutor.metrics.transferability.labeled import numbered
from tltutor.projections.checks import Array, as_labels


def leep(source_class_probabilities: Array, target_labels: Array) -> float:
    """Return the mean over examples of log sum_z P(y_i | z) theta_iz, in nats, at most 0.

    source_class_probabilities theta (n, z): what the source model's head says of the target examples; target_labels (n,),
    -1 for none. P(y | z) = P(y, z) / P(z), P(y, z) = (1 / n) sum of theta_iz over the examples of class y. A source class
    without any probability is left out. Raises ValueError for NaN, rows that are no distribution and fewer than two classes.
    (Nguyen et al., 2020, eq. 1 and 2.)
    """
    theta = as_probabilities(source_class_probabilities, "source_class_probabilities")
    y = as_labels(target_labels, len(theta), "target_labels").numpy()
    theta, y = theta[y >= 0], numbered(y)
    joint = np.eye(y.max() + 1)[y].T @ theta / len(y)  # P(y, z): (k, z)
    of_source = joint.sum(0)
    given = joint / np.where(of_source > 0, of_source, 1)
    expected = (theta * given[y]).sum(1)  # above 0: an example adds to its own class
    return float(np.log(expected).mean())


SCORE = Score(
    "leep",
    mark("LEEP (source classes predict target classes)"),
    "Nguyen et al., 2020",
    mark(
        "It needs the source's head, and compares poorly across models with different source classes."
    ),
    leep,
)
