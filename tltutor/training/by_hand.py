"""What the coming step of a run is made of, for those who take it by hand; the loop itself is in `session.py`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from tltutor.networks import Network
    from tltutor.objectives import Objective
    from tltutor.training.options import BatchNormMode


@dataclass(frozen=True, eq=False)
class ByHand:
    """A step that is ready to be taken: forward, loss, zero_grad, backward, step.

    number: of the step, from 1. network: in training mode. objective: with parts of its own, such as a discriminator.
    optimizer: with this step's learning rate. xs (n_s, ...), ys (n_s,): the source's minibatch; xt (n_t, ...): the target's
    inputs; xl (n_l, ...), yl (n_l,): its labeled examples. What a method does not see is empty. weight: lambda, as it acts in
    this step. batchnorm: "separate" where the domains have statistics of their own (forward.py).
    """

    number: int
    network: Network
    objective: Objective
    optimizer: torch.optim.Optimizer
    xs: Tensor
    ys: Tensor
    xt: Tensor
    xl: Tensor
    yl: Tensor
    weight: float
    batchnorm: BatchNormMode

    def __repr__(self) -> str:
        return f"step {self.number}"
