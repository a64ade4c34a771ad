"""The formulas against closed forms, double loops and peer libraries; each non-obvious line has a wrong version that dies here."""

import ast
import inspect
import math
import sys
from itertools import groupby

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics.pairwise import rbf_kernel
from test_session import build
from torch import nn
from torch.nn import functional as F

from tltutor import build_network, load_pair, objectives
from tltutor.events import Stepped
from tltutor.lessons.faults import all_faults, find_fault
from tltutor.objectives import (
    CORAL,
    DANN,
    MMD,
    OBJECTIVES,
    Objective,
    build_objective,
    objective_groups,
    objective_names,
)
from tltutor.objectives.coral import coral_distance
from tltutor.objectives.dann import reverse_gradient, schedule
from tltutor.objectives.families import FAMILIES
from tltutor.objectives.kernels import gaussian_kernel, median_distance, squared_distances
from tltutor.objectives.l2sp import l2_sp
from tltutor.objectives.mmd import mmd2


def normal(n, d, mean=0.0, scale=1.0, *, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).normal(mean, scale, (n, d)))


# --- MMD (oracles 5 and 6)


def mmd2_by_loops(xs, xt, sigma, *, unbiased):
    def k(a, b):
        return math.exp(-float(((a - b) ** 2).sum()) / (2 * sigma**2))

    def mean(a, b, *, same):
        pairs = [
            (i, j)
            for i in range(len(a))
            for j in range(len(b))
            if not (same and unbiased and i == j)
        ]
        return sum(k(a[i], b[j]) for i, j in pairs) / len(pairs)

    return mean(xs, xs, same=True) + mean(xt, xt, same=True) - 2 * mean(xs, xt, same=False)


@pytest.mark.parametrize("estimator", ["unbiased", "biased"])
def test_mmd2_equals_a_double_loop_with_unequal_sides(estimator):
    xs, xt = normal(7, 3, seed=1), normal(11, 3, 0.5, seed=2)
    by_loops = mmd2_by_loops(xs.numpy(), xt.numpy(), 1.3, unbiased=estimator == "unbiased")
    assert float(mmd2(xs, xt, [1.3], estimator)) == pytest.approx(by_loops, rel=1e-9)


def test_mmd2_of_two_gaussians_is_the_closed_form():
    d, s, sigma, mu = 3, 1.0, 1.5, 0.8
    c = (sigma**2 / (sigma**2 + 2 * s**2)) ** (d / 2)
    truth = 2 * c * (1 - math.exp(-d * mu**2 / (2 * (sigma**2 + 2 * s**2))))
    found = [
        float(mmd2(normal(600, d, seed=i), normal(600, d, mu, seed=100 + i), [sigma]))
        for i in range(5)
    ]
    assert np.mean(found) == pytest.approx(truth, rel=0.05)


def test_under_the_null_unbiased_averages_zero_and_biased_its_known_mean():
    n, d, sigma = 20, 2, 1.0
    expected_k = (sigma**2 / (sigma**2 + 2)) ** (d / 2)
    draws = [(normal(n, d, seed=2 * i), normal(n, d, seed=2 * i + 1)) for i in range(400)]
    unbiased = np.array([float(mmd2(xs, xt, [sigma])) for xs, xt in draws])
    biased = np.array([float(mmd2(xs, xt, [sigma], "biased")) for xs, xt in draws])
    assert abs(unbiased.mean()) < 4 * unbiased.std() / 20
    assert 0.35 < (unbiased < 0).mean() < 0.75  # a negative value is no bug
    assert biased.mean() == pytest.approx(2 / n * (1 - expected_k), rel=0.05)
    assert (biased >= 0).all()


def test_the_kernel_is_scikit_learns_rbf_kernel():
    x = normal(9, 4)
    k = gaussian_kernel(squared_distances(x), [0.7])
    np.testing.assert_allclose(k, rbf_kernel(x, gamma=1 / (2 * 0.7**2)), rtol=1e-9)


