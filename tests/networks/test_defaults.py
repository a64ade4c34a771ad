"""Where training begins: a torchvision network whose weights were given trains its head alone, at a small rate, and stays finite."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image
from torch import nn

import tltutor as tl
from tltutor.events import Changed, Stepped
from tltutor.networks import NETWORKS, Defaults, Network, build_network, load_network
from tltutor.networks.backbones import PRETRAINED
from tltutor.networks.defaults import FROM_SCRATCH
from tltutor.training.options import FREEZE_DEPTH, LR, live_settings

SMALL = {"lenet", "mlp", "linear", "tiny-detector"}
BACKBONES = tuple(
    name for name, record in NETWORKS.items() if record.takes == ("image",) and name not in SMALL
)
OTHERS = tuple(name for name in BACKBONES if name != "squeezenet1_0")
METHODS = ("source-only", "mmd", "dann")
SQUEEZENET = "checkpoints/squeezenet1_0-imagenet-deepcompression.pth"
SIDE, CLASSES, EACH = 64, 3, 8


def size(name: str) -> int:
    return 75 if name == "inception_v3" else SIDE  # the smallest that Inception takes


@pytest.fixture(scope="module")
def photographs(tmp_path_factory: pytest.TempPathFactory) -> tl.DomainPair:
    """Two folders of small pictures, one folder a class; the second domain is darker."""
    root, rng = tmp_path_factory.mktemp("photographs"), np.random.default_rng(0)
    for domain, light in (("bright", 1.0), ("dark", 0.5)):
        for k in range(CLASSES):
            folder = root / domain / f"class {k}"
            folder.mkdir(parents=True)
            for i in range(EACH):
                x = light * rng.integers(0, 256, (SIDE, SIDE, 3))
                x[..., k] = 0.3 * x[..., k] + 105  # a class is a color
                Image.fromarray(x.astype(np.uint8)).save(folder / f"{i}.png")
    bright, dark = (tl.Domain.from_folder(root / name, size=SIDE) for name in ("bright", "dark"))
    return tl.DomainPair(bright, dark)


def made_checkpoint(name: str, path: Path) -> Path:
    """Save random weights as torchvision saves trained ones, with BatchNorm statistics of noise that has passed through them."""
    more = {
        "inception_v3": {"aux_logits": False, "init_weights": True},
        "vit_b_16": {"image_size": SIDE},
    }.get(name, {})
    model = torchvision.models.get_model(name, weights=None, **more).train()
    layers = [layer for layer in model.modules() if isinstance(layer, nn.BatchNorm2d)]
    for layer in layers:
        layer.momentum = None  # statistics are means over all batches
    if layers:
        with torch.no_grad():
            model(torch.randn(8, 3, size(name), size(name)))
    torch.save(model.state_dict(), path)
    return path


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small file of SqueezeNet's weights."""
    return made_checkpoint("squeezenet1_0", tmp_path_factory.mktemp("weights") / "squeezenet.pth")


@pytest.fixture(scope="module")
def pretrained(photographs: tl.DomainPair, checkpoint: Path) -> Network:
    return build_network("squeezenet1_0", photographs, size=32, weights=checkpoint)


def session(
    pair: tl.DomainPair, network: Network, objective: str = "mmd", **options: object
) -> tl.Session:
    options = {"steps": 50, "batch_size": 8, "snapshot_size": 12, "device": "cpu"} | options
    return tl.Session(pair, network, tl.build_objective(objective), **options)  # type: ignore[arg-type]


# --- what the defaults are, and who carries them


def test_all_of_torchvisions_networks_and_no_other_declare_them() -> None:
    assert {n for n, r in NETWORKS.items() if r.pretrained == FROM_SCRATCH} == SMALL
    assert NETWORKS["bert"].pretrained.trunk_frozen
    assert all(NETWORKS[name].pretrained == PRETRAINED for name in BACKBONES)
    assert Defaults(trunk_frozen=True, lr=0.001) == PRETRAINED


def test_a_session_begins_with_a_frozen_trunk_and_a_small_rate(
    photographs: tl.DomainPair, pretrained: Network
) -> None:
    begun = session(photographs, pretrained)
    assert begun.values["freeze_depth"] == pretrained.depth == 9
    assert begun.values["lr"] == 0.001
    assert {n for n, p in pretrained.named_parameters() if p.requires_grad} == {
        "head.weight",
        "head.bias",
    }
    assert not begun.transfer_acts  # nothing before the features trains
    shown = {s.name: s.default for s in begun.settings}  # where the sliders begin
    assert (shown["freeze_depth"], shown["lr"]) == (9, 0.001)


