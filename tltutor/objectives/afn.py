"""AFN (Xu et al., 2019): adaptive feature norm; target features are too short, so let all features grow to one length."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

import torch
from torch import Tensor

from tltutor.networks.batchnorm import domain_layers
from tltutor.objectives.objective import LAMBDA, Batch, Objective, task_loss
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network


def hard_norm(f: Tensor, R: float) -> Tensor:
    """(mean ||f_i|| - R)^2 of features (n, d): the mean length shall be R (Xu et al., 2019, HAFN)."""
    length: Tensor = torch.linalg.vector_norm(f, dim=1)
    return (length.mean() - R).square()


def stepwise_norm(f: Tensor, step: float) -> Tensor:
    """mean (||f_i|| - (||f_i||, held fixed, + step))^2: each length shall grow (Xu et al., 2019, SAFN). Its value is step^2."""
    length: Tensor = torch.linalg.vector_norm(f, dim=1)
    return (length - (length.detach() + step)).square().mean()


def normalised_stage(network: Network) -> str:
    """The last stage with a BatchNorm, if later ones have weights without; else "": the features are normalised, or nothing is."""
    weighted = [name for name, stage in network.stages.items() if any(True for _ in stage.parameters())]
    normalised = [name for name in weighted if any(domain_layers(network.stages[name]))]
    return normalised[-1] if normalised and normalised[-1] != weighted[-1] else ""


class AFN(Objective):
    """loss = task + lambda * (norm(fs) + norm(ft)), stepwise or hard.

    As in the paper's networks f comes out of a BatchNorm and a ReLU: the last stage that has one. Past it lengths would multiply
    from weight to weight, until the task is lost. Stepwise shows a constant, lambda * 2 step^2: its value says nothing, its
    gradient does, and it has no end. lambda .05 and step 1 are the authors' code's; their radius is 25.
    """

    name = "afn"
    title = "AFN (features of one large norm)"
    weight: ClassVar[Setting] = replace(LAMBDA, default=0.05)
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "kind",
            "stepwise",
            scale="choice",
            choices=("stepwise", "hard"),
            text="Stepwise lets each length grow; hard pulls their mean to the radius.",
        ),
        Setting("step", 1.0, 0.0, 10.0, "linear", symbol="Δr", text="Stepwise: how much longer each feature should get."),
        Setting("radius", 25.0, 0.1, 1000.0, "log", symbol="R", text="Hard: the mean length that is asked for."),
    )
    kind: Literal["stepwise", "hard"]
    step: float
    radius: float
    stage: str = ""

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        self.stage = normalised_stage(network)

    def _grown(self, h: Mapping[str, Tensor], f: Tensor) -> Tensor:
        return h[self.stage].flatten(1) if self.stage else f

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        fs, ft = self._grown(batch.hs, batch.fs), self._grown(batch.ht, batch.ft)
        if self.kind == "hard":
            norms = hard_norm(fs, self.radius) + hard_norm(ft, self.radius)
        else:
            norms = stepwise_norm(fs, self.step) + stepwise_norm(ft, self.step)
        return {"task": task_loss(batch), "norm": batch.weight * norms}
