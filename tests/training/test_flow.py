"""The flow at a look: gradients against autograd by hand and against the step that follows; and looking changes nothing."""

import math
from typing import ClassVar

import numpy as np
import pytest
import torch
from cases import for_each
from test_session import build, image_pair, same, weights
from torch import nn
from torch.nn import functional as F

import tltutor as tl
from tltutor.events import Flow, Snapshot
from tltutor.metrics import domain_probe_accuracy, feature_numbers, nearest_mean
from tltutor.networks.network import Body, Network
from tltutor.networks.small import Inputs
from tltutor.objectives import (
    DANN,
    MCD,
    MMD,
    OBJECTIVES,
    FineTune,
    Objective,
    SourceOnly,
    objective_names,
)
from tltutor.objectives.kernels import median_distance, squared_distances
from tltutor.objectives.mmd import mmd2
from tltutor.objectives.objective import task_loss
from tltutor.training.flow import EXAMPLES
from tltutor.training.regions import FIELD, grid_cells

TOUCHING = (  # those whose step changes more than weights, or draws random numbers
    ["adabn", "adda", "delta", "dsbn", "fixmatch", "mcd", "mean-teacher", "pada", "tent", "wdgrl"]
)
REST = [name for name in objective_names() if name not in TOUCHING]
ONE_PHASE = [name for name, cls in OBJECTIVES.items() if len(cls.phases) == 1 and name != "adda"]


def vector_pair(n=40):
    rng = np.random.default_rng(0)
    y = np.arange(n) % 3

    def domain(name, offset):
        x = rng.normal(size=(n, 2)) + 2 * np.stack([y == 1, y == 2], 1) + offset
        return tl.Domain(name, x.astype(np.float32), y)

    return tl.DomainPair(domain("s", 0), domain("t", 0.5), domain("t", 0.5), domain("s", 0))


def mlp(objective, **options):
    pair = vector_pair()
    network = tl.build_network("mlp", pair, width=7, seed=0)
    return build(objective, pair=pair, network=network, **options)


def flat(gradients):
    return torch.cat([g.detach().flatten() for g in gradients])


def gradient(loss, module):
    """The gradient of a loss by a module's parameters, flat; 0 where it does not depend on them."""
    found = torch.autograd.grad(
        loss, list(module.parameters()), retain_graph=True, materialize_grads=True
    )
    return flat(found)


def check_pull(pull, task, transfer):
    """A pull has the norms of these gradients and the cosine of their angle."""
    assert pull.task == pytest.approx(math.sqrt(float(task @ task)), rel=1e-4, abs=1e-7)
    assert pull.transfer == pytest.approx(math.sqrt(float(transfer @ transfer)), rel=1e-4, abs=1e-7)
    if float(task @ task) * float(transfer @ transfer) == 0:
        assert math.isnan(pull.cosine)
    else:
        cosine = F.cosine_similarity(task, transfer, dim=0)
        assert pull.cosine == pytest.approx(float(cosine), abs=1e-4)


def by_name(pulls):
    return {pull.part: pull for pull in pulls}


def passes(session):
    """Source and target of the coming minibatch through the network in training mode, with no help of the loop's own."""
    drawn, network = session._examples.peek(), session.network.train()
    seen = {}
    for side in ("source", "target"):
        h = {}
        f, z = network.on(side)(drawn.x[side], h)
        seen[side] = f, z, h
    return seen, drawn.y["source"]


# --- the oracles: autograd by hand


def source_only_by_hand(session):
    drawn = session._examples.peek()
    _, z = session.network.train().on("source")(drawn.x["source"])
    return F.cross_entropy(z, drawn.y["source"]), z.sum() * 0


def fine_tune_by_hand(session):
    drawn = session._examples.peek()
    _, z = session.network.train().on("target")(drawn.x["labeled"])
    return F.cross_entropy(z, drawn.y["labeled"]), z.sum() * 0


def mmd_by_hand(session):
    seen, ys = passes(session)
    (fs, zs, _), (ft, _, _) = seen["source"], seen["target"]
    sigma = float(median_distance(squared_distances(torch.cat([fs, ft]))))
    widths = [sigma / 2, sigma, 2 * sigma]
    return F.cross_entropy(zs, ys), 0.7 * mmd2(fs, ft, widths)


