"""Several labeled tasks on one trunk (Caruana, 1997): the target's few labels, and each source's, each with a head of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

import torch
from torch import Tensor, nn

from tltutor.networks.seeding import seeded
from tltutor.objectives.fine_tune import LABELS
from tltutor.objectives.multi_task import uncertainty_weighted
from tltutor.objectives.objective import LAMBDA, Batch, Objective, labeled_loss
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network


class SharedTrunk(Objective):
    """loss = CE of the labeled target by the network's head + lambda * mean over sources of CE by that source's own head.

    All tasks share the stages and meet there alone (Caruana, 1997). The source is one task, or, if it is
    `Domain.joined(a, b, ...)`, one task each. lambda 0 is learning from the few labels alone, and may be better: beside
    printed digits, a small trunk learns handwritten ones less well than from 5 labels a class alone. weighting
    "uncertainty": each task by its learned noise, exp(-s) L + s / 2 (Kendall et al., 2018), and lambda is not used.
    source_task "odd-or-even" asks the sources' heads only whether the number of a class is odd. The source accuracy beside
    the map is that of the target's head on the source.
    """

    name = "shared-trunk"
    title = "Shared trunk (a head each for source and target labels)"
    terms = ("task", "source tasks")
    task_terms: ClassVar[tuple[str, ...]] = ("task", "source tasks")
    family = "several"
    acts_on = "stages"
    branch = "heads"
    year = 1997
    weight: ClassVar[Setting] = replace(
        LAMBDA, text="Weight of the source's tasks beside the target's."
    )
    settings: ClassVar[tuple[Setting, ...]] = (
        LABELS,
        Setting(
            "weighting",
            "fixed",
            scale="choice",
            choices=("fixed", "uncertainty"),
            text="How the tasks are weighted.",
        ),
        Setting(
            "source_task",
            "classes",
            scale="choice",
            choices=("classes", "odd-or-even"),
            live=False,
            text="What the source's labels ask: which class, or only whether its number is odd.",
        ),
    )
    batches: ClassVar[frozenset[str]] = frozenset({"source", "labeled"})
    weighting: Literal["fixed", "uncertainty"]
    source_task: Literal["classes", "odd-or-even"]

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        ids, shape = pair.source.domain_id, next(network.head.parameters()).shape
        count = 1 if ids is None else int(ids.max()) + 1
        with seeded(int(torch.randint(2**31, (), generator=rng))):
            heads = [network.task.head(shape[1], shape[0]) for _ in range(count)]
        self.heads = nn.ModuleList(heads)
        self.s = nn.Parameter(
            torch.zeros(1 + count)
        )  # log sigma^2 of the target's task and of each source's

    def source_losses(self, batch: Batch) -> dict[int, Tensor]:
        """Return the loss of each source that has examples in the batch, by its own head, by the source's number."""
        h = batch.hs[list(batch.hs)[-1]].flatten(1)  # the head's input
        ys = batch.ys % 2 if self.source_task == "odd-or-even" else batch.ys
        found = {}
        for i in batch.domain_id.unique().tolist():
            own = batch.domain_id == i
            found[i] = batch.task.loss(self.heads[i](h[own]), ys[own])
        return found

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        target, sources = labeled_loss(batch), self.source_losses(batch)
        if self.weighting == "uncertainty":
            target = uncertainty_weighted(target, self.s[0], "classification")
            weighted = [
                uncertainty_weighted(loss, self.s[1 + i], "classification")
                for i, loss in sources.items()
            ]
            return {"task": target, "source tasks": torch.stack(weighted).sum()}
        return {
            "task": target,
            "source tasks": batch.weight * torch.stack(list(sources.values())).mean(),
        }