def test_from_scratch_it_begins_as_any_other_network(
    photographs: tl.DomainPair, tmp_path: Path
) -> None:
    lenet = build_network("lenet", photographs, channels=(2, 3), width=4)
    lenet.save(tmp_path / "lenet.pt")
    again = {"channels": (2, 3), "width": 4, "weights": tmp_path / "lenet.pt"}
    for network in (
        build_network("squeezenet1_0", photographs, size=32),
        lenet,
        build_network("lenet", photographs, **again),
        load_network(tmp_path / "lenet.pt"),
    ):
        begun = session(photographs, network)
        assert begun.values["freeze_depth"] == FREEZE_DEPTH.default == 0
        assert begun.values["lr"] == LR.default == 0.01


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"lr": 0.02}, (9, 0.02)),
        ({"freeze_depth": 0}, (0, 0.001)),
        ({"freeze_depth": 7, "lr": 0.0}, (7, 0.0)),
        ({"freeze_depth": None, "lr": None}, (9, 0.001)),
    ],
)
def test_what_is_given_wins(
    given: dict[str, float | None],
    expected: tuple[int, float],
    photographs: tl.DomainPair,
    pretrained: Network,
) -> None:
    begun = session(photographs, pretrained, **given)
    assert (begun.values["freeze_depth"], begun.values["lr"]) == expected


def test_a_change_and_a_methods_own_schedule_start_from_there(
    photographs: tl.DomainPair, pretrained: Network
) -> None:
    begun = session(photographs, pretrained, steps=3, changes=(Changed(2, "freeze_depth", 9, 8),))
    assert [fact for fact in begun if isinstance(fact, Changed)] == [
        Changed(2, "freeze_depth", 9, 8)
    ]


def test_a_network_keeps_them_on_disk_and_with_a_new_head(
    photographs: tl.DomainPair, pretrained: Network, tmp_path: Path
) -> None:
    pretrained.save(tmp_path / "net.pt")
    build_network("squeezenet1_0", photographs, size=32).save(tmp_path / "scratch.pt")
    assert load_network(tmp_path / "net.pt").defaults == PRETRAINED
    assert load_network(tmp_path / "scratch.pt").defaults == FROM_SCRATCH
    assert pretrained.with_head("ab").defaults == PRETRAINED
    older = torch.load(tmp_path / "net.pt", weights_only=True)
    del older["pretrained"]
    torch.save(older, tmp_path / "older.pt")
    assert load_network(tmp_path / "older.pt").defaults == FROM_SCRATCH


def test_their_settings_are_within_the_bounds_of_the_network(
    photographs: tl.DomainPair, pretrained: Network
) -> None:
    lenet = build_network("lenet", photographs)
    for network in (pretrained, lenet):
        for setting in live_settings(tl.build_objective("mmd"), network):
            assert setting.check(setting.default) == setting.default


# --- with them, every one trains


def trains(pair: tl.DomainPair, build: Callable[[], Network]) -> None:
    """Run every method for 50 steps at the network's defaults; losses and weights stay finite and the head moves."""
    for method in METHODS:
        network = build()
        before = network.head.weight.detach().clone()
        facts = list(session(pair, network, method))
        losses = [fact.losses for fact in facts if isinstance(fact, Stepped)]
        assert len(losses) == 50, method
        assert np.isfinite([list(terms.values()) for terms in losses]).all(), method
        assert all(p.isfinite().all() for p in network.parameters()), method
        assert not torch.equal(network.head.weight, before), method


def test_squeezenet_with_imagenets_weights_trains_at_its_defaults(
    photographs: tl.DomainPair, data_root: Path
) -> None:
    weights = data_root / SQUEEZENET
    if not weights.exists():
        pytest.skip(f"no real data: {SQUEEZENET} is not in TLTUTOR_DATA")
    trains(
        photographs, lambda: build_network("squeezenet1_0", photographs, size=SIDE, weights=weights)
    )
    with pytest.raises(FloatingPointError):  # the reason for all this
        list(
            session(
                photographs,
                build_network("squeezenet1_0", photographs, size=SIDE, weights=weights),
                lr=0.01,
                freeze_depth=0,
            )
        )


@pytest.mark.slow
@pytest.mark.parametrize("name", OTHERS)
def test_every_other_backbone_trains_at_its_defaults(
    name: str, photographs: tl.DomainPair, tmp_path: Path
) -> None:
    weights = made_checkpoint(name, tmp_path / "weights.pth")
    trains(photographs, lambda: build_network(name, photographs, size=size(name), weights=weights))
