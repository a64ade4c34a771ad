"""Network: named stages and a head, frozen and saved the same way for all; it knows no data and no training loop."""

from __future__ import annotations

import copy
import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from torch import Tensor, nn

from tltutor.networks.batchnorm import DomainName, domain_layers
from tltutor.networks.inputs import Inputs
from tltutor.networks.seeding import seeded
from tltutor.settings import check_name
from tltutor.tasks import CLASSIFICATION, Task


@dataclass(frozen=True, eq=False)
class Original:
    """The model that stages were taken from (they share its weights), so that its checkpoints fit.

    head: how the keys of its own head begin; extras: how keys begin that a checkpoint may hold and nobody needs.
    """

    model: nn.Module
    head: str
    extras: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Body:
    """A network without its head: stages in order, the last of which returns (n, width).

    features: the stage whose output counts as the features, flattened to (n, feature_width); the last one unless given.
    """

    stages: Mapping[str, nn.Module]
    width: int
    inputs: Inputs
    original: Original | None = None
    features: tuple[str, int] | None = None


class Network(nn.Module):
    """`stages` one after the other, then the task's `head`, give the logits; one stage's output counts as the features.

    name, shape (of one example) and options say how to build the body again; class_names says what the logits mean.
    dropout: share of the head's inputs that each training step sets to 0; features, and the map, are without it.
    """

    def __init__(
        self,
        body: Body,
        class_names: Iterable[str],
        *,
        name: str,
        shape: Iterable[int],
        options: Mapping[str, Any],
        dropout: float = 0.0,
        task: Task = CLASSIFICATION,
    ) -> None:
        super().__init__()
        self.name, self.shape, self.options = name, tuple(shape), dict(options)
        self.class_names = _checked_names(class_names)
        self._features_after, self.feature_width = body.features or (list(body.stages)[-1], body.width)
        self.domain: DomainName = "source"
        self._frozen = 0
        self.inputs = body.inputs
        self.stages = nn.ModuleDict(body.stages)
        self.dropout = nn.Dropout(dropout)
        self.task, self._head_width = task, body.width
        self.head = task.head(body.width, len(self.class_names))

    @property
    def depth(self) -> int:
        """Number of stages; freezing this many leaves the head alone to train."""
        return len(self.stages)

    def features(self, x: Tensor) -> Tensor:
        """Features (n, feature_width) of x (n, ...): uint8 0..255 or float 0..1, or vectors."""
        return self(x)[0]  # type: ignore[no-any-return]

    def forward(self, x: Tensor, h: dict[str, Tensor] | None = None) -> tuple[Tensor, Tensor]:
        """Turn x (n, ...) into features (n, feature_width) and logits (n, classes); put each stage's output into `h` by name."""
        f: Tensor = self.inputs(x)
        features = f
        for name, stage in self.stages.items():
            f = stage(f)
            if h is not None:
                h[name] = f
            if name == self._features_after:
                features = f.flatten(1)
        return features, self.head(self.dropout(f))

    # --- freezing

    @property
    def frozen(self) -> int:
        """How many of the first stages do not train."""
        return self._frozen

    def freeze(self, depth: int) -> Self:
        """The first `depth` stages stop training, the others train.

        A frozen stage has no gradients and stays in evaluation mode, so that BatchNorm's statistics hold still and
        dropout is off. Errors: ValueError or TypeError unless depth is a whole number in 0..`self.depth`.
        """
        self._frozen = self._checked_depth(depth)
        for i, stage in enumerate(self.stages.values()):
            stage.requires_grad_(i >= self._frozen)
            if i < self._frozen:
                stage.zero_grad(set_to_none=True)  # an optimiser that finds no gradient moves nothing, momentum or not
        return self.train(self.training)

    def _checked_depth(self, depth: int) -> int:
        rule = f"freeze depth must be between 0 and {self.depth}, got {depth!r}: 0 trains everything, {self.depth} the head alone"
        try:
            depth = operator.index(depth)
        except TypeError:
            raise TypeError(rule) from None
        if not 0 <= depth <= self.depth:
            raise ValueError(rule)
        return depth

    def train(self, mode: bool = True) -> Self:
        """As torch's, but frozen stages stay in evaluation mode."""
        super().train(mode)
        for stage in list(self.stages.values())[: self._frozen]:
            stage.eval()
        return self

    # --- two domains

    def on(self, domain: DomainName) -> Self:
        """From now on BatchNorm uses, and in training moves, this domain's running statistics."""
        check_name(domain, ("source", "target"), what="domain")
        self.domain = domain
        for layer in domain_layers(self):
            layer.domain = domain
        return self

    # --- going on with it

    def with_head(self, class_names: Iterable[str], seed: int = 0) -> Network:
        """A copy that trains everywhere, with a new head for these classes, drawn by seed; this network stays."""
        network = copy.deepcopy(self)
        network.class_names = _checked_names(class_names)
        with seeded(seed):
            head = self.task.head(self._head_width, len(network.class_names))
        network.head = head.to(next(self.head.parameters()))
        return network.freeze(0)

    def save(self, path: str | Path) -> None:
        """Write the network to a file; an error (a full disk) leaves an older file of this name as it was."""
        from tltutor.networks.files import save_network

        save_network(self, path)


def _checked_names(class_names: Iterable[str]) -> tuple[str, ...]:
    names = tuple(map(str, class_names))
    if not names:
        raise ValueError("a head needs at least one class name, got none: give class_names, one a class")
    return names
