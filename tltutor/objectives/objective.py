"""What an objective is: it sees the batches of a step and returns named loss terms, never a label of an unlabeled target."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

import torch
from torch import Tensor, nn

from tltutor.settings import Setting, check_name
from tltutor.tasks import CLASSIFICATION, Task

if TYPE_CHECKING:
    from tltutor.domains import DomainPair
    from tltutor.networks import Network

LAMBDA = Setting(
    "weight",
    1.0,
    0.0,
    10.0,
    "log",
    symbol="λ",
    text="Weight of the transfer term beside the task; 0 is source-only.",
)


Branch: TypeAlias = Literal[
    "none",
    "labels",
    "distance",
    "discriminator",
    "heads",
    "predictions",
    "teacher",
    "statistics",
    "decoder",
]
BRANCH_OF: Mapping[str, Branch] = {  # a family's, where an objective names none
    "baseline": "none",
    "fine-tuning": "labels",
    "discrepancy": "distance",
    "reweighting": "none",
    "adversarial": "discriminator",
    "predictions": "predictions",
    "distillation": "teacher",
    "batchnorm": "statistics",
    "several": "distance",
    "": "distance",
}


@dataclass(frozen=True, eq=False)
class LabeledBatch:
    """A batch of target examples whose labels may be used.

    x: inputs (n, ...); y: labels (n,); f: features (n, d); z: logits (n, k); h: the output of each stage by name.
    """

    x: Tensor
    y: Tensor
    f: Tensor
    z: Tensor
    h: Mapping[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Batch:
    """All that an objective may see of one step. What it does not ask for in `batches` is empty.

    xs, xt: inputs (n_s, ...) and (n_t, ...). ys: source labels (n_s,). fs, ft: features (n, d). zs, zt: logits (n, k).
    hs, ht: the output of each stage by name. domain_id: number of the source of each source example (n_s,).
    weight: lambda after its schedule. progress: share of the run that is done, 0..1. phase: name of the phase.
    task: what the labels are, with their loss.
    """

    xs: Tensor
    ys: Tensor
    xt: Tensor
    fs: Tensor
    ft: Tensor
    zs: Tensor
    zt: Tensor
    weight: float
    progress: float
    network: Network
    labeled: LabeledBatch | None = None
    phase: str = "train"
    hs: Mapping[str, Tensor] = field(default_factory=dict)
    ht: Mapping[str, Tensor] = field(default_factory=dict)
    domain_id: Tensor = field(default_factory=lambda: torch.empty(0, dtype=torch.int64))
    task: Task = CLASSIFICATION


@dataclass(frozen=True)
class Phase:
    """A part of a step with its own forward, backward and update of the named parts. Most objectives have one.

    All phases of a step see the same examples. A phase that trains only the objective's own parts runs the network
    once, without a gradient, even if it repeats, because the network's outputs do not change.
    """

    name: str = "train"
    trains: tuple[str, ...] = ("body", "head", "objective")
    repeat: int = 1

    @property
    def moves_network(self) -> bool:
        """Whether the network learns in this phase."""
        return not {"body", "head"}.isdisjoint(self.trains)


class Objective(nn.Module):
    """Base class of all objectives: declare what follows, build parts in `setup`, return loss terms in `forward`.

    The session minimizes the sum of the terms. Submodules (such as DANN's discriminator) train along.

    name, title: for code and for people. settings: what a learner may move.
    terms: names of the loss terms in their order; curves give each its color.
    task_terms: those of them that learn labels; all others are the transfer's.
    family, year: where menus and tables list it; see `families.py`.
    branch: what joins the network beside its head, as the board's strip draws it; "" is the family's (BRANCH_OF).
    batches: what it sees, of "source", "target" and "labeled".
    pretrained_by: the objective that trains its network first, where a random start makes no sense.
    made_for: what it is made for beyond one source and one target; benchmarks give it that.
    weighted: whether lambda has an effect; if not, it gets no slider and no flag.
    acts_on: what the transfer term moves: the features, the outputs of other stages too, or the predictions, and so the head.
    takes_boxes: whether it works on boxes: its terms see nothing of labels and predictions but the task's loss.
    batchnorm: the BatchNorm mode that the method depends on; the session keeps it, whatever it was asked for.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    settings: ClassVar[tuple[Setting, ...]] = ()
    terms: ClassVar[tuple[str, ...]] = ()
    task_terms: ClassVar[tuple[str, ...]] = ("task",)
    family: ClassVar[str] = ""
    year: ClassVar[int] = 0
    branch: ClassVar[Branch | Literal[""]] = ""
    weight: ClassVar[Setting] = LAMBDA
    phases: ClassVar[tuple[Phase, ...]] = (Phase(),)
    batches: ClassVar[frozenset[str]] = frozenset({"source", "target"})
    pretrained_by: ClassVar[str] = ""
    made_for: ClassVar[Literal["", "a teacher", "several sources", "some of the classes"]] = ""
    weighted: ClassVar[bool] = True
    acts_on: ClassVar[Literal["features", "stages", "predictions"]] = "features"
    batchnorm: ClassVar[Literal["separate", "joint", "source"] | None] = None
    takes_boxes: ClassVar[bool] = False
    labels_per_class: int  # a setting of those that use "labeled"

    def __init__(self, **settings: Any) -> None:
        super().__init__()
        known = {s.name: s for s in self.settings}
        for name in settings:
            check_name(name, known, what=f"setting of {type(self).__name__}")
        for name, setting in known.items():
            setattr(self, name, setting.check(settings.get(name, setting.default)))

    @classmethod
    def declared(cls) -> tuple[Setting, ...]:
        """Return all settings: lambda, if it has an effect, and the objective's own."""
        return (cls.weight, *cls.settings) if cls.weighted else cls.settings

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        """Build what depends on the network or the classes. `pair` comes without the target's labels."""

    def schedule(self, progress: float) -> float:
        """Return the factor of lambda when this share of the run (0..1) is done. Default: 1."""
        return 1.0

    def phases_at(self, progress: float) -> tuple[Phase, ...]:
        """Return the phases of a step when this share of the run (0..1) is done. Default: `phases`."""
        return self.phases

    def target_domain(self, progress: float) -> int | None:
        """Return the number of the one domain of a joined target that batches come from now. Default: None, from all of them."""
        return None

    def trainable(self, network: Network) -> Iterable[nn.Parameter]:
        """Return the network's parameters that this method trains, frozen or not. Default: all."""
        return network.parameters()

    def lr_multipliers(self, network: Network) -> Mapping[str, float]:
        """Return factors of the learning rate for stages by name, "head" and "objective". Default: 1 for all."""
        return {}

    def setting_schedule(self, progress: float, network: Network) -> Mapping[str, Any]:
        """Return live settings that the method changes itself; the session logs each change. Default: none."""
        return {}

    def domain_opinion(self, batch: Batch) -> Tensor | None:
        """Return what a domain discriminator thinks: P(target) (n_s + n_t,) of each example, source rows first.

        Its input is the same as in training. Default: None, for a method without one.
        """
        return None

    def source_weights(self, x: Tensor, weight: float) -> Tensor | None:
        """Return how much source examples x (n, ...) count in the task's loss at this lambda: (n,), of mean 1 over the source.

        Default: None, all count alike.
        """
        return None

    def coupling(self, batch: Batch) -> Tensor | None:
        """Return the mass (n_s, n_t) that a transport plan sends from each source to each target example. Default: None."""
        return None

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        """Return the loss terms by name, the task's first. The session minimizes their sum."""
        raise NotImplementedError


def task_loss(batch: Batch) -> Tensor:
    """Return the task's loss on the source batch (cross-entropy for classes): what every adaptation keeps learning."""
    return batch.task.loss(batch.zs, batch.ys)


def labeled_batch(batch: Batch) -> LabeledBatch:
    """Return the labeled target batch. Raises a ValueError if there is none."""
    if batch.labeled is None:
        raise ValueError(
            "this objective needs labeled target examples, got none: use pair.with_target_labels(k)"
        )
    return batch.labeled


def labeled_loss(batch: Batch) -> Tensor:
    """Return the task's loss on the labeled target batch (cross-entropy for classes)."""
    labeled = labeled_batch(batch)
    return batch.task.loss(labeled.z, labeled.y)
