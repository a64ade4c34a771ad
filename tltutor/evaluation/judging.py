"""Judge any methods on a pair over seeds, networks or not: each sees what it may see and answers for the held-out target."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from tltutor.domains import DomainPair, load_pair
from tltutor.evaluation.judgment import MEASURES, Answers, Judgment
from tltutor.experiment import Experiment
from tltutor.settings import check_name

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Takes a pair without hidden labels, examples (n, ...) of the target, and a seed; returns class probabilities (n, k).
Method: TypeAlias = Callable[[DomainPair, np.ndarray, int], "NDArray[Any]"]


def judge(
    pair: str,
    methods: Mapping[str, Method],
    *,
    with_labels: Mapping[str, Method] | None = None,
    k: int = 5,
    seeds: Iterable[int] = range(5),
    measure: str = "accuracy",
    **options: Any,
) -> Judgment:
    """Run every method with every seed on the pair of that name, and keep what it answers for the held-out target.

    methods: by name, the first one the baseline. They get the pair without the target's labels and without what judges.
    with_labels: methods that also get `k` labeled target examples of each class (`pair.target_labeled`), drawn by seed.
    options: of the pair. Errors: ValueError for an unknown pair, option or measure, and those of the methods.
    """
    check_name(measure, MEASURES, what="measure")
    few, seeds = with_labels or {}, tuple(seeds)
    found: dict[str, list[Answers]] = {name: [] for name in (*methods, *few)}
    class_names: tuple[str, ...] = ()
    for seed in seeds:
        whole = load_pair(pair, seed=seed, **options)
        test, class_names = whole.target_test, whole.class_names
        if test is None or test.y is None:
            raise ValueError(
                f"a pair must hold out labeled target examples to judge by, got none in {pair!r}: use another pair"
            )
        for name, method in methods.items():
            found[name].append((method(whole.blind(), test.x, seed), test.y))
        labeled = whole.with_target_labels(k, seed).blind() if few else whole
        for name, method in few.items():
            found[name].append((method(labeled, test.x, seed), test.y))
    rows = {name: tuple(answers) for name, answers in found.items()}
    return Judgment(rows, seeds, class_names, tuple(few), k, measure)


def largest_class(pair: DomainPair, x: np.ndarray, _: int) -> np.ndarray:
    """Answer the source's largest class, as often as it is there: the method that looks at nothing."""
    shares = np.bincount(pair.source.y, minlength=len(pair.class_names)) / len(pair.source)  # type: ignore[arg-type]
    return np.tile(shares, (len(x), 1))


def fitted(estimator: Any, *, on: Literal["source", "labeled", "both"] = "source") -> Method:
    """Return the method that fits a scikit-learn estimator, with `target=` if it is one of `tl.classical`.

    on: the source, the few labeled target examples, or both together. Images are taken as vectors.
    """
    check_name(on, ("source", "labeled", "both"), what="set to fit on")
    return partial(_fit, estimator, on)


def _fit(estimator: Any, on: str, pair: DomainPair, x: np.ndarray, _: int) -> np.ndarray:
    from sklearn.base import clone

    parts = {"source": pair.source, "labeled": pair.target_labeled}
    chosen = [part for name, part in parts.items() if on in (name, "both") and part is not None]
    X = np.concatenate([_vectors(part.x) for part in chosen])
    y = np.concatenate([part.y for part in chosen if part.y is not None])
    adapts = type(estimator).__module__.startswith("tltutor.")
    model = clone(estimator).fit(X, y, **({"target": _vectors(pair.target.x)} if adapts else {}))
    answers = np.zeros((len(x), len(pair.class_names)))
    answers[:, model.classes_] = model.predict_proba(_vectors(x))
    return answers


def _vectors(x: np.ndarray) -> np.ndarray:
    return x.reshape(len(x), -1)


def trained(objective: str, *, network: str = "auto", **options: Any) -> Method:
    """Return the method that trains a network from random weights under this objective; options are those of `Session`."""
    return partial(_train, objective, network, options)


def _train(objective: str, network: str, options: Mapping[str, Any], *given: Any) -> np.ndarray:
    pair, x, seed = given
    session = Experiment(pair, objective, network, seed=seed, session_options=options).build()
    for _ in session:
        pass
    if session.error is not None:
        raise session.error
    return np.asarray(session.outputs(x, "target")[1].double().softmax(1).cpu().numpy())
