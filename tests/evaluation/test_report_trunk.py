"""A report's frozen trunk: which one is taken and when, what it makes of photographs, what the page says, and real photographs."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import tltutor as tl
from tltutor.domains import Domain, DomainPair
from tltutor.evaluation.report import trunk as trunks
from tltutor.evaluation.report.words import about_methods, limits, would_a_method_help
from tltutor.networks import build_network
from tltutor.networks.extraction import FrozenFeatures
from tltutor.networks.weights import find_imagenet

RNG = np.random.default_rng(0)
SQUEEZENET = "squeezenet1_0-b66bff10.pth"  # torchvision's name of the file
WEIGHTS = "checkpoints/mobilenet_v2-b0353104.pth"


@pytest.fixture
def nothing_found(tmp_path, monkeypatch):
    """A machine without any weights."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "user"))
    monkeypatch.setenv("TLTUTOR_DATA", str(tmp_path))
    monkeypatch.setattr(torch.hub, "_hub_dir", None)
    return tmp_path


@pytest.fixture
def squeezenet_found(nothing_found):
    """A machine with SqueezeNet's weights; here they are random."""
    from torchvision.models import squeezenet1_0

    torch.manual_seed(0)
    (nothing_found / "checkpoints").mkdir()
    torch.save(squeezenet1_0().state_dict(), nothing_found / "checkpoints" / SQUEEZENET)
    return nothing_found


def pictures(shape, n=24, bright=0):
    """Two classes, one of them brighter at the top."""
    y = np.arange(n) % 2
    x = RNG.integers(0, 120, (n, *shape)).astype(np.uint8) + bright
    x[y == 1, :, : shape[1] // 2] += 80
    return Domain(f"bright {bright}", x, y, ("plain", "top"))


def pair_of(shape):
    return DomainPair(pictures(shape), pictures(shape, bright=30).without_labels())


def test_a_trunk_is_taken_for_photographs_whose_weights_are_here(squeezenet_found):
    assert find_imagenet("squeezenet1_0") == squeezenet_found / "checkpoints" / SQUEEZENET
    assert find_imagenet("mobilenet_v2") is None
    assert trunks.trunk_for(pair_of((3, 48, 48))) == "squeezenet1_0"
    for shape in ((3, 47, 48), (1, 48, 48)):
        assert trunks.trunk_for(pair_of(shape)) == ""
    assert trunks.trunk_for(pair_of((3, 48, 48)), "none") == ""
    assert trunks.trunk_for(pair_of((3, 32, 32)), "resnet50") == "resnet50"


def test_none_is_taken_where_no_weights_are(nothing_found):
    assert trunks.found_trunk() == ""
    assert trunks.trunk_for(pair_of((3, 48, 48))) == ""
    assert not (nothing_found / "torch").exists(), "nothing is fetched"


def test_a_trunk_sees_images_alone():
    points = Domain("a", RNG.random((24, 3)).astype(np.float32), np.arange(24) % 2)
    pair = DomainPair(points, points)
    with pytest.raises(
        ValueError, match="sees images, got examples of kind 'vector' and trunk='resnet18'"
    ):
        trunks.trunk_for(pair, "resnet18")
    assert trunks.trunk_for(pair) == ""


def test_a_folder_of_small_pictures_holds_no_photographs(tmp_path):
    for name, side in (("digits", 28), ("photos", 64)):
        (tmp_path / name / "a").mkdir(parents=True)
        (tmp_path / name / "a" / "1.txt").write_text("no picture")
        Image.fromarray(np.zeros((side, side + 9, 3), np.uint8)).save(
            tmp_path / name / "a" / "2.png"
        )
    assert not trunks.holds_photographs(tmp_path / "digits")
    assert trunks.holds_photographs(tmp_path / "photos")
    assert not trunks.holds_photographs(tmp_path / "photos" / "a" / "2.png")
    assert not trunks.holds_photographs(tmp_path / "nowhere")


def test_features_are_the_frozen_networks_in_units_of_the_source(squeezenet_found):
    pair, heard = pair_of((3, 50, 50)), []
    seen = trunks.seen_by("squeezenet1_0", pair, lambda done, total: heard.append((done, total)))
    network = build_network("squeezenet1_0", pair, weights="imagenet", size=96, seed=5)
    source, target = (FrozenFeatures(network).transform(d.x) for d in (pair.source, pair.target))
    mean, unit = source.mean(0), np.where(source.std(0) > 0, source.std(0), 1)
    np.testing.assert_allclose(seen.source.x, (source - mean) / unit, atol=1e-3)
    np.testing.assert_allclose(seen.target.x, (target - mean) / unit, atol=1e-3)
    assert np.array_equal(seen.source.y, pair.source.y)
    assert seen.target.y is None
    assert heard == [(24, 48), (48, 48)]


@pytest.mark.slow
def test_a_report_on_photographs_says_which_trunk_saw_them(squeezenet_found):
    for name, bright in (("here", 0), ("there", 30)):
        domain = pictures((3, 64, 64), bright=bright)
        for i, (x, y) in enumerate(zip(domain.x, domain.y, strict=True)):
            place = squeezenet_found / name / domain.class_names[y]
            place.mkdir(parents=True, exist_ok=True)
            Image.fromarray(x.transpose(1, 2, 0)).save(place / f"{i}.png")
    quick = {"seeds": 1, "steps": 20, "methods": "coral"}
    report = tl.report(squeezenet_found / "here", squeezenet_found / "there", **quick)
    found = report.found
    assert found.trunk == "squeezenet1_0"
    assert found.source.shape == (3, trunks.SIZE, trunks.SIZE)
    assert "frozen features of squeezenet1_0" in about_methods(found)
    assert any("if squeezenet1_0 trained too" in text for text in limits(found))
    plain = tl.report(squeezenet_found / "here", squeezenet_found / "there", trunk="none", **quick)
    assert plain.found.trunk == ""
    assert plain.found.source.shape == (3, 32, 32)
    assert "small network from random weights" in about_methods(plain.found)
    assert "squeezenet" not in plain.html()
    assert "squeezenet1_0" in report.html()


@pytest.mark.slow
def test_on_real_photographs_the_trunk_knows_more_than_a_small_network(
    data_root: Path, monkeypatch
):
    """A shop's pictures and a camera's: the trunk's source-only is right far more often on the target; only this test reads its labels."""
    folder = data_root / "office_caltech10_mini"
    if not folder.is_dir() or not (data_root / WEIGHTS).is_file():
        pytest.skip("no real data: Office-Caltech-10 or MobileNetV2's weights are not there")
    pair = tl.load_pair(
        "office-caltech", source="amazon", target="dslr", data_dir=data_root, size=96
    )
    y = pair.target.y
    right = {}
    for trunk in ("auto", "none"):
        report = tl.report(pair, trunk=trunk, methods="coral", seeds=1, steps=100)
        assert bool(report.found.trunk) == (trunk == "auto")
        right[trunk] = float((report.found.answers == y).mean())
    assert right["auto"] > right["none"] + 0.2
    assert "It cannot be said: on the features" not in would_a_method_help(report.found)
