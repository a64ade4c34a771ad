"""What the runs of a sweep answered, packed to be stored with them, and IWA's weighted sum of all of them (Dinu et al., 2023)."""

from __future__ import annotations

import io
import zlib
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from tltutor.metrics.judges import aggregated, aggregation_weights

MOST = 500  # examples of each part that are kept, the first ones: evidence is in a random order
HALF = np.float16  # of probabilities: steps of 1 / 2048 near 1


@dataclass(frozen=True, eq=False)
class Answers:
    """A run's probabilities for held-out source examples (n, k), the target's (m, k), and those by which it is judged (j, k).

    labels (n,) and weights (n,) are the source's. oracle (j,): the judged examples' labels, which only the accuracy of a
    finished sum may see; none where the target has none. examples: a checksum of the target's and the source's rows.
    """

    source: np.ndarray
    labels: np.ndarray
    weights: np.ndarray
    target: np.ndarray
    judged: np.ndarray
    oracle: np.ndarray
    examples: np.ndarray


def packed(
    evidence: Mapping[str, Any], target: np.ndarray, judged: np.ndarray, oracle: np.ndarray | None
) -> str:
    """Return a run's answers as text. target: the whole target x, for the checksum; judged: probabilities, and their labels."""
    at = slice(MOST)
    parts = {
        "source": evidence["source_probabilities"][at].astype(HALF),
        "labels": evidence["source_labels"][at].astype(np.int32),
        "weights": evidence["weights"][at].astype(
            np.float64
        ),  # odds of domains far apart are out of float32's range
        "target": evidence["target_probabilities"][at].astype(HALF),
        "judged": judged[at].astype(HALF),
        "oracle": np.empty(0, np.int32) if oracle is None else oracle[at].astype(np.int32),
        "examples": np.array([zlib.crc32(np.ascontiguousarray(target).tobytes())]),
    }
    held = io.BytesIO()
    np.savez_compressed(held, **parts)
    return b64encode(held.getvalue()).decode()


def unpacked(text: str) -> Answers:
    """Return the answers; probabilities add up to 1 again."""
    with np.load(io.BytesIO(b64decode(text)), allow_pickle=False) as held:
        parts = {field.name: held[field.name] for field in fields(Answers)}
    for name in ("source", "target", "judged"):
        p = parts[name].astype(np.float64)
        parts[name] = p / p.sum(1, keepdims=True)
    return Answers(**parts)


def accuracy_of_sum(runs: Sequence[Answers]) -> tuple[np.ndarray, float | None]:
    """Return IWA's coefficients (l,) of runs with one seed, and the accuracy of their sum on the judged examples.

    The importance weights are the mean of the runs' own, which come from their features. The accuracy is None without labels.
    """
    first = runs[0]
    weights = np.mean([run.weights for run in runs], axis=0)
    c = aggregation_weights(
        [run.source for run in runs], first.labels, [run.target for run in runs], weights
    )
    if not len(first.oracle):
        return c, None
    answer = aggregated(c, [run.judged for run in runs]).argmax(1)
    return c, float((answer == first.oracle).mean())
