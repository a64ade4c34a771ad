"""Measure transfer between pictures: PACS and Office-Caltech-10, MobileNetV2 and SqueezeNet, frozen features and trained last stages.

    python -m benchmarks.photos                # all; hours of one core; it resumes where it was stopped
    python -m benchmarks.photos --minutes 5    # a part of it

It needs the pictures and the weights in $TLTUTOR_DATA; --squeezenet names a checkpoint if torchvision's own is not there.
"""

from __future__ import annotations

import argparse
import itertools
import math
import statistics
import sys
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks import photos_text, report
from benchmarks.ledger import Ledger
from benchmarks.shortened import seen_after, without_first
from tltutor.classical import adapted, build_method
from tltutor.domains import Domain, DomainPair
from tltutor.domains.photos import HELD_OUT, OFFICE_CALTECH, PACS, photo_domain, photo_pair
from tltutor.domains.splits import split_domain, split_pair
from tltutor.metrics import accuracy
from tltutor.networks import Network, build_network
from tltutor.networks.extraction import FrozenFeatures
from tltutor.objectives import build_objective
from tltutor.training.session import Session

SETS = {photos.name: photos for photos in (PACS, OFFICE_CALTECH)}
SEEDS = (0, 1, 2)
SIZE = 96
HIDDEN = 0.7
C = 0.01  # of every logistic regression, on standardized features
VERSION = 1  # part of every measurement's key: raise it when a change moves the numbers
PROBE, CEILING = "linear probe", "target-only"
QUICK = (PROBE, "ot_class", CEILING)  # of FROZEN, the rows that take least time
FROZEN = (*QUICK, "coral", "ot_linear", "ot_sinkhorn")
NEW_HEAD, PROBE_FIRST, EVERYTHING = (
    "new head, last stage",
    "probe, then last stage",
    "probe, then all stages",
)
ON_SOURCE = {NEW_HEAD, PROBE_FIRST, EVERYTHING}
TRAINED = (
    NEW_HEAD,
    PROBE_FIRST,
    "l2-sp",
    "source-only-target-bn",
    "dann",
    "cdan",
    "mcc",
    "shot",
    EVERYTHING,
)
COMMAND = "python -m benchmarks.photos"


@dataclass(frozen=True)
class Trunk:
    """A network with ImageNet's weights, the stages that are frozen in trained rows, and how the others are trained."""

    network: str
    frozen: int
    lr: float
    steps: int = 40
    batch_size: int = 16


TRUNKS = {
    t.network: t for t in (Trunk("mobilenet_v2", 4, lr=0.01), Trunk("squeezenet1_0", 8, lr=0.0003))
}


@dataclass(frozen=True)
class Direction:
    """A source and a target of one set; both the same domain: its halves. hidden: side of the gray square."""

    photos: str
    source: str
    target: str
    hidden: float = 0.0


DIRECTIONS = tuple(
    Direction(name, *two)
    for name, photos in SETS.items()
    for two in itertools.permutations(photos.domains, 2)
)
AGAINST_ITSELF = tuple(Direction(n, d, d) for n, photos in SETS.items() for d in photos.domains)
MIDDLE_HIDDEN = tuple(
    Direction(n, d, d, HIDDEN) for n, photos in SETS.items() for d in photos.domains
)
CHOSEN_FIRST = (  # the directions of the trained rows, in the order in which they are measured
    Direction("pacs", "art_painting", "cartoon"),
    Direction("office-caltech", "dslr", "caltech10"),
    Direction("pacs", "photo", "art_painting"),
    Direction("office-caltech", "webcam", "amazon"),
    Direction("pacs", "photo", "sketch"),
    Direction("office-caltech", "amazon", "dslr"),
)


@lru_cache(maxsize=2)
def begin(trunk: Trunk, weights: str, photos: str) -> Network:
    """Return the network with ImageNet's weights and a new head for the classes of the set."""
    likeness = photo_domain(SETS[photos], SETS[photos].domains[0], size=SIZE)
    return build_network(
        trunk.network, DomainPair(likeness, likeness), weights=weights, size=SIZE, seed=0
    )