def test_several_widths_are_the_mean_of_each():
    xs, xt = normal(6, 2, seed=1), normal(5, 2, 1.0, seed=2)
    each = [float(mmd2(xs, xt, [w])) for w in (0.5, 1.0, 2.0)]
    assert float(mmd2(xs, xt, [0.5, 1.0, 2.0])) == pytest.approx(np.mean(each))


def test_mmd2_does_not_depend_on_order_place_rotation_or_unit():
    xs, xt = normal(8, 3, seed=1), normal(9, 3, 0.6, seed=2)
    value = float(mmd2(xs, xt, [1.0]))
    q = torch.linalg.qr(normal(3, 3, seed=3)).Q
    assert float(mmd2(xs.flip(0), xt, [1.0])) == pytest.approx(value)
    assert float(mmd2(xs + 5, xt + 5, [1.0])) == pytest.approx(value)
    assert float(mmd2(xs @ q, xt @ q, [1.0])) == pytest.approx(value)
    assert float(mmd2(xs * 7, xt * 7, [7.0])) == pytest.approx(value)


def test_a_point_is_at_no_distance_from_itself_however_sums_are_rounded():
    assert (squared_distances(100 * normal(50, 7).float()).diagonal() == 0).all()


def test_median_distance_is_of_the_off_diagonal_pairs_detached_and_never_zero():
    x = normal(11, 2).requires_grad_()
    d = torch.cdist(x.detach(), x.detach())[torch.triu_indices(11, 11, 1).unbind()]
    assert float(median_distance(squared_distances(x))) == pytest.approx(float(d.median()))
    assert not median_distance(squared_distances(x)).requires_grad
    assert median_distance(squared_distances(torch.ones(5, 2))) == 1


@pytest.mark.parametrize("n", [2, 5])
def test_constant_features_give_a_finite_mmd_and_gradient(n):
    fs, ft = torch.ones(n, 4, requires_grad=True), torch.ones(n, 4)
    d2 = squared_distances(torch.cat([fs, ft]))
    value = mmd2(fs, ft, [float(median_distance(d2))])
    value.backward()
    assert value.isfinite()
    assert fs.grad.isfinite().all()


def test_float32_far_from_the_origin_stays_right():
    xs, xt = normal(50, 2, seed=1), normal(50, 2, 1.0, seed=2)
    near = float(mmd2(xs, xt, [1.0]))
    far = float(mmd2(xs.float() + 1000, xt.float() + 1000, [1.0]))
    assert far == pytest.approx(near, rel=1e-3)


def test_unbiased_needs_two_a_side_and_an_estimator_has_a_name():
    with pytest.raises(ValueError, match="at least 2 examples a side, got 1 and 3"):
        mmd2(normal(1, 2), normal(3, 2), [1.0])
    with pytest.raises(ValueError, match="'unbiased' or 'biased', got 'u'"):
        mmd2(normal(3, 2), normal(3, 2), [1.0], "u")


# --- CORAL (oracle 7)


def test_coral_equals_torch_cov_and_ignores_a_shift_of_the_mean():
    fs, ft = normal(10, 4, seed=1), normal(15, 4, 1.0, 2.0, seed=2)
    by_torch = (torch.cov(fs.T) - torch.cov(ft.T)).square().sum() / (4 * 4**2)
    assert float(coral_distance(fs, ft)) == pytest.approx(float(by_torch))
    assert float(coral_distance(fs, fs + 3)) == pytest.approx(0, abs=1e-12)


def test_coral_in_one_dimension_and_under_rotation():
    fs, ft = normal(10, 1, seed=1), normal(15, 1, 0.0, 2.0, seed=2)
    assert float(coral_distance(fs, ft)) == pytest.approx(
        (float(fs.var()) - float(ft.var())) ** 2 / 4
    )
    fs, ft, q = (
        normal(9, 3, seed=3),
        normal(8, 3, 0.0, 2.0, seed=4),
        torch.linalg.qr(normal(3, 3)).Q,
    )
    assert float(coral_distance(fs @ q, ft @ q)) == pytest.approx(float(coral_distance(fs, ft)))


