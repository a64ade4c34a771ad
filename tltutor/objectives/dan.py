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

KERNELS = Setting(
    "kernels",
    5,
    1,
    17,
    "int",
    symbol="U",
    text="Number of kernels; sigma squared doubles from one to the next.",
)


def last_layers(h: Mapping[str, Tensor], z: Tensor, count: int) -> list[Tensor]:
    """Return the outputs (n, d) of the last `count` layers, of all if there are fewer.

    The layers are the stages in order, then the logits z (n, k).
    """
    stages = list(h)[max(len(h) + 1 - count, 0) :]
    return [layer.flatten(1) for layer in (*(h[name] for name in stages), z)]


class DAN(Objective):
    """loss = task + lambda * sum over layers of MMD^2 (Long et al., 2015, MK-MMD), all kernels with equal weights.

    The paper aligns AlexNet's last three layers and finds the kernels' weights by a quadratic program; the authors'
    later code adds up five kernels. The widths of a layer are in medians of its own distances.
    """

    name = "dan"
    title = "DAN (equal mean embeddings in several layers)"
    terms = ("task", "mmd")
    family = "discrepancy"
    year = 2015
    acts_on = "predictions"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "layers",
            3,
            1,
            20,
            "int",
            unit="layers",
            text="How many of the last layers are aligned; 1 is the logits alone.",
        ),
        KERNELS,
    )
    layers: int
    kernels: int

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        s = last_layers(batch.hs, batch.zs, self.layers)
        t = last_layers(batch.ht, batch.zt, self.layers)
        kernels = [
            kernel_of_widths(torch.cat(pair), self.kernels) for pair in zip(s, t, strict=True)
        ]
        mmds = torch.stack([mmd2_of_kernel(k, len(batch.zs)) for k in kernels])
        return {"task": task_loss(batch), "mmd": batch.weight * mmds.sum()}
