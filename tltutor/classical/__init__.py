"""Transfer without a network: instance weights, fixed maps and boosting, as scikit-learn estimators with fit(X, y, target=Xt).

A new method is a file in this folder and one line of import here: its `name` registers it.
"""

from __future__ import annotations

from typing import Any

from sklearn.linear_model import LogisticRegression as _LogisticRegression

from tltutor.classical.aligner import Aligner as Aligner
from tltutor.classical.bbse import BBSE as BBSE
from tltutor.classical.boosting import Boosting as Boosting
from tltutor.classical.class_transport import ClassTransport as ClassTransport
from tltutor.classical.coral import CORAL as CORAL
from tltutor.classical.gfk import GFK as GFK
from tltutor.classical.heterogeneous import paired_cca as paired_cca
from tltutor.classical.heterogeneous import projection_by_labels as projection_by_labels
from tltutor.classical.jda import JDA as JDA
from tltutor.classical.kliep import KLIEP as KLIEP
from tltutor.classical.kmm import KMM as KMM
from tltutor.classical.label_em import LabelEM as LabelEM
from tltutor.classical.label_transport import LabelTransport as LabelTransport
from tltutor.classical.lda import SourceLDA as SourceLDA
from tltutor.classical.linear_transport import LinearTransport as LinearTransport
from tltutor.classical.lsif import ULSIF as ULSIF
from tltutor.classical.lsif import RuLSIF as RuLSIF
from tltutor.classical.method import Method as Method
from tltutor.classical.mmd_shares import MMDShares as MMDShares
from tltutor.classical.nearest import NearestWeights as NearestWeights
from tltutor.classical.pca import PooledPCA as PooledPCA
from tltutor.classical.pipeline import TargetPipeline as TargetPipeline
from tltutor.classical.pipeline import pipeline as pipeline
from tltutor.classical.probe_odds import ProbeOdds as ProbeOdds
from tltutor.classical.reweighted import Reweighted as Reweighted
from tltutor.classical.subspace_alignment import SubspaceAlignment as SubspaceAlignment
from tltutor.classical.tca import TCA as TCA
from tltutor.classical.tradaboost import TrAdaBoost as TrAdaBoost
from tltutor.classical.tradaboost_r2 import TrAdaBoostR2 as TrAdaBoostR2
from tltutor.classical.transport import EMD as EMD
from tltutor.classical.transport import Sinkhorn as Sinkhorn
from tltutor.classical.unbalanced import Unbalanced as Unbalanced
from tltutor.classical.weights import Ratio as Ratio
from tltutor.classical.weights import Weights as Weights
from tltutor.classical.weights import effective_sample_size as effective_sample_size
from tltutor.settings import check_name as _check_name

_KINDS = ("weights", "map", "labels", "boosting")


def _is_registered(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, Method) and "name" in vars(value)


METHODS: dict[str, type[Method]] = {
    method.name: method
    for method in sorted(
        filter(_is_registered, list(globals().values())),
        key=lambda m: (_KINDS.index(m.kind), m.name),
    )
}


def method_names() -> tuple[str, ...]:
    """Return the names of all classical methods: weights, then maps, then propagated labels, then boosting."""
    return tuple(METHODS)


def build_method(name: str, **settings: Any) -> Method:
    """Return a new, unfitted method by name with these settings.

    Errors: ValueError for an unknown name or setting, with the nearest known ones.
    """
    kind = METHODS[_check_name(name, METHODS, what="classical method")]
    for setting in settings:
        _check_name(setting, kind().get_params(), what=f"setting of {kind.__name__}")
    return kind(**settings)


def adapted(method: Method, estimator: Any = None) -> Any:
    """Return the method with an estimator behind it, for fit(X, y, target=Xt) and predict; logistic regression by default.

    Weights train the estimator on the weighted source, maps on the mapped one; propagated labels train it on the
    target; boosting boosts it (by default a tree).
    """
    if method.kind in ("labels", "boosting"):
        return (
            method
            if estimator is None
            else method.__class__(**{**method.get_params(deep=False), "estimator": estimator})
        )
    estimator = _LogisticRegression(max_iter=1000) if estimator is None else estimator
    return (
        Reweighted(estimator, method)
        if isinstance(method, Weights)
        else pipeline(method, estimator)
    )


def __dir__() -> list[str]:
    """List the public names: what this room's files define and the imports above publish."""
    own = (
        name
        for name, value in globals().items()
        if getattr(value, "__module__", "").startswith(__name__)
    )
    return sorted([*(name for name in own if not name.startswith("_")), "METHODS"])