def test_coral_of_one_example_says_what_to_do():
    with pytest.raises(
        ValueError, match="at least 2 examples, got 1: give more, or take a larger batch"
    ):
        coral_distance(normal(1, 2), normal(3, 2))


# --- DANN (oracles 1 to 4)


def test_reversal_is_the_identity_forward_and_minus_weight_backward():
    x, w = normal(4, 3).requires_grad_(), normal(3, 1)
    y = reverse_gradient(x, 0.3)
    assert torch.equal(y, x)
    (y @ w).sum().backward()
    torch.testing.assert_close(x.grad, -0.3 * w.T.expand(4, 3))


@pytest.mark.parametrize(("p", "value"), [(0, 0.0), (0.1, 0.46212), (0.5, 0.98661), (1, 0.99991)])
def test_schedule_takes_the_papers_values(p, value):
    assert schedule(p) == pytest.approx(value, abs=1e-5)


CRITICS = {
    "dann": ("discriminator", 100),
    "cdan": ("discriminator", 500),
    "adda": ("discriminator", 500),
    "wdgrl": ("critic", 100),
    "mdd": ("adversary", 1024),
}


@pytest.mark.parametrize("name", CRITICS)
def test_critics_have_as_many_units_as_docstrings_and_papers_say(name):
    part, units = CRITICS[name]
    objective = build(name).objective
    assert {
        layer.out_features for layer in getattr(objective, part) if isinstance(layer, nn.Linear)
    } - {1, 3} == {units}


def test_distances_are_never_below_zero():
    twins = (1000 * normal(40, 5)).float().repeat_interleave(2, 0) + 1e-4
    assert (squared_distances(twins) >= 0).all()


def bound_dann(d=3, seed=0):
    dann = DANN()
    dann.setup(type("Wide", (), {"feature_width": d})(), None, torch.Generator().manual_seed(seed))
    return dann


def make_batch(fs, ft, weight=1.0, ys=None):
    from tltutor.objectives import Batch

    zs = fs[:, :2]
    ys = torch.zeros(len(fs), dtype=torch.int64) if ys is None else ys
    return Batch(
        xs=fs,
        ys=ys,
        xt=ft,
        fs=fs,
        ft=ft,
        zs=zs,
        zt=ft[:, :2],
        weight=weight,
        progress=0.5,
        network=None,
    )


def domain_gradients(weight):
    """Gradients of the domain term: of the features, and of the discriminator."""
    dann, fs, ft = (
        bound_dann(),
        normal(5, 3, seed=1).float().requires_grad_(),
        normal(7, 3, 1.0, seed=2).float(),
    )
    dann(make_batch(fs, ft, weight))["domain"].backward()
    return fs.grad, [p.grad for p in dann.discriminator.parameters()]


def test_the_critics_gradient_reaches_the_features_at_the_start():
    features, _ = domain_gradients(1.0)
    assert features.abs().max() > 0


def test_lambda_scales_the_features_gradient_alone():
    features_1, discriminator_1 = domain_gradients(1.0)
    features_3, discriminator_3 = domain_gradients(3.0)
    torch.testing.assert_close(features_3, 3 * features_1)
    for a, b in zip(discriminator_1, discriminator_3, strict=True):
        assert torch.equal(a, b)


def test_the_encoders_gradient_is_that_of_task_minus_lambda_times_domain():
    dann, weight = bound_dann(), 0.7
    fs, ft = (
        normal(5, 3, seed=1).float().requires_grad_(),
        normal(7, 3, 1.0, seed=2).float().requires_grad_(),
    )
    sum(dann(make_batch(fs, ft, weight)).values()).backward()
    by_hand_s, by_hand_t = fs.detach().requires_grad_(), ft.detach().requires_grad_()
    logit = dann.discriminator(torch.cat([by_hand_s, by_hand_t])).squeeze(1)
    domain = F.binary_cross_entropy_with_logits(logit, torch.tensor([0.0] * 5 + [1.0] * 7))
    task = F.cross_entropy(by_hand_s[:, :2], torch.zeros(5, dtype=torch.int64))
    wanted = torch.autograd.grad(task - weight * domain, [by_hand_s, by_hand_t])
    torch.testing.assert_close(fs.grad, wanted[0])
    torch.testing.assert_close(ft.grad, wanted[1])


