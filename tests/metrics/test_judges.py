"""Label-free judges against double loops, closed forms and skada; and against models that should not win: constant, unsure, swapped."""

from __future__ import annotations

import itertools
import math
import subprocess
import sys

import numpy as np
import pytest
import torch
from cases import for_each
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KernelDensity
from sklearn.preprocessing import StandardScaler

from tltutor import metrics
from tltutor.classical import effective_sample_size
from tltutor.metrics import accuracy, balanced_accuracy
from tltutor.metrics.judges import (
    JUDGES,
    atc_accuracy,
    choose,
    dev_risk,
    domain_weights,
    is_collapsed,
    iwcv_risk,
    judge,
    mean_entropy,
    mixed_inputs,
    mixval,
    mixval_of,
    mutual_information,
    reverse_validation,
    soft_neighborhood_density,
    source_risk,
)
from tltutor.metrics.judges import snd as snd_file

FOOLED = {"entropy", "snd"}  # a constant model has their best value


def softmax(z):
    e = np.exp(z - z.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def probabilities(n=50, k=4, seed=0, sure=1.5):
    """Probabilities (n, k) and labels (n,)."""
    rng = np.random.default_rng(seed)
    y = rng.integers(k, size=n)
    return softmax(rng.normal(size=(n, k)) + sure * np.eye(k)[y]), y


def blobs(n=150, shift=0.7, seed=0):
    """Three classes in two dimensions: training source, held-out source, and a shifted target, each (x, y)."""
    rng = np.random.default_rng(seed)
    centers = np.array([[0.0, 3.0], [2.6, -1.5], [-2.6, -1.5]])
    parts = []
    for move in (0, 0, shift):
        y = np.arange(n) % 3
        parts.append((centers[y] + rng.normal(size=(n, 2)) + [move, 0], y))
    return parts


def linear_fit(x, y, unlabeled):
    return LogisticRegression().fit(x, y).predict


def evidence_of(predict, parts, seed=0):
    """All that the judges of this room need, of a model predict(x) -> probabilities (n, 3)."""
    (xs, _), (xv, yv), (xt, _) = parts
    partners = np.random.default_rng(seed).permutation(len(xt))
    return {
        "source_probabilities": predict(xv),
        "source_labels": yv,
        "target_probabilities": predict(xt),
        "weights": domain_weights(xs, xt, xv),
        "mixed_probabilities": predict(mixed_inputs(xt, partners)),
        "mixing_partners": partners,
        "target_inputs": xt,
        "source_inputs": xv,
        "fit": linear_fit,
    }


def models(parts):
    """A model that learned, and four that did not."""
    learned = LogisticRegression().fit(*parts[0]).predict_proba
    sure, unsure, rng = np.array([1.0, 0, 0]), np.array([0.4, 0.3, 0.3]), np.random.default_rng(0)
    return {
        "learned": learned,
        "constant, sure": lambda x: np.tile(sure, (len(x), 1)),
        "constant, unsure": lambda x: np.tile(unsure, (len(x), 1)),
        "uniform": lambda x: np.full((len(x), 3), 1 / 3),
        "random": lambda x: softmax(rng.normal(size=(len(x), 3))),
    }


# --- who wins


def test_a_constant_model_never_wins_but_where_it_is_said():
    """The exceptions are named: each is fooled by a constant model, and its limits say so."""
    for seed in range(3):
        parts = blobs(seed=seed)
        found = {name: judge(evidence_of(m, parts)) for name, m in models(parts).items()}
        assert set(found["learned"]) == set(JUDGES)
        for name in JUDGES:
            others = {m: found[m][name] for m in found if m != "learned"}
            fooled = {m for m, value in others.items() if value >= found["learned"][name]}
            if name in FOOLED:
                assert "constant, sure" in fooled
                assert "every example" in JUDGES[name].limits
            else:
                assert not fooled, f"{name} prefers {fooled}"


def test_a_choice_never_falls_on_a_collapsed_model():
    parts = blobs()
    seen = {name: evidence_of(m, parts) for name, m in models(parts).items()}
    answers = {name: e["target_probabilities"] for name, e in seen.items()}
    for name in JUDGES:
        scores = {m: JUDGES[name](e) for m, e in seen.items()}
        chosen = choose(scores, answers)
        assert not is_collapsed(answers[chosen])
        if name != "snd":
            assert chosen == "learned", name
    assert choose({"a": math.nan, "learned": 0.1}, answers | {"a": answers["learned"]}) == "learned"
    with pytest.raises(ValueError, match="got none among 1"):
        choose({"uniform": 3.0}, answers)
    assert not is_collapsed([[0.2, 0.8]]), "one example says nothing"


def test_judges_rank_a_good_model_above_a_poor_one():
    parts = blobs(shift=0.4)
    good = LogisticRegression().fit(*parts[0]).predict_proba
    rng = np.random.default_rng(0)
    wrong = np.where(rng.random(150) < 0.6, rng.integers(3, size=150), parts[0][1])
    poor = LogisticRegression().fit(parts[0][0], wrong).predict_proba
    target, y = parts[2]
    assert accuracy(good(target).argmax(1), y) > accuracy(poor(target).argmax(1), y)
    a, b = judge(evidence_of(good, parts)), judge(evidence_of(poor, parts))
    for name in set(JUDGES) - {"snd", "mixval", "reverse"}:
        assert a[name] > b[name], name


def test_swapped_classes_pass_the_judges_that_say_so():
    """The target's clusters have changed places: all that looks at the target's answers alone is content."""
    parts = blobs(shift=0)
    (xs, ys), held, (xt, yt) = parts
    yt = np.array([1, 2, 0])[yt]
    model = LogisticRegression().fit(xs, ys).predict_proba
    found = judge(evidence_of(model, [(xs, ys), held, (xt, yt)]))
    assert accuracy(model(xt).argmax(1), yt) < 0.1
    assert found["reverse"] > 0.9
    assert found["mixval"] > 0.8
    assert found["atc"] > 0.9
    assert found["information"] > 0.7


# --- the risk and its weights


def test_with_weights_of_one_iwcv_and_dev_are_the_source_risk():
    p, y = probabilities()
    for loss in ("error", "cross-entropy"):
        risk = source_risk(p, y, loss=loss)
        assert iwcv_risk(p, y, np.ones(50), loss=loss) == pytest.approx(risk, abs=1e-12)
        assert dev_risk(p, y, np.ones(50), loss=loss) == pytest.approx(risk, abs=1e-12)
    assert source_risk(p, y) == pytest.approx(1 - accuracy(p.argmax(1), y))
    by_hand = -sum(math.log(p[i, y[i]]) for i in range(50)) / 50
    assert source_risk(p, y, loss="cross-entropy") == pytest.approx(by_hand)
    assert source_risk(np.eye(2)[[0, 0]], [0, 1], loss="cross-entropy") == pytest.approx(
        34.5 / 2, 0.01
    )


def test_dev_and_iwcv_by_plain_loops():
    p, y = probabilities()
    w = np.random.default_rng(1).gamma(2, size=50)
    losses = [-math.log(p[i, y[i]]) for i in range(50)]
    weighted = [a * b for a, b in zip(w, losses, strict=True)]
    mean_w, mean_l = sum(w) / 50, sum(weighted) / 50
    cov = sum((a - mean_l) * (b - mean_w) for a, b in zip(weighted, w, strict=True)) / 49
    var = sum((b - mean_w) ** 2 for b in w) / 49
    wanted = mean_l - cov / var * (mean_w - 1)
    assert dev_risk(p, y, w, loss="cross-entropy") == pytest.approx(wanted, abs=1e-12)
    assert iwcv_risk(p, y, w, loss="cross-entropy") == pytest.approx(mean_l, abs=1e-12)
    assert iwcv_risk(p, y, w, loss="cross-entropy", normalized=True) == pytest.approx(
        mean_l / mean_w, abs=1e-12
    )


def test_weights_carry_the_risk_to_a_shifted_target_and_dev_with_less_scatter():
    """N(0, 1) to N(1, 1), w = exp(x - 1/2); wrong where x > 0: the source risk is 1/2, the target's Phi(1)."""
    truth = 0.5 * (1 + math.erf(1 / math.sqrt(2)))
    plain, controlled, source = [], [], []
    for seed in range(200):
        x = np.random.default_rng(seed).normal(size=400)
        p = np.eye(2)[(x > 0).astype(int)]
        y, w = np.zeros(400, int), np.exp(x - 0.5)
        plain.append(iwcv_risk(p, y, w))
        controlled.append(dev_risk(p, y, w))
        source.append(source_risk(p, y))
    assert np.mean(source) == pytest.approx(0.5, abs=0.01)
    assert np.mean(plain) == pytest.approx(truth, abs=0.03)
    assert np.mean(controlled) == pytest.approx(truth, abs=0.03)
    assert np.std(controlled) < 0.5 * np.std(plain)


def test_domain_weights_are_the_density_ratio_of_two_gaussians():
    rng = np.random.default_rng(0)
    xs, xt = rng.normal(size=(6000, 1)), rng.normal(size=(3000, 1)) + 0.8
    held = np.linspace(-1.5, 2, 8)[:, None]
    wanted = np.exp(0.8 * held[:, 0] - 0.32)
    np.testing.assert_allclose(domain_weights(xs, xt, held), wanted, rtol=0.15)
    scaler = StandardScaler().fit(np.concatenate([xs, xt]))
    probe = LogisticRegression().fit(
        scaler.transform(np.concatenate([xs, xt])), np.repeat([0, 1], [6000, 3000])
    )
    odds = probe.predict_proba(scaler.transform(held))
    np.testing.assert_allclose(domain_weights(xs, xt, held), 2 * odds[:, 1] / odds[:, 0], rtol=1e-5)
    same = domain_weights(xs, xs[:3000], held)
    np.testing.assert_allclose(same, 1, atol=0.1)
    w = domain_weights(torch.tensor(xs), torch.tensor(xt))
    assert w.mean() == pytest.approx(1, abs=0.05)
    assert 0.3 * 6000 < effective_sample_size(w) < 0.8 * 6000  # exp(-.64) = .53 by theory
    with pytest.raises(ValueError, match="the 1 columns of source_features, got 2"):
        domain_weights(xs, np.zeros((5, 2)))


# --- the target's answers


def test_entropy_and_information_in_closed_form():
    uniform, sure = np.full((6, 3), 1 / 3), np.eye(3)[[0, 0, 1, 1, 2, 2]]
    assert mean_entropy(uniform) == pytest.approx(math.log(3))
    assert mean_entropy(sure) == 0
    assert mutual_information(uniform) == pytest.approx(0, abs=1e-12)
    assert mutual_information(sure) == pytest.approx(math.log(3))
    assert mutual_information(sure[:1].repeat(5, 0)) == 0
    p, _ = probabilities()
    by_hand = -sum(v * math.log(v) for v in p.ravel()) / 50
    assert mean_entropy(p) == pytest.approx(by_hand)
    m = p.mean(0)
    assert mutual_information(p) == pytest.approx(-sum(v * math.log(v) for v in m) - by_hand)


def test_snd_by_a_double_loop(monkeypatch):
    p, _ = probabilities(n=23)
    for temperature in (0.05, 1.0):
        total = 0.0
        for i in range(23):
            s = [
                float(p[i] @ p[j]) / math.sqrt(float(p[i] @ p[i]) * float(p[j] @ p[j]))
                for j in range(23)
                if j != i
            ]
            weights = [math.exp(v / temperature) for v in s]
            total -= sum(w / sum(weights) * math.log(w / sum(weights)) for w in weights)
        for chunk in (1024, 5):
            monkeypatch.setattr(snd_file, "CHUNK", chunk)
            found = soft_neighborhood_density(p, temperature=temperature)
            assert found == pytest.approx(total / 23, abs=1e-12)
    constant = np.tile([0.5, 0.3, 0.2], (12, 1))
    assert soft_neighborhood_density(constant) == pytest.approx(math.log(11))


def test_atc_is_the_accuracy_where_the_target_is_the_source():
    for seed in range(5):
        p, y = probabilities(seed=seed)
        tied = np.round(p, 1)
        tied[:, 0] = 1 - tied[:, 1:].sum(1)
        tied = np.clip(tied, 0, 1)
        for q in (p, tied / tied.sum(1, keepdims=True)):
            wanted = accuracy(q.argmax(1), y)
            for sureness in ("entropy", "confidence"):
                assert atc_accuracy(q, y, q, sureness=sureness) == pytest.approx(wanted, abs=1e-12)
                twice = atc_accuracy(q, y, np.concatenate([q, q]), sureness=sureness)
                assert twice == pytest.approx(wanted, abs=1e-12)


def test_atc_by_its_definition():
    """The threshold leaves on the source as many below as are wrong; the target's share above it is the estimate."""
    p, y = probabilities(n=200, k=3)
    q, yq = probabilities(n=300, k=3, seed=1, sure=0.7)
    wrong = int((p.argmax(1) != y).sum())
    for sureness, of in (
        ("confidence", lambda x: x.max(1)),
        ("entropy", lambda x: (x * np.log(x)).sum(1)),
    ):
        threshold = np.sort(of(p))[wrong]
        assert (of(p) < threshold).sum() == wrong
        found = atc_accuracy(p, y, q, sureness=sureness)
        assert found == pytest.approx((of(q) >= threshold).mean(), abs=1e-12)
    assert found == pytest.approx(accuracy(q.argmax(1), yq), abs=0.12)
    assert atc_accuracy(np.eye(2)[[0, 0]], [1, 1], np.eye(2)[[0, 1]]) == 0
    assert atc_accuracy(np.eye(2)[[0, 0]], [0, 0], np.eye(2)[[0, 1]]) == 1


def test_atc_takes_one_distribution_in_another_order_for_equally_sure():
    """Their entropies differ in the last bit; all six are at the threshold, and so is each of the target's."""
    orders = np.array(list(itertools.permutations([0.63, 0.27, 0.1])))
    assert len(np.unique((orders * np.log(orders)).sum(1))) > 1
    y = orders.argmax(1)
    y[:2] = (y[:2] + 1) % 3
    for order in orders:
        assert atc_accuracy(orders, y, [order] * 4) == pytest.approx(4 / 6)


def test_mixval_counts_mixes_that_keep_the_class_of_the_larger_part():
    p = np.eye(3)[[0, 0, 1, 2, 1]]
    partners = np.array([1, 2, 4, 0, 3])  # inside: 0 and 2; at the border: 1, 3, 4
    mixed = np.eye(3)[[0, 1, 2, 2, 1]]  # kept: 0, 3, 4
    assert mixval(p, mixed, partners) == pytest.approx((1 / 2 + 2 / 3) / 2)
    one_class = np.eye(3)[[0] * 5]
    assert mixval(one_class, one_class, partners) == 0.5
    x = np.arange(6.0).reshape(3, 2)
    np.testing.assert_allclose(mixed_inputs(x, [1, 2, 0], share=0.75)[0], [0.5, 1.5])
    np.testing.assert_allclose(
        mixed_inputs(torch.tensor(x), [1, 2, 0])[2], 0.55 * x[2] + 0.45 * x[0]
    )


def test_mixval_of_a_model_is_seeded_and_likes_smooth_borders():
    (xs, ys), _, (xt, _) = blobs()
    smooth = LogisticRegression().fit(xs, ys).predict_proba
    rng = np.random.default_rng(0)

    def rough(x):
        return softmax(np.sin(40 * x @ rng_weights) * 9)

    rng_weights = rng.normal(size=(2, 3))
    assert mixval_of(smooth, xt, seed=1) == mixval_of(smooth, xt, seed=1)
    assert mixval_of(smooth, xt) > mixval_of(rough, xt) + 0.3


def test_reverse_validation_trains_on_the_targets_answers():
    (xs, ys), held, (xt, _) = blobs()
    p = LogisticRegression().fit(xs, ys).predict_proba(xt)
    seen = []

    def fit(x, y, unlabeled):
        seen.append((x, y, unlabeled))
        return linear_fit(x, y, unlabeled)

    found = reverse_validation(xt, p, *held, fit=fit)
    ((x, y, unlabeled),) = seen
    assert x is xt
    assert unlabeled is held[0]
    np.testing.assert_array_equal(y, p.argmax(1))
    backward = LogisticRegression().fit(xt, p.argmax(1)).predict(held[0])
    assert found == pytest.approx(balanced_accuracy(backward, held[1]))
    assert reverse_validation(xt, np.eye(3)[[1] * len(xt)], *held, fit=fit) == pytest.approx(1 / 3)
    assert len(seen) == 1, "one class is not fitted"


# --- skada, where it follows the papers


def task():
    """Two classes of two domains as skada takes them, and its model: scaling, then logistic regression."""
    rng = np.random.default_rng(0)
    y = np.tile([0, 1], 60)
    domain = np.repeat([1, -2], 60)
    x = rng.normal(size=(120, 3)) + y[:, None] + (domain < 0)[:, None] * 0.6
    return x, y, domain


def test_skadas_scores_agree(skada):
    """Its entropy divides by the number of classes too; its IWCV is normalized and an accuracy; its SND keeps a trace of self."""
    from skada import metrics as peer

    x, y, domain = task()
    source = domain > 0
    model = skada.make_da_pipeline(
        StandardScaler(), LogisticRegression().set_score_request(sample_weight=True)
    )
    masked = np.where(source, y, -1)
    model.fit(x, masked, sample_domain=domain)
    p_t = model.predict_proba(x[~source], sample_domain=domain[~source])
    p_s = model.predict_proba(x[source], sample_domain=domain[source], allow_source=True)

    def theirs(scorer):
        return scorer(model, x, masked, sample_domain=domain)

    assert -mean_entropy(p_t) == pytest.approx(2 * theirs(peer.PredictionEntropyScorer()))
    assert soft_neighborhood_density(p_t) == pytest.approx(
        theirs(peer.SoftNeighborhoodDensity()), abs=1e-6
    )
    kernels = [KernelDensity().fit(x[part]).score_samples(x[source]) for part in (~source, source)]
    weights = np.exp(kernels[0] - kernels[1])
    assert 1 - iwcv_risk(p_s, y[source], weights, normalized=True) == pytest.approx(
        theirs(peer.ImportanceWeightedScorer())
    )
    partners = np.random.RandomState(0).permutation(60)
    mixed = model.predict_proba(mixed_inputs(x[~source], partners), sample_domain=domain[~source])
    assert mixval(p_t, mixed, partners) == pytest.approx(theirs(peer.MixValScorer(random_state=0)))

    def fit(x_, y_, unlabeled):
        scaler = StandardScaler().fit(np.concatenate([unlabeled, x_]))
        inner = LogisticRegression().fit(scaler.transform(x_), y_)
        return lambda new: inner.predict(scaler.transform(new))

    assert reverse_validation(x[~source], p_t, x[source], y[source], fit=fit) == pytest.approx(
        theirs(peer.CircularValidation())
    )


def test_skadas_dev_agrees_if_its_losses_stand_in_a_column(skada):
    """By default they lie in a row, and each weight meets each loss: the weights no longer choose examples."""
    from skada import metrics as peer

    x, y, domain = task()
    source = domain > 0
    model = skada.make_da_pipeline(StandardScaler(), LogisticRegression())
    model.fit(x, np.where(source, y, -1), sample_domain=domain)
    rows = np.arange(60)
    train, held = train_test_split(rows, test_size=0.33, random_state=np.random.RandomState(3))
    xs, ys = x[source], y[source]
    features = model[:-1].transform
    f_train, f_held, f_target = map(features, (xs[train], xs[held], x[~source]))
    probe = LogisticRegression().fit(
        np.concatenate([f_train, f_target]), np.repeat([1, 0], [len(train), 60])
    )
    odds = probe.predict_proba(f_held)
    weights = len(train) / 60 * odds[:, 0] / odds[:, 1]
    p = model.predict_proba(xs[held], sample_domain=np.ones(len(held)), allow_source=True)
    found = dev_risk(p, ys[held], weights, loss="cross-entropy")
    masked = np.where(source, y, -1)

    def in_a_column(y, p):
        return -np.log(p[np.arange(len(y)), y])[:, None]

    scorer = peer.DeepEmbeddedValidation(loss_func=in_a_column, random_state=3)
    assert -found == pytest.approx(scorer(model, x, masked, sample_domain=domain), abs=1e-9)


# --- the registry, and what cannot be judged


def test_every_file_of_the_room_is_a_judge_or_serves_one():
    assert set(JUDGES) == {
        "atc",
        "dev",
        "entropy",
        "information",
        "iwcv",
        "mixval",
        "reverse",
        "snd",
        "source_risk",
    }
    for name, score in JUDGES.items():
        assert score.name == name
        assert score.title
        assert any(c.isdigit() for c in score.paper)
        assert score.limits.endswith(".")
    assert JUDGES["dev"].needs == ("source_probabilities", "source_labels", "weights")


def test_the_room_is_loaded_when_it_is_first_used():
    code = (
        "import sys, tltutor as tl; tl.metrics.accuracy\n"
        "assert 'tltutor.metrics.judges' not in sys.modules, 'too early'\n"
        "print(len(tl.metrics.judges.JUDGES), len(tl.metrics.transferability.TRANSFERABILITY))\n"
        "assert not {'sklearn', 'ot'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.split() == [str(len(JUDGES)), "7"]
    with pytest.raises(AttributeError, match="no attribute 'judge'"):
        metrics.judge  # noqa: B018


def test_what_lacks_evidence_is_left_out_and_said_when_asked_for():
    p, _ = probabilities()
    found = judge({"target_probabilities": p})
    assert list(found) == ["entropy", "information", "snd"]
    assert judge({"target_probabilities": p}, "snd") == {"snd": found["snd"]}
    with pytest.raises(
        ValueError, match="dev needs .*, got no source_probabilities, source_labels, weights"
    ):
        judge({"target_probabilities": p}, "dev")
    with pytest.raises(ValueError, match="no score is called 'den'.*'dev'"):
        judge({"target_probabilities": p}, "den")


def test_three_examples_are_enough():
    p, y = np.array([[0.7, 0.3], [0.4, 0.6], [0.2, 0.8]]), np.array([0, 1, 0])
    found = judge(
        {
            "source_probabilities": p,
            "source_labels": y,
            "target_probabilities": p[::-1],
            "weights": [0.5, 1, 2],
            "mixed_probabilities": p,
            "mixing_partners": [1, 2, 0],
        }
    )
    assert len(found) == len(JUDGES) - 1
    assert all(math.isfinite(value) for value in found.values())


def test_what_cannot_be_judged_is_said_in_a_sentence():
    p, y = probabilities(n=6, k=3)
    broken = p.copy()
    broken[4, 0] = np.nan
    wide = np.full((6, 4), 0.25)
    good = {
        "source_probabilities": p,
        "source_labels": y,
        "target_probabilities": p,
        "weights": np.ones(6),
        "mixed_probabilities": p,
        "mixing_partners": np.arange(6),
        "target_inputs": p,
        "source_inputs": p,
        "fit": linear_fit,
    }
    for what in ("source_probabilities", "target_probabilities", "mixed_probabilities"):
        for bad, words in (
            (broken, "NaN or infinity in 1 of 6"),
            (2 * p, "sum to 1"),
            (p[:, :1], "pass the columns 1 - p and p"),
        ):
            for name, score in JUDGES.items():
                if what in score.needs:
                    with pytest.raises(ValueError, match=f"{what} must .*{words}"):
                        judge({**good, what: bad}, name)
    cases = {
        "weights must be finite, at least 0, and not all 0, got 6 times 0": (
            "iwcv",
            "weights",
            np.zeros(6),
        ),
        "got nan for example 2": ("dev", "weights", [1, 1, np.nan, 1, 1, 1]),
        "got inf for example 1": ("iwcv", "weights", [1, np.inf, 1, 1, 1, 1]),
        "got -1.0 for example 0": ("iwcv", "weights", [-1, 1, 1, 1, 1, 1]),
        r"weights must have shape \(6,\)": ("dev", "weights", np.ones(5)),
        "source_labels must be known, got -1 for example 5": (
            "source_risk",
            "source_labels",
            [0, 1, 2, 0, 1, -1],
        ),
        "below the 3 columns of the probabilities, got 3": (
            "atc",
            "source_labels",
            [0, 1, 2, 0, 1, 3],
        ),
        "for each of 3 classes, got 4": ("atc", "target_probabilities", wide),
        "each of 3 classes, got 4": ("mixval", "mixed_probabilities", wide),
        "partners 0 to 5, got 6 mixes of partners 0 to 6": (
            "mixval",
            "mixing_partners",
            np.arange(1, 7) % 7 * [1, 1, 1, 1, 0, 1],
        ),
        "got 5 and 6 rows": ("reverse", "target_inputs", p[:5]),
    }

    def check(case):
        words, (name, what, value) = case
        with pytest.raises(ValueError, match=words):
            judge({**good, what: value}, name)

    for_each(cases.items(), check)
    with pytest.raises(ValueError, match="DEV needs at least 2"):
        dev_risk(p[:1], y[:1], [1.0])
    with pytest.raises(ValueError, match="at least 2 target examples, got 1"):
        soft_neighborhood_density(p[:1])
    with pytest.raises(ValueError, match="temperature must be above 0, got 0"):
        soft_neighborhood_density(p, temperature=0)
    with pytest.raises(ValueError, match=r"share must be between 0.5 and 1, got 0.4"):
        mixval_of(np.asarray, p, share=0.4)
    with pytest.raises(ValueError, match="no loss is called 'mse'"):
        source_risk(p, y, loss="mse")
