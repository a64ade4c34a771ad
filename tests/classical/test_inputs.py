"""What may be given as source and target: frames, lists, whole numbers; what may not is named, with a remedy that works."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import OneHotEncoder

from tltutor.classical import (
    CORAL,
    KMM,
    Reweighted,
    SourceLDA,
    TrAdaBoost,
    adapted,
    paired_cca,
    projection_by_labels,
)
from tltutor.domains import Domain

RNG = np.random.default_rng(0)
XS, XT, YS = RNG.integers(0, 9, (40, 3)), RNG.integers(2, 12, (30, 3)), np.arange(40) % 2
XS[:, 0] += 4 * YS
FRAME_S, FRAME_T = (pd.DataFrame(x, columns=["a", "b", "c"]) for x in (XS, XT))
MAKERS = (
    lambda: adapted(CORAL()),
    lambda: adapted(KMM()),
    lambda: adapted(SourceLDA()),
    TrAdaBoost,
)


def fitted(make, X, target, y=YS):
    """A model fitted on X and the target; boosting gets target labels."""
    model = make()
    more = (
        {"target_labels": np.unique(y)[np.arange(len(XT)) % 2]}
        if isinstance(model, TrAdaBoost)
        else {}
    )
    return model.fit(X, y, target=target, **more)


def test_what_holds_numbers_works_as_the_same_floats_do():
    for make in MAKERS:
        wanted = fitted(make, XS.astype(float), XT.astype(float)).predict(XT.astype(float))
        for kind in (
            np.asarray,
            list,
            pd.DataFrame,
            lambda x: pd.DataFrame(x).astype("Float64"),
            np.ma.asarray,
            lambda x: x.astype(object),
        ):
            assert list(fitted(make, kind(XS), kind(XT)).predict(kind(XT))) == list(wanted)
        assert set(fitted(make, XS, XT, y=np.array(["no", "yes"])[YS]).predict(XT)) <= {"no", "yes"}


def test_names_of_classes_are_numbered_as_a_domain_numbers_them():
    names = np.array(["wasp", "bee"])[YS]
    domain = Domain("a", XS, names, kind="vector")
    for make in MAKERS:
        numbers = fitted(make, XS, XT, y=domain.y).predict(XT)
        wanted = [domain.class_names[k] for k in numbers]
        for y in (names, names.tolist(), pd.Series(names), pd.Categorical(names)):
            assert list(fitted(make, XS, XT, y=y).predict(XT)) == wanted
    few = XT[:6], np.array(["wasp", "bee"] * 3)
    same = XT[:6], np.array([1, 0] * 3)
    np.testing.assert_array_equal(
        projection_by_labels((XS, names), few).A, projection_by_labels((XS, domain.y), same).A
    )


@pytest.mark.filterwarnings("ignore:X does not have valid feature names")
def test_a_bad_column_of_a_frame_is_named_and_the_remedy_works():
    for frame, good in ((FRAME_S, FRAME_T), (FRAME_T, FRAME_S)):
        text, hole = (
            frame.assign(b=np.where(frame["b"] > 5, "high", "low")),
            frame.assign(b=frame["b"].astype("Float64")),
        )
        hole.loc[3, "b"] = pd.NA
        for bad, remedy in ((text, "OneHotEncoder"), (hole, "SimpleImputer")):
            for make in MAKERS:
                source_first = (bad, good) if frame is FRAME_S else (good, bad)
                what = "X" if frame is FRAME_S else "target"
                with pytest.raises(ValueError, match=f"^{what} must .*column 'b'.*{remedy}"):
                    fitted(make, *source_first)
    encoder = OneHotEncoder(sparse_output=False)
    encoded = np.column_stack(
        [FRAME_S[["a", "c"]], encoder.fit_transform(FRAME_S[["b"]].astype(str))]
    )
    assert fitted(MAKERS[0], encoded, encoded + 1).predict(encoded).shape == (40,)
    imputer = SimpleImputer().fit(FRAME_S)
    hole_s = FRAME_S.astype(float)
    hole_s.loc[3, "b"] = np.nan
    assert fitted(MAKERS[0], imputer.transform(hole_s), FRAME_T.to_numpy()).predict(XT).shape == (
        30,
    )


def test_a_bad_column_is_named_when_predicting_too():
    text = FRAME_T.assign(c="word")
    for make in MAKERS:
        with pytest.raises(ValueError, match="column 'c'.*OneHotEncoder"):
            fitted(make, FRAME_S, FRAME_T).predict(text)


def test_the_targets_columns_must_be_the_sources_in_their_order_and_the_remedy_works():
    turned = FRAME_T[["b", "a", "c"]]
    for make in (CORAL, lambda: Reweighted(LogisticRegression(), KMM()), TrAdaBoost):
        with pytest.raises(
            ValueError, match=r"\['a', 'b', 'c'\], got \['b', 'a', 'c'\]: pass target\[X.columns\]"
        ):
            fitted(make, FRAME_S, turned)
        fitted(make, FRAME_S, turned[FRAME_S.columns])
    assert np.array_equal(
        CORAL().fit(FRAME_S, target=XT).matrix_, CORAL().fit(XS, target=FRAME_T).matrix_
    )


def test_masked_entries_are_refused_and_not_read_as_what_lies_under_the_mask():
    masked_s, masked_t = (np.ma.masked_greater(x.astype(float), 8) for x in (XS, XT))
    for make in MAKERS:
        for source, target, what in ((masked_s, XT, "X"), (XS, masked_t, "target")):
            with pytest.raises(
                ValueError,
                match=rf"^{what} has \d+ masked entries: fill them with .filled\(value\)",
            ):
                fitted(make, source, target)
        fitted(make, masked_s.filled(0), masked_t.filled(0))
        with pytest.raises(ValueError, match="masked entries"):
            fitted(make, XS, XT).predict(masked_t)


def test_sparse_rows_are_refused_with_a_remedy_that_works():
    for make in MAKERS:
        for source, target in ((csr_array(XS), XT), (XS, csr_array(XT))):
            with pytest.raises((TypeError, ValueError), match=r"toarray\(\)"):
                fitted(make, source, target)
        fitted(make, csr_array(XS).toarray(), csr_array(XT).toarray())


def test_target_labels_have_ys_names():
    with pytest.raises(ValueError, match=r"words or numbers as y is, got .*0.* beside .*no"):
        TrAdaBoost().fit(
            XS, np.array(["no", "yes"])[YS], target=XT, target_labels=np.arange(30) % 2
        )


def test_dates_and_complex_numbers_are_no_features():
    dated = FRAME_T.assign(c=pd.Timestamp("2020-01-01"))
    with pytest.raises(ValueError, match="column 'c'"):
        CORAL().fit(FRAME_S, target=dated)
    with pytest.raises(ValueError, match=r"[Cc]omplex"):
        CORAL().fit(XS, target=XT + 1j)


def test_pairs_and_few_labels_name_the_column_as_well():
    text, hole = FRAME_S.assign(b="word"), FRAME_S.astype(float)
    hole.loc[0, "c"] = np.nan
    for bad, column in ((text, "b"), (hole, "c")):
        with pytest.raises(ValueError, match=f"source examples .*column '{column}'"):
            paired_cca(bad, FRAME_S, 1)
        with pytest.raises(ValueError, match=f"target examples .*column '{column}'"):
            projection_by_labels((XS, YS), (bad, YS))
    assert paired_cca(FRAME_S, FRAME_S.to_numpy().tolist(), 1).correlations[0] == pytest.approx(1)