def test_on_frozen_features_the_critic_reaches_logistic_regression():
    xs, xt = normal(300, 3, seed=1).float(), normal(200, 3, 1.5, seed=2).float()
    dann = bound_dann()
    optimizer = torch.optim.Adam(dann.parameters(), lr=0.01)
    for _ in range(300):
        optimizer.zero_grad()
        dann(make_batch(xs, xt))["domain"].backward()
        optimizer.step()
    x, y = torch.cat([xs, xt]), np.repeat([0, 1], [300, 200])
    peer = LogisticRegression().fit(x, y).score(x, y)
    own = ((dann.discriminator(x).squeeze(1) > 0).numpy() == y).mean()
    assert own >= peer - 0.01


def test_the_joint_batch_is_split_by_length():
    dann, fs, ft = bound_dann(), normal(3, 3, seed=1).float(), normal(8, 3, 1.0, seed=2).float()
    each = [
        F.binary_cross_entropy_with_logits(
            dann.discriminator(f).squeeze(1), torch.full((len(f),), t)
        )
        for f, t in ((fs, 0.0), (ft, 1.0))
    ]
    wanted = (3 * each[0] + 8 * each[1]) / 11
    torch.testing.assert_close(dann(make_batch(fs, ft))["domain"], wanted)


def test_binding_a_critic_leaves_the_global_random_state_alone():
    before = torch.random.get_rng_state()
    first, again, other = bound_dann(seed=1), bound_dann(seed=1), bound_dann(seed=2)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.equal(first.discriminator[0].weight, again.discriminator[0].weight)
    assert not torch.equal(first.discriminator[0].weight, other.discriminator[0].weight)


# --- task + lambda * penalty (oracle 8), on the two penalties


@pytest.mark.parametrize("cls", [MMD, CORAL])
def test_the_penalty_is_weighted_and_the_task_stands_beside_it(cls):
    fs, ft = normal(6, 3, seed=1), normal(6, 3, 1.0, 2.0, seed=2)
    one, half = cls()(make_batch(fs, ft, 1.0)), cls()(make_batch(fs, ft, 0.5))
    name = cls.name
    assert float(half[name]) == pytest.approx(float(one[name]) / 2)
    assert float(one["task"]) == pytest.approx(
        float(F.cross_entropy(fs[:, :2], torch.zeros(6, dtype=torch.int64)))
    )


def test_mmd_takes_three_widths_around_the_slider_in_medians():
    fs, ft = normal(6, 3, seed=1), normal(8, 3, 1.0, seed=2)
    sigma = 2.0 * float(median_distance(squared_distances(torch.cat([fs, ft]))))
    wanted = float(mmd2(fs, ft, [sigma / 2, sigma, 2 * sigma], "biased"))
    assert float(MMD(width=2.0, estimator="biased")(make_batch(fs, ft))["mmd"]) == pytest.approx(
        wanted
    )


# --- L2-SP (oracle 16)


def linear(d=3):
    layer = nn.Linear(d, 1, bias=False).double()
    start = {"weight": normal(1, d, seed=5)}
    with torch.no_grad():
        layer.weight.copy_(start["weight"])
    return layer, start


def test_l2_sp_is_zero_at_the_start():
    layer, start = linear()
    assert l2_sp(layer, start).item() == 0


def test_l2_sp_on_a_linear_model_is_ridge_around_the_start():
    n, d, a = 40, 3, 0.3
    x, y = normal(n, d, seed=1), normal(n, 1, seed=2)
    layer, start = linear(d)
    optimizer = torch.optim.LBFGS(
        layer.parameters(), lr=1, max_iter=100, tolerance_grad=1e-12, tolerance_change=1e-14
    )

    def loss():
        optimizer.zero_grad()
        value = (y - layer(x)).square().sum() / (2 * n) + a * l2_sp(layer, start)
        value.backward()
        return value

    optimizer.step(loss)
    ridge = Ridge(alpha=n * a, fit_intercept=False).fit(
        x, (y - x @ start["weight"].T).numpy().ravel()
    )
    np.testing.assert_allclose(
        layer.weight.detach().numpy()[0], start["weight"].numpy()[0] + ridge.coef_, rtol=1e-5
    )


