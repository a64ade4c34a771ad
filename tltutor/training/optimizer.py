"""What moves: parameters in groups of one learning rate, frozen or training, and one clipped step down the gradient."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from tltutor.training.late_compiler import without_compiler
from tltutor.training.options import OptimizerName, ScheduleName, check_options

if TYPE_CHECKING:
    from tltutor.networks import Network
    from tltutor.objectives import Objective


@dataclass(frozen=True)
class UpdateRule:
    """How the parameters move: the optimizer with its numbers, and the learning rate's way over the run."""

    optimizer: OptimizerName = "sgd"
    schedule: ScheduleName = "dann"
    warmup: float = 0.0
    momentum: float = 0.9
    weight_decay: float = 0.0
    gradient_clip: float = 0.0

    def __post_init__(self) -> None:
        for name, value in check_options(vars(self)).items():
            object.__setattr__(self, name, value)

    def build(self, groups: list[dict[str, Any]], lr: float) -> torch.optim.Optimizer:
        """Build the optimizer; `momentum` is Adam's beta 1 (Kingma & Ba, 2015; AdamW: Loshchilov & Hutter, 2019)."""
        decay = self.weight_decay
        with without_compiler():
            if self.optimizer == "sgd":
                return torch.optim.SGD(groups, lr, momentum=self.momentum, weight_decay=decay)
            cls = torch.optim.AdamW if self.optimizer == "adamw" else torch.optim.Adam
            return cls(groups, lr, betas=(self.momentum, 0.999), weight_decay=decay)

    def lr_factor(self, progress: float) -> float:
        """Return what the learning rate is multiplied by when `progress` (0..1) of the run is done.

        It rises from 0 to 1 over the first `warmup` of the run. Over the rest, with p from 0 to 1, it is
        dann: (1 + 10 p)^-.75 (Ganin et al., 2016, section 5.2.2); constant: 1; cosine: (1 + cos(pi p)) / 2
        (Loshchilov & Hutter, 2017, eq. 5, without restarts); linear: 1 - p.
        """
        if progress < self.warmup:
            return progress / self.warmup
        p = (progress - self.warmup) / (1 - self.warmup)
        if self.schedule == "dann":
            return float((1 + 10 * p) ** -0.75)
        if self.schedule == "cosine":
            return (1 + math.cos(math.pi * p)) / 2
        return 1 - p if self.schedule == "linear" else 1.0


def transfer_acts(objective: Objective, network: Network) -> bool:
    """Return whether something that trains lies before what the transfer term acts on (`Objective.acts_on`).

    With all stages frozen the features are constant: a term that sees nothing else has no gradient for the network.
    """
    stages = list(network.stages.values())
    before = {
        "features": network.feature_stages,
        "stages": stages,
        "predictions": [*stages, network.head],
    }[objective.acts_on]
    return objective.weighted and any(p.requires_grad for part in before for p in part.parameters())


class Updater:
    """Moves the parameters of a network and of its objective.

    `parts`: "body" (the network's stages), "head" and "objective" (its own parameters): what a phase may train.
    A frozen parameter has no gradient, is in no group, and its momentum is forgotten: it starts afresh when it thaws.
    """

    def __init__(self, network: Network, objective: Objective, rule: UpdateRule, lr: float) -> None:
        self._network, self._objective, self.rule = network, objective, rule
        self.parts: dict[str, list[nn.Parameter]] = {
            "body": list(network.stages.parameters()),
            "head": list(network.head.parameters()),
            "objective": list(objective.parameters()),
        }
        self._groups = self._grouped_by_rate()
        groups = [
            {"name": name, "params": params} for name, params in self._groups.items() if params
        ]
        self.optimizer = rule.build(groups, lr)

    def _grouped_by_rate(self) -> dict[str, list[nn.Parameter]]:
        """Group the parameters by learning rate: the parts, with a group for each stage that has its own rate."""
        stages, rates = self._network.stages, self._rates()
        own = {name: list(stage.parameters()) for name, stage in stages.items() if name in rates}
        rest = [p for name, stage in stages.items() if name not in own for p in stage.parameters()]
        return {**self.parts, **own, "body": rest}

    def _rates(self) -> dict[str, float]:
        """Return the factors of the learning rate: the objective's, and for each stage the network's own, too."""
        rates, share = (
            dict(self._objective.lr_multipliers(self._network)),
            self._network.defaults.stages,
        )
        if share == 1:
            return rates
        return rates | {name: share * rates.get(name, 1.0) for name in self._network.stages}

    def freeze(self, depth: int) -> None:
        """Freeze the first `depth` stages and all that the objective does not train; the rest trains."""
        self._network.freeze(depth).head.requires_grad_(True)
        chosen = set(self._objective.trainable(self._network))
        for p in self._network.parameters():
            p.requires_grad_(p.requires_grad and p in chosen)
        for group in self.optimizer.param_groups:
            group["params"] = [p for p in self._groups[group["name"]] if p.requires_grad]
            for p in self._groups[group["name"]]:
                if not p.requires_grad:
                    self.optimizer.state.pop(p, None)
                    p.grad = None

    def set_lr(self, lr: float) -> None:
        """Set the learning rate of the coming step, times each group's own factor."""
        rates = self._rates()
        for group in self.optimizer.param_groups:
            group["lr"] = lr * rates.get(group["name"], 1.0)

    def training(self, parts: Collection[str]) -> list[nn.Parameter]:
        """List the parameters of these parts that train now."""
        return [p for part in parts for p in self.parts[part] if p.requires_grad]

    def step(self, loss: Tensor, parts: Collection[str]) -> None:
        """Take one step down the gradient of the loss (one number), with these parts alone."""
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        for part in self.parts.keys() - set(parts):
            for p in self.parts[part]:
                p.grad = None
        if self.rule.gradient_clip:
            nn.utils.clip_grad_norm_(self.training(parts), self.rule.gradient_clip)
        self.optimizer.step()

    def state(self) -> dict[str, list[dict[str, Any]]]:
        """Return what the optimizer remembers of each parameter, such as its momentum."""
        return {
            part: [self.optimizer.state.get(p, {}) for p in params]
            for part, params in self.parts.items()
        }

    def restore(self, state: Mapping[str, list[dict[str, Any]]], freeze_depth: int) -> None:
        """Go on from `state()` of an updater of the same parameters."""
        self.optimizer.state.clear()
        self.freeze(freeze_depth)
        for part, params in self.parts.items():
            known = zip(params, state[part], strict=True)
            self.optimizer.state.update(
                {p: _on_its_device(memory, p) for p, memory in known if memory}
            )


def _on_its_device(memory: Mapping[str, Any], p: Tensor) -> dict[str, Any]:
    """Copy a parameter's memory to its device; Adam counts its steps on the CPU."""
    return {
        name: value.to("cpu" if name == "step" else p.device, copy=True)
        if isinstance(value, Tensor)
        else value
        for name, value in memory.items()
    }
