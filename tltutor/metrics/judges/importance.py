"""Importance weights for judges: how much likelier a held-out source example is in the target than in the source."""

from __future__ import annotations

import numpy as np

from tltutor.projections.checks import Array, as_features


def domain_weights(
    source_features: Array,
    target_features: Array,
    held_features: Array | None = None,
    *,
    C: float = 1.0,
) -> np.ndarray:
    """Return w = n_s / n_t P(target | f) / P(source | f) of held-out source features: (n,), by logistic regression.

    source_features (n_s, d) and target_features (m, d) train the domain classifier, held_features (n, d) are weighted: pass
    features of the examples that are judged. Without them the source itself is weighted, which flatters a flexible
    classifier. C: inverse penalty. `tltutor.classical.ProbeOdds` does the work; other density ratios are there.
    Raises ValueError for NaN and other widths. (You et al., 2019, section 4.2; Bickel et al., 2009, eq. 6.)
    """
    from tltutor.classical import ProbeOdds

    given = {"source_features": source_features, "target_features": target_features}
    given["held_features"] = source_features if held_features is None else held_features
    source, target, held = (
        as_features(x, what).cpu().double().numpy() for what, x in given.items()
    )
    for what, x in (("target_features", target), ("held_features", held)):
        if x.shape[1] != source.shape[1]:
            raise ValueError(
                f"{what} must have the {source.shape[1]} columns of source_features, got {x.shape[1]}: take one layer's features"
            )
    ratio = ProbeOdds(C).fit(source, target=target)
    return np.asarray(ratio.ratio(held) * ratio.scale_)


def cross_weights(source_features: Array, target_features: Array, *, C: float = 1.0) -> np.ndarray:
    """Return `domain_weights` of source features (n, d) where no others are held out: (n,). Each half is weighted by the other.

    target_features (m, d). Raises ValueError as it does, and for fewer than 2 source examples.
    """
    source = as_features(source_features, "source_features")
    if len(source) < 2:
        raise ValueError(
            f"weights by halves need at least 2 source examples, got {len(source)}: pass more"
        )
    w = np.empty(len(source))
    for half in (0, 1):
        w[half::2] = domain_weights(source[1 - half :: 2], target_features, source[half::2], C=C)
    return w
