"""The way through the network: each batch with its domain's BatchNorm statistics, and what an objective gets to see of it.

batchnorm "separate": one forward pass for each domain; each is normalized by itself and moves its own running statistics.
"joint": source and target go through as one batch and share statistics.
"source": only source batches move the statistics; the target's batches are normalized by the source's running ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from tltutor.networks.batchnorm import (
    DomainName,
    fixed_statistics,
    has_batchnorm,
    share_source_statistics,
)
from tltutor.objectives.objective import Batch, LabeledBatch, Phase
from tltutor.training.examples import Minibatch
from tltutor.training.options import BatchNormMode

if TYPE_CHECKING:
    from tltutor.networks import Network


@dataclass(frozen=True, eq=False)
class Outputs:
    """What a network makes of a batch: features f (n, d), logits z (n, k), and each stage's output h by its name."""

    f: Tensor
    z: Tensor
    h: Mapping[str, Tensor]


class Forward:
    """Sends minibatches through the network for an objective that sees `batches`, with this BatchNorm mode."""

    def __init__(self, network: Network, batches: frozenset[str], batchnorm: BatchNormMode) -> None:
        self.network, self.batchnorm = network, batchnorm
        self._seen = batches
        fed = (
            {"target"}
            if batchnorm != "source" and "source" in batches and has_batchnorm(network)
            else set()
        )
        self.batches = (
            batches | fed
        )  # what goes through the network, if only to feed BatchNorm's statistics

    def statistics_of(self, batch: str) -> DomainName:
        """Name the domain whose BatchNorm statistics a batch takes, in training and when it is judged."""
        return "target" if self.batchnorm == "separate" and batch != "source" else "source"

    def batch(self, drawn: Minibatch, phase: Phase, *, weight: float, progress: float) -> Batch:
        """Send the minibatch through the network and show the outputs; with gradients if the phase moves the network."""
        with torch.set_grad_enabled(phase.moves_network):
            outputs = self(drawn.x)
        nothing = torch.empty(0, device=drawn.domain_id.device)
        unseen = Outputs(nothing, nothing, {})
        source, target = outputs.get("source", unseen), outputs.get("target", unseen)
        return Batch(
            labeled=_labeled(drawn, outputs["labeled"]) if "labeled" in outputs else None,
            xs=drawn.x.get("source", nothing),
            ys=drawn.y.get("source", nothing),
            xt=drawn.x.get("target", nothing),
            fs=source.f,
            ft=target.f,
            zs=source.z,
            zt=target.z,
            hs=source.h,
            ht=target.h,
            weight=weight,
            progress=progress,
            network=self.network,
            phase=phase.name,
            domain_id=drawn.domain_id,
            task=self.network.task,
        )

    def __call__(self, x: Mapping[str, Tensor]) -> dict[str, Outputs]:
        """Return the outputs of each batch; without gradients where a batch only feeds BatchNorm's statistics."""
        jointly = self.batchnorm == "joint" and "source" in x and "target" in x
        outputs = self._joined(x["source"], x["target"]) if jointly else {}
        for name, batch in x.items():
            if name not in outputs:
                with torch.set_grad_enabled(torch.is_grad_enabled() and name in self._seen):
                    outputs[name] = self._alone(name, batch)
        if self.batchnorm != "separate":
            share_source_statistics(self.network)
        return outputs

    def _alone(self, name: str, x: Tensor) -> Outputs:
        fixed = self.batchnorm == "source" and name != "source"
        stages: dict[str, Tensor] = {}
        with fixed_statistics(self.network) if fixed else nullcontext():
            f, z = self.network.on(self.statistics_of(name))(x, stages)
        return Outputs(f, z, stages)

    def _joined(self, xs: Tensor, xt: Tensor) -> dict[str, Outputs]:
        """Send source and target through as one batch and split the outputs by length."""
        n, stages = len(xs), dict[str, Tensor]()
        f, z = self.network.on("source")(torch.cat([xs, xt]), stages)
        return {
            "source": Outputs(f[:n], z[:n], {name: h[:n] for name, h in stages.items()}),
            "target": Outputs(f[n:], z[n:], {name: h[n:] for name, h in stages.items()}),
        }


def _labeled(drawn: Minibatch, outputs: Outputs) -> LabeledBatch:
    return LabeledBatch(drawn.x["labeled"], drawn.y["labeled"], outputs.f, outputs.z, outputs.h)
