"""AFN (Xu et al., 2019): adaptive feature norm; target features are too short, so all features grow to one norm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

import torch
from torch import Tensor

from tltutor.networks.batchnorm import domain_layers
from tltutor.objectives.checks import check_features
from tltutor.objectives.objective import LAMBDA, Batch, Objective, task_loss
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network


def hard_norm(f: Tensor, R: float) -> Tensor:
    """Return (mean ||f_i|| - R)^2 of features f (n, d): it pulls the mean norm to R (Xu et al., 2019, HAFN)."""
    check_features(f=f)
    length: Tensor = torch.linalg.vector_norm(f, dim=1)
    return (length.mean() - R).square()


def stepwise_norm(f: Tensor, step: float) -> Tensor:
    """Return mean (||f_i|| - (||f_i|| + step))^2 of features f (n, d), the bracket detached (Xu et al., 2019, SAFN).

    It makes each norm grow. Its value is always step^2.
    """
    check_features(f=f)
    length: Tensor = torch.linalg.vector_norm(f, dim=1)
    return (length - (length.detach() + step)).square().mean()


def normalized_stage(network: Network) -> str:
    """Return the last stage with a BatchNorm, if later stages have weights but no BatchNorm, else ""."""
    weighted = [
        name for name, stage in network.stages.items() if any(True for _ in stage.parameters())
    ]
    normalized = [name for name in weighted if any(domain_layers(network.stages[name]))]
    return normalized[-1] if normalized and normalized[-1] != weighted[-1] else ""


class AFN(Objective):
    """loss = task + lambda * (norm(fs) + norm(ft)), stepwise or hard.

    As in the paper's networks f is the output of a BatchNorm and a ReLU: of the last stage that has one. In later
    stages norms would grow with every weight until the task is lost. Stepwise shows the constant lambda * 2 step^2;
    only its gradient matters, and it never ends. lambda .05, step 1 and radius 25 are the authors' code's.
    """

    name = "afn"
    title = "AFN (features of one large norm)"
    terms = ("task", "norm")
    family = "predictions"
    year = 2019
    acts_on = "stages"
    weight: ClassVar[Setting] = replace(LAMBDA, default=0.05)
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "kind",
            "stepwise",
            scale="choice",
            choices=("stepwise", "hard"),
            text="Stepwise lets each norm grow; hard pulls the mean norm to the radius.",
        ),
        Setting(
            "step",
            1.0,
            0.0,
            10.0,
            "linear",
            symbol="Δr",
            text="Stepwise: how much each norm should grow.",
        ),
        Setting(
            "radius", 25.0, 0.1, 1000.0, "log", symbol="R", text="Hard: the mean norm to reach."
        ),
    )
    kind: Literal["stepwise", "hard"]
    step: float
    radius: float
    stage: str = ""

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        self.stage = normalized_stage(network)

    def _features(self, h: Mapping[str, Tensor], f: Tensor) -> Tensor:
        return h[self.stage].flatten(1) if self.stage else f

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        fs, ft = self._features(batch.hs, batch.fs), self._features(batch.ht, batch.ft)
        if self.kind == "hard":
            norms = hard_norm(fs, self.radius) + hard_norm(ft, self.radius)
        else:
            norms = stepwise_norm(fs, self.step) + stepwise_norm(ft, self.step)
        return {"task": task_loss(batch), "norm": batch.weight * norms}