def dann_by_hand(session):
    """The reversal by hand: the stages feel -lambda times the gradient of the discriminator's loss."""
    seen, ys = passes(session)
    (fs, zs, _), (ft, _, _) = seen["source"], seen["target"]
    logit = session.objective.discriminator(torch.cat([fs, ft]))[:, 0]
    is_target = torch.cat([torch.zeros(len(fs)), torch.ones(len(ft))])
    loss = F.binary_cross_entropy_with_logits(logit, is_target)
    acts = 0.7 * (2 / (1 + math.exp(-10 * session.progress)) - 1)
    return F.cross_entropy(zs, ys), -acts * loss


ORACLES = {
    "source-only": (SourceOnly, source_only_by_hand),
    "fine-tune": (FineTune, fine_tune_by_hand),
    "mmd": (MMD, mmd_by_hand),
    "dann": (DANN, dann_by_hand),
}


@pytest.mark.parametrize("make", [build, mlp])
def test_norms_and_angles_at_each_part_are_autograds(make):
    def check(name):
        objective, by_hand = ORACLES[name]
        looked, plain = (make(objective(), weight=0.7) for _ in range(2))
        for session in (looked, plain):
            for _ in range(3):
                session.step()
        pulls = by_name(looked.pulls())
        task, transfer = by_hand(plain)
        parts = {**dict(plain.network.stages), "head": plain.network.head}
        assert list(pulls)[: len(parts)] == list(parts)
        for part, module in parts.items():
            assert pulls[part].kind == ("head" if part == "head" else "stage")
            assert pulls[part].trains
            check_pull(pulls[part], gradient(task, module), gradient(transfer, module))
        if name != "dann":
            return
        critic = plain.objective.discriminator
        acts = 0.7 * (2 / (1 + math.exp(-10 * plain.progress)) - 1)
        check_pull(
            pulls["discriminator"], gradient(task, critic), gradient(transfer / -acts, critic)
        )
        assert pulls["discriminator"].kind == "objective"

    for_each(ORACLES, check)


@pytest.mark.parametrize("make", [build, mlp])
def test_of_several_phases_each_term_counts_once_and_where_its_phase_trains(make):
    looked, plain = (make(MCD(), weight=0.7) for _ in range(2))
    for session in (looked, plain):
        session.step()
    pulls = by_name(looked.pulls())
    seen, ys = passes(plain)
    (fs, zs, _), (ft, zt, _) = seen["source"], seen["target"]
    second = plain.objective.second
    task = F.cross_entropy(zs, ys) + F.cross_entropy(second(fs), ys)
    apart = 0.7 * (zt.softmax(1) - second(ft).softmax(1)).abs().mean()
    for name, stage in plain.network.stages.items():
        check_pull(pulls[name], gradient(task, stage), gradient(apart, stage))
    for name, head in (("head", plain.network.head), ("second", second)):
        check_pull(pulls[name], gradient(task, head), gradient(-apart, head))


def test_a_phase_that_trains_the_objective_alone_does_not_reach_the_network():
    session = build("wdgrl", weight=0.3)
    session.step()
    pulls = by_name(session.pulls())
    drawn, objective = session._examples.peek(), session.objective
    seen, _ = passes(session)
    fs, ft = seen["source"][0], seen["target"][0]
    distance = objective.critic(fs).mean() - objective.critic(ft).mean()
    assert len(drawn.x["source"]) == 12
    wanted = gradient(0.3 * distance, session.network.stages["conv1"])
    assert pulls["conv1"].transfer == pytest.approx(float(wanted.norm()), rel=1e-4)
    assert pulls["critic"].transfer > float(gradient(distance, objective.critic).norm())
    assert pulls["critic"].task == 0


