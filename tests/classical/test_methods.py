"""One walk over all classical methods: scikit-learn's own checks, clones, pipes, seeds, hidden labels, bad input, bad data."""

import inspect
import re
import warnings

import numpy as np
import pytest
from cases import for_each
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator
from test_objectives_settings import others

import tltutor as tl
from tltutor.classical import (
    CORAL,
    EMD,
    KMM,
    METHODS,
    NearestWeights,
    Reweighted,
    TrAdaBoostR2,
    adapted,
    build_method,
    pipeline,
)
from tltutor.domains import Domain, DomainPair, load_pair

NAMES = tuple(METHODS)
UNSUPERVISED = tuple(name for name in NAMES if METHODS[name].kind != "boosting")
BLURRED = "entropy blurs a domain's plan onto itself, so the source's way and the target's differ without a shift too"
STEPS = "fits its steps in place, as scikit-learn's own Pipeline does, whose expected failures these are"
EXPECTED = {  # estimator -> the checks that its contract does not allow, and why
    "Sinkhorn": dict.fromkeys(
        ("check_transformer_general", "check_transformer_data_not_an_array"), BLURRED
    ),
    "Unbalanced": dict.fromkeys(
        ("check_transformer_general", "check_transformer_data_not_an_array"), BLURRED
    ),
    "ClassTransport": dict.fromkeys(
        ("check_transformer_general", "check_transformer_data_not_an_array"), BLURRED
    ),
    "TargetPipeline": dict.fromkeys(
        ("check_estimators_overwrite_params", "check_dont_overwrite_parameters"), STEPS
    ),
}
COMPOSED = (
    Reweighted(LogisticRegression(), KMM()),
    Reweighted(Ridge(), NearestWeights()),
    pipeline(CORAL(), LogisticRegression()),
    pipeline(StandardScaler(), Reweighted(LogisticRegression(), NearestWeights())),
)


def pair_of(seed=0, n_samples=60):
    return load_pair("blobs->conditional-shift", seed=seed, n_samples=n_samples)


def fitted(name, pair, **settings):
    """The method with a classifier behind it, fitted; boosting on five labeled target points a class."""
    model = adapted(build_method(name, **settings))
    if METHODS[name].kind == "boosting":
        few = pair.with_target_labels(5).target_labeled
        return model.fit(pair.source.x, pair.source.y, target=few.x, target_labels=few.y)
    return model.fit(pair.source.x, pair.source.y, target=pair.target.x)


def test_the_room_lists_its_public_names_alone():
    assert "LogisticRegression" not in dir(tl.classical)
    assert {type_.__name__ for type_ in METHODS.values()} <= set(dir(tl.classical))
    for name in dir(tl.classical):
        home = getattr(getattr(tl.classical, name), "__module__", "tltutor.classical")
        assert home.startswith("tltutor.classical")


@pytest.mark.filterwarnings(
    "ignore"
)  # the checks give no target, which is told; and odd data, which solvers tell
@pytest.mark.parametrize(
    "estimator", [*(METHODS[name]() for name in NAMES), *COMPOSED], ids=lambda e: type(e).__name__
)
def test_scikit_learns_own_checks(estimator):
    expected = EXPECTED.get(type(estimator).__name__, {})
    results = check_estimator(
        estimator, expected_failed_checks=expected, on_skip=None, on_fail=None
    )
    assert {r["check_name"]: str(r["exception"]) for r in results if r["status"] == "failed"} == {}
    still = {r["check_name"] for r in results if r["status"] == "xfail"}
    assert still == set(expected), "a check that passes now is expected to fail no more"
    assert len([r for r in results if r["status"] == "passed"]) > 35


def test_a_method_has_a_name_a_title_and_settings_that_its_init_takes():
    for_each(NAMES, a_method_has_a_name_a_title_and_settings_that_its_init_takes)


def a_method_has_a_name_a_title_and_settings_that_its_init_takes(name):
    method = METHODS[name]
    assert method.name == name
    assert method.title
    assert re.search(
        r"\(\D+(, \d{4}| et al\., \d{4})?.*\d{4}\)|baseline",
        inspect.getdoc(inspect.getmodule(method)) + inspect.getdoc(method),
    )
    taken = inspect.signature(method.__init__).parameters
    for setting in method.settings:
        assert setting.text.endswith(".")
        assert setting.check(setting.default) == taken[setting.name].default
    assert set(taken) - {"self"} == {s.name for s in method.settings} | (
        set(taken) & {"random_state", "estimator", "args", "kwargs"}
    )


