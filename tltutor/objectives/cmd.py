"""CMD (Zellinger et al., 2017): central moment discrepancy; equal means, variances, skews and so on of each feature."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor

from tltutor.objectives.objective import Batch, Objective, same_width, task_loss
from tltutor.settings import Setting


def cmd(fs: Tensor, ft: Tensor, K: int, width: float = 1.0) -> Tensor:
    """||m_s - m_t|| / w + sum_{k=2..K} ||c_k(s) - c_k(t)|| / w^k (Zellinger et al., 2017).

    m: the means of features (n_s, d) and (n_t, d); c_k = mean (f - m)^k, for each feature by itself; w = b - a, the width of
    the interval [a, b] that the features lie in.
    """
    same_width(fs, ft)
    ms, mt = fs.mean(0), ft.mean(0)
    apart = {1: ms - mt} | {k: ((fs - ms) ** k).mean(0) - ((ft - mt) ** k).mean(0) for k in range(2, K + 1)}
    return torch.stack([difference.norm() / width**k for k, difference in apart.items()]).sum()


class CMD(Objective):
    """loss = task + lambda * CMD_K(tanh fs, tanh ft); K = 5 and lambda = 1 in the paper.

    Its features are bounded by a sigmoid or tanh, so that high powers stay small. Those of a ReLU are not: tanh puts them
    into [0, 1), an interval of width 1. Equal moments are not equal classes: on blobs->rotated-blobs they come closer on held-out
    examples, and a blob may lie on another class's.
    """

    name = "cmd"
    title = "CMD (equal central moments)"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("moments", 5, 1, 10, "int", symbol="K", text="The highest moment that is compared; 1 is the mean alone."),
    )
    moments: int

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        return {"task": task_loss(batch), "cmd": batch.weight * cmd(batch.fs.tanh(), batch.ft.tanh(), self.moments)}