@pytest.mark.parametrize("make", [build, mlp])
def test_a_frozen_stage_is_felt_at_its_output(make):
    looked, plain = (make(DANN(), weight=0.7, freeze_depth=2) for _ in range(2))
    for session in (looked, plain):
        session.step()
    pulls = by_name(looked.pulls())
    plain.network.train()
    leaves = []

    def as_leaf(_module, _inputs, output):
        leaves.append(output if output.requires_grad else output.requires_grad_())

    frozen = list(plain.network.stages.values())[:2]
    hooks = [stage.register_forward_hook(as_leaf) for stage in frozen]
    task, transfer = dann_by_hand(plain)
    for hook in hooks:
        hook.remove()
    first, second = [leaves[0], leaves[2]], [leaves[1], leaves[3]]  # of the source, of the target
    for name, h in zip(pulls, (first, second), strict=False):
        assert not pulls[name].trains
        by_task, by_transfer = (
            flat(torch.autograd.grad(loss, h, retain_graph=True, materialize_grads=True))
            for loss in (task, transfer)
        )
        assert float(by_task.norm()) > 0
        check_pull(pulls[name], by_task, by_transfer)
    for name, stage in list(plain.network.stages.items())[2:]:
        assert pulls[name].trains
        check_pull(pulls[name], gradient(task, stage), gradient(transfer, stage))


def test_behind_the_reversal_the_features_feel_the_opposite_sign():
    """To fool the discriminator is the opposite of helping it: with all other things equal, the angle turns round."""

    class Helping(DANN):
        name = "helping"

        def forward(self, batch):
            terms = super().forward(batch)
            f = torch.cat([batch.fs, batch.ft])
            logit = self.discriminator(f)[:, 0]
            is_target = (torch.arange(len(f)) >= len(batch.fs)).float()
            loss = F.binary_cross_entropy_with_logits(logit, is_target)
            return {**terms, "domain": batch.weight * loss}

    fooling, helping = (build(cls(), weight=1.0) for cls in (DANN, Helping))
    for session in (fooling, helping):
        session.step_number = 3  # lambda acts
    for a, b in zip(fooling.pulls()[:4], helping.pulls()[:4], strict=True):
        assert a.transfer == pytest.approx(b.transfer, rel=1e-4)
        assert a.cosine == pytest.approx(-b.cosine, abs=1e-5)
        assert a.transfer > 0


# --- it is the gradient of the coming step


def test_pulls_are_the_gradient_of_the_step_that_follows():
    """|task + transfer| of each part is the length of .grad after the step, for every method with one phase; also with dropout."""

    def check(name):
        pair = image_pair()
        network = tl.build_network("lenet", pair, channels=(4, 6), width=8, seed=0, dropout=0.4)
        session = build(name, pair=pair, network=network)
        for _ in range(2):
            session.step()
        pulls = session.pulls()
        session.step()
        modules = {
            **dict(session.network.stages),
            "head": session.network.head,
            **dict(session.objective.named_children()),
            **dict(session.objective.named_parameters(recurse=False)),
        }
        for pull in pulls:
            module = modules[pull.part]
            moving = [module] if isinstance(module, nn.Parameter) else list(module.parameters())
            moving = [p for p in moving if p.requires_grad]
            assert pull.trains == bool(moving)
            if not moving:
                continue
            square = pull.task**2 + pull.transfer**2
            if not math.isnan(pull.cosine):
                square += 2 * pull.cosine * pull.task * pull.transfer
            found = flat([torch.zeros_like(p) if p.grad is None else p.grad for p in moving])
            assert math.sqrt(max(square, 0)) == pytest.approx(
                float(found.norm()), rel=2e-3, abs=1e-6
            )

    for_each(ONE_PHASE, check)


def test_of_a_large_batch_the_first_examples_are_measured():
    looked, plain = (build("mmd", pair=image_pair(n=60), batch_size=50) for _ in range(2))
    drawn = plain._examples.peek()
    x = drawn.x["source"][:EXAMPLES]
    assert len(x) == EXAMPLES == 16
    _, z = plain.network.train().on("source")(x)
    task = F.cross_entropy(z, drawn.y["source"][:EXAMPLES])
    pull = looked.pulls()[0]
    wanted = gradient(task, plain.network.stages["conv1"])
    assert pull.task == pytest.approx(float(wanted.norm()), rel=1e-4)


# --- looking changes nothing


def everything(session):
    """All that decides the steps to come, and what else a look could touch."""
    modules = [*session.network.modules(), *session.objective.modules()]
    gradients = [p.grad for p in (*session.network.parameters(), *session.objective.parameters())]
    return {
        "state": session.state(),
        "gradients": gradients,
        "flags": [p.requires_grad for p in session.network.parameters()],
        "modes": [m.training for m in modules],
        "hooks": [len(m._forward_hooks) for m in modules],
        "domain": session.network.domain,
        "random": torch.random.get_rng_state(),
    }