# --- what all have in common


@pytest.mark.parametrize("name", objective_names())
def test_every_objective_declares_itself(name):
    objective = build_objective(name)
    assert objective.title
    assert objective.weight.name == "weight"
    assert ("weight" in {setting.name for setting in objective.declared()}) == objective.weighted
    for setting in objective.settings:
        assert getattr(objective, setting.name) == setting.default
        assert setting.text.endswith(".")


@pytest.mark.parametrize("name", objective_names())
def test_a_run_tells_the_terms_that_are_declared_and_no_other(name):
    objective = build_objective(name)
    told = [tuple(fact.losses) for fact in build(objective) if isinstance(fact, Stepped)]
    assert {term for terms in told for term in terms} == set(objective.terms)
    assert len(set(objective.terms)) == len(objective.terms)
    assert "task" not in objective.terms[1:], "the task's term is the first"


def test_faults_of_the_lessons_tell_the_terms_of_what_they_break():
    boxed = load_pair("clear->foggy", seed=0)
    detector = build_network("tiny-detector", boxed, seed=0, width=8)
    of_boxes = {"rows-first": {"pair": boxed, "network": detector, "lr": 0.01}}
    for name in all_faults():
        cls = find_fault(name)
        if issubclass(cls, Objective):
            run = build(cls(), **of_boxes.get(name, {}))
            told = {term for fact in run if isinstance(fact, Stepped) for term in fact.losses}
            assert told == set(cls.terms), name


def test_objectives_are_listed_by_family_and_within_it_by_year():
    families = [cls.family for cls in OBJECTIVES.values()]
    assert [name for name, _ in groupby(families)] == [f.name for f in FAMILIES if f.name]
    for _, group in groupby(OBJECTIVES.values(), key=lambda cls: cls.family):
        years = [cls.year for cls in group]
        assert years == sorted(years)
    assert next(iter(OBJECTIVES)) == "source-only"


def test_groups_hold_every_objective_once_in_the_order_of_the_menu():
    groups = objective_groups()
    assert [name for group in groups for name in group.names] == list(OBJECTIVES)
    for group in groups:
        assert {OBJECTIVES[name].family for name in group.names} == {group.family}
        assert group[1:3] == next(f[1:] for f in FAMILIES if f.name == group.family)
        assert group.text.endswith(".")
        assert len(group.text) < 90
    assert len({group.title for group in groups}) == len(groups)


def test_a_family_without_an_objective_makes_no_group(monkeypatch):
    assert all(group.family for group in objective_groups())

    class Own(OBJECTIVES["mmd"]):
        name, family = "own", ""

    monkeypatch.setitem(OBJECTIVES, "own", Own)
    assert objective_groups()[-1] == ("", "Others", "Methods that name no family.", ("own",))


def test_the_years_are_those_that_the_files_name_first():
    for name, cls in OBJECTIVES.items():
        opening = inspect.getdoc(inspect.getmodule(cls)) + inspect.getdoc(cls)
        assert not cls.year or str(cls.year) in opening, name


FILE = '''
"""A file of a learner's own."""

from tltutor.objectives.dann import DANN
from tltutor.objectives.objective import Objective


class Yours(DANN):
    name = "yours"
    title = "Yours"
    family = "{family}"
    year = 2010


class _Base(Yours):
    """A class that others build on is none that can be chosen."""
'''


def with_file(monkeypatch, folder, family):
    """The classes of the room when this folder belongs to it."""
    (folder / "yours.py").write_text(FILE.format(family=family), "utf-8")
    monkeypatch.setattr(objectives, "__path__", [*objectives.__path__, str(folder)])
    monkeypatch.delitem(sys.modules, "tltutor.objectives.yours", raising=False)
    return objectives._scan_folder()


