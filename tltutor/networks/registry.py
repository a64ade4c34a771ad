"""The networks by name: building one for a pair, and building a saved one again."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tltutor.networks.network import Body, Network
from tltutor.networks.seeding import seeded
from tltutor.networks.small import lenet, mlp
from tltutor.settings import check_name

if TYPE_CHECKING:
    from tltutor.domains import DomainPair


@dataclass(frozen=True)
class NetworkRecord:
    """One known network: a sentence about it, who builds its body, and whether that needs images."""

    name: str
    title: str
    build: Callable[..., Body]
    images_only: bool = True

    @property
    def options(self) -> dict[str, Any]:
        """The options' names and defaults, as the builder declares them."""
        parameters = inspect.signature(self.build).parameters.values()
        return {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}


_RECORDS = (
    NetworkRecord("lenet", "Two convolutions and two dense layers: DANN's network for digits.", lenet),
    NetworkRecord("mlp", "Two dense layers, for points in the plane and other vectors.", mlp, images_only=False),
)
NETWORKS: Mapping[str, NetworkRecord] = {record.name: record for record in _RECORDS}


def network_names() -> tuple[str, ...]:
    """Names of all networks, the small ones first."""
    return tuple(NETWORKS)


def build_network(
    name: str, pair: DomainPair, *, seed: int = 0, weights: str | Path | None = None, **options: Any
) -> Network:
    """A new network for the pair's shape and classes, its weights drawn by seed; torch's global random state stays as it is.

    weights: None; "imagenet" for torchvision's; or a checkpoint's path, read without executing anything in it.
    options: the network's own, e.g. width=100. Errors: ValueError for unknown names, options and shapes that do not fit.
    """
    return _build(name, pair.shape, class_names=pair.class_names, seed=seed, options=options)


def _build(
    name: str, shape: Sequence[int], *, class_names: Sequence[str], seed: int, options: Mapping[str, Any]
) -> Network:
    record = NETWORKS[check_name(name, NETWORKS, what="network")]
    for option in options:
        check_name(option, record.options, what=f"option of the network {name!r}")
    if record.images_only and len(shape) != 3:
        raise ValueError(
            f"{name} needs images of shape (channels, height, width), got {tuple(shape)}: use the network 'mlp'"
        )
    chosen = record.options | dict(options)
    with seeded(seed):
        return Network(record.build(shape, **chosen), class_names, name=name, shape=shape, options=chosen)


def load_network(path: str | Path) -> Network:
    """The network that `network.save(path)` wrote."""
    raise NotImplementedError
