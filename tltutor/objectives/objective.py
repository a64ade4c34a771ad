"""What an objective is: it sees a step's batches as a Batch and returns named loss terms, never an unlabeled target's labels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tltutor.settings import Setting, check_name

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
    text="How much the transfer term counts beside the task; 0 is source-only.",
)


@dataclass(frozen=True, eq=False)
class LabeledBatch:
    """A batch of target examples whose labels may be used: x (n, ...), y (n,), features f (n, d), logits z (n, k), stages h."""

    x: Tensor
    y: Tensor
    f: Tensor
    z: Tensor
    h: Mapping[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Batch:
    """Everything an objective may see of one step.

    xs, xt: inputs (n_s, ...) and (n_t, ...); ys: source labels (n_s,); fs, ft: features (n, d); zs, zt: logits (n, k);
    hs, ht: the output of each stage by its name; all empty where the objective does not say that it uses them.
    domain_id: number of the source that each source example comes from (n_s,), 0 where there is one source.
    weight: lambda as it acts now, after its schedule; progress: share of the run done, 0..1; phase: the phase's name.
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


@dataclass(frozen=True)
class Phase:
    """A part of a step with its own forward, backward and update of the named parts; most objectives have just one.

    All phases of a step see the same examples. One that trains the objective's own parts alone goes through the network
    once, without a gradient, however often it repeats: nothing that it sees moves.
    """

    name: str = "train"
    trains: tuple[str, ...] = ("body", "head", "objective")
    repeat: int = 1

    @property
    def moves_network(self) -> bool:
        """Whether the network learns in this phase."""
        return not {"body", "head"}.isdisjoint(self.trains)


def same_width(*samples: Tensor) -> None:
    """A ValueError unless all samples (n, ...) have examples of one shape: others would be stretched to it without a word."""
    shapes = [tuple(sample.shape) for sample in samples]
    if len({shape[1:] for shape in shapes}) > 1:
        told = " and ".join(map(str, shapes))
        raise ValueError(f"all samples must have features of one width, got {told}: take them from one stage of one network")


class Objective(nn.Module):
    """Base of all objectives: declare `name`, `title` and `settings`, build parts in `setup`, return terms in `forward`.

    The session sums the terms and backpropagates the sum. An objective's own parameters (DANN's discriminator) are its submodules
    and train along. `batches`: the batches whose features and logits it is given, of "source", "target" and "labeled".
    `pretrained_by`: the objective that its network should have been trained with before, where a random start makes no sense.
    `weighted`: whether lambda does anything; where it does not, no slider and no flag is made of it.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    settings: ClassVar[tuple[Setting, ...]] = ()
    weight: ClassVar[Setting] = LAMBDA
    phases: ClassVar[tuple[Phase, ...]] = (Phase(),)
    batches: ClassVar[frozenset[str]] = frozenset({"source", "target"})
    pretrained_by: ClassVar[str] = ""
    weighted: ClassVar[bool] = True
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
        """All settings: lambda, where it does anything, and its own."""
        return (cls.weight, *cls.settings) if cls.weighted else cls.settings

    def setup(self, network: Network, pair: DomainPair, rng: torch.Generator) -> None:
        """Build what needs the feature width, the classes or a start. `pair` is blind: without the target's labels."""

    def schedule(self, progress: float) -> float:
        """The share of lambda that acts when `progress` (0..1) of the run is done; 1 unless the method ramps."""
        return 1.0

    def phases_at(self, progress: float) -> tuple[Phase, ...]:
        """The phases of a step when `progress` (0..1) of the run is done; always `phases`, unless the method has chapters."""
        return self.phases

    def trainable(self, network: Network) -> Iterable[nn.Parameter]:
        """Those of the network's parameters that the method trains, unless they are frozen; all, unless it says otherwise."""
        return network.parameters()

    def lr_multipliers(self, network: Network) -> Mapping[str, float]:
        """What the learning rate is multiplied by, for stages by name, "head", and "objective" (its own parts); 1 if not named."""
        return {}

    def setting_schedule(self, progress: float, network: Network) -> Mapping[str, Any]:
        """Live settings that the method itself moves over the run: the session changes them, logged, where a value is new."""
        return {}

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        """The loss terms by name, the task's first; their sum is what is minimised."""
        raise NotImplementedError


def task_loss(batch: Batch) -> Tensor:
    """Cross-entropy of the source batch: what every unsupervised adaptation keeps learning."""
    return F.cross_entropy(batch.zs, batch.ys)


def labeled_batch(batch: Batch) -> LabeledBatch:
    """The labeled target batch, of a method that uses one."""
    if batch.labeled is None:
        raise ValueError("this objective needs labeled target examples, got none: use pair.with_target_labels(k)")
    return batch.labeled


def labeled_loss(batch: Batch) -> Tensor:
    """Cross-entropy of the labeled target batch."""
    labeled = labeled_batch(batch)
    return F.cross_entropy(labeled.z, labeled.y)
