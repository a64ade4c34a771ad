"""Which source to learn from? Transferability scores against what each source truly gives, on digits and on reviews.

python -m benchmarks.sources    # a few minutes of one core; a stopped run is resumed. The reviews need TLTUTOR_DATA
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks import report
from benchmarks.ledger import Ledger
from tltutor.domains import Domain, DomainPair, data_roots, load_pair, split_domain
from tltutor.evaluation.sources import Candidate, choose_source, rank_correlation
from tltutor.metrics.transferability import TRANSFERABILITY
from tltutor.networks import Network, build_network
from tltutor.objectives import FineTune, SourceOnly
from tltutor.training.session import Session

VERSION = 1  # part of every measurement's key: raise it when a change moves the numbers
SEEDS = (0, 1, 2)
LABELS = {"digits": 5, "reviews": 25}  # of each class of the target, for scores and fine-tuning
SIZE = 16  # pixels
SIZES: Mapping[str, Mapping[str, Any]] = {  # networks of two sizes for each source
    "small": {"channels": (4, 8), "width": 16},
    "large": {"channels": (16, 32), "width": 64},
}
TEXT_SIZES: Mapping[str, Mapping[str, Any]] = {"small": {"width": 16}, "large": {"width": 128}}
PRETRAIN = {"steps": 200, "batch_size": 32, "lr": 0.02, "device": "cpu"}
TUNE = {"steps": 100, "batch_size": 32, "lr": 0.01, "device": "cpu"}
TEXT = {"lr": 0.2}  # hashed words are short vectors
DIGITS = (  # name, pair, options, part
    ("digits", "digits->shifted-digits", {}, "source"),
    ("printed", "printed->digits", {}, "source"),
    ("turned", "digits->shifted-digits", {"rotation": 40}, "target"),
    ("thick and blurred", "digits->shifted-digits", {"rotation": 0, "thickness": 1, "blur": 1}, "target"),
    ("inverted", "digits->shifted-digits", {"rotation": 0, "inversion": 1}, "target"),
)  # fmt: skip
REVIEWS = ("books", "dvd", "electronics", "kitchen")
COMMAND = "python -m benchmarks.sources"
INTRODUCTION = """\
For each target, each other domain of its family is a candidate source, with a network of two sizes that source-only trained on it.
The scores of `tltutor.evaluation.sources.choose_source` see labeled target examples, {labels} a class. What a source truly gives is the
accuracy on the target's held-out examples after fine-tuning ({tuned} steps) on the same few labels. Seeds {seeds}: each draws data, labels
and weights.

*τ*: Kendall's rank correlation of a score with that accuracy over the candidates of one target and seed, mean over targets and seeds,
with a 95 % interval by a bootstrap over them. *Regret*: what the best candidate by the score lacks to the best of all, in points.
Model size alone is the baseline that a score has to beat.

    {command}
"""


@cache
def family(name: str, seed: int) -> dict[str, tuple[Domain, Domain]]:
    """Return each domain of a family as a part to train on and one to judge; labels are known everywhere."""
    if name == "reviews":
        return {review: _review(review, seed) for review in REVIEWS}
    found = {}
    for domain, pair, options, part in DIGITS:
        loaded = load_pair(pair, seed=seed, size=SIZE, **options)
        train = (
            (loaded.source, loaded.source_test)
            if part == "source"
            else (loaded.target, loaded.target_test)
        )
        found[domain] = (_named(train[0], domain), _named(train[1], domain))
    return found


def _named(domain: Domain | None, name: str) -> Domain:
    assert domain is not None  # noqa: S101 - an embedded pair holds out both parts
    return domain.take(np.arange(len(domain)), name)


def _review(name: str, seed: int) -> tuple[Domain, Domain]:
    path = next(
        p for root in data_roots() if (p := root / "amazon_reviews" / f"{name}.jsonl").exists()
    )
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    y = [int(line["label"]) for line in lines]
    whole = Domain.from_texts(name, [f"{line['title']} {line['text']}" for line in lines], y)
    return split_domain(whole, 0.4, seed=seed)


def has_reviews() -> bool:
    """Return whether the reviews are in a data root."""
    return any((root / "amazon_reviews" / "books.jsonl").exists() for root in data_roots())


def families() -> dict[str, tuple[str, ...]]:
    """Return the domains of each family."""
    found = {"digits": tuple(name for name, *_ in DIGITS)}
    return found | ({"reviews": REVIEWS} if has_reviews() else {})


def sizes(name: str) -> Mapping[str, Mapping[str, Any]]:
    return TEXT_SIZES if name == "reviews" else SIZES


def _own(name: str) -> Mapping[str, Any]:
    """Return the session's options of a family that are its own."""
    return TEXT if name == "reviews" else {}


