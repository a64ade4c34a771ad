"""Measure accuracy against target labels per class: from scratch, frozen features, fine-tuning at each freeze depth, L2-SP.

    python -m benchmarks.finetune                # all, about 20 minutes of one core; it resumes where it was stopped
    python -m benchmarks.finetune --minutes 5    # a part of it

The ants and bees need the photographs and SqueezeNet's weights: $TLTUTOR_DATA/hymenoptera_data and --weights.
"""

from __future__ import annotations

import argparse
import itertools
import math
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks import report
from benchmarks.ledger import Ledger
from benchmarks.shortened import seen_after, without_first
from tltutor.domains import Domain, DomainPair, load_pair
from tltutor.domains.sets import find_set
from tltutor.evaluation.comparison import TARGET_STATISTICS
from tltutor.metrics import accuracy
from tltutor.networks import Network, build_network
from tltutor.networks.extraction import FrozenFeatures
from tltutor.objectives import build_objective
from tltutor.training.session import Session

LABELS: tuple[int | str, ...] = (1, 2, 5, 10, 25, "all")
SEEDS = (0, 1, 2, 3, 4)
SCRATCH, EXTRACTION, L2_SP, FREEZE = "scratch", "extraction", "l2-sp", "freeze "
COMMAND = "python -m benchmarks.finetune"
CHOSEN = "last step; the labeled target examples alone trained it; no held-out label chose a step, a rate or a row"
INTRODUCTION = """\
Accuracy on held-out target images at the last step, mean ± standard deviation over the seeds {seeds}. Each seed draws the labeled
examples, the batches and the new weights; smaller sets of labels are part of the larger ones. Training sees only the labeled target
examples (`pair.target_labeled`). No step, learning rate or row was selected by a held-out label. Every row has the same number of steps.
*Freeze k*: fine-tuning of the trained network with the first k stages frozen; the largest k trains the head alone.
*Extraction*: logistic regression on the standardized features of the trained network.

    {command}
"""
ROWS = {SCRATCH: "from scratch", EXTRACTION: "extraction", L2_SP: "L2-SP"}
TITLES = {
    "printed->digits": "Printed digits to handwritten ones",
    "ants-bees": "ImageNet to ants and bees",
}
NOTES = {
    "printed->digits": " The network keeps its head: the classes are the same. While it was trained on the source, unlabeled target images"
    " fed the target's BatchNorm statistics (`source-only-target-bn`).",
    "ants-bees": " The rate was settled on by the loss of the labeled examples themselves (25 a class, seed 0, the last ten of 30 steps,"
    " mean of freeze depths 0, 6 and 9): .0003 and .0001 reached the lowest of .0003 to .000003, alike, and the smaller was taken. The"
    " features are 500 long, so that larger steps kill units. From scratch it is the session's default."
    " The weights come from 8-bit codebooks and are weaker than torchvision's.",
}


@dataclass(frozen=True)
class Case:
    """A case: `pretrain` steps on the source, or weights from a file; then `steps` at `lr`, from scratch at `scratch_lr`."""

    name: str
    network: str
    depth: int
    steps: int
    batch_size: int
    lr: float
    scratch_lr: float
    pretrain: int = 0
    size: int = 0  # images are resized to this side if the weights come from a file


DIGITS = Case(
    "printed->digits", "lenet", 4, steps=200, batch_size=32, lr=0.01, scratch_lr=0.01, pretrain=500
)
BEES = Case(
    "ants-bees", "squeezenet1_0", 9, steps=40, batch_size=8, lr=1e-4, scratch_lr=0.01, size=112
)
CASES = {case.name: case for case in (DIGITS, BEES)}


@dataclass(frozen=True)
class Start:
    """A target to learn with its held-out part, a trained network, and one with random weights."""

    pair: DomainPair
    trained: Network
    random: Network


def methods(case: Case) -> tuple[str, ...]:
    """Return the rows: scratch, extraction, each freeze depth, L2-SP."""
    return (SCRATCH, EXTRACTION, *(f"{FREEZE}{depth}" for depth in range(case.depth + 1)), L2_SP)


