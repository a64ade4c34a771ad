"""The way through the network: each batch with its domain's BatchNorm statistics, and what an objective gets to see of it.

batchnorm "separate": one forward pass for each domain; each is normalized by itself and moves its own running statistics.
"joint": source and target go through as one batch and share statistics.
"source": only source batches move the statistics; the target's batches are normalized by the source's running ones.

precision "bf16": stages and head multiply in bfloat16 (8 bits of mantissa, the exponents of float32: nothing needs scaling); the
weights, the optimizer, what an objective sees and its loss stay float32 (Micikevicius et al., 2018; Kalamkar et al., 2019).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
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
from tltutor.networks.inputs import at_full_length
from tltutor.objectives.objective import Batch, LabeledBatch, Phase
from tltutor.training.examples import Minibatch
from tltutor.training.options import BatchNormMode, Precision

if TYPE_CHECKING:
    from tltutor.networks import Network


@dataclass(frozen=True, eq=False)
class Outputs:
    """What a network makes of a batch: features f (n, d), logits z (n, k), and each stage's output h by its name."""

    f: Tensor
    z: Tensor
    h: Mapping[str, Tensor]


class Forward:
    """Sends minibatches through the network for an objective that sees `batches`, with this BatchNorm mode and precision."""

    def __init__(
        self,
        network: Network,
        batches: frozenset[str],
        batchnorm: BatchNormMode,
        precision: Precision = "float32",
    ) -> None:
        self.network, self.batchnorm, self.precision = network, batchnorm, precision
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
            outputs = self(drawn.x, drawn.early, drawn.after)
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

    def __call__(
        self, x: Mapping[str, Tensor], early: Mapping[str, Tensor] | None = None, after: int = 0
    ) -> dict[str, Outputs]:
        """Return the outputs of each batch; without gradients where a batch only feeds BatchNorm's statistics.

        early: what the first `after` stages make of them, where that is known.
        """
        begun = early if early and after else x
        jointly = self.batchnorm == "joint" and "source" in x and "target" in x
        outputs = self._joined(begun["source"], begun["target"], after) if jointly else {}
        for name, batch in begun.items():
            if name not in outputs:
                with torch.set_grad_enabled(torch.is_grad_enabled() and name in self._seen):
                    outputs[name] = self._alone(name, batch, after)
        if after:
            outputs = {name: self._whole(name, x[name], o, after) for name, o in outputs.items()}
        if self.batchnorm != "separate":
            share_source_statistics(self.network)
        return outputs

    def _alone(self, name: str, x: Tensor, after: int) -> Outputs:
        fixed = self.batchnorm == "source" and name != "source"
        stages = self._begun(x, after)
        with fixed_statistics(self.network) if fixed else nullcontext():
            f, z = self._run(self.statistics_of(name), x, stages, after)
        return Outputs(f, z, stages)

    def _joined(self, xs: Tensor, xt: Tensor, after: int) -> dict[str, Outputs]:
        """Send source and target through as one batch and split the outputs by length."""
        n, x = len(xs), torch.cat([xs, xt])
        stages = self._begun(x, after)
        f, z = self._run("source", x, stages, after)
        return {
            "source": Outputs(f[:n], z[:n], {name: h[:n] for name, h in stages.items()}),
            "target": Outputs(f[n:], z[n:], {name: h[n:] for name, h in stages.items()}),
        }

    def _run(
        self, domain: DomainName, x: Tensor, stages: dict[str, Tensor], after: int
    ) -> tuple[Tensor, Tensor]:
        """Run the network with a domain's statistics, from the stage that x enters on."""
        later = {"after": after} if after else {}
        if self.precision == "float32":
            f, z = self.network.on(domain)(x, stages, **later)
            return f, z
        with torch.autocast(x.device.type, torch.bfloat16):
            f, z = self.network.on(domain)(x, stages, **later)
        stages |= {name: h.float() for name, h in stages.items()}
        return f.float(), z.float()

    def _begun(self, x: Tensor, after: int) -> dict[str, Tensor]:
        """Return the stages' outputs that are known before: that of the last of the first `after`, which is x."""
        return {list(self.network.stages)[after - 1]: x} if after else {}

    def _whole(self, name: str, x: Tensor, outputs: Outputs, after: int) -> Outputs:
        """Return the same outputs, with those of the stages before the last kept one for whoever asks for them."""

        def early() -> dict[str, Tensor]:
            held, h = self.network.domain, dict[str, Tensor]()
            with torch.no_grad():
                self.network.on(self.statistics_of(name))
                f = self.network.inputs(x)
                for stage in list(self.network.stages)[: after - 1]:
                    f = self.network.stages[stage](f)
                    h[stage] = at_full_length(f, x)
                self.network.on(held)
            return h

        return Outputs(outputs.f, outputs.z, Stages(self.network.stages, outputs.h, early))


class Stages(Mapping[str, Tensor]):
    """The stages' outputs by name, in their order; those that are not known are computed when one of them is asked for."""

    def __init__(
        self,
        names: Iterable[str],
        known: Mapping[str, Tensor],
        others: Callable[[], Mapping[str, Tensor]],
    ) -> None:
        self._names, self._known, self._others = tuple(names), dict(known), others

    def __getitem__(self, name: str) -> Tensor:
        if name in self._names and name not in self._known:
            self._known |= self._others()
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _labeled(drawn: Minibatch, outputs: Outputs) -> LabeledBatch:
    return LabeledBatch(drawn.x["labeled"], drawn.y["labeled"], outputs.f, outputs.z, outputs.h)
