"""Sentences with an opinion: counted words, a frozen BERT and methods on its features, a few target labels, and fine-tuning.

    python -m benchmarks.texts                # minutes; a stopped run is resumed
    python -m benchmarks.texts --fine-tune    # and every layer of BERT trained: an hour or more of one core

It needs the sentences, the news and the text model in a data root.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks import report
from benchmarks.ledger import Ledger
from tltutor.domains import Domain, DomainPair, load_pair
from tltutor.files import MINILM
from tltutor.metrics import accuracy
from tltutor.networks import build_network
from tltutor.networks.extraction import FrozenFeatures
from tltutor.objectives import build_objective
from tltutor.training.session import Session

PAIRS = ("products->films", "products->restaurants", "products->news")
SEEDS = (0, 1, 2)
FEW = 10  # target labels a class
STEPS, BATCH = 500, 64  # of the small network on frozen features
TUNED = {"steps": 200, "batch_size": 16, "lr": 0.005, "freeze_depth": 0}  # stages learn at 5e-5
VERSION = 1  # part of every measurement's settings: raise it when a change moves the numbers
TFIDF, FROZEN, FEW_ALONE, FEW_BOTH, FINE_TUNED = "tfidf", "frozen", "few", "few+source", "tuned"
ON_FEATURES = ("source-only", "dann", "mmd", "mcc")
ROWS = {
    TFIDF: "TF-IDF, logistic regression",
    FROZEN: "BERT frozen, logistic regression",
    "source-only": "BERT frozen, small network",
    "dann": "… with DANN",
    "mmd": "… with MMD",
    "mcc": "… with MCC",
    FEW_ALONE: f"BERT frozen, {FEW} target labels a class alone",
    FEW_BOTH: f"BERT frozen, source and {FEW} target labels a class",
    FINE_TUNED: "BERT fine-tuned",
}
COMMAND = "python -m benchmarks.texts"
CHOSEN = (
    "the regularization of every logistic regression by 5-fold cross-validation on its training"
    " labels; all else is a default or stated; the last step counts; no target label chose anything"
)
INTRODUCTION = """\
Accuracy on held-out target sentences, mean ± standard deviation over the seeds {seeds}, each of which draws what is held out, the labels
and the batches. Half of the texts of every domain are positive. Chosen: {chosen}. The *small network* has two dense layers on the
features of the frozen BERT ({model}), on the source's scale; DANN, MMD and MCC train it with unlabeled target sentences, {steps} steps
at their defaults. *Fine-tuned* trains every layer on the source alone for {tuned} steps.

    {command}
"""


def frozen_features(texts: tuple[str, ...], x: np.ndarray, pair: DomainPair) -> np.ndarray:
    """Return the frozen BERT's features (n, 384) of texts x (n, length); they are computed once and kept in a file."""
    name = hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]
    path = report.PARTIAL / f"{MINILM}-{name}.npy"
    if not path.is_file():
        network = build_network("bert", pair, weights=MINILM)
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, FrozenFeatures(network).transform(x))
    return np.load(path)


@cache
def known(name: str) -> Mapping[str, np.ndarray]:
    """Return the features of every text of a pair, by text: they are the same whatever a seed holds out or leaves out."""
    pairs = [load_pair(name, inputs="wordpieces", seed=seed) for seed in SEEDS]
    found: dict[str, np.ndarray] = {}
    for side in ("source", "target"):
        domains = [getattr(pair, side + part) for pair in pairs for part in ("", "_test")]
        rows = {t: x for d in domains for t, x in zip(d.texts, d.x, strict=True)}
        texts = tuple(sorted(rows))
        f = frozen_features(texts, np.stack([rows[text] for text in texts]), pairs[0])
        found |= dict(zip(texts, f, strict=True))
    return found


def on_features(pair: DomainPair, name: str) -> DomainPair:
    """Return the pair as features of the frozen BERT on the scale of the source's training part."""
    seen = known(name)
    of = np.stack([seen[text] for text in pair.source.texts])
    mean, scale = of.mean(0), of.std(0) + 1e-6

    def shown(domain: Domain) -> Domain:
        x = (np.stack([seen[text] for text in domain.texts]) - mean) / scale
        return Domain(domain.name, x.astype(np.float32), domain.y, domain.class_names)

    return DomainPair(
        shown(pair.source),
        shown(pair.target),
        source_test=shown(pair.source_test),
        target_test=shown(pair.target_test),
    )


def regression(low: int, high: int) -> GridSearchCV:
    """Return logistic regression that chooses its C among powers of ten by the labels it is given."""
    return GridSearchCV(
        LogisticRegression(max_iter=2000), {"C": [10.0**power for power in range(low, high + 1)]}
    )


