"""Build a network by name for a pair, or load a saved one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tltutor.files import MINILM
from tltutor.networks import backbones, bert, detector, small
from tltutor.networks.batchnorm import split_affine
from tltutor.networks.checkpoint import check_fit, find_state, read_checkpoint
from tltutor.networks.defaults import FROM_SCRATCH, Defaults
from tltutor.networks.files import is_saved_network
from tltutor.networks.network import Body, Network
from tltutor.networks.seeding import seeded
from tltutor.networks.weights import load_weights
from tltutor.settings import Setting, check_name
from tltutor.tasks import CLASSIFICATION, Task

NOUNS = {"image": "images", "vector": "vectors", "tokens": "texts of tokens"}

if TYPE_CHECKING:
    from tltutor.domains import DomainPair


@dataclass(frozen=True)
class NetworkRecord:
    """One known network: its name, a sentence about it, the function that builds its body, its options.

    takes: the kinds of examples that it can learn from. pretrained: where a session begins with it if its weights were
    given; scratch: where it begins with random ones. options_of(weights): the options that published weights call for.
    """

    name: str
    title: str
    build: Callable[..., Body]
    options: tuple[Setting | small.Each, ...]
    takes: tuple[str, ...] = ("image",)
    pretrained: Defaults = FROM_SCRATCH
    task: Task = CLASSIFICATION
    scratch: Defaults = FROM_SCRATCH
    options_of: Callable[[str | Path], dict[str, Any]] = lambda _weights: {}

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


def _by_graph(name: str, title: str) -> NetworkRecord:
    """Return the record of one that is cut into stages by its own graph."""
    return _backbone(name, title, partial(backbones.by_graph, name))


DROPOUT = Setting(
    "dropout",
    0.0,
    0.0,
    0.9,
    text="Share of the head's inputs that each training step sets to 0 (dropout).",
    live=False,
)
PUBLISHED = (
    "imagenet",
    MINILM,
)  # weights by name, the same on every machine; no task here has trained them
ANY = ("image", "vector")
_LENET = (small.CHANNELS, small.WIDTH, small.BATCHNORM, small.FEATURES, DROPOUT)
_MLP = (small.MLP_WIDTH, small.MLP_BATCHNORM, DROPOUT)
_RECORDS = (
    NetworkRecord(
        "lenet",
        "Two convolutions, two dense layers: DANN's network for digits.",
        small.lenet,
        _LENET,
    ),
    NetworkRecord(
        "linear",
        "A head on the inputs, no other layer: straight lines between the classes.",
        small.linear,
        (DROPOUT,),
        takes=ANY,
    ),
    NetworkRecord("mlp", "Two dense layers, for 2-D points.", small.mlp, _MLP, ANY),
    NetworkRecord(
        "tiny-detector",
        "Four convolutions and a detector's head, for boxes in small images.",
        detector.tiny_detector,
        (detector.CHANNELS, DROPOUT),
        task=detector.DETECTION,
    ),
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
    _by_graph("mobilenet_v2", "Thin blocks with shortcuts (14 MB): photographs on a laptop."),
    _by_graph("mobilenet_v3_small", "The smallest one for photographs on a phone (10 MB)."),
    _by_graph("efficientnet_b0", "Depth, width and image size in balance (21 MB)."),
    _by_graph("convnext_tiny", "A ResNet with a transformer's recipe (114 MB)."),
    _by_graph("vit_b_16", "A transformer on patches of 16 x 16 pixels (346 MB)."),
    NetworkRecord(
        "bert",
        "A transformer on the tokens of a text; small and random without weights.",
        bert.bert,
        (*bert.OPTIONS, DROPOUT),
        ("tokens",),
        pretrained=bert.PRETRAINED,
        scratch=bert.RANDOM,
        options_of=bert.options_of,
    ),
)
NETWORKS: Mapping[str, NetworkRecord] = {record.name: record for record in _RECORDS}


def network_names() -> tuple[str, ...]:
    """Return the names of the networks, the small ones first; torchvision's other classifiers can be built by name too."""
    return tuple(NETWORKS)


def network_record(name: str) -> NetworkRecord:
    """Return what is known of the network of this name, or of the classifier that torchvision has under it.

    Errors: ValueError with the nearest names.
    """
    if name not in NETWORKS:
        from torchvision import models

        others = models.list_models(module=models)
        check_name(name, (*NETWORKS, *others), what="network")
        return _by_graph(name, "One of torchvision's classifiers.")
    return NETWORKS[name]


def build_network(
    name: str, pair: DomainPair, *, seed: int = 0, weights: str | Path | None = None, **options: Any
) -> Network:
    """Return a new network for the pair's shape and classes, with weights drawn by `seed`.

    name: one of `network_names()`, or any of torchvision's classifiers ("resnet34", "swin_t").
    weights: None for random ones; "imagenet" for torchvision's; or a checkpoint's path, read without running code in it. For
    "bert" a text model: a folder, its name in text_models/ of a data root ("minilm-l6-h384"), or OWNER/NAME on the Hugging
    Face hub; its sizes are then the model's own. A network with given weights trains its head alone, at a small learning
    rate, unless the session is told otherwise (`Network.defaults`).
    options: the network's own, e.g. width=100. torch's global random state does not change.
    Errors: ValueError for unknown names and options, for shapes and weights that do not fit; FileNotFoundError and
    ConnectionError for missing weights.
    """
    record = network_record(name)
    _check_kind(record, pair)
    if weights is not None:
        options = {**record.options_of(weights), **options}
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
    chosen = record.check(options)
    of_the_body = {name: value for name, value in chosen.items() if name != DROPOUT.name}
    body = record.build(shape, **of_the_body)
    dropout = chosen[DROPOUT.name]
    network = Network(
        body,
        class_names,
        name=record.name,
        shape=shape,
        options=chosen,
        dropout=dropout,
        task=record.task,
    )
    network.defaults = record.scratch
    return network, body


def _check_kind(record: NetworkRecord, pair: DomainPair) -> None:
    """Refuse examples of a kind that the network cannot learn from."""
    if pair.kind in record.takes:
        return
    wanted = {
        "image": "images of shape (channels, height, width)",
        "vector": "vectors",
        "tokens": "token ids, as Domain.from_texts(name, texts, tokenizer='words') makes them",
    }
    other = {"image": "lenet", "vector": "mlp", "tokens": "bert"}[pair.kind]
    raise ValueError(
        f"{record.name} needs {' or '.join(wanted[kind] for kind in record.takes)}, got {NOUNS[pair.kind]} of shape"
        f" {tuple(pair.shape)}: use the network {other!r}"
    )


def load_network(path: str | Path) -> Network:
    """Return the network that `network.save(path)` wrote, on the CPU. Errors: FileNotFoundError, ValueError."""
    held = read_checkpoint(path)
    if not is_saved_network(held):
        raise ValueError(
            f"load_network reads what network.save wrote, and {path} is something else:"
            " for a state dict use build_network(name, pair, weights=path)"
        )
    record = network_record(held["name"])
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