def check_same(a, b):
    assert type(a) is type(b)
    if isinstance(a, torch.Tensor):
        assert torch.equal(a, b)
    elif isinstance(a, dict):
        assert a.keys() == b.keys()
        for key in a:
            check_same(a[key], b[key])
    elif isinstance(a, list | tuple):
        assert len(a) == len(b)
        for one, other in zip(a, b, strict=True):
            check_same(one, other)
    elif not isinstance(a, nn.Module):
        assert a == b


@pytest.mark.parametrize("names", [TOUCHING, pytest.param(REST, marks=pytest.mark.slow)])
def test_the_next_twenty_steps_are_the_same_bit_for_bit_with_flow_at_each_look(names):
    def check(name):
        looked, blind = build(name, steps=20, snapshot_every=4), build(name, steps=20)
        looked.flow = True
        facts = [looked.snapshot(), *looked]
        looks = [fact.flow for fact in facts if isinstance(fact, Snapshot)]
        assert len(looks) == 6
        assert all(isinstance(flow, Flow) for flow in looks)
        assert [f for f in facts if not isinstance(f, Snapshot)] == list(blind)
        check_same(everything(looked), everything(blind))

    for_each(names, check)


@pytest.mark.parametrize("batchnorm", ["separate", "joint", "source"])
def test_frozen_or_joint_or_with_dropout_a_look_leaves_all_as_it_was(batchnorm):
    pair = image_pair()
    network = tl.build_network("lenet", pair, channels=(4, 6), width=8, seed=0, dropout=0.5)
    session = build(
        "mcd", pair=pair, network=network, batchnorm=batchnorm, freeze_depth=2, optimizer="adam"
    )
    for _ in range(3):
        session.step()
        session.network.on("target").stages["fc1"].eval()
        before = everything(session)
        session.snapshot(flow=True)
        session.activations(3)
        check_same(everything(session), before)


class Keeping(SourceOnly):
    """Keeps what it is shown and counts: what learners write to look into a run."""

    name = "keeping"
    settings: ClassVar = ()

    def __init__(self):
        super().__init__()
        self.seen, self._batch = [], None

    def forward(self, batch):
        self._batch, self.last = batch, task_loss(batch)
        self.seen.append(len(batch.xs))
        return {"task": self.last}


def test_an_objective_that_keeps_what_it_sees_does_not_see_a_look():
    session = build(Keeping())
    kept = session.objective.seen
    session.step()
    batch, last = session.objective._batch, session.objective.last
    session.snapshot(flow=True)
    assert session.objective.seen is kept
    assert kept == [12]
    assert session.objective._batch is batch
    assert session.objective.last is last


def test_a_network_that_works_in_place_behind_a_frozen_stage_is_measured():
    pair = vector_pair()
    stages = {
        "first": nn.Linear(2, 5),
        "second": nn.Sequential(nn.ReLU(inplace=True), nn.Linear(5, 4)),
    }
    network = Network(Body(stages, 4, Inputs((2,))), "012", name="mine", shape=(2,), options={})
    session = build("mmd", pair=pair, network=network, freeze_depth=1)
    first, second, _ = session.pulls()
    assert not first.trains
    assert first.task > 0 < second.transfer


def test_by_default_a_snapshot_has_no_flow_and_nothing_is_measured(monkeypatch):
    session = build("dann", snapshot_every=1)
    monkeypatch.setattr(type(session), "pulls", None)
    assert session.snapshot().flow is None
    assert all(fact.flow is None for fact in session if isinstance(fact, Snapshot))


def test_it_is_measured_when_asked_for_once_or_for_all_looks_also_before_and_after_the_run():
    session = build("dann", snapshot_every=2)
    assert isinstance(session.snapshot(flow=True).flow, Flow)
    session.flow = True
    looks = [fact for fact in session if isinstance(fact, Snapshot)]
    assert all(isinstance(look.flow, Flow) for look in (*looks, session.snapshot()))
    assert session.snapshot(flow=False).flow is None


def test_what_a_learners_objective_gives_back_is_checked_at_a_look_too():
    class Wrong(Objective):
        name, title = "wrong", "Wrong"

        def forward(self, batch):
            return task_loss(batch)

    with pytest.raises(TypeError, match=r"Wrong.forward must return loss terms by name"):
        build(Wrong()).snapshot(flow=True)