def predict(name: str, row: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return what a row predicts of the held-out target texts, and their labels."""
    if row == FINE_TUNED:
        return _tuned(name, seed)
    pair = load_pair(name, seed=seed)
    target = pair.target_test
    if row == TFIDF:
        model = make_pipeline(TfidfVectorizer(), regression(-1, 3))
        return model.fit(pair.source.texts, pair.source.y).predict(target.texts), target.y
    seen = on_features(pair, name)
    if row in ON_FEATURES:
        network = build_network("mlp", seen, seed=seed)
        objective = build_objective(row)
        run = Session(
            seen, network, objective, steps=STEPS, batch_size=BATCH, seed=seed, device="cpu"
        )
        list(run)
        return run.predict(seen.target_test.x), target.y
    labeled = seen.with_target_labels(FEW, seed).target_labeled
    train = {
        FROZEN: [seen.source],
        FEW_ALONE: [labeled],
        FEW_BOTH: [seen.source, labeled],
    }[row]
    x, y = (np.concatenate([getattr(d, part) for d in train]) for part in ("x", "y"))
    model = make_pipeline(StandardScaler(), regression(-4, 0))
    return model.fit(x, y).predict(seen.target_test.x), target.y


def _tuned(name: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    pair = load_pair(name, seed=seed, inputs="wordpieces")
    network = build_network("bert", pair, seed=seed, weights=MINILM)
    run = Session(pair, network, build_objective("source-only"), seed=seed, device="cpu", **TUNED)
    for _ in range(run.steps):
        run.step()
    return run.predict(pair.target_test.x), pair.target_test.y


def measure(name: str, row: str, seed: int) -> dict[str, Any]:
    """Return the accuracy on held-out target texts."""
    predicted, y = predict(name, row, seed)
    return {"accuracy": accuracy(predicted, y), "texts": len(y)}


def keys(pairs: Sequence[str], rows: Sequence[str]) -> Iterator[tuple[str, str, int]]:
    """Yield every run, pair by pair, because its features are shared."""
    yield from itertools.product(pairs, rows, SEEDS)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure what is missing, then write the report."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", nargs="+", choices=PAIRS, default=list(PAIRS))
    parser.add_argument("--fine-tune", action="store_true", help="train every layer of BERT, too")
    parser.add_argument("--ledger", type=Path, default=report.MEASURED / "texts.jsonl")
    parser.add_argument("--out", type=Path, default=report.DOCS)
    arguments = parser.parse_args(argv)
    torch.set_num_threads(1)
    settings = {"version": VERSION, "few": FEW, "steps": STEPS, "batch": BATCH, "tuned": TUNED}
    ledger = Ledger(
        arguments.ledger, settings, report.measured_on(("numpy", "torch", "scikit-learn"))
    )
    rows = [row for row in ROWS if row != FINE_TUNED or arguments.fine_tune]
    for name, row, seed in keys(arguments.pairs, rows):
        key = {"pair": name, "row": row, "seed": seed}
        if key not in ledger:
            print(*key.values(), ledger.measure(key, partial(measure, name, row, seed)), flush=True)
    result = summary(ledger)
    report.write("texts", result, as_text(result), arguments.out)
    return 0


def summary(ledger: Ledger) -> dict[str, Any]:
    """Return accuracy by row and pair, over the seeds; None where a seed is missing."""
    found: dict[str, dict[str, Any]] = {}
    for row, name in itertools.product(ROWS, PAIRS):
        wanted = [{"pair": name, "row": row, "seed": seed} for seed in SEEDS]
        whole = all(key in ledger for key in wanted)
        values = [ledger[key]["accuracy"] for key in wanted] if whole else []
        found.setdefault(row, {})[name] = report.spread(values) if whole else None
    about = {"command": COMMAND, "chosen": CHOSEN, "seeds": list(SEEDS), "model": MINILM}
    return about | report.circumstances() | {"settings": ledger.settings, "results": found}


def as_text(result: Mapping[str, Any]) -> str:
    """Return the report."""
    rows = [
        [ROWS[row], *(report.cell(by_pair[name]) for name in PAIRS)]
        for row, by_pair in result["results"].items()
    ]
    about = INTRODUCTION.format(**result, steps=STEPS, tuned=TUNED["steps"])
    parts = ["# Sentences: from products to films, restaurants and news", "", about]
    parts += [report.table(["training on products", *PAIRS], rows)]
    if any(one is None for by_pair in result["results"].values() for one in by_pair.values()):
        parts += ["", "–: not measured yet; `--fine-tune` measures the last row."]
    return "\n".join(parts)


if __name__ == "__main__":
    sys.exit(main())