def test_a_setting_out_of_bounds_is_refused_by_fit():
    for_each(NAMES, a_setting_out_of_bounds_is_refused_by_fit)


def a_setting_out_of_bounds_is_refused_by_fit(name):
    for setting in METHODS[name].settings:
        if setting.scale in {"choice", "switch"}:
            bad, sentence = "nonsense", setting.name
        else:
            bad, sentence = setting.high + 1, f"{setting.name} must be"
        with pytest.raises(ValueError, match=sentence):
            fitted(name, pair_of(), **{setting.name: bad})


def test_a_clone_has_the_settings_and_nothing_learned():
    for_each(NAMES, a_clone_has_the_settings_and_nothing_learned)


def a_clone_has_the_settings_and_nothing_learned(name):
    for setting in METHODS[name].settings:
        if setting.scale in {"linear", "log"}:
            method = build_method(name, **{setting.name: (setting.low + setting.high) / 2})
            assert clone(method).get_params() == method.get_params()
    model = fitted(name, pair_of())
    assert not [key for key in vars(clone(model)) if key.endswith("_") and not key.startswith("_")]


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_predictions_and_nothing_global_is_touched(name):
    pair = pair_of()
    np.random.seed(5)  # noqa: NPY002 - the global state, which the methods must neither use nor move
    drawn = np.random.random()  # noqa: NPY002
    first = fitted(name, pair).predict(pair.target_test.x)
    np.random.seed(5)  # noqa: NPY002
    assert np.array_equal(fitted(name, pair).predict(pair.target_test.x), first)
    assert np.random.random() == drawn  # noqa: NPY002


def test_no_method_can_be_given_target_labels():
    for_each(UNSUPERVISED, no_method_can_be_given_target_labels)


def no_method_can_be_given_target_labels(name):
    parameters = inspect.signature(METHODS[name].fit).parameters
    assert set(parameters) == {"self", "X", "y", "target"}


@pytest.mark.parametrize("name", UNSUPERVISED)
def test_shuffled_target_labels_change_nothing(name):
    pair = pair_of()
    rng = np.random.default_rng(0)
    target = Domain("t", pair.target.x, rng.permutation(pair.target.y), pair.class_names)
    other = DomainPair(pair.source, target)
    test = pair.target_test.x
    assert np.array_equal(fitted(name, other).predict(test), fitted(name, pair).predict(test))


def test_what_is_given_stays_as_it_was():
    for_each(NAMES, what_is_given_stays_as_it_was)


def what_is_given_stays_as_it_was(name):
    pair = pair_of()
    before = [a.copy() for a in (pair.source.x, pair.source.y, pair.target.x)]
    fitted(name, pair)
    assert all(map(np.array_equal, before, (pair.source.x, pair.source.y, pair.target.x)))


@pytest.mark.parametrize("name", NAMES)
def test_constant_features_give_no_nan(name):
    for_each(
        ["constant", "constant in the target", "all constant"],
        lambda column: constant_features_give_no_nan(name, column),
    )


def constant_features_give_no_nan(name, column):
    rng = np.random.default_rng(0)
    xs, xt, ys = rng.normal(size=(40, 3)), rng.normal(size=(30, 3)) + 0.5, np.arange(40) % 2
    xs[:, 0] += 3 * ys
    xt[:, 1] = 2.0
    if column != "constant in the target":
        xs[:, 1] = 2.0
    if column == "all constant":
        xs[:], xt[:] = 1.0, 1.0
    model = adapted(METHODS[name]())
    more = {"target_labels": np.arange(30) % 2} if METHODS[name].kind == "boosting" else {}
    model.fit(xs, ys, target=xt, **more)
    assert np.isfinite(model.predict(xt).astype(float)).all()
    method = model[0] if METHODS[name].kind == "map" else model
    if METHODS[name].kind == "map":
        assert np.isfinite(method.transform(xt)).all()
        assert np.isfinite(method.transform_source(xs)).all()


@pytest.mark.parametrize("name", NAMES)
def test_more_features_than_points_give_no_nan(name):
    """As hashed words do: most covariances are singular, and the domains vary in other directions."""
    rng = np.random.default_rng(0)
    xs, xt = (np.abs(rng.normal(size=(30, 200))) * (rng.random((30, 200)) < 0.05) for _ in "st")
    more = {"target_labels": np.arange(30) % 2} if METHODS[name].kind == "boosting" else {}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*effective sample size.*")
        model = adapted(METHODS[name]()).fit(xs, np.arange(30) % 2, target=xt, **more)
    assert np.isfinite(model.predict(xt).astype(float)).all()
    if METHODS[name].kind == "map":
        assert np.isfinite(model[0].transform_source(xs)).all()
        assert np.abs(model[0].transform_source(xs)).max() < 1e3


