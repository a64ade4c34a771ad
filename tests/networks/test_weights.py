"""Networks on disk: saving, loading, checkpoints, and what happens to files that are damaged, foreign or hostile."""

from __future__ import annotations

import errno
import os
import pickle
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.error import URLError

import numpy as np
import pytest
import torch
import torchvision
from PIL import Image
from sklearn.linear_model import LogisticRegression
from torch import nn

import tltutor as tl
from tltutor.networks import Network, build_network, load_network

PAIR = SimpleNamespace(shape=(3, 20, 20), kind="image", class_names=("a", "b", "c"))
SQUEEZENET = "checkpoints/squeezenet1_0-imagenet-deepcompression.pth"


def images(n: int = 4, side: int = 20) -> torch.Tensor:
    return torch.rand(n, 3, side, side, generator=torch.Generator().manual_seed(0))


def trained_lenet(**options: Any) -> Network:
    """A lenet whose statistics differ between the domains."""
    network = build_network("lenet", PAIR, seed=3, **options).train()
    network.on("source")(images())
    network.on("target")(images() / 2)
    return network.on("source").eval()


def equal_states(a: nn.Module, b: nn.Module) -> bool:
    mine, other = a.state_dict(), b.state_dict()
    return mine.keys() == other.keys() and all(
        torch.equal(value, other[key]) for key, value in mine.items()
    )


# --- save and load


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("lenet", {"channels": (3, 4), "width": 9, "batchnorm": False}),
        ("mlp", {"batchnorm": True}),
        ("squeezenet1_0", {"size": 40}),
    ],
)
def test_a_saved_network_comes_back(tmp_path: Path, name: str, options: dict[str, Any]) -> None:
    network = build_network(name, PAIR, seed=2, **options).eval()
    network.save(tmp_path / "net.pt")
    for back in (load_network(tmp_path / "net.pt"), load_network(str(tmp_path / "net.pt"))):
        assert equal_states(back, network)
        assert (back.name, back.shape, back.class_names) == (name, (3, 20, 20), ("a", "b", "c"))
        assert back.options == network.options
        torch.testing.assert_close(back.eval()(images())[1], network(images())[1])


def test_both_domains_statistics_come_back(tmp_path: Path) -> None:
    network = trained_lenet()
    network.save(tmp_path / "net.pt")
    back = load_network(tmp_path / "net.pt").eval()
    for domain in ("source", "target"):
        assert torch.equal(back.on(domain)(images())[1], network.on(domain)(images())[1])
    layer = back.stages["conv1"][1]
    assert not torch.equal(layer.target_mean, layer.running_mean)


def test_the_file_holds_plain_data_only(tmp_path: Path) -> None:
    trained_lenet().save(tmp_path / "net.pt")
    held = torch.load(tmp_path / "net.pt", weights_only=True)
    assert held["class_names"] == ("a", "b", "c")
    assert [p.name for p in tmp_path.iterdir()] == ["net.pt"]


@pytest.mark.parametrize(
    "fault", [OSError(errno.ENOSPC, "No space left on device"), RuntimeError("write failed\nmore")]
)
def test_a_full_disk_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    network = trained_lenet()
    network.save(tmp_path / "net.pt")
    old = (tmp_path / "net.pt").read_bytes()

    def fill(record: dict[str, Any], file: Any) -> None:
        file.write(b"half")
        raise fault

    monkeypatch.setattr(torch, "save", fill)
    with pytest.raises(
        OSError, match=r"could not be saved as .*net\.pt \((No space left on device|write failed)\)"
    ):
        network.save(tmp_path / "net.pt")
    assert (tmp_path / "net.pt").read_bytes() == old
    assert [p.name for p in tmp_path.iterdir()] == ["net.pt"]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "nowhere"
    with pytest.raises(
        FileNotFoundError,
        match=rf"could not be saved as .*net\.pt \(there is no folder {folder}: create it first",
    ):
        trained_lenet().save(folder / "net.pt")
    folder.mkdir()  # the remedy
    trained_lenet().save(folder / "net.pt")
    assert (folder / "net.pt").is_file()


# --- a network as the start of the next