@lru_cache(maxsize=8)
def seen(trunk: Trunk, weights: str, photos: str, name: str, hidden: float) -> Domain:
    """Return a whole domain as outputs of the frozen stages; they are kept in a file, because they take minutes."""
    domain = photo_domain(SETS[photos], name, size=SIZE, hidden=hidden)
    path = report.PARTIAL / "photos" / f"{trunk.network}-{photos}-{name}-{hidden:g}-{SIZE}.npy"
    if not path.is_file():
        print(f"looking at {name} with {trunk.network}", file=sys.stderr, flush=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        network = begin(trunk, weights, photos)
        np.save(path, seen_after(network, DomainPair(domain, domain), trunk.frozen).source.x)
    return Domain(name, np.load(path, mmap_mode="r"), domain.y, domain.class_names, kind="vector")


def pair_of(trunk: Trunk, weights: str, way: Direction, seed: int) -> DomainPair:
    """Return the pair of outputs, split as `photo_pair` splits the pictures."""
    ours = seen(trunk, weights, way.photos, way.source, way.hidden)
    if way.source == way.target:
        ours, theirs = split_domain(ours, 0.5, seed=seed)
    else:
        theirs = seen(trunk, weights, way.photos, way.target, way.hidden)
    return split_pair(ours, theirs, validation=HELD_OUT, test=HELD_OUT, seed=seed)


# --- the rows


def measure(trunk: Trunk, weights: str, way: Direction, row: str, seed: int) -> dict[str, Any]:
    """Return accuracy on the held-out target and source, and the seconds that it took."""
    began = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        found = (on_features if row in FROZEN else trained)(trunk, weights, way, row, seed)
    return {**found, "seconds": round(time.perf_counter() - began, 2)}


def on_features(
    trunk: Trunk, weights: str, way: Direction, row: str, seed: int
) -> dict[str, float]:
    """Judge a classical method, or none, and logistic regression on standardized frozen features."""
    s, y, t, y_t, judged, y_judged = features_of(trunk, weights, way, seed)
    classifier = LogisticRegression(C=C, max_iter=1000)
    if row == PROBE:
        fitted = classifier.fit(s, y)
    elif row == CEILING:
        fitted = classifier.fit(t, y_t)
    else:
        fitted = adapted(build_method(row), classifier).fit(s, y, target=t)
    return {"accuracy": float(fitted.score(judged, y_judged))}


@lru_cache(maxsize=1)
def features_of(trunk: Trunk, weights: str, way: Direction, seed: int) -> tuple[np.ndarray, ...]:
    """Return source, labels, target, labels, held-out target, labels; standardized by the source's mean and deviation."""
    pair = pair_of(trunk, weights, way, seed)
    features = FrozenFeatures(rest_of(trunk, weights, way.photos))
    scaler = make_pipeline(features, StandardScaler()).fit(pair.source.x)
    parts = (pair.source, pair.target, pair.target_test)
    return tuple(a for d in parts for a in (scaler.transform(d.x).astype(np.float64), d.y))


@lru_cache(maxsize=2)
def rest_of(trunk: Trunk, weights: str, photos: str) -> Network:
    """Return the stages after the frozen ones, and the head, for their outputs."""
    network = begin(trunk, weights, photos)
    likeness = photo_domain(SETS[photos], SETS[photos].domains[0], size=SIZE)
    return without_first(network, DomainPair(likeness, likeness), trunk.frozen)


def trained(trunk: Trunk, weights: str, way: Direction, row: str, seed: int) -> dict[str, float]:
    """Train the last stage, or all, and judge at the last step; all rows but one begin at the linear probe."""
    pair = pair_of(trunk, weights, way, seed)
    network = rest_of(trunk, weights, way.photos).with_head(pair.class_names, seed)
    if row != NEW_HEAD:
        with_probe(network, pair)
    if row == EVERYTHING:
        whole = begin(trunk, weights, way.photos).with_head(pair.class_names, seed)
        whole.head.load_state_dict(network.head.state_dict())
        network = whole
        asked = {"source": way.source, "target": way.target, "size": SIZE, "hidden": way.hidden}
        pair = photo_pair(SETS[way.photos], data_dir=None, seed=seed, **asked)
    session = Session(
        with_source_labels(pair) if row == "l2-sp" else pair,
        network,
        build_objective("source-only" if row in ON_SOURCE else row),
        steps=trunk.steps,
        batch_size=trunk.batch_size,
        lr=trunk.lr,
        freeze_depth=0,  # what is frozen was computed once and cut off
        seed=seed,
        device="cpu",
    )
    for _ in session:
        pass
    judged = {"accuracy": pair.target_test, "source_accuracy": pair.source_test}
    sides = {"accuracy": "target", "source_accuracy": "source"}
    return {n: accuracy(session.predict(d.x, sides[n]), d.y) for n, d in judged.items()}


def with_probe(network: Network, pair: DomainPair) -> None:
    """Give the network the head of the linear probe: logistic regression on standardized source features."""
    f = FrozenFeatures(network).transform(pair.source.x)
    scaler = StandardScaler().fit(f)
    probe = LogisticRegression(C=C, max_iter=1000).fit(scaler.transform(f), pair.source.y)
    w = probe.coef_ / scaler.scale_
    with torch.no_grad():
        network.head.weight.copy_(torch.as_tensor(w))
        network.head.bias.copy_(torch.as_tensor(probe.intercept_ - w @ scaler.mean_))


def with_source_labels(pair: DomainPair) -> DomainPair:
    """Return the source as the labeled domain of a method that trains on target labels alone: it sees no target image."""
    return DomainPair(pair.source, pair.source, target_labeled=pair.source)


# --- what is measured, and in which order


def plan() -> Iterator[tuple[Trunk, Direction, str, int]]:
    """Yield every run: the quick ones on frozen features first, then the trained ones, those of all stages last."""
    for trunk in TRUNKS.values():
        for way, seed in itertools.product((*AGAINST_ITSELF, *MIDDLE_HIDDEN), SEEDS):
            yield trunk, way, PROBE, seed
        for rows in (QUICK, ("coral",), ("ot_linear", "ot_sinkhorn")):
            for way, seed, row in itertools.product(DIRECTIONS, SEEDS, rows):
                yield trunk, way, row, seed
    for rows in (TRAINED[:-1], TRAINED[-1:]):
        for way, trunk, seed, row in itertools.product(CHOSEN_FIRST, TRUNKS.values(), SEEDS, rows):
            yield trunk, way, row, seed


def key_of(trunk: Trunk, way: Direction, row: str, seed: int) -> dict[str, Any]:
    """Return the key of a measurement; of the code it contains only VERSION."""
    names = {"network": trunk.network, **asdict(way), "row": row, "seed": seed, "version": VERSION}
    return names if row in FROZEN else names | asdict(trunk)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure what is missing, then write the report."""
    arguments = read(argv)
    torch.set_num_threads(arguments.threads)
    weights = {"mobilenet_v2": "imagenet", "squeezenet1_0": arguments.squeezenet}
    ledger = Ledger(
        arguments.ledger,
        {"size": SIZE, "c": C, "squeezenet": Path(arguments.squeezenet).name},
        report.measured_on(),
    )
    until = time.monotonic() + 60 * arguments.minutes
    for trunk, way, row, seed in plan():
        key = key_of(trunk, way, row, seed)
        asked = arguments.rows in ("all", "frozen" if row in FROZEN else "trained")
        if asked and key not in ledger and time.monotonic() < until:
            found = ledger.measure(
                key, partial(measure, trunk, weights[trunk.network], way, row, seed)
            )
            print(
                trunk.network, *asdict(way).values(), row, seed, found, file=sys.stderr, flush=True
            )
    result = summary(ledger)
    report.write("photos", result, photos_text.as_text(result), arguments.out)
    return 0


def read(argv: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__.splitlines()[0])
    parser.add_argument(
        "--squeezenet",
        default="imagenet",
        help="SqueezeNet's weights: a checkpoint's path, or torchvision's (%(default)s)",
    )
    parser.add_argument(
        "--minutes",
        type=float,
        default=math.inf,
        help="stop after this many minutes; the next call resumes",
    )
    parser.add_argument(
        "--rows", choices=("all", "frozen", "trained"), default="all", help="which rows to measure"
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--ledger", type=Path, default=report.MEASURED / "photos.jsonl")
    parser.add_argument("--out", type=Path, default=report.DOCS)
    return parser.parse_args(argv)


def summary(ledger: Ledger) -> dict[str, Any]:
    """Return accuracies by network, direction and row, over the seeds that are measured."""
    lines: dict[tuple[Any, ...], list[Mapping[str, Any]]] = {}
    seconds: dict[str, list[float]] = {}
    for trunk, way, row, seed in plan():
        key = key_of(trunk, way, row, seed)
        found = lines.setdefault((trunk.network, way, row), [])
        if key in ledger:
            found.append({"seed": seed, **ledger[key]})
            seconds.setdefault(row, []).append(ledger[key]["seconds"])
    rows = [
        {"network": network, **asdict(way), "row": row, "seeds": [run["seed"] for run in runs]}
        | report.spread([run["accuracy"] for run in runs])
        for (network, way, row), runs in lines.items()
        if runs
    ]
    return {
        "command": COMMAND,
        "seeds": list(SEEDS),
        "size": SIZE,
        "trunks": {name: asdict(trunk) for name, trunk in TRUNKS.items()},
        "times": {
            row: round(statistics.median(took) / statistics.median(seconds[PROBE]), 1)
            for row, took in seconds.items()
        },
        "runs": sum(len(row["seeds"]) for row in rows),
        "of": len(lines) * len(SEEDS),
        **report.circumstances(),
        "rows": rows,
    }


if __name__ == "__main__":
    sys.exit(main())
