"""The articles' mistakes that no other lesson has: of the domain loss, of labels, of the head's rate, and of distillation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tltutor.lessons.mistake import MISTAKE
from tltutor.objectives.dann import DANN, domain_loss, reverse_gradient
from tltutor.objectives.distill import Distillation, distillation_loss
from tltutor.objectives.fine_tune import LABELS, FineTune
from tltutor.objectives.objective import Batch, labeled_loss, task_loss
from tltutor.objectives.teacher import student_outputs
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.networks import Network


class SourceAlone(DANN):
    """The examples that the discriminator sees: those of the source, or those of both domains."""

    settings: ClassVar[tuple[Setting, ...]] = (*DANN.settings, MISTAKE)
    mistake: bool

    def broken(self, batch: Batch) -> Tensor:
        return batch.fs

    def right(self, batch: Batch) -> Tensor:
        return torch.cat([batch.fs, batch.ft])

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        f = (self.broken if self.mistake else self.right)(batch)
        logit = self.discriminator(reverse_gradient(f, batch.weight))
        return {"task": task_loss(batch), "domain": domain_loss(logit, len(batch.fs))}


class LeakedLabels(DANN):
    """The class loss: with the target's own labels in it, which an unlabeled target does not have, or of the source alone."""

    settings: ClassVar[tuple[Setting, ...]] = (*DANN.settings, LABELS, MISTAKE)
    batches: ClassVar[frozenset[str]] = frozenset({"source", "target", "labeled"})
    mistake: bool

    def broken(self, batch: Batch) -> Tensor:
        return task_loss(batch) + labeled_loss(batch)

    def right(self, batch: Batch) -> Tensor:
        return task_loss(batch)

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        logit = self.discriminator(reverse_gradient(torch.cat([batch.fs, batch.ft]), batch.weight))
        task = (self.broken if self.mistake else self.right)(batch)
        return {"task": task, "domain": domain_loss(logit, len(batch.fs))}


class BodysRate(FineTune):
    """The rate of a head that trains alone, as a multiple of the board's .02: 2e-5, which is made for a whole BERT, or .02."""

    settings: ClassVar[tuple[Setting, ...]] = (*FineTune.settings, MISTAKE)
    mistake: bool

    def broken(self) -> dict[str, float]:
        return {"head": 2e-5 / 0.02}

    def right(self) -> dict[str, float]:
        return {"head": 1.0}

    def trainable(self, network: Network) -> Iterable[nn.Parameter]:
        return network.head.parameters()

    def lr_multipliers(self, network: Network) -> Mapping[str, float]:
        return (self.broken if self.mistake else self.right)()


class FrozenThroughout(FineTune):
    """What "fine-tuning" trains: the head, which is feature extraction, or all of the network."""

    settings: ClassVar[tuple[Setting, ...]] = (*FineTune.settings, MISTAKE)
    mistake: bool

    def broken(self, network: Network) -> Iterable[nn.Parameter]:
        return network.head.parameters()

    def right(self, network: Network) -> Iterable[nn.Parameter]:
        return network.parameters()

    def trainable(self, network: Network) -> Iterable[nn.Parameter]:
        return (self.broken if self.mistake else self.right)(network)


class NoClassIndex(Distillation):
    """The teacher's probabilities of logits v (n, k): with e^v above and below, each is 1 / k; right, the sum runs over classes."""

    settings: ClassVar[tuple[Setting, ...]] = (*Distillation.settings, MISTAKE)
    mistake: bool

    def broken(self, v: Tensor) -> Tensor:
        e = (v / self.temperature).exp()
        return e / sum(e for _ in range(v.shape[1]))

    def right(self, v: Tensor) -> Tensor:
        e = (v / self.temperature).exp()
        return e / e.sum(1, keepdim=True)

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        z, v = student_outputs(batch).z, self.teacher.outputs(batch).z
        p = (self.broken if self.mistake else self.right)(v)
        loss = distillation_loss(z, self.temperature * p.log(), self.temperature)
        return {"task": (1 - batch.weight) * task_loss(batch), "teacher": batch.weight * loss}


class TurnedKL(Distillation):
    """The divergence of probabilities p (n, k) and q (n, k): with p and q exchanged in the logarithm, it is -KL."""

    settings: ClassVar[tuple[Setting, ...]] = (*Distillation.settings, MISTAKE)
    mistake: bool

    def broken(self, p: Tensor, q: Tensor) -> Tensor:
        return (p * (q / p).log()).sum(1).mean()

    def right(self, p: Tensor, q: Tensor) -> Tensor:
        return (p * (p / q).log()).sum(1).mean()

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        z, v = student_outputs(batch).z, self.teacher.outputs(batch).z
        p, q = (F.softmax(x / self.temperature, dim=1).clamp_min(1e-7) for x in (v, z))
        loss = self.temperature**2 * (self.broken if self.mistake else self.right)(p, q)
        return {"task": (1 - batch.weight) * task_loss(batch), "teacher": batch.weight * loss}


FAULTS = {
    "source-alone": SourceAlone,
    "leaked-labels": LeakedLabels,
    "bodys-rate": BodysRate,
    "frozen-throughout": FrozenThroughout,
    "no-class-index": NoClassIndex,
    "turned-kl": TurnedKL,
}