def test_a_saved_network_starts_another(tmp_path: Path) -> None:
    first = trained_lenet()
    first.save(tmp_path / "net.pt")
    same = build_network("lenet", PAIR, seed=9, weights=tmp_path / "net.pt")
    assert equal_states(same, first)

    four = SimpleNamespace(shape=(3, 20, 20), kind="image", class_names=("a", "b", "c", "d"))
    renamed = SimpleNamespace(shape=(3, 20, 20), kind="image", class_names=("x", "y", "z"))
    for other in (four, renamed):  # the old head does not know these classes
        network = build_network("lenet", other, seed=9, weights=tmp_path / "net.pt")
        assert equal_states(network.stages, first.stages)
        assert equal_states(network.head, build_network("lenet", other, seed=9).head)


def test_a_plain_state_dict_of_the_network_will_do(tmp_path: Path) -> None:
    first = trained_lenet()
    torch.save({"state_dict": first.state_dict()}, tmp_path / "state.pt")
    assert equal_states(build_network("lenet", PAIR, weights=str(tmp_path / "state.pt")), first)


@pytest.mark.parametrize(
    ("name", "head"),
    [("resnet18", "fc"), ("inception_v3", "fc"), ("squeezenet1_0", "classifier.1")],
)
def test_torchvisions_state_dict_fits_the_body(tmp_path: Path, name: str, head: str) -> None:
    more = {"init_weights": False} if name == "inception_v3" else {}
    model = torchvision.models.get_model(name, weights=None, **more).eval()
    torch.save(model.state_dict(), tmp_path / "tv.pth")
    size = 75 if name == "inception_v3" else 32
    network = build_network(name, PAIR, seed=1, size=size, weights=tmp_path / "tv.pth").eval()
    seen: list[torch.Tensor] = []
    model.get_submodule(head).register_forward_pre_hook(lambda _, args: seen.append(args[0]))
    x = images(2, size)
    with torch.no_grad():
        model(network.inputs(x))
        expected = seen[0].mean((2, 3)) if seen[0].ndim == 4 else seen[0]
        for domain in ("source", "target"):
            torch.testing.assert_close(network.on(domain).features(x), expected)
    assert equal_states(network.head, build_network(name, PAIR, seed=1, size=size).head)


def test_torchvisions_head_comes_along_where_its_shape_fits(tmp_path: Path) -> None:
    model = torchvision.models.resnet18(num_classes=3)
    torch.save(model.state_dict(), tmp_path / "tv.pth")
    assert equal_states(build_network("resnet18", PAIR, weights=tmp_path / "tv.pth").head, model.fc)


# --- files that will not do; nothing in them is run


