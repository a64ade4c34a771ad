"""CMD (Zellinger et al., 2017): central moment discrepancy; equal means, variances, skews and so on of each feature."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from tltutor.objectives.checks import check_features
from tltutor.objectives.objective import Batch, Objective, task_loss
from tltutor.settings import Setting


def cmd(fs: Tensor, ft: Tensor, K: int, width: float = 1.0) -> Tensor:
    """Return ||m_s - m_t|| / w + sum_{k=2..K} ||c_k(s) - c_k(t)|| / w^k (Zellinger et al., 2017).

    m: means of features fs (n_s, d) and ft (n_t, d). c_k = mean (f - m)^k, for each feature separately.
    w = b - a: width of the interval [a, b] of the features. Raises a TypeError or ValueError for other inputs.
    """
    check_features(fs=fs, ft=ft)
    ms, mt = fs.mean(0), ft.mean(0)
    total: Tensor = (ms - mt).norm() / width
    for k in range(2, K + 1):
        difference = ((fs - ms) ** k).mean(0) - ((ft - mt) ** k).mean(0)
        total = total + difference.norm() / width**k
    return total


class CMD(Objective):
    """loss = task + lambda * CMD_K(tanh fs, tanh ft), with K = 5 and lambda = 1 as in the paper.

    The paper bounds its features, so that high powers stay small; here tanh puts a ReLU's features into [0, 1).
    Equal moments are not equal classes: on blobs->rotated-blobs moments come closer on held-out examples, and still
    a cluster may end on that of another class.
    """

    name = "cmd"
    title = "CMD (equal central moments)"
    terms = ("task", "cmd")
    family = "discrepancy"
    year = 2017
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "moments",
            5,
            1,
            10,
            "int",
            symbol="K",
            text="Highest moment to compare; 1 compares the means alone.",
        ),
    )
    moments: int

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        return {
            "task": task_loss(batch),
            "cmd": batch.weight * cmd(batch.fs.tanh(), batch.ft.tanh(), self.moments),
        }