@lru_cache(maxsize=len(SEEDS))
def begin(case: Case, seed: int, weights: str) -> Start:
    """Return the start of all runs of this seed; they are fine-tuned on the pair's target only."""
    if case.pretrain:
        pair = load_pair(case.name, seed=seed)
        trained, random = (build_network(case.network, pair, seed=seed) for _ in range(2))
        options: dict[str, Any] = {
            "steps": case.pretrain,
            "lr": case.lr,
            "seed": seed,
            "device": "cpu",
        }
        list(Session(pair, trained, build_objective(TARGET_STATISTICS), **options))
        return Start(
            DomainPair(pair.target, pair.target, target_test=pair.target_test, name=case.name),
            trained,
            random,
        )
    pair = photographs(case.name, case.size)
    trained = build_network(case.network, pair, seed=seed, size=case.size, weights=weights)
    return Start(pair, trained, build_network(case.network, pair, seed=seed, size=case.size))


@lru_cache(maxsize=1)
def photographs(name: str, size: int) -> DomainPair:
    """Return the training and validation photographs of ants and bees, as squares of `size` pixels."""
    folder = find_set("hymenoptera") / "hymenoptera_data"
    train, held_out = (Domain.from_folder(folder / part, size=size) for part in ("train", "val"))
    return DomainPair(train, train, target_test=held_out, name=name)


@lru_cache(maxsize=1)
def seen(case: Case, seed: int, depth: int, weights: str) -> DomainPair:
    """Return the pair as features of the trained network's frozen stages; the same for all seeds if they come from a file."""
    start = begin(case, seed, weights)
    return seen_after(start.trained, start.pair, depth)


def with_labels(pair: DomainPair, k: int | str, seed: int) -> DomainPair:
    """Return the pair with k labeled target examples per class (nested for different k); "all": the whole target."""
    return (
        replace(pair, target_labeled=pair.target)
        if k == "all"
        else pair.with_target_labels(int(k), seed)
    )


def measure(case: Case, method: str, k: int | str, seed: int, *, weights: str) -> dict[str, Any]:
    """Return accuracy on the held-out target at the last step, the number of labels, and core seconds."""
    depth = frozen(case, method)
    start = begin(case, seed, weights)
    network = without_first(start.random if method == SCRATCH else start.trained, start.pair, depth)
    whole = seen(case, seed if case.pretrain else SEEDS[0], depth, weights)
    pair, began = with_labels(whole, k, seed), time.process_time()
    predicted = (
        extracted(network, pair)
        if method == EXTRACTION
        else tuned(case, method, network, pair=pair, seed=seed)
    )
    found = accuracy(predicted, pair.target_test.y)
    return {
        "accuracy": found,
        "labels": len(pair.target_labeled),
        "seconds": round(time.process_time() - began, 2),
    }


def frozen(case: Case, method: str) -> int:
    """Return the number of stages that the method never trains."""
    if method.startswith(FREEZE):
        return int(method.removeprefix(FREEZE))
    return case.depth if method == EXTRACTION else 0


def extracted(network: Network, pair: DomainPair) -> np.ndarray:
    """Predict the held-out target by logistic regression on the network's standardized features."""
    head = make_pipeline(
        FrozenFeatures(network, "target"), StandardScaler(), LogisticRegression(max_iter=2000)
    )
    return head.fit(pair.target_labeled.x, pair.target_labeled.y).predict(pair.target_test.x)


def tuned(case: Case, method: str, network: Network, *, pair: DomainPair, seed: int) -> np.ndarray:
    """Predict the held-out target after training on the labeled target examples."""
    objective = build_objective(L2_SP if method == L2_SP else "fine-tune")
    lr = case.scratch_lr if method == SCRATCH else case.lr
    options: dict[str, Any] = {
        "steps": case.steps,
        "batch_size": case.batch_size,
        "lr": lr,
        "freeze_depth": 0,  # what is frozen was computed once and cut off
        "seed": seed,
        "device": "cpu",
    }
    session = Session(pair, network, objective, **options)
    for _ in session:
        pass
    return session.predict(pair.target_test.x)


def keys(cases: Iterable[Case]) -> Iterator[tuple[Case, str, int, int | str]]:
    """Yield every run; those of one freeze depth and seed are adjacent, because they share the frozen stages' features."""
    for case in cases:
        for method, seed, k in itertools.product(methods(case), SEEDS, LABELS):
            yield case, method, seed, k


