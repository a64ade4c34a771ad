"""A scikit-learn pipeline whose steps before a classical method treat the target as they treat the source."""

from __future__ import annotations

from typing import Any

import sklearn
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.utils.metaestimators import available_if

from tltutor.classical.method import check_classes


class TargetPipeline(Pipeline):
    """fit(X, y, target=Xt): each step that asks for the target gets it as the steps before have transformed it.

    This is `Pipeline(steps, transform_input=["target"])` with scikit-learn's metadata routing switched on while it fits.
    A plain Pipeline with `step__target=Xt` hands the target over as it came: a scaler before the step would scale X alone.
    """

    def __init__(self, steps: Any, *, memory: Any = None, verbose: bool = False) -> None:
        super().__init__(steps, transform_input=["target"], memory=memory, verbose=verbose)

    def fit(self, X: Any, y: Any = None, **more: Any) -> TargetPipeline:
        """Fit all steps on the source X, y; `more` is target=Xt, and for boosting target_labels=yt."""
        check_classes(self, y)
        with sklearn.config_context(enable_metadata_routing=True):
            super().fit(X, y, **more)
        return self

    @available_if(lambda self: hasattr(Pipeline(self.steps), "fit_transform"))
    def fit_transform(self, X: Any, y: Any = None, **more: Any) -> Any:
        """Fit all steps, and the source in the last step's space."""
        with sklearn.config_context(enable_metadata_routing=True):
            return super().fit_transform(X, y, **more)


def pipeline(*steps: Any) -> TargetPipeline:
    """The steps in a row, named by their classes as `make_pipeline` does, say StandardScaler(), CORAL(), LogisticRegression()."""
    return TargetPipeline(make_pipeline(*steps).steps)