class Hostile:
    """Unpickled by plain pickle, this makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


class Command:
    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (self.command,)


def refused(path: Path, message: str) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        build_network("lenet", PAIR, weights=path)
    assert "\n" not in str(caught.value)
    with pytest.raises(ValueError, match=str(path.name)):
        load_network(path)


def test_damaged_files_are_named(tmp_path: Path) -> None:
    trained_lenet().save(tmp_path / "net.pt")
    whole = (tmp_path / "net.pt").read_bytes()
    torch.save(
        trained_lenet().state_dict(), tmp_path / "old.pt", _use_new_zipfile_serialization=False
    )
    old = (tmp_path / "old.pt").read_bytes()
    for content in (
        whole[: len(whole) // 2],
        old[: len(old) // 2],
        b"",
        b"hello, world",
        b"<html>not found</html>",
        bytes(99),
    ):
        (tmp_path / "bad.pt").write_bytes(content)
        refused(
            tmp_path / "bad.pt",
            rf"bad\.pt cannot be read as a checkpoint \({len(content)} bytes, nothing in it was run\)",
        )


@pytest.mark.parametrize(
    "save", [torch.save, lambda held, path: path.write_bytes(pickle.dumps(held))]
)
def test_hostile_files_are_refused_and_not_run(tmp_path: Path, save: Any) -> None:
    for held in (
        Hostile(tmp_path / "proof"),
        {"state_dict": Command(f"touch {tmp_path / 'proof'}")},
    ):
        save(held, tmp_path / "evil.pt")
        refused(tmp_path / "evil.pt", r"evil\.pt .*nothing .*was run")
    assert not (tmp_path / "proof").exists()


def test_whole_models_are_refused(tmp_path: Path) -> None:
    torch.save(nn.Linear(2, 2), tmp_path / "model.pt")
    refused(tmp_path / "model.pt", "holds objects that could run code when loaded: it was refused")


@pytest.mark.parametrize("held", [[1, 2], {}, {"a": 1}, {"state_dict": {"a": "b"}}, torch.ones(3)])
def test_other_content_is_refused(tmp_path: Path, held: Any) -> None:
    torch.save(held, tmp_path / "other.pt")
    refused(
        tmp_path / "other.pt",
        r"must hold a state dict, names with tensors, and .*other\.pt does not",
    )


def test_another_architecture_is_refused_by_its_names(tmp_path: Path) -> None:
    torch.save(
        torchvision.models.squeezenet1_0(weights=None).state_dict(), tmp_path / "squeeze.pth"
    )
    with pytest.raises(
        ValueError,
        match=r"must fit the body of resnet18, got names with \d+ missing \(conv1.weight, .*unknown \(features",
    ):
        build_network("resnet18", PAIR, weights=tmp_path / "squeeze.pth")
    build_network("mlp", PAIR).save(tmp_path / "mlp.pt")
    with pytest.raises(
        ValueError, match=r"must fit the body of lenet, and .*mlp\.pt was saved from 'mlp'"
    ):
        build_network("lenet", PAIR, weights=tmp_path / "mlp.pt")


def test_other_widths_and_missing_keys_are_named_and_change_nothing(tmp_path: Path) -> None:
    build_network("lenet", PAIR, width=7).save(tmp_path / "narrow.pt")
    with pytest.raises(
        ValueError, match=r"of another shape \(stages\.fc1\.1\.weight, stages\.fc1\.1\.bias"
    ):
        build_network("lenet", PAIR, weights=tmp_path / "narrow.pt")
    state = trained_lenet().state_dict()
    del state["stages.conv2.0.bias"]
    torch.save(state, tmp_path / "gap.pt")
    with pytest.raises(ValueError, match=r"1 missing \(stages\.conv2\.0\.bias\)"):
        build_network("lenet", PAIR, weights=tmp_path / "gap.pt")


def test_weights_of_a_run_that_diverged_are_refused(tmp_path: Path) -> None:
    network = trained_lenet()
    with torch.no_grad():
        network.stages["fc2"][0].weight[0, 0] = torch.nan
    network.save(tmp_path / "nan.pt")
    for load in (
        lambda: load_network(tmp_path / "nan.pt"),
        lambda: build_network("lenet", PAIR, weights=tmp_path / "nan.pt"),
    ):
        with pytest.raises(
            ValueError,
            match=r"weights must be finite, got NaN or infinity in stages\.fc2\.0\.weight",
        ):
            load()


def test_a_saved_file_that_was_tampered_with_is_refused(tmp_path: Path) -> None:
    trained_lenet().save(tmp_path / "net.pt")
    held = torch.load(tmp_path / "net.pt", weights_only=True)
    for change, message in (
        ({"name": "lenet6"}, "no network is called 'lenet6'"),
        ({"options": {"width": -1}}, "width must be"),
        ({"class_names": ("a", "b")}, r"of another shape \(head"),
        ({"shape": "square"}, "reads what network.save wrote"),
        ({"tltutor_network": 2}, "reads what network.save wrote"),
    ):
        torch.save(held | change, tmp_path / "changed.pt")
        with pytest.raises(ValueError, match=message):
            load_network(tmp_path / "changed.pt")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing.pt", tmp_path):
        with pytest.raises(
            FileNotFoundError, match=rf"'imagenet' or the path of a file, got '{path}'"
        ):
            build_network("lenet", PAIR, weights=path)


# --- ImageNet


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))
    return tmp_path / "hub"


def test_without_a_network_the_error_says_which_file_belongs_where(
    hub: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offline(*_: Any, **__: Any) -> None:
        raise URLError("no route to host")

    monkeypatch.setattr(torch.hub, "download_url_to_file", offline)
    place = hub / "checkpoints" / "resnet18-f37072fd.pth"
    with pytest.raises(ConnectionError) as caught:
        build_network("resnet18", PAIR, weights="imagenet")
    said = str(caught.value)
    assert torchvision.models.ResNet18_Weights.IMAGENET1K_V1.url in said
    assert str(place) in said
    assert "no route to host" in said
    assert "\n" not in said


def test_the_download_is_checked_and_read_like_any_checkpoint(
    hub: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, str]] = []
    model = torchvision.models.squeezenet1_0(weights=None)

    def download(url: str, path: str, *, hash_prefix: str, progress: bool) -> None:
        asked.append((url, hash_prefix))
        torch.save(model.state_dict(), path)

    monkeypatch.setattr(torch.hub, "download_url_to_file", download)
    for _ in range(2):  # the second time the file is there
        network = build_network("squeezenet1_0", PAIR, weights="imagenet", size=32)
    assert asked == [(torchvision.models.SqueezeNet1_0_Weights.IMAGENET1K_V1.url, "b66bff10")]
    assert torch.equal(network.stages["conv1"][0].weight, model.features[0].weight)


def test_small_networks_have_no_imagenet_weights() -> None:
    with pytest.raises(
        ValueError, match="exist for torchvision's networks only, got 'lenet': use weights=None"
    ):
        build_network("lenet", PAIR, weights="imagenet")


# --- the real thing


def photographs(folder: Path, each: int, size: int) -> tuple[torch.Tensor, torch.Tensor]:
    files = [
        (path, k)
        for k, kind in enumerate(("ants", "bees"))
        for path in sorted((folder / kind).iterdir())[:each]
    ]
    loaded = [np.asarray(Image.open(path).convert("RGB").resize((size, size))) for path, _ in files]
    return torch.tensor(np.stack(loaded)).permute(0, 3, 1, 2), torch.tensor([k for _, k in files])


def test_real_imagenet_features_tell_ants_from_bees(data_root: Path) -> None:
    for needed in (SQUEEZENET, "hymenoptera_data/train/ants"):
        if not (data_root / needed).exists():
            pytest.skip(f"no real data: {needed} is not in TLTUTOR_DATA")
    (x, y), (x2, y2) = (
        photographs(data_root / "hymenoptera_data" / part, 60, 128) for part in ("train", "val")
    )

    def probe(weights: Path | None) -> float:
        network = build_network("squeezenet1_0", PAIR, size=128, weights=weights).eval()
        with torch.inference_mode():
            f, f2 = network.features(x).numpy(), network.features(x2).numpy()
        scale = f.std(0) + 1e-6
        return LogisticRegression(C=0.1, max_iter=500).fit(f / scale, y).score(f2 / scale, y2)

    trained, untrained = probe(data_root / SQUEEZENET), probe(None)
    assert trained >= 0.85
    assert trained > untrained + 0.08


def test_prefixes_of_wrapped_models_are_taken_off(tmp_path):
    """DataParallel and torch.compile put a prefix before every name, also both; training scripts put the state under a key."""
    pair = tl.load_pair("blobs->rotated-blobs")
    trained = build_network("mlp", pair, seed=7)
    state = trained.state_dict()
    wrapped = {
        "module": {f"module.{name}": value for name, value in state.items()},
        "both": {f"module._orig_mod.{name}": value for name, value in state.items()},
        "held": {
            "epoch": 3,
            "model_state_dict": {f"_orig_mod.{name}": value for name, value in state.items()},
        },
        "one of them": {
            (f"module.{name}" if i else name): value
            for i, (name, value) in enumerate(state.items())
        },
    }
    for kind, held in wrapped.items():
        torch.save(held, tmp_path / "net.pt")
        if kind == "one of them":  # no wrapper does this: it is refused, not guessed
            with pytest.raises(ValueError, match="must fit"):
                build_network("mlp", pair, weights=tmp_path / "net.pt")
            continue
        again = build_network("mlp", pair, seed=1, weights=tmp_path / "net.pt").state_dict()
        assert all(torch.equal(again[name], value) for name, value in state.items()), kind


def test_weights_that_name_no_file_say_what_to_give(tmp_path):
    pair = tl.load_pair("blobs->rotated-blobs")
    state = build_network("mlp", pair, seed=7).state_dict()
    for weights, remedy in ((True, "weights='imagenet'"), (3, "got 3"), (state, "load_state_dict")):
        with pytest.raises(TypeError, match=re.escape(remedy)):
            build_network("mlp", pair, weights=weights)
    build_network("mlp", pair).load_state_dict(state)  # the remedies work
    torch.save(state, tmp_path / "state.pt")
    build_network("mlp", pair, weights=tmp_path / "state.pt")
