"""PCA fitted to each domain separately: each is centered and rotated by its own axes, so that any two domains overlap."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from tltutor.lessons.mistake import MISTAKE
from tltutor.projections.pca import principal_axes
from tltutor.projections.projection import Features, Projection
from tltutor.settings import Setting


class SeparatePCA(Projection):
    """Two overlaid maps instead of one."""

    name = "separate-pca"
    title = "PCA"
    settings: ClassVar[tuple[Setting, ...]] = (MISTAKE,)
    mistake: bool

    def broken(self, xs: Tensor, xt: Tensor) -> tuple[Tensor, Tensor]:
        return (xs - xs.mean(0)) @ principal_axes(xs).to(xs), (xt - xt.mean(0)) @ principal_axes(
            xt
        ).to(xt)

    def right(self, xs: Tensor, xt: Tensor) -> tuple[Tensor, Tensor]:
        both = torch.cat([xs, xt])
        axes = principal_axes(both).to(both)
        return (xs - both.mean(0)) @ axes, (xt - both.mean(0)) @ axes

    def _look(self, x: Tensor, labels: Features | None, is_target: Features | None) -> None:
        target = torch.tensor(np.array(is_target, bool), device=x.device)
        self._xy = x.new_zeros(len(x), 2)
        drawn = self.broken if self.mistake else self.right
        self._xy[~target], self._xy[target] = drawn(x[~target], x[target])

    def _place(self) -> Tensor:
        return self._xy


FAULTS = {"separate-pca": SeparatePCA}
