"""A scikit-learn pipeline whose steps before a classical method treat the target as they treat the source."""

from __future__ import annotations

from typing import Any

import sklearn
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.utils.metaestimators import available_if

from tltutor.classical.method import check_classes


class TargetPipeline(Pipeline):
    """fit(X, y, target=Xt): each step that takes the target gets it as transformed by the steps before.

    This is `Pipeline(steps, transform_input=["target"])` with scikit-learn's metadata routing switched on while it fits.
    A plain Pipeline with `step__target=Xt` passes the target on untransformed: a scaler before the step scales only X.
    """

    def __init__(self, steps: Any, *, memory: Any = None, verbose: bool = False) -> None:
        super().__init__(steps, transform_input=["target"], memory=memory, verbose=verbose)

    def fit(self, X: Any, y: Any = None, **more: Any) -> TargetPipeline:
        """Fit all steps on the source X (n_s, d), y (n_s,); `more` is target=Xt, and for boosting target_labels=yt.

        Errors: ValueError for one class; otherwise those of the steps.
        """
        check_classes(self, y)
        with sklearn.config_context(enable_metadata_routing=True):
            super().fit(X, y, **more)
        return self

    @available_if(lambda self: hasattr(Pipeline(self.steps), "fit_transform"))
    def fit_transform(self, X: Any, y: Any = None, **more: Any) -> Any:
        """Fit all steps, and return the source in the last step's space (n_s, k)."""
        with sklearn.config_context(enable_metadata_routing=True):
            return super().fit_transform(X, y, **more)


def pipeline(*steps: Any) -> TargetPipeline:
    """Chain steps such as StandardScaler(), CORAL(), LogisticRegression(), named by their classes as in `make_pipeline`."""
    return TargetPipeline(make_pipeline(*steps).steps)
