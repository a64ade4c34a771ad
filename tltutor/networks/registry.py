"""Build a network by name for a pair, or load a saved one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tltutor.networks import backbones, small
from tltutor.networks.batchnorm import split_affine
from tltutor.networks.checkpoint import check_fit, find_state, read_checkpoint
from tltutor.networks.defaults import FROM_SCRATCH, Defaults
from tltutor.networks.files import is_saved_network
from tltutor.networks.network import Body, Network
from tltutor.networks.seeding import seeded
from tltutor.networks.weights import load_weights
from tltutor.settings import Setting, check_name

if TYPE_CHECKING:
    from tltutor.domains import DomainPair


@dataclass(frozen=True)
class NetworkRecord:
    """One known network: its name, a sentence about it, the function that builds its body, its options.

    pretrained: where a session begins with it if its weights were given; from scratch it begins at the session's own defaults.
    """

    name: str
    title: str
    build: Callable[..., Body]
    options: tuple[Setting | small.Each, ...]
    images_only: bool = True
    pretrained: Defaults = FROM_SCRATCH

    def check(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return all options: these values, checked, and defaults for the others."""
        known = {option.name: option for option in self.options}
        for name in options:
            check_name(name, known, what=f"option of the network {self.name!r}")
        return {
            name: option.check(options.get(name, option.default)) for name, option in known.items()
        }


def _backbone(
    name: str, title: str, build: Callable[..., Body], *, size: Setting = backbones.SIZE
) -> NetworkRecord:
    """Return the record of one of torchvision's networks."""
    return NetworkRecord(name, title, build, (size, DROPOUT), pretrained=backbones.PRETRAINED)


DROPOUT = Setting(
    "dropout",
    0.0,
    0.0,
    0.9,
    text="Share of the head's inputs that each training step sets to 0 (dropout).",
    live=False,
)
_LENET = (small.CHANNELS, small.WIDTH, small.BATCHNORM, small.FEATURES, DROPOUT)
_MLP = (small.MLP_WIDTH, small.MLP_BATCHNORM, DROPOUT)
_RECORDS = (
    NetworkRecord(
        "lenet",
        "Two convolutions, two dense layers: DANN's network for digits.",
        small.lenet,
        _LENET,
    ),
    NetworkRecord("mlp", "Two dense layers, for 2-D points.", small.mlp, _MLP, images_only=False),
    _backbone(
        "resnet18",
        "18 layers with shortcuts: a good default for photographs.",
        backbones.resnet18,
    ),
    _backbone("resnet50", "50 layers with shortcuts.", backbones.resnet50),
    _backbone("vgg16", "13 convolutions, three dense layers: large and slow.", backbones.vgg16),
    _backbone("squeezenet1_0", "Few weights (3 MB): for laptops.", backbones.squeezenet1_0),
    _backbone(
        "inception_v3",
        "Parallel convolutions.",
        backbones.inception_v3,
        size=backbones.INCEPTION_SIZE,
    ),
)
NETWORKS: Mapping[str, NetworkRecord] = {record.name: record for record in _RECORDS}


def network_names() -> tuple[str, ...]:
    """Return the names of all networks, the small ones first."""
    return tuple(NETWORKS)


def build_network(
    name: str, pair: DomainPair, *, seed: int = 0, weights: str | Path | None = None, **options: Any
) -> Network:
    """Return a new network for the pair's shape and classes, with weights drawn by `seed`.

    weights: None for random ones; "imagenet" for torchvision's; or a checkpoint's path, read without running code in it.
    A torchvision network with given weights trains its head alone, at a small learning rate, unless the session is told
    otherwise (`Network.defaults`).
    options: the network's own, e.g. width=100. torch's global random state does not change.
    Errors: ValueError for unknown names and options, for shapes and weights that do not fit; FileNotFoundError and
    ConnectionError for missing weights.
    """
    record = NETWORKS[check_name(name, NETWORKS, what="network")]
    with seeded(seed):
        network, body = _build(record, pair.shape, class_names=pair.class_names, options=options)
    if weights is not None:
        load_weights(network, body, weights)
        network.defaults = record.pretrained
    return network


def _build(
    record: NetworkRecord,
    shape: Sequence[int],
    *,
    class_names: Sequence[str],
    options: Mapping[str, Any],
) -> tuple[Network, Body]:
    if record.images_only and len(shape) != 3:
        raise ValueError(
            f"{record.name} needs images of shape (channels, height, width), got examples of shape {tuple(shape)}:"
            " use the network 'mlp'"
        )
    chosen = record.check(options)
    of_the_body = {name: value for name, value in chosen.items() if name != DROPOUT.name}
    body = record.build(shape, **of_the_body)
    dropout = chosen[DROPOUT.name]
    return Network(
        body, class_names, name=record.name, shape=shape, options=chosen, dropout=dropout
    ), body


def load_network(path: str | Path) -> Network:
    """Return the network that `network.save(path)` wrote, on the CPU. Errors: FileNotFoundError, ValueError."""
    held = read_checkpoint(path)
    if not is_saved_network(held):
        raise ValueError(
            f"load_network reads what network.save wrote, and {path} is something else:"
            " for a state dict use build_network(name, pair, weights=path)"
        )
    record = NETWORKS[check_name(held["name"], NETWORKS, what="network")]
    with seeded(0):
        network, _ = _build(
            record, held["shape"], class_names=held["class_names"], options=held["options"]
        )
    state = find_state(held["state"], path)
    if any(key.endswith(".target_weight") for key in state):
        split_affine(network)
    check_fit(network, state, what=f"the {network.name} that {path} says it holds")
    network.load_state_dict(state)
    if held.get("pretrained") is True:
        network.defaults = record.pretrained
    return network
