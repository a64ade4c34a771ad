"""A network of named stages and a head, with freezing and saving; it knows no data and no training loop."""

from __future__ import annotations

import copy
import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from torch import Tensor, nn

from tltutor.networks.batchnorm import DomainName, domain_layers
from tltutor.networks.defaults import FROM_SCRATCH
from tltutor.networks.inputs import Inputs, at_full_length
from tltutor.networks.seeding import seeded
from tltutor.settings import check_name
from tltutor.tasks import CLASSIFICATION, Task


@dataclass(frozen=True, eq=False)
class Original:
    """The model that the stages were taken from, to load its checkpoints; the stages share its weights.

    head: prefix of its head's keys. extras: prefixes of other keys that a checkpoint may contain and that are ignored.
    """

    model: nn.Module
    head: str
    extras: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Body:
    """A network without its head: stages in order; the last one returns (n, width).

    features: name of the stage whose output is the features, and its flattened width; default: the last stage.
    """

    stages: Mapping[str, nn.Module]
    width: int
    inputs: Inputs
    original: Original | None = None
    features: tuple[str, int] | None = None


class Network(nn.Module):
    """`stages` in sequence, then the task's `head`; the output of one stage is the features.

    name, shape (of one example) and options describe the body, so that it can be rebuilt; class_names name the logits.
    head_width: the width of what the head sees, such as channels of a map.
    dropout: share of the head's inputs that a training step sets to 0; it does not affect the features and the map.
    `defaults`: the freeze depth and the learning rate at which a session begins (`build_network` sets them).
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
        self._features_after, self.feature_width = body.features or (
            list(body.stages)[-1],
            body.width,
        )
        self.defaults = FROM_SCRATCH
        self.domain: DomainName = "source"
        self._frozen = 0
        self.inputs = body.inputs
        self.stages = nn.ModuleDict(body.stages)
        self.dropout = nn.Dropout(dropout)
        self.task, self.head_width = task, body.width
        self.head = task.head(body.width, len(self.class_names))

    @property
    def depth(self) -> int:
        """Number of stages; if all of them are frozen, only the head trains."""
        return len(self.stages)

    @property
    def feature_stages(self) -> list[nn.Module]:
        """The stages from the input to the one whose output is the features."""
        names = list(self.stages)
        return [self.stages[name] for name in names[: names.index(self._features_after) + 1]]

    def features(self, x: Tensor) -> Tensor:
        """Return features (n, feature_width) of x (n, ...): images uint8 0..255 or float 0..1, or vectors."""
        return self(x)[0]  # type: ignore[no-any-return]

    def forward(
        self, x: Tensor, h: dict[str, Tensor] | None = None, *, after: int = 0
    ) -> tuple[Tensor, Tensor]:
        """Return features (n, feature_width) and logits (n, classes) of x (n, ...); store each stage's output in `h` by name.

        Outputs for tokens are stored with zeros at padding, up to the length of x.
        after: number of stages that x has been through already; these are none of those past the features.
        """
        f: Tensor = x if after else self.inputs(x)
        features = f.flatten(1)
        for name, stage in list(self.stages.items())[after:]:
            f = stage(f)
            if h is not None:
                h[name] = at_full_length(f, x)
            if name == self._features_after:
                features = f.flatten(1)
        return features, self.head(self.dropout(f))

    # --- freezing

    @property
    def frozen(self) -> int:
        """Number of stages, counted from the input, that do not train."""
        return self._frozen

    def freeze(self, depth: int) -> Self:
        """Freeze the first `depth` stages and train the others; return the network.

        A frozen stage has no gradients and stays in evaluation mode: its BatchNorm statistics do not change and
        dropout is off. Errors: ValueError or TypeError unless depth is a whole number in 0..`self.depth`.
        """
        self._frozen = self._checked_depth(depth)
        for i, stage in enumerate(self.stages.values()):
            stage.requires_grad_(i >= self._frozen)
            if i < self._frozen:
                stage.zero_grad(
                    set_to_none=True
                )  # an optimizer skips parameters without a gradient, momentum included
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
        """Set training mode as torch does, but keep frozen stages in evaluation mode."""
        super().train(mode)
        for stage in list(self.stages.values())[: self._frozen]:
            stage.eval()
        return self

    # --- two domains

    def on(self, domain: DomainName) -> Self:
        """Make BatchNorm use (and in training update) the running statistics of this domain; return the network."""
        check_name(domain, ("source", "target"), what="domain")
        self.domain = domain
        for layer in domain_layers(self):
            layer.domain = domain
        return self

    # --- going on with it

    def with_head(self, class_names: Iterable[str], seed: int = 0) -> Network:
        """Return an unfrozen copy with a new head for these classes, drawn by `seed`; this network does not change.

        Errors: ValueError without class names.
        """
        network = copy.deepcopy(self)
        network.class_names = _checked_names(class_names)
        with seeded(seed):
            head = self.task.head(self.head_width, len(network.class_names))
        network.head = head.to(next(self.head.parameters()))
        return network.freeze(0)

    def save(self, path: str | Path) -> None:
        """Write the network to a file. On an OSError (a full disk) an older file of this name stays unchanged."""
        from tltutor.networks.files import save_network

        save_network(self, path)


def _checked_names(class_names: Iterable[str]) -> tuple[str, ...]:
    names = tuple(map(str, class_names))
    if not names:
        raise ValueError(
            "a head needs at least one class name, got none: give class_names, one per class"
        )
    return names