def test_a_new_file_is_found_and_what_it_imports_is_not_found_twice(monkeypatch, tmp_path):
    classes = with_file(monkeypatch, tmp_path, "adversarial")
    assert len(classes) == len(set(classes)) == len(OBJECTIVES) + 1
    found = {cls.name: cls for cls in classes}
    assert found.keys() - OBJECTIVES.keys() == {"yours"}
    assert all(found[name] is OBJECTIVES[name] for name in OBJECTIVES)
    assert next(name for name in found if found[name].family == "adversarial") == "yours", (
        "the earliest"
    )
    assert found["yours"].__name__ == "Yours"
    monkeypatch.delitem(sys.modules, "tltutor.objectives.yours")


def test_a_family_that_is_none_is_named_with_those_there_are(monkeypatch, tmp_path):
    with pytest.raises(
        ValueError,
        match=r"family of objectives \(in Yours\) is called 'adversaries': did you mean 'adversarial'",
    ):
        with_file(monkeypatch, tmp_path, "adversaries")
    monkeypatch.delitem(sys.modules, "tltutor.objectives.yours")


def test_editors_and_type_checkers_are_told_the_truth():
    """What `__init__` lists for them is what is there when it runs."""
    tree = ast.parse(inspect.getsource(objectives))
    (block,) = (
        node
        for node in tree.body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    for line in block.body:
        (alias,) = line.names
        found = getattr(objectives, alias.name)
        assert alias.asname == alias.name == found.__name__
        assert line.module == found.__module__
        assert found in OBJECTIVES.values()


def test_unknown_names_are_met_with_the_nearest_known():
    with pytest.raises(ValueError, match="no objective is called 'corral': did you mean 'coral'"):
        build_objective("corral")
    with pytest.raises(
        ValueError, match="no setting of MMD is called 'widht': did you mean 'width'"
    ):
        MMD(widht=2)
    with pytest.raises(
        ValueError, match="width must be a number between 0.05 and 20 medians, got 0"
    ):
        MMD(width=0)


DEFAULTS = {  # of the papers, or of their authors' code: lambda, and what else decides; benchmarks and texts rest on them
    "bss": {"weight": 0.001, "smallest": 1},
    "delta": {"weight": 0.64, "beta": 0.01},
    "l2-sp": {"weight": 0.1, "beta": 0.01},
    "coral": {"weight": 100.0},
    "cmd": {"weight": 1.0, "moments": 5},
    "homm": {"weight": 10_000.0, "order": 3},
    "lmmd": {"weight": 0.5, "kernels": 5, "gamma": 10.0},
    "dan": {"weight": 1.0, "layers": 3, "kernels": 5},
    "wdgrl": {"weight": 0.01, "penalty": 10.0, "critic_rate": 0.5},
    "deep-jdot": {"weight": 1.0, "alpha": 0.001, "label_weight": 0.0001},
    "dann": {"weight": 1.0, "gamma": 10.0, "discriminator_rate": 1.0},
    "cdan": {"weight": 1.0, "gamma": 10.0, "products": 1024},
    "mdd": {"weight": 0.1, "margin": 4.0},
    "mcd": {"weight": 1.0},
    "mcc": {"weight": 1.0, "temperature": 2.5},
    "afn": {"weight": 0.05, "step": 1.0, "radius": 25.0, "kind": "stepwise"},
    "pseudo-labels": {"weight": 3.0, "threshold": 0.95},
    "fixmatch": {"weight": 1.0, "threshold": 0.95},
    "attention": {"weight": 100.0},
    "rkd": {"weight": 1.0, "distance": 25.0, "angle": 50.0},
    "mean-teacher": {"weight": 3.0, "memory": 0.99, "confidence": 0.968},
    "mme": {"weight": 0.1},
    "m3sda": {"weight": 0.1},
}


@pytest.mark.parametrize("name", DEFAULTS)
def test_defaults_are_those_that_docstrings_give_a_source_for(name):
    objective = build_objective(name)
    declared = {s.name: getattr(objective, s.name, s.default) for s in objective.settings} | {
        "weight": objective.weight.default
    }
    assert {setting: declared[setting] for setting in DEFAULTS[name]} == DEFAULTS[name]