def main(argv: Sequence[str] | None = None) -> int:
    """Measure what is missing, then write the report."""
    arguments = read(argv)
    torch.set_num_threads(arguments.threads)
    ledger = Ledger(
        arguments.ledger,
        {name: asdict(case) for name, case in CASES.items()}
        | {"weights": Path(arguments.weights).name},
    )
    until = time.monotonic() + 60 * arguments.minutes
    for case, method, seed, k in keys([CASES[name] for name in arguments.cases]):
        key = {"case": case.name, "method": method, "seed": seed, "labels": k}
        if key not in ledger and time.monotonic() < until:
            found = ledger.measure(
                key, partial(measure, case, method, k, seed, weights=arguments.weights)
            )
            print(*key.values(), found, file=sys.stderr, flush=True)
    result = summary(ledger, arguments.threads)
    report.write("finetune", result, as_text(result), arguments.out)
    return 0


def read(argv: Sequence[str] | None) -> argparse.Namespace:
    """Parse the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.finetune", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--cases", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument(
        "--weights",
        default="imagenet",
        help="SqueezeNet's weights: a checkpoint's path, or torchvision's (%(default)s)",
    )
    parser.add_argument(
        "--minutes",
        type=float,
        default=math.inf,
        help="stop after this many minutes; the next call resumes",
    )
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--ledger", type=Path, default=report.MEASURED / "finetune.jsonl")
    parser.add_argument("--out", type=Path, default=report.DOCS)
    return parser.parse_args(argv)


def summary(ledger: Ledger, threads: int) -> dict[str, Any]:
    """Return accuracy by case, method and labels per class, over the seeds."""
    found: dict[str, Any] = {}
    for case, method, seed, k in keys(CASES.values()):
        key = {"case": case.name, "method": method, "seed": seed, "labels": k}
        by_labels = found.setdefault(case.name, {}).setdefault(method, {}).setdefault(str(k), [])
        by_labels.extend([ledger[key]] if key in ledger else [])
    results = {
        case: {
            m: {k: _over_seeds(runs) for k, runs in by_k.items() if runs}
            for m, by_k in by_method.items()
        }
        for case, by_method in found.items()
    }
    runs = [
        run
        for by_method in found.values()
        for by_k in by_method.values()
        for some in by_k.values()
        for run in some
    ]
    about = {
        "command": COMMAND,
        "chosen": CHOSEN,
        "seeds": list(SEEDS),
        "labels_per_class": list(LABELS),
        "threads": threads,
    }
    complete = len(runs) == sum(1 for _ in keys(CASES.values()))
    return about | {
        "settings": ledger.settings,
        **report.circumstances(),
        "complete": complete,
        "results": results,
    }


def _over_seeds(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return report.spread([run["accuracy"] for run in runs]) | {"labels": runs[0]["labels"]}


def as_text(result: Mapping[str, Any]) -> str:
    """Return the report: the tables and how to read them."""
    parts = ["# Fine-tuning: accuracy against target labels", "", INTRODUCTION.format(**result)]
    for name, by_method in result["results"].items():
        case = CASES[name]
        rows = [
            [ROWS.get(m, m), *(_cell(by_k.get(str(k))) for k in LABELS)]
            for m, by_k in by_method.items()
        ]
        parts += [
            "",
            f"## {TITLES[name]}",
            "",
            settings_text(case),
            "",
            report.table(["labels per class", *map(str, LABELS)], rows),
        ]
    versions = ", ".join(f"{name} {number}" for name, number in result["versions"].items())
    machine = "{system} {processor}, Python {python}".format(**result["machine"])
    parts += [
        "",
        f"Measured with {versions}; {machine}, {result['threads']} thread(s).",
    ]
    return "\n".join(
        parts
        if result["complete"]
        else [*parts, "", "**Not complete** (–): the command resumes where it was stopped."]
    )


def _cell(one: Mapping[str, Any] | None) -> str:
    """Return a dash until all seeds are measured, because a mean of fewer seeds is not comparable."""
    return report.cell(one if one and len(one["values"]) == len(SEEDS) else None)


def settings_text(case: Case) -> str:
    """Return the case's settings as a sentence."""
    start = (
        f"trained for {case.pretrain} steps on the source"
        if case.pretrain
        else f"ImageNet weights, images of {case.size} pixels"
    )
    rates = f"learning rate {case.lr:g}" + (
        "" if case.lr == case.scratch_lr else f" (from scratch {case.scratch_lr:g})"
    )
    return f"{case.network}, {start}; then {case.steps} steps, batches of {case.batch_size}, {rates}.{NOTES[case.name]}"


if __name__ == "__main__":
    sys.exit(main())
