"""A pretrained, frozen trunk for photographs: a report's methods then train on its features, if its weights are on this machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from tltutor.domains import Domain, DomainPair
from tltutor.networks import Network, build_network
from tltutor.networks.extraction import FrozenFeatures
from tltutor.networks.weights import find_imagenet

TRUNKS = ("mobilenet_v2", "resnet18", "efficientnet_b0", "mobilenet_v3_small", "squeezenet1_0")
AUTO, NONE = "auto", "none"
LEAST = 48  # pixels of a side: smaller pictures are no photographs for a network that learned from ImageNet
SIZE = 96  # pixels of a side to which photographs are read for a trunk
SIDES = (96, 128)  # smallest and largest side of what the trunk sees
TOGETHER = 32  # photographs that go through the trunk at a time


def trunk_for(pair: DomainPair, asked: str = AUTO) -> str:
    """Return the name of the trunk for the pair, "" for none.

    asked: "auto" takes the first of TRUNKS whose ImageNet weights are found on this machine, for images with 3 channels of at
    least 48 pixels a side; "none"; or a network's name, whose weights may be fetched.
    Errors: ValueError for a named trunk and examples that are no images.
    """
    if asked == NONE:
        return ""
    if asked != AUTO:
        if pair.kind != "image":
            raise ValueError(
                f"a trunk sees images, got examples of kind {pair.kind!r} and trunk={asked!r}: leave the trunk out"
            )
        return asked
    fits = pair.kind == "image" and pair.shape[0] == 3 and min(pair.shape[1:]) >= LEAST
    return found_trunk() if fits else ""


def found_trunk() -> str:
    """Return the first of TRUNKS whose ImageNet weights are on this machine; "" for none."""
    return next((name for name in TRUNKS if find_imagenet(name)), "")


def holds_photographs(folder: str | Path) -> bool:
    """Return whether the first picture in a folder is large enough for a trunk; False for files and for no picture."""
    from PIL import Image

    place = Path(folder).expanduser()
    for path in sorted(place.rglob("*")) if place.is_dir() else ():
        try:
            with Image.open(path) as image:
                return min(image.size) >= LEAST
        except (OSError, ValueError, Image.DecompressionBombError):
            continue
    return False


def seen_by(
    name: str, pair: DomainPair, on_progress: Callable[[int, int], object] = lambda *_: None
) -> DomainPair:
    """Return the pair as the trunk's features (n, d) float32, standardized by the source's mean and deviation.

    The trunk has ImageNet's weights and statistics and is the same for every example: no label, and nothing of the target,
    moves it. on_progress(done, all) is called as examples go through.
    Errors: those of `build_network` for a name or weights that are not there.
    """
    side = int(np.clip(min(pair.shape[1:]), *SIDES))
    network = build_network(name, pair, weights="imagenet", size=side)
    total = len(pair.source) + len(pair.target)
    source = _features(network, pair.source.x, lambda done: on_progress(done, total))
    target = _features(
        network, pair.target.x, lambda done: on_progress(len(pair.source) + done, total)
    )
    mean, unit = source.mean(0), source.std(0)
    unit[unit == 0] = 1
    ours, theirs = (((f - mean) / unit).astype(np.float32) for f in (source, target))
    return DomainPair(
        Domain(pair.source.name, ours, pair.source.y, pair.class_names),
        Domain(pair.target.name, theirs, None, pair.class_names),
        name=pair.name,
    )


def _features(network: Network, x: np.ndarray, on_progress: Callable[[int], object]) -> np.ndarray:
    features, parts = FrozenFeatures(network), []
    for start in range(0, len(x), TOGETHER):
        parts.append(features.transform(x[start : start + TOGETHER]))
        on_progress(min(start + TOGETHER, len(x)))
    return np.concatenate(parts)
