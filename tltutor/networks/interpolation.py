"""From one network to another in a straight line (Goodfellow et al., 2015): does the loss rise between them?

Networks that were fine-tuned from one start often lie in one basin, so that no barrier is between them; two that were
trained from different starts hardly ever do (Frankle et al., 2020; Neyshabur et al., 2020).
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import torch

from tltutor.networks.inference import outputs

if TYPE_CHECKING:
    from tltutor.networks.network import Network

SHARES = tuple(k / 10 for k in range(11))


def interpolated(a: Network, b: Network, share: float) -> Network:
    """Return a network with the parameters (1 - share) * a + share * b; neither changes. A share outside 0..1 goes on beyond.

    BatchNorm's running statistics are interpolated too; they fit the network in between only roughly, and
    `tltutor.networks.adabn` can measure them anew. Errors: ValueError for networks of two shapes or other classes.
    """
    _check_alike(a, b)
    between, ends = copy.deepcopy(a), b.state_dict()
    with torch.no_grad():
        for name, value in between.state_dict().items():
            end = ends[name].to(value.device)
            if not value.is_floating_point():
                continue  # a counter
            if share in (0, 1):  # exactly one of both, where rounding would move the last digit
                value.copy_(end if share else value)
            else:
                value.lerp_(end, share)
    return between


@dataclass(frozen=True)
class LossPath:
    """The loss and the score, such as the accuracy, at each of the shares on the way: (m,) each."""

    shares: np.ndarray
    losses: np.ndarray
    scores: np.ndarray

    @property
    def barrier(self) -> float:
        """The largest rise of the loss above the straight line between the two ends; 0 for a convex loss (Frankle et al., 2020)."""
        return _above(self.shares, self.losses)

    @property
    def score_barrier(self) -> float:
        """The largest fall of the score below the straight line between the two ends."""
        return _above(self.shares, -self.scores)


def loss_path(
    a: Network,
    b: Network,
    x: np.ndarray,
    y: np.ndarray,
    *,
    shares: Sequence[float] = SHARES,
    domain: Literal["source", "target"] = "target",
) -> LossPath:
    """Return loss and score of examples x (n, ...) with labels y (n,) at each share of the way from network a to b.

    domain: whose BatchNorm statistics they are judged with. Errors: those of `interpolated`; ValueError without the ends 0 and 1.
    """
    steps = np.array(sorted(shares), np.float64)
    if not {0.0, 1.0} <= set(steps.tolist()):
        raise ValueError(
            f"shares must hold both ends, 0 and 1, got {steps.tolist()}: add them, the barrier is measured from them"
        )
    losses, scores = [], []
    for share in steps:
        network = interpolated(a, b, float(share))
        _, z = outputs(network, x, domain)
        labels = torch.tensor(np.array(y), device=z.device)
        losses.append(float(network.task.loss(z, labels)))
        scores.append(network.task.score(network.task.predict(z), np.asarray(y)))
    return LossPath(steps, np.array(losses), np.array(scores))


def _above(shares: np.ndarray, values: np.ndarray) -> float:
    """Return how far the values rise above the straight line from share 0 to share 1, at least 0."""
    inside = (shares >= 0) & (shares <= 1)
    first, last = values[shares == 0][0], values[shares == 1][0]
    line = (1 - shares) * first + shares * last
    return float(max((values - line)[inside].max(), 0.0))


def _check_alike(a: Network, b: Network) -> None:
    ours, theirs = ({n: tuple(v.shape) for n, v in x.state_dict().items()} for x in (a, b))
    if ours != theirs:
        other = sorted(
            name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)
        )
        raise ValueError(
            f"two networks must have the same parameters to lie on one line, got {ours.get(other[0])} and"
            f" {theirs.get(other[0])} for {other[0]}: build both with the same name, options and classes"
        )
    if a.class_names != b.class_names:
        raise ValueError(
            f"two networks must name the same classes in the same order, got {list(a.class_names)} and {list(b.class_names)}:"
            " train both on the same classes"
        )