@cache
def pretrained(name: str, source: str, size: str, seed: int) -> Network:
    """Return a network that source-only trained on a domain."""
    train, held = family(name, seed)[source]
    pair = DomainPair(train, held)
    network = build_network(
        "mlp" if name == "reviews" else "lenet", pair, seed=seed, **sizes(name)[size]
    )
    list(Session(pair, network, SourceOnly(), seed=seed, **(PRETRAIN | _own(name))))
    return network


def few_labels(name: str, target: str, seed: int) -> DomainPair:
    """Return the target with a few labels of each class, the rest of it unlabeled, and its held-out part."""
    train, held = family(name, seed)[target]
    return DomainPair(train, train, target_test=held).with_target_labels(LABELS[name], seed)


def measure(name: str, target: str, seed: int) -> dict[str, Any]:
    """Return scores[candidate][score] and gains[candidate] of one target and seed."""
    torch.set_num_threads(1)
    pair = few_labels(name, target, seed)
    assert pair.target_labeled is not None  # noqa: S101 - it was drawn
    candidates, gains = {}, {}
    for source in families()[name]:
        for size in sizes(name) if source != target else ():
            network = pretrained(name, source, size, seed)
            key = f"{source}, {size}"
            candidates[key] = Candidate(family(name, seed)[source][0], network)
            gains[key] = fine_tuned(name, pair, network, seed)
    table = choose_source(pair.target_labeled, candidates, gains, seed=seed)
    scores = {
        name: {score: None if math.isnan(value) else value for score, value in row.items()}
        for name, row in table.scores.items()
    }
    return {"scores": scores, "gains": dict(table.gains)}


def fine_tuned(name: str, pair: DomainPair, network: Network, seed: int) -> float:
    """Return the target accuracy after fine-tuning a copy of the network on the few labels."""
    copied = network.with_head(pair.class_names, seed=seed)
    copied.load_state_dict(network.state_dict())
    session = Session(
        pair, copied, FineTune(labels_per_class=LABELS[name]), seed=seed, **(TUNE | _own(name))
    )
    for _ in session:
        pass
    return session.evaluate()["target_accuracy"]


def summary(measured: Mapping[tuple[str, str, int], Mapping[str, Any]]) -> dict[str, Any]:
    """Return for each family and score the rank correlation with its interval, and the regret of choosing by it."""
    found: dict[str, Any] = {}
    for name in dict.fromkeys(key[0] for key in measured):
        groups = {key: one for key, one in measured.items() if key[0] == name}
        found[name] = {score: _score(groups, score) for score in TRANSFERABILITY}
        best, worst = ([f(one["gains"].values()) for one in groups.values()] for f in (max, min))
        found[name]["about"] = {
            "groups": len(groups),
            "candidates": len(next(iter(groups.values()))["gains"]),
            "best": statistics.fmean(best),
            "worst": statistics.fmean(worst),
            "mean": statistics.fmean(
                statistics.fmean(one["gains"].values()) for one in groups.values()
            ),
        }
    return found


def _score(groups: Mapping[Any, Mapping[str, Any]], score: str) -> dict[str, Any]:
    taus, regrets = [], []
    for one in groups.values():
        names = list(one["gains"])
        values = [one["scores"][name][score] for name in names]
        gains = [one["gains"][name] for name in names]
        if any(value is None for value in values):
            continue
        taus.append(rank_correlation(values, gains, draws=2).tau)
        regrets.append(max(gains) - gains[int(np.argmax(values))])
    known = [tau for tau in taus if not math.isnan(tau)]
    if not known:
        return {"tau": None, "low": None, "high": None, "regret": None}
    low, high = _interval(known)
    return {
        "tau": statistics.fmean(known),
        "low": low,
        "high": high,
        "regret": statistics.fmean(regrets),
    }


