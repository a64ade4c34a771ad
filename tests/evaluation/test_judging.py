"""Judging over seeds: what each method may see, tables that say how they were made, numbers held to closed forms."""

import re

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from tltutor import language
from tltutor.classical import BBSE, CORAL, adapted
from tltutor.domains import load_pair
from tltutor.evaluation.judging import fitted, judge, largest_class, trained
from tltutor.evaluation.judgment import Judgment, class_recalls

PAIR = "blobs->label-shift"
FEW = {"n_samples": 90}
LOGISTIC = LogisticRegression()


def certain(classes, k=2):
    return np.eye(k)[classes]


def test_methods_see_no_target_label_but_the_few_that_they_are_given():
    seen = []

    def look(pair, x, seed):
        seen.append((pair, seed))
        return np.full((len(x), 3), 1 / 3)

    found = judge(PAIR, {"a": look}, with_labels={"b": look}, k=2, seeds=(0, 4), **FEW)
    assert [seed for _, seed in seen] == [0, 0, 4, 4]
    for pair, _ in seen:
        assert pair.target.y is None
        assert pair.target_test is None
        assert pair.source_test is None
    assert [pair.target_labeled is None for pair, _ in seen] == [True, False] * 2
    assert np.bincount(seen[1][0].target_labeled.y).tolist() == [2, 2, 2]
    assert found.labeled == ("b",)
    for seed, (_, y) in zip((0, 4), found.of("a"), strict=True):
        assert np.array_equal(y, load_pair(PAIR, seed=seed, **FEW).target_test.y)


def test_a_fitted_method_is_the_estimators_own():
    pair = load_pair(PAIR, seed=1, **FEW)
    few = pair.with_target_labels(3, 1).blind()
    x, s, t = pair.target_test.x, few.source, few.target_labeled
    both = np.concatenate([s.x, t.x]), np.concatenate([s.y, t.y])
    for on, data in (("source", (s.x, s.y)), ("labeled", (t.x, t.y)), ("both", both)):
        wanted = LogisticRegression().fit(*data).predict_proba(x)
        assert fitted(LOGISTIC, on=on)(few, x, 0) == pytest.approx(wanted)
    for method in (BBSE(), CORAL()):
        wanted = adapted(method, LOGISTIC).fit(s.x, s.y, target=few.target.x).predict_proba(x)
        assert fitted(adapted(method, LOGISTIC))(few, x, 0) == pytest.approx(wanted)
    with pytest.raises(ValueError, match="no set to fit on is called 'target'"):
        fitted(LOGISTIC, on="target")


def test_a_class_that_was_not_learned_gets_no_probability():
    pair = load_pair(PAIR, seed=1, **FEW)
    few = pair.with_target_labels(3, 1).blind()
    object.__setattr__(few, "target_labeled", few.target_labeled.take(few.target_labeled.y != 1))
    answers = fitted(LOGISTIC, on="labeled")(few, pair.target_test.x, 0)
    assert (answers[:, 1] == 0).all()
    assert answers.sum(1) == pytest.approx(1)


def test_the_largest_class_is_the_sources():
    pair = load_pair("blobs->label-shift", seed=0, **FEW)
    shares = largest_class(pair, pair.target_test.x, 0)
    assert shares[0] == pytest.approx(np.bincount(pair.source.y) / 90)
    assert (shares == shares[0]).all()


def test_a_trained_method_is_the_sessions_own_last_step():
    import torch

    from tltutor.experiment import Experiment

    pair, steps = load_pair(PAIR, seed=3, **FEW), {"steps": 4, "batch_size": 16}
    session = Experiment(pair.blind(), "mmd", "mlp", seed=3, session_options=steps).build()
    while not session.done:
        session.step()
    wanted = torch.softmax(session.outputs(pair.target_test.x, "target")[1], 1)
    answers = trained("mmd", network="mlp", **steps)(pair.blind(), pair.target_test.x, 3)
    assert answers == pytest.approx(wanted.numpy(), abs=1e-6)


# What was answered


def made(**more):
    """Two seeds: the first row is right once of two, then on both; the other is right always."""
    y = np.array([0, 1])
    first = ((certain([0, 0]), y), (certain([0, 1]), y))
    other = ((certain([0, 1]), y),) * 2
    return Judgment({"source only": first, "other": other}, (0, 1), ("no", "yes"), **more)


def test_numbers_are_seed_by_seed():
    found = made()
    assert found.values("source only") == [0.5, 1]
    assert found.values("other", "calibration error") == [0, 0]
    assert found.gain("other").differences == (0.5, 0)
    with pytest.raises(ValueError, match="no row is called 'othr': did you mean 'other'"):
        found.values("othr")
    with pytest.raises(ValueError, match="no measure is called 'f1'"):
        found.values("other", "f1")


def test_a_table_says_over_how_many_seeds_with_what_spread_and_how_it_was_chosen():
    text = repr(made(labeled=("other",), k=7))
    lines = text.splitlines()
    assert "0.75 ± 0.35" in lines[1]
    assert lines[2].startswith("other*")
    assert "+0.25" in lines[2]
    assert "not sure" in lines[2]
    for said in ("2 seeds", "standard deviation", "no setting was chosen on target labels", "7 labeled"):  # fmt: skip
        assert said in text


def test_a_table_speaks_chinese_with_its_columns_below_one_another():
    language.language("zh")
    lines = repr(made()).splitlines()
    assert "只用源域" in lines[1]
    assert "平衡准确率" in lines[0]
    assert "没有用目标域标签选过任何设置" in lines[4]


def test_reliability_counts_right_answers_by_confidence():
    y = np.array([0, 0, 1, 1])
    p = np.array([[0.9, 0.1], [0.95, 0.05], [0.85, 0.15], [0.3, 0.7]])
    found = Judgment({"a": ((p, y), (p, y))}, (0, 1), ("no", "yes"))
    head, line = repr(found.reliability()).splitlines()
    assert head.split("  ")[-1].strip() == "0.8 – 1.0"
    assert line.split("  ")[-1].strip() == "0.67 (6)"  # two of three right, in two seeds
    assert "1.00 (2)" in line
    assert line.count("–") == 3


def test_recalls_are_shares_of_each_class_and_a_class_that_a_seed_lacks_does_not_count():
    assert class_recalls(certain([0, 0, 1]), np.array([0, 1, 1])).tolist() == [1, 0.5]
    one, two = (certain([0, 1]), np.array([0, 0])), (certain([0, 1]), np.array([0, 1]))
    found = Judgment({"a": (one, two)}, (0, 1), ("no", "yes"))
    (line,) = repr(found.recalls()).splitlines()[1:]
    assert re.split(" {2,}", line)[1:] == ["0.75 (0.50)", "1.00 (1.00)"]
    never = Judgment({"a": (one,)}, (0,), ("no", "yes"))
    assert repr(never.recalls()).endswith("0.50 (0.50)  –")


def test_a_pair_that_holds_nothing_out_or_another_measure_is_refused(monkeypatch):
    from tltutor.evaluation import judging

    with pytest.raises(ValueError, match="no measure is called 'accurcy': did you mean 'accuracy'"):
        judge(PAIR, {"a": largest_class}, measure="accurcy")
    monkeypatch.setattr(judging, "load_pair", lambda *_, **__: load_pair(PAIR).blind())
    with pytest.raises(ValueError, match="must hold out labeled target examples.*use another pair"):
        judge(PAIR, {"a": largest_class})