# --- what is true of each point


def test_confidence_and_loss_are_those_of_the_snapshots_rows():
    session = build("dann")
    session.step()
    look = session.snapshot(flow=True)
    points = session.snapshot_points
    for row, (side, label) in enumerate(
        zip(np.where(points.is_target, "target", "source"), points.labels, strict=True)
    ):
        _, z = session.outputs(points.x[row : row + 1], side)
        p = z.softmax(1)[0]
        assert look.flow.confidence[row] == pytest.approx(float(p.max()), abs=1e-5)
        assert look.flow.losses[row] == pytest.approx(-math.log(float(p[label])), abs=1e-4)
    with pytest.raises(ValueError, match="read-only"):
        look.flow.losses[0] = 1


def test_opinions_are_the_discriminators_of_the_points_as_they_are_judged():
    session = build("dann")
    for _ in range(3):
        session.step()
    points, flow = session.snapshot_points, session.snapshot(flow=True).flow
    features = session.snapshot().features
    logit = session.objective.discriminator(torch.tensor(features)).detach()[:, 0]
    np.testing.assert_allclose(flow.opinions, 1 / (1 + np.exp(-logit.numpy())), rtol=1e-5)
    assert flow.opinions.shape == points.labels.shape
    assert build("mmd").snapshot(flow=True).flow.opinions is None


def test_an_opinion_is_asked_for_in_evaluation_mode():
    session = build("dann")
    first, relu, last = session.objective.discriminator
    session.objective.discriminator = nn.Sequential(
        first, nn.BatchNorm1d(100), relu, nn.Dropout(0.5), last
    )
    before = everything(session)
    look = session.snapshot(flow=True)
    check_same(everything(session), before)
    logit = session.objective.discriminator.eval()(torch.tensor(look.features)).detach()[:, 0]
    np.testing.assert_allclose(look.flow.opinions, logit.sigmoid(), rtol=1e-5)


def test_no_label_of_a_target_point_reaches_an_objective_at_a_look():
    class Curious(DANN):
        name = "curious"

        def domain_opinion(self, batch):
            asked.append(batch)
            return super().domain_opinion(batch)

    asked = []
    session = build(Curious())
    session.snapshot(flow=True)
    (batch,) = asked
    assert len(batch.ys) == len(batch.xs) == 10
    assert batch.labeled is None
    np.testing.assert_array_equal(batch.ys, session.snapshot_points.labels[:10])


# --- stage by stage


def test_separation_is_the_probe_on_each_stages_mean_and_ends_at_the_number_beside_the_map():
    session = build("dann")
    session.step()
    look, points = session.snapshot(flow=True), session.snapshot_points
    h = []
    for side in ("source", "target"):
        stages = {}
        rows = points.is_target == (side == "target")
        session.network.eval().on(side)(torch.tensor(points.x[rows]), stages)
        h.append(stages)
    assert list(look.flow.separation) == ["conv1", "conv2", "fc1", "fc2"]
    means = torch.cat([h[0]["conv1"], h[1]["conv1"]]).detach().mean((2, 3))
    alone = domain_probe_accuracy(means, points.is_target, seed=session.seed)
    assert look.flow.separation["conv1"] == pytest.approx(alone, abs=0.25)  # other folds, 20 points
    numbers = feature_numbers(look.features, points.labels, points.is_target, seed=session.seed)
    assert look.flow.separation["fc2"] == numbers["domain_probe_accuracy"]
    assert look.flow.separation["fc2"] == look.numbers["domain_probe_accuracy"]


def test_at_each_look_all_stages_have_the_folds_of_the_number_beside_the_map():
    session = mlp("mmd", seed=3, snapshot_size=40, snapshot_every=1, lr=0.2)
    session.flow = True
    looks = [fact for fact in session if isinstance(fact, Snapshot)]
    found = [look.flow.separation["hidden2"] for look in looks]
    assert found == [look.numbers["domain_probe_accuracy"] for look in looks]
    target = session.snapshot_points.is_target
    other = [domain_probe_accuracy(look.features, target, seed=0) for look in looks]
    assert found != other, (
        "by other folds it is another number, so that the test sees the difference"
    )


