"""A network's frozen features under scikit-learn's heads."""

import copy

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC
from test_session import build, image_pair, same

from tltutor.networks.extraction import FrozenFeatures


@pytest.fixture(scope="module")
def trained():
    session = build("source-only", pair=image_pair(n=60), steps=30)
    list(session)
    return session.network


def by_hand(network, x, domain="source"):
    twin = copy.deepcopy(network).eval().on(domain)
    with torch.no_grad():
        return twin.features(torch.tensor(x)).numpy()


@pytest.mark.parametrize("domain", ["source", "target"])
def test_features_are_the_networks_in_evaluation_mode(trained, domain):
    x = image_pair(n=60).target.x
    np.testing.assert_allclose(
        FrozenFeatures(trained, domain).transform(x),
        by_hand(trained, x, domain),
        rtol=1e-5,
        atol=1e-6,
    )


@pytest.mark.parametrize("head", [LogisticRegression(max_iter=1000), LinearSVC()])
def test_any_head_stands_on_them_and_the_network_stays(trained, head):
    pair, held = image_pair(n=60), copy.deepcopy(trained.state_dict())
    modes, state = [m.training for m in trained.modules()], torch.get_rng_state()
    model = make_pipeline(FrozenFeatures(trained), head).fit(pair.source.x, pair.source.y)
    alone = clone(head).fit(by_hand(trained, pair.source.x), pair.source.y)
    np.testing.assert_array_equal(
        model.predict(pair.target.x), alone.predict(by_hand(trained, pair.target.x))
    )
    assert same(held, trained.state_dict())
    assert modes == [m.training for m in trained.modules()]
    assert torch.equal(state, torch.get_rng_state())


def test_it_clones_and_its_domain_can_be_searched(trained):
    pair = image_pair(n=60)
    model = make_pipeline(FrozenFeatures(trained), LogisticRegression(max_iter=1000))
    search = GridSearchCV(model, {"frozenfeatures__domain": ["source", "target"]}, cv=3).fit(
        pair.source.x, pair.source.y
    )
    assert search.best_params_["frozenfeatures__domain"] in {"source", "target"}
    assert clone(FrozenFeatures(trained, "target")).domain == "target"


def test_a_wrong_domain_is_met_with_the_known_ones(trained):
    with pytest.raises(ValueError, match="no domain is called 'sorce': did you mean 'source'"):
        FrozenFeatures(trained, "sorce").transform(image_pair().source.x)


def test_what_is_not_finite_has_no_features(trained):
    x = image_pair(n=60).target.x.astype(np.float32)
    x[0, 0, 0, :2] = np.nan
    with pytest.raises(
        ValueError, match="must be finite, got NaN or infinity in 1 of 60 .*remove or impute"
    ):
        FrozenFeatures(trained).transform(x)
