"""Gradual self-training (Kumar et al., 2020): from the source along a path of domains, each learned from the one before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor

from tltutor.networks.inference import outputs
from tltutor.objectives.checks import check_features
from tltutor.objectives.objective import LAMBDA, Batch, Objective, task_loss
from tltutor.objectives.pseudo_labels import confident_predictions, pseudo_label_loss
from tltutor.objectives.teacher import Teacher
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network


def confidence_floor(z: Tensor, dropped: float) -> Tensor:
    """Return the probability below which this share of the answers lies, the quantile of max softmax(z) of logits z (n, k)."""
    check_features(z=z)
    return z.softmax(1).amax(1).quantile(dropped)


class GradualSelfTraining(Objective):
    """A run has as many parts as there are domains, source first. In the first, loss = task; then loss = lambda * CE(zt, y).

    In a part, target batches are of its domain alone, and y is the answer of a copy of the network as it was when the part
    began; the least confident `dropped` of the domain are left out, the paper's .1 (Kumar et al., 2020). The path is in
    `pair.target.domain_id` (`tl.domains.DomainPath`); a target without a path is one of one domain, reached in one leap.
    A flexible network learns its own answers without moving: the paper has a penalty on the weights (`weight_decay`).
    """

    name = "gradual"
    title = "Gradual self-training (along a path of domains)"
    terms = ("task", "self-training")
    family = "predictions"
    year = 2020
    acts_on = "predictions"
    weight: ClassVar[Setting] = replace(LAMBDA, text="Weight of what the network tells itself.")
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "dropped",
            0.1,
            0.0,
            0.9,
            text="Share of a domain, the least confident, that is left out.",
        ),
    )
    dropped: float

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        device, ids = next(network.parameters()).device, pair.target.domain_id
        self._x = torch.tensor(pair.target.x, device=device)
        self._domain = torch.zeros(len(self._x)) if ids is None else torch.tensor(ids)
        self.length = int(self._domain.max()) + 1
        self.teacher = Teacher().setup(network)
        self.begun, self.floor = 0, 0.0

    def part(self, progress: float) -> int:
        """Return the part of the run: 0 is the source, then the domains of the path from 1 on."""
        return min(int(progress * (self.length + 1) + 1e-9), self.length)

    def target_domain(self, progress: float) -> int:
        return max(self.part(progress) - 1, 0)

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        part = self.part(batch.progress)
        if part == 0:
            return {"task": task_loss(batch)}
        if part != self.begun:
            self.begin(part, batch.network)
        y, confident = confident_predictions(self.teacher(batch.xt, "target").z, self.floor)
        return {"self-training": batch.weight * pseudo_label_loss(batch.zt, y, confident)}

    def begin(self, part: int, network: Network) -> None:
        """Copy the network, and find how sure it must be of an example of this part's domain."""
        teacher = self.teacher.require_network()
        teacher.load_state_dict(network.state_dict())
        _, z = outputs(teacher, self._x[self._domain == part - 1], "target")
        self.begun, self.floor = part, float(confidence_floor(z, self.dropped))