def test_a_stages_field_is_its_nearest_class_mean_over_the_plane():
    session = mlp("dann")
    for _ in range(4):
        session.step()
    look, points = session.snapshot(flow=True), session.snapshot_points
    cells, box = grid_cells(points.x, FIELD)
    assert list(look.flow.fields) == ["hidden1", "hidden2"]
    seen = {}
    source = ~points.is_target
    for what, x in (("points", points.x[source]), ("cells", cells)):
        h = {}
        session.network.eval()(torch.tensor(x), h)
        seen[what] = {name: out.detach() for name, out in h.items()}
    for name, field in look.flow.fields.items():
        assert field.grid.shape == (FIELD, FIELD)
        assert field.box == pytest.approx(box)
        wanted = nearest_mean(seen["points"][name], points.labels[source], seen["cells"][name])
        assert (field.grid.ravel() == wanted).mean() > 0.99
    left, bottom, right, top = box
    assert cells[0] == pytest.approx(
        [left + (right - left) / (2 * FIELD), bottom + (top - bottom) / (2 * FIELD)], abs=1e-5
    )
    assert build("dann").snapshot(flow=True).flow.fields == {}


def test_the_few_numbers_alone_are_left_for_a_recording():
    flow = mlp("dann").snapshot(flow=True).flow
    few = flow.without_points()
    assert few.pulls == flow.pulls
    assert few.separation == flow.separation
    assert few.confidence is few.losses is few.opinions is None
    assert few.fields == {}


# --- one point, stage by stage


def test_activations_are_the_stages_outputs_for_that_point_the_most_active_channels_first():
    session = build(
        "dann", network=tl.build_network("lenet", image_pair(), channels=(10, 9), width=8, seed=0)
    )
    session.step()
    points = session.snapshot_points
    for row, side in ((2, "source"), (13, "target")):
        h = {}
        session.network.eval().on(side)(torch.tensor(points.x[row : row + 1]), h)
        found = session.activations(row)
        assert [a.stage for a in found] == ["conv1", "conv2", "fc1", "fc2"]
        assert [a.images.shape for a in found] == [(8, 6, 6), (8, 1, 1), (1, 1, 8), (1, 1, 8)]
        out = h["conv1"][0].detach().numpy()
        strength = [float(np.abs(out[c]).mean()) for c in range(10)]
        assert found[0].channels.tolist() == sorted(range(10), key=lambda c: -strength[c])[:8]
        shown = out[found[0].channels]
        wanted = np.round(255 * shown / shown.max())
        np.testing.assert_allclose(found[0].images, wanted, atol=1)
        units = h["fc2"][0].detach().numpy()
        np.testing.assert_allclose(
            found[3].images[0, 0], np.round(255 * units / units.max()), atol=1
        )
        assert found[3].channels.tolist() == list(range(8))


def test_activations_of_no_point_are_refused():
    session = build("dann")
    for row in (-1, 20):
        with pytest.raises(IndexError, match=f"row must be between 0 and 19, got {row}"):
            session.activations(row)


def test_weights_are_the_same_after_all_of_it():
    session = build("cdan-e")
    held = weights(session)
    session.snapshot(flow=True)
    assert same(weights(session), held)


@pytest.mark.filterwarnings("ignore:the domain 'huge' has an unusual scale")
def test_a_network_that_overflows_is_looked_at_and_its_numbers_are_none() -> None:
    """Gradients that are NaN have no angle, and outputs that are too large for the probe no separation; the step says why."""
    rng = np.random.default_rng(0)
    huge = tl.Domain(
        "huge", (1e37 * rng.normal(size=(40, 8))).astype(np.float32), np.arange(40) % 2
    )
    pair = tl.DomainPair(huge, huge)
    network = tl.build_network("mlp", pair, seed=0)
    session = tl.Session(
        pair, network, tl.build_objective("source-only"), batch_size=16, device="cpu"
    )
    flow = session.snapshot(flow=True).flow
    assert flow is not None
    assert all(math.isnan(pull.cosine) for pull in flow.pulls)
    assert all(math.isnan(value) or 0 <= value <= 1 for value in flow.separation.values())
    assert any(math.isnan(value) for value in flow.separation.values())
    with pytest.raises(FloatingPointError, match="finite"):
        list(session)