def _interval(values: Sequence[float], draws: int = 2000) -> tuple[float, float]:
    """Return the middle 95 % of the mean on samples drawn with replacement."""
    rng = np.random.default_rng(0)
    means = rng.choice(np.asarray(values), (draws, len(values))).mean(1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def runs() -> Iterator[tuple[str, str, int]]:
    """Yield family, target and seed of all measurements."""
    for seed in SEEDS:
        for name, domains in families().items():
            yield from ((name, target, seed) for target in domains)


def as_text(result: Mapping[str, Any]) -> str:
    """Return the report."""
    seeds = ", ".join(map(str, result["seeds"]))
    introduction = INTRODUCTION.format(
        labels=" and ".join(f"{n} of {k}" for k, n in result["labels"].items()),
        tuned=result["tuned"],
        seeds=seeds,
        command=result["command"],
    )
    parts = ["# Choosing a source", "", introduction]
    for name, found in result["families"].items():
        about = found["about"]
        parts += [
            f"## {name.capitalize()}",
            "",
            _about(about),
            "",
            report.table(
                ["score", "τ", "95 %", "regret"], map(_row, *zip(*_ordered(found), strict=True))
            ),
            "",
        ]
    versions = ", ".join(f"{name} {number}" for name, number in result["versions"].items())
    return "\n".join([*parts, _told(result), "", f"Measured with {versions}."])


def _about(about: Mapping[str, Any]) -> str:
    return (
        f"{about['groups']} targets and seeds, {about['candidates']} candidates each. Accuracy after fine-tuning, on average:"
        f" the best candidate {about['best']:.3f}, all of them {about['mean']:.3f}, the worst {about['worst']:.3f}."
    )


def _ordered(found: Mapping[str, Any]) -> list[tuple[str, Any]]:
    scores = [(name, row) for name, row in found.items() if name != "about"]
    return sorted(scores, key=lambda item: -(item[1]["tau"] if item[1]["tau"] is not None else -2))


def _row(name: str, row: Mapping[str, Any]) -> list[str]:
    title = str(TRANSFERABILITY[name].title)
    if row["tau"] is None:
        return [title, "–", "–", "–"]
    interval = f"{row['low']:.2f} to {row['high']:.2f}"
    return [title, f"{row['tau']:.2f}", interval, f"{100 * row['regret']:.1f}"]


def _told(result: Mapping[str, Any]) -> str:
    """Say which scores are surely better than model size alone, and which rank the wrong way."""
    lines = []
    for name, found in result["families"].items():
        size = found["size"]
        above = [
            s
            for s, row in _ordered(found)
            if row["tau"] is not None and s != "size" and row["low"] > size["high"]
        ]
        reversed_ = [s for s, row in _ordered(found) if row["tau"] is not None and row["high"] < 0]
        lines.append(
            f"- {name}: {_listed(above)} rank better than model size alone, with intervals apart;"
            f" {_listed(reversed_)} rank the wrong way, with an interval below 0."
        )
    return "\n".join(lines)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(str(TRANSFERABILITY[n].title).split(" (")[0] for n in names) or "no scores"


def main(argv: Sequence[str] | None = None, show: Callable[[str], None] = print) -> int:
    """Measure what is missing and write."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=report.DOCS)
    parser.add_argument("--partial", type=Path, default=report.PARTIAL / "sources.jsonl")
    arguments = parser.parse_args(argv)
    about = {"version": VERSION, "labels": LABELS, "pretrain": PRETRAIN, "tune": TUNE, "text": TEXT}
    about |= {"size": SIZE, "sizes": {**SIZES, "text": TEXT_SIZES}, "digits": DIGITS}
    ledger = Ledger(arguments.partial, about)
    measured = {}
    for name, target, seed in runs():
        key = {"family": name, "target": target, "seed": seed}
        measured[name, target, seed] = ledger.measure(
            key, lambda n=name, t=target, s=seed: measure(n, t, s)
        )
        show(f"{name}, {target}, seed {seed}: {measured[name, target, seed]['gains']}")
    result = {
        "command": COMMAND,
        "labels": LABELS,
        "tuned": TUNE["steps"],
        "seeds": list(SEEDS),
        **report.circumstances(),
        "families": summary(measured),
        "measured": [
            {"family": n, "target": t, "seed": s, **one} for (n, t, s), one in measured.items()
        ],
    }
    report.write("sources", result, as_text(result), arguments.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