@pytest.mark.parametrize("name", NAMES)
def test_few_points_on_either_side(name):
    for_each([(40, 1), (6, 50), (3, 2)], lambda sizes: few_points_on_either_side(name, *sizes))


def few_points_on_either_side(name, n_s, n_t):
    rng = np.random.default_rng(0)
    xs, xt, ys = rng.normal(size=(n_s, 3)), rng.normal(size=(n_t, 3)), np.arange(n_s) % 2
    more = {"target_labels": np.zeros(n_t, int)} if METHODS[name].kind == "boosting" else {}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*effective sample size.*")
        model = adapted(METHODS[name]()).fit(xs, ys, target=xt, **more)
    assert np.isfinite(model.predict(xt).astype(float)).all()


WRONG_TARGETS = [
    (
        np.zeros((5, 3)),
        "target must have shape (n_t, 2), at least one row and as many columns as X, got (5, 3): give both domains",
    ),
    (
        np.zeros((0, 2)),
        "target must have shape (n_t, 2), at least one row and as many columns as X, got (0, 2)",
    ),
    (
        np.zeros(2),
        "target must have shape (n_t, 2), at least one row and as many columns as X, got (2,)",
    ),
    (
        [[1.0, np.nan], [0.0, 1.0]],
        "target must be finite, got NaN or infinity in 1 of 2 rows: remove or impute them",
    ),
    (
        [["a", "b"]],
        "target must be an array of numbers (n_t, 2), one row per point: could not convert",
    ),
]


@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_target_gets_one_sentence(name):
    for_each(WRONG_TARGETS, lambda wrong: a_wrong_target_gets_one_sentence(name, *wrong))


def a_wrong_target_gets_one_sentence(name, target, sentence):
    pair = pair_of()
    more = {"target_labels": np.zeros(len(target), int)} if METHODS[name].kind == "boosting" else {}
    with pytest.raises(ValueError, match=re.escape(sentence)):
        METHODS[name]().fit(pair.source.x, pair.source.y, target=target, **more)


@pytest.mark.parametrize("name", [name for name in NAMES if METHODS[name].needs_labels])
def test_missing_source_labels_get_one_sentence(name):
    pair = pair_of()
    with pytest.raises(
        ValueError,
        match="requires y to be passed, but the target y is None: give the labels of the source",
    ):
        METHODS[name]().fit(pair.source.x, target=pair.target.x)


@pytest.mark.parametrize("name", UNSUPERVISED)
def test_a_forgotten_target_is_told(name):
    pair = pair_of()
    with pytest.warns(
        UserWarning,
        match=f"{name} was given no target, so it takes X for it and adapts to nothing: pass",
    ) as caught:
        METHODS[name]().fit(pair.source.x, pair.source.y)
    assert caught[0].filename == __file__


def test_forgotten_target_labels_are_told():
    pair = pair_of()
    with pytest.warns(
        UserWarning,
        match="tradaboost_r2 was given no labeled target points, so X and y stand in for them",
    ):
        TrAdaBoostR2().fit(pair.source.x, pair.source.y)


@pytest.mark.parametrize("name", UNSUPERVISED)
def test_in_a_pipeline_the_target_goes_through_the_steps_before(name):
    """As by hand: scale with the source's scaler, then the method; a scaler of large features would show a target left out."""
    pair = pair_of()
    xs, ys, xt, test = (
        100 * pair.source.x,
        pair.source.y,
        100 * pair.target.x,
        100 * pair.target_test.x,
    )
    scaler = StandardScaler().fit(xs)
    by_hand = adapted(METHODS[name]()).fit(scaler.transform(xs), ys, target=scaler.transform(xt))
    piped = pipeline(StandardScaler(), adapted(METHODS[name]())).fit(xs, ys, target=xt)
    assert np.array_equal(piped.predict(test), by_hand.predict(scaler.transform(test)))


def test_a_plain_pipeline_takes_the_target_for_its_step():
    pair = pair_of()
    plain = make_pipeline(CORAL(), LogisticRegression()).fit(
        pair.source.x, pair.source.y, coral__target=pair.target.x
    )
    ours = pipeline(CORAL(), LogisticRegression()).fit(
        pair.source.x, pair.source.y, target=pair.target.x
    )
    assert np.array_equal(plain.predict_proba(pair.target.x), ours.predict_proba(pair.target.x))


