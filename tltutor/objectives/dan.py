"""DAN (Long et al., 2015): equal mean embeddings in the last layers, each under kernels of several widths."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor

from tltutor.objectives.kernels import kernel_of_widths
from tltutor.objectives.mmd import mmd2_of_kernel
from tltutor.objectives.objective import Batch, Objective, task_loss
from tltutor.settings import Setting

KERNELS = Setting("kernels", 5, 1, 17, "int", symbol="U", text="Kernels of different widths; sigma squared doubles between them.")


def last_layers(h: Mapping[str, Tensor], z: Tensor, count: int) -> list[Tensor]:
    """The outputs (n, d) of the last `count` layers: stages in order, then the logits; all of them if there are fewer."""
    return [layer.flatten(1) for layer in (*h.values(), z)][-count:]


class DAN(Objective):
    """loss = task + lambda * sum over layers of MMD^2 (Long et al., 2015, MK-MMD), kernels weighed alike.

    The paper aligns the last three layers (fc6 to fc8 of AlexNet), under widths whose weights a quadratic program chooses; the
    authors' later code adds up five. Each layer's widths are in medians of its own distances.
    """

    name = "dan"
    title = "DAN (equal mean embeddings in several layers)"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("layers", 3, 1, 20, "int", unit="layers", text="How many of the last layers are aligned; 1 is the logits alone."),
        KERNELS,
    )
    layers: int
    kernels: int

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        s, t = last_layers(batch.hs, batch.zs, self.layers), last_layers(batch.ht, batch.zt, self.layers)
        mmds = [mmd2_of_kernel(kernel_of_widths(torch.cat(st), self.kernels), len(batch.zs)) for st in zip(s, t, strict=True)]
        return {"task": task_loss(batch), "mmd": batch.weight * torch.stack(mmds).sum()}
