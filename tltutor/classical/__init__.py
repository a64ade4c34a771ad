"""Transfer without a network: instance weights, fixed maps and boosting, as scikit-learn estimators that take fit(X, y, target=Xt)."""

from __future__ import annotations

from typing import Any

from sklearn.linear_model import LogisticRegression

from tltutor.classical.aligner import Aligner
from tltutor.classical.boosting import Boosting
from tltutor.classical.class_transport import ClassTransport
from tltutor.classical.coral import CORAL
from tltutor.classical.gfk import GFK
from tltutor.classical.heterogeneous import paired_cca, projection_by_labels
from tltutor.classical.jda import JDA
from tltutor.classical.kliep import KLIEP
from tltutor.classical.kmm import KMM
from tltutor.classical.lda import SourceLDA
from tltutor.classical.linear_transport import LinearTransport
from tltutor.classical.lsif import ULSIF, RuLSIF
from tltutor.classical.method import Method
from tltutor.classical.nearest import NearestWeights
from tltutor.classical.pca import PooledPCA
from tltutor.classical.pipeline import TargetPipeline, pipeline
from tltutor.classical.probe_odds import ProbeOdds
from tltutor.classical.reweighted import Reweighted
from tltutor.classical.subspace_alignment import SubspaceAlignment
from tltutor.classical.tca import TCA
from tltutor.classical.tradaboost import TrAdaBoost
from tltutor.classical.tradaboost_r2 import TrAdaBoostR2
from tltutor.classical.transport import EMD, Sinkhorn
from tltutor.classical.weights import Ratio, Weights, effective_sample_size
from tltutor.settings import check_name

_WEIGHTS = (KMM, KLIEP, ULSIF, RuLSIF, ProbeOdds, NearestWeights)
_MAPS = (PooledPCA, SourceLDA, SubspaceAlignment, TCA, JDA, GFK, CORAL, EMD, Sinkhorn, ClassTransport, LinearTransport)
_BOOSTING = (TrAdaBoost, TrAdaBoostR2)
METHODS: dict[str, type[Method]] = {c.name: c for c in (*_WEIGHTS, *_MAPS, *_BOOSTING)}


def method_names() -> tuple[str, ...]:
    """Names of all classical methods: weights, then maps, then boosting."""
    return tuple(METHODS)


def build_method(name: str, **settings: Any) -> Method:
    """A new, unfitted method by name with these settings."""
    kind = METHODS[check_name(name, METHODS, what="classical method")]
    for setting in settings:
        check_name(setting, kind().get_params(), what=f"setting of {kind.__name__}")
    return kind(**settings)


def adapted(method: Method, estimator: Any = None) -> Any:
    """The method with a classifier behind it, ready for fit(X, y, target=Xt) and predict; logistic regression if none is given.

    Weights train the estimator on the weighted source, maps on the mapped one, boosting takes it as what is boosted.
    """
    if method.kind == "boosting":
        return method if estimator is None else method.__class__(**{**method.get_params(deep=False), "estimator": estimator})
    estimator = LogisticRegression(max_iter=1000) if estimator is None else estimator
    return Reweighted(estimator, method) if isinstance(method, Weights) else pipeline(method, estimator)


__all__ = [
    "CORAL",
    "EMD",
    "GFK",
    "JDA",
    "KLIEP",
    "KMM",
    "METHODS",
    "TCA",
    "ULSIF",
    "Aligner",
    "Boosting",
    "ClassTransport",
    "LinearTransport",
    "Method",
    "NearestWeights",
    "PooledPCA",
    "ProbeOdds",
    "Ratio",
    "Reweighted",
    "RuLSIF",
    "Sinkhorn",
    "SourceLDA",
    "SubspaceAlignment",
    "TargetPipeline",
    "TrAdaBoost",
    "TrAdaBoostR2",
    "Weights",
    "adapted",
    "build_method",
    "effective_sample_size",
    "method_names",
    "paired_cca",
    "pipeline",
    "projection_by_labels",
]


def __dir__() -> list[str]:
    return list(__all__)
