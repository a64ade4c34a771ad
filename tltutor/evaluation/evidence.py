"""What a finished session gives the judges: its answers and features on held-out source and unlabeled target examples.

No label of the target is in it, or is looked at to make it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from tltutor.domains.pair import DomainPair
from tltutor.domains.splits import split_domain
from tltutor.metrics.judges import domain_weights, mixed_inputs

if TYPE_CHECKING:
    from tltutor.training.session import Session

VALIDATION = 0.2  # share of the source that is held out to judge
MOST = 5000  # examples of each part that the judges see; some take time that grows with its square
MIXED_KINDS = ("image", "vector")  # a mix of two texts is no text
NAMES = (  # of all that `evidence_of` gives
    "source_probabilities",
    "source_labels",
    "source_features",
    "target_probabilities",
    "target_features",
    "weights",
    "mixed_probabilities",
    "mixing_partners",
)


def pair_for_choosing(pair: DomainPair, share: float = VALIDATION, *, seed: int = 0) -> DomainPair:
    """Return the pair to train on when a choice is to follow: about `share` of the source is held out as `source_test`.

    The rest is the source. The target has no labels, and what only judges (`source_test`, `target_test`) is left out, so that
    neither training nor choice can see it. Labeled target examples that the pair has stay. The split is stratified.
    Errors: those of `split_domain`, for a source that is too small.
    """
    train, held = split_domain(pair.source, share, seed=seed)
    return DomainPair(
        train,
        pair.target.without_labels(),
        source_test=held,
        target_labeled=pair.target_labeled,
        name=pair.name,
    )


def evidence_of(session: Session, *, most: int = MOST) -> dict[str, Any]:
    """Return what is known of a session's network without target labels, by the names that `metrics.judges.judge` takes.

    Of the n held-out source examples (`source_test`): source_probabilities (n, k), source_labels (n,), source_features
    (n, d), and weights (n,), how much likelier they are in the target. Of the m target examples: target_probabilities
    (m, k), target_features (m, d), and, for images and vectors, mixed_probabilities (m, k) of mixes with mixing_partners
    (m,). most: of a part with more examples so many are drawn, as the partners are, by the session's seed.
    Errors: ValueError for a pair that holds out no source examples, and for features that no weights can be learned of.
    """
    pair = session.pair
    if pair.source_test is None:
        raise ValueError(
            "judges need source examples that were not trained on, got a pair without source_test: train on"
            " tltutor.evaluation.evidence.pair_for_choosing(pair)"
        )
    rng = np.random.default_rng(session.seed)
    trained_rows, held, rows = (
        np.sort(rng.permutation(len(domain))[:most])
        for domain in (pair.source, pair.source_test, pair.target)
    )
    trained, _ = session.outputs(pair.source.x[trained_rows], "source")
    source, source_z = session.outputs(pair.source_test.x[held], "source")
    target, target_z = session.outputs(pair.target.x[rows], "target")
    labels = pair.source_test.y
    found = {
        "source_probabilities": _probabilities(source_z),
        "source_labels": None if labels is None else labels[held],
        "source_features": source.cpu().numpy(),
        "target_probabilities": _probabilities(target_z),
        "target_features": target.cpu().numpy(),
        "weights": domain_weights(trained.cpu(), target.cpu(), source.cpu()),
    }
    if pair.target.kind not in MIXED_KINDS:
        return found
    partners = rng.permutation(len(rows))
    mixed = _mixed(session, pair.target.x[rows], partners)
    return {**found, "mixed_probabilities": mixed, "mixing_partners": partners}


def _probabilities(logits: torch.Tensor) -> np.ndarray:
    """Return the class probabilities (n, k) of logits (n, k)."""
    p: np.ndarray = torch.softmax(logits.double(), 1).cpu().numpy()
    return p


def _mixed(session: Session, x: np.ndarray, partners: np.ndarray) -> np.ndarray:
    """Return the answers to mixes of two target examples x each."""
    x = x.astype(np.float32) / 255 if x.dtype == np.uint8 else x
    return _probabilities(session.outputs(mixed_inputs(x, partners), "target")[1])