def test_a_pipeline_of_maps_gives_the_source_in_the_last_space():
    pair = pair_of()
    two = pipeline(StandardScaler(), EMD()).fit_transform(pair.source.x, target=pair.target.x)
    scaler = StandardScaler().fit(pair.source.x)
    by_hand = EMD().fit_transform(
        scaler.transform(pair.source.x), target=scaler.transform(pair.target.x)
    )
    assert two == pytest.approx(by_hand)
    assert not hasattr(pipeline(CORAL(), LogisticRegression()), "fit_transform")


def test_a_class_with_a_name_is_a_method_and_no_other_list_is_kept():
    from pathlib import Path

    folder = Path(inspect.getfile(tl.classical)).parent
    text = "\n".join(file.read_text("utf-8") for file in folder.glob("*.py"))
    assert sorted(re.findall(r'^    name = "(\w+)"$', text, re.MULTILINE)) == sorted(NAMES)
    kinds = [METHODS[name].kind for name in NAMES]
    assert kinds == sorted(kinds, key=["weights", "map", "labels", "boosting"].index)
    assert list(UNSUPERVISED) == sorted(
        UNSUPERVISED,
        key=lambda name: (["weights", "map", "labels"].index(METHODS[name].kind), name),
    )


def test_the_registry_speaks_for_itself():
    assert tl.classical.METHODS is METHODS
    assert tl.classical.method_names() == NAMES
    assert build_method("kmm", width=2.0).width == 2.0
    with pytest.raises(ValueError, match="no classical method is called 'kkm': did you mean 'kmm'"):
        build_method("kkm")
    with pytest.raises(
        ValueError, match="no setting of KMM is called 'widht': did you mean 'width'"
    ):
        build_method("kmm", widht=2.0)


def test_adapted_puts_the_estimator_where_the_kind_wants_it():
    model = LogisticRegression(C=7)
    assert adapted(build_method("kmm"), model).estimator is model
    assert adapted(build_method("coral"), model)[-1] is model
    assert (
        adapted(build_method("tradaboost", n_estimators=3), model).get_params(deep=False)[
            "estimator"
        ]
        is model
    )
    assert adapted(build_method("tradaboost", n_estimators=3), model).n_estimators == 3


SETTINGS = [(name, setting) for name in NAMES for setting in METHODS[name].settings]
WHERE_IT_MATTERS = {
    "kmm": {"reg": 0.0}
}  # settings of the others beside it, where its defaults hide it


def noisy(domain, seed):
    """The domain with three columns of noise, and noise on its own two: classes overlap, and there are directions to leave out."""
    noise = np.random.default_rng(seed).normal(size=(len(domain), 5)).astype(np.float32)
    return Domain(
        domain.name, np.pad(domain.x, ((0, 0), (0, 3))) + noise, domain.y, domain.class_names
    )


@pytest.mark.filterwarnings("ignore")  # extremes do not converge, and say so
@pytest.mark.parametrize(
    ("name", "setting"), SETTINGS, ids=[f"{name}-{setting.name}" for name, setting in SETTINGS]
)
def test_every_setting_that_is_declared_does_something(name, setting):
    clean = pair_of(n_samples=40)
    pair = DomainPair(
        noisy(clean.source, 0), noisy(clean.target, 1), target_test=noisy(clean.target_test, 2)
    )

    def answers(**settings):
        model = fitted(name, pair, **WHERE_IT_MATTERS.get(name, {}) | settings)
        return (model.predict_proba if hasattr(model, "predict_proba") else model.predict)(
            pair.target_test.x
        )

    assert any(
        not np.allclose(answers(), answers(**{setting.name: value}), atol=1e-9)
        for value in others(setting)
    )


@pytest.mark.parametrize(
    "name", [name for name in NAMES if name != "tradaboost_r2"]
)  # which foretells numbers
def test_one_class_is_refused_with_a_remedy(name):
    pair = pair_of()
    more = {"target_labels": np.zeros(len(pair.target))} if METHODS[name].kind == "boosting" else {}
    with pytest.raises(ValueError, match="2 classes or more, got 1 class: add the others"):
        adapted(build_method(name)).fit(
            pair.source.x, np.zeros(len(pair.source)), target=pair.target.x, **more
        )
