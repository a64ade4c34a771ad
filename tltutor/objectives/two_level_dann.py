"""Two-level DANN (Chen et al., 2018): one discriminator looks at every cell of the map, another at the regions found in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tltutor.objectives.checks import check_features, check_pairs
from tltutor.objectives.dann import (
    DISCRIMINATOR_RATE,
    GAMMA,
    new_discriminator,
    reverse_gradient,
    schedule,
)
from tltutor.objectives.objective import LAMBDA, Batch, Objective, task_loss
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network

HIDDEN = 100  # units of each discriminator
REGIONS = Setting(
    "regions",
    1.0,
    0.0,
    10.0,
    text="Weight of the regions' discriminator beside the cells'; 0 is the image level alone.",
)
AGREEMENT = Setting(
    "agreement",
    1.0,
    0.0,
    10.0,
    text="How strongly both discriminators are asked to say the same of an image.",
)


def part_loss(z: Tensor, n_s: int) -> Tensor:
    """Return the mean binary cross-entropy of logits z (n, p) for p parts of each image; the first n_s images are the source's.

    Chen et al., 2018, eq. 4 (cells) and 5 (regions), as means.
    """
    check_features(z=z)
    is_target = (torch.arange(len(z), device=z.device) >= n_s).to(z.dtype)
    return F.binary_cross_entropy_with_logits(z, is_target[:, None].expand_as(z))


def disagreement(z_cells: Tensor, z_regions: Tensor) -> Tensor:
    """Return the mean of |mean of P(target) over an image's cells - P(target) of a region|, of logits (n, p) and (n, r).

    Chen et al., 2018, eq. 6.
    """
    check_features(z_cells=z_cells)
    check_features(z_regions=z_regions)
    check_pairs(z_cells=z_cells, z_regions=z_regions)
    of_image = z_cells.sigmoid().mean(1, keepdim=True)
    return (of_image - z_regions.sigmoid()).abs().mean()


class TwoLevelDANN(Objective):
    """loss = task + cells + regions * of regions + agreement * disagreement. lambda scales the reversal and the agreement.

    A region is one of the best boxes that the network itself finds; where one looks gets no gradient. Where labels are classes,
    an example is its own one cell and region.
    """

    name = "two-level-dann"
    title = "Two-level DANN (of images and of regions)"
    terms = ("task", "cells", "regions", "agreement")
    family = "adversarial"
    year = 2018
    takes_boxes = True
    weight: ClassVar[Setting] = replace(LAMBDA, default=0.1)
    settings: ClassVar[tuple[Setting, ...]] = (REGIONS, AGREEMENT, GAMMA, DISCRIMINATOR_RATE)
    regions: float
    agreement: float
    gamma: float
    discriminator_rate: float
    discriminator: nn.Sequential
    region_discriminator: nn.Sequential

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        width = network.task.cell_width(network.feature_width, network.head_width)
        self.discriminator = new_discriminator(width, HIDDEN, rng)
        self.region_discriminator = new_discriminator(width, HIDDEN, rng)

    def schedule(self, progress: float) -> float:
        return schedule(progress, self.gamma)

    def lr_multipliers(self, network: Network) -> Mapping[str, float]:
        return {"objective": self.discriminator_rate}

    def domain_opinion(self, batch: Batch) -> Tensor:
        cells, _ = self._parts(batch)
        z: Tensor = self.discriminator(cells).squeeze(2)
        return z.sigmoid().mean(1)

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        cells, regions = self._parts(batch)
        losses = [
            part_loss(judge(reverse_gradient(parts, batch.weight)).squeeze(2), len(batch.fs))
            for judge, parts in ((self.discriminator, cells), (self.region_discriminator, regions))
        ]
        apart = disagreement(
            self.discriminator(cells).squeeze(2), self.region_discriminator(regions).squeeze(2)
        )
        return {
            "task": task_loss(batch),
            "cells": losses[0],
            "regions": self.regions * losses[1],
            "agreement": batch.weight * self.agreement * apart,
        }

    def _parts(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Return the cells (n, p, d) and the regions (n, r, d) of all examples, source rows first."""
        f, z = torch.cat([batch.fs, batch.ft]), torch.cat([batch.zs, batch.zt])
        return batch.task.cells(f, z), batch.task.regions(f, z)
