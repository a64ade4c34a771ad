"""SHOT (Liang et al., 2020): a trained network adapts without the source; its head is fixed, its features move to where it is sure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tltutor.networks.inference import outputs
from tltutor.objectives.checks import check_features, check_labels, check_pairs
from tltutor.objectives.entropy import entropy
from tltutor.objectives.objective import Batch, Objective
from tltutor.objectives.teacher import Teacher
from tltutor.settings import Setting

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network


def information_loss(zt: Tensor) -> Tensor:
    """Return mean H(p) - H(mean p) with p = softmax(zt) of logits zt (n, k): minus the information of answers about inputs.

    Small where each answer is sure and all classes are answered (Liang et al., 2020, L_ent + L_div).
    """
    check_features(zt=zt)
    mean = zt.softmax(1).mean(0)
    spread = -(mean * mean.clamp_min(torch.finfo(mean.dtype).tiny).log()).sum()
    return entropy(zt).mean() - spread


def class_centers(f: Tensor, p: Tensor) -> Tensor:
    """Return c_k = sum_i p_ik f_i / sum_i p_ik of features f (n, d) and shares p (n, k): (k, d); 0 for a class without any.

    Liang et al., 2020: first with the answers' probabilities as p, then with the labels that they give.
    """
    check_features(f=f)
    check_features(p=p)
    check_pairs(f=f, p=p)
    mass = p.sum(0)[:, None]
    return p.T @ f / torch.where(mass > 0, mass, torch.ones_like(mass))


def nearest_centers(f: Tensor, centers: Tensor) -> Tensor:
    """Return for features f (n, d) the number of the class center (k, d) of the largest cosine: int64 (n,). Centers of 0 are none."""
    check_features(f=f, centers=centers)
    length = centers.norm(dim=1)
    cosine = f @ F.normalize(centers, dim=1).T  # times |f|, which decides nothing
    return cosine.masked_fill(length == 0, -torch.inf).argmax(1)


class SHOT(Objective):
    """loss = lambda * (mean H(p) - H(mean p) + label_weight * CE(zt, y)), on the target alone; the head keeps its weights.

    y is the class whose center is nearest to the example's features (by cosine). Labels are given anew `refreshes` times a run,
    by a copy of the network, to all of the target: centers from its answers, labels, centers from the labels, labels. Liang et
    al. (2020): 15 times, label weight .3 (.1 on digits). Their source network has a bottleneck, a head of weights of length 1
    and smoothed labels, which are left out here: it is whatever network is passed in, trained by source-only.
    """

    name = "shot"
    title = "SHOT (adapt a trained network's features, source-free)"
    terms = ("information", "pseudo-labels")
    family = "predictions"
    year = 2020
    acts_on = "stages"
    batches: ClassVar[frozenset[str]] = frozenset({"target"})
    pretrained_by: ClassVar[str] = "source-only"
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting(
            "label_weight",
            0.3,
            0.0,
            10.0,
            "log",
            symbol="β",
            text="Weight of the pseudo-labels beside the information.",
        ),
        Setting(
            "refreshes", 15, 1, 100, "int", text="How often in a run the target is labeled anew."
        ),
    )
    label_weight: float
    refreshes: int

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        device = next(network.parameters()).device
        self._x = torch.tensor(pair.target.x, device=device)
        self.teacher = Teacher().setup(network)
        self.refreshed = 0
        self.centers = torch.zeros(len(network.class_names), network.feature_width, device=device)

    def trainable(self, network: Network) -> Iterable[nn.Parameter]:
        return network.stages.parameters()

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        now = int(batch.progress * self.refreshes)
        if now >= self.refreshed:
            self.label_anew(batch.network)
            self.refreshed = now + 1
        y = nearest_centers(self.teacher(batch.xt, "target").f, self.centers)
        return {
            "information": batch.weight * information_loss(batch.zt),
            "pseudo-labels": batch.weight * self.label_weight * label_loss(batch.zt, y),
        }

    def label_anew(self, network: Network) -> None:
        """Copy the network, and find the class centers of all of the target in its features."""
        teacher = self.teacher.require_network()
        teacher.load_state_dict(network.state_dict())
        f, z = (out.clone() for out in outputs(teacher, self._x, "target"))
        by_answer = class_centers(f, z.softmax(1))
        labels = F.one_hot(nearest_centers(f, by_answer), z.shape[1]).to(f.dtype)
        self.centers = class_centers(f, labels)


def label_loss(z: Tensor, y: Tensor) -> Tensor:
    """Return the mean cross-entropy of logits z (n, k) and the classes y (n,) that they are given."""
    check_features(z=z)
    check_labels(z, y=y)
    return F.cross_entropy(z, y)
