"""How parameters move: each optimizer by hand, each schedule against torch's, clipping, freezing and going on from a moment."""

import inspect

import numpy as np
import pytest
import torch
from test_session import MIDWAY, build, image_pair, same, weights, with_dropout
from torch import nn

import tltutor as tl
from tltutor.events import Stepped
from tltutor.objectives import SourceOnly
from tltutor.training.optimizer import UpdateRule
from tltutor.training.options import OPTIMIZER, OPTIONS, SCHEDULE

OPTIMIZERS = OPTIMIZER.choices


def step_by_hand(name, p, g, memory, *, lr, momentum, decay):
    """One update of a parameter p with gradient g; memory keeps what the optimizer remembers of it."""
    t = memory["t"] = memory.get("t", 0) + 1
    if name == "sgd":
        g = g + decay * p
        memory["v"] = momentum * memory["v"] + g if t > 1 else g
        return p - lr * memory["v"]
    g = g if name == "adamw" else g + decay * p
    m = memory["m"] = momentum * memory.get("m", 0) + (1 - momentum) * g
    v = memory["v"] = 0.999 * memory.get("v", 0) + 0.001 * g.square()
    p = p * (1 - lr * decay) if name == "adamw" else p
    return p - lr * (m / (1 - momentum**t)) / ((v / (1 - 0.999**t)).sqrt() + 1e-8)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_each_optimizer_moves_every_parameter_as_its_formula_says(name):
    options = {"optimizer": name, "momentum": 0.8, "weight_decay": 0.05, "lr": 0.01}
    session = build("dann", **options)
    params = [p for part in session._updater.parts.values() for p in part]
    own, memories, grads = [p.detach().double() for p in params], [{} for _ in params], []
    session.optimizer.register_step_pre_hook(
        lambda *_: grads.append([p.grad.double() for p in params])
    )
    for fact in session:
        if isinstance(fact, Stepped):
            rest = {"lr": fact.effective["lr"], "momentum": 0.8, "decay": 0.05}
            own = [
                step_by_hand(name, p, g, m, **rest)
                for p, g, m in zip(own, grads[-1], memories, strict=True)
            ]
    assert len(grads) == 6
    for p, wanted in zip(params, own, strict=True):
        torch.testing.assert_close(p.detach().double(), wanted, rtol=1e-4, atol=1e-6)


# --- schedules


def rates(steps=20, **options):
    session = build(SourceOnly(), steps=steps, lr=0.02, **options)
    return [fact.effective["lr"] for fact in session if isinstance(fact, Stepped)]


def torchs(make, steps=20):
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.02)
    scheduler, found = make(optimizer), []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


def test_each_schedule_is_torchs_own():
    from torch.optim import lr_scheduler as torch_schedules

    peers = {
        "dann": lambda o: torch_schedules.LambdaLR(o, lambda k: (1 + 10 * k / 20) ** -0.75),
        "constant": lambda o: torch_schedules.ConstantLR(o, factor=1.0),
        "cosine": lambda o: torch_schedules.CosineAnnealingLR(o, T_max=20),
        "linear": lambda o: torch_schedules.LinearLR(
            o, start_factor=1.0, end_factor=0.0, total_iters=20
        ),
    }
    assert peers.keys() == set(SCHEDULE.choices)
    for name, make in peers.items():
        np.testing.assert_allclose(
            rates(schedule=name), torchs(make), rtol=1e-6, atol=1e-12, err_msg=name
        )


def test_warm_up_rises_linearly_from_0_and_then_the_schedule_runs_over_the_rest():
    linear = [
        0.02 * (k / 5 if k < 5 else (20 - k) / 15) for k in range(20)
    ]  # as transformers' get_linear_schedule_with_warmup
    np.testing.assert_allclose(rates(schedule="linear", warmup=0.25), linear)
    cosine = [
        0.02 * (k / 5 if k < 5 else (1 + np.cos(np.pi * (k - 5) / 15)) / 2) for k in range(20)
    ]
    np.testing.assert_allclose(rates(schedule="cosine", warmup=0.25), cosine)
    assert [UpdateRule(schedule=name).lr_factor(0.0) for name in SCHEDULE.choices] == [1.0] * 4
    assert [
        UpdateRule(schedule=name).lr_factor(1.0) for name in ("cosine", "linear")
    ] == pytest.approx([0.0, 0.0])


def test_groups_with_a_rate_of_their_own_follow_the_schedule_too():
    session = build(
        "fine-tune", pair=image_pair().with_target_labels(3), schedule="linear", steps=4, lr=0.04
    )
    session.objective.head_rate = 10.0
    list(session)
    assert {g["name"]: g["lr"] for g in session.optimizer.param_groups}["head"] == pytest.approx(
        10 * 0.04 * (1 - 3 / 4)
    )


# --- clipping


def first_gradients(**options):
    """The gradients of the first update of each phase, in the order of the parts' parameters."""
    session, seen = build(steps=1, **options), []
    params = [p for part in session._updater.parts.values() for p in part]
    session.optimizer.register_step_pre_hook(
        lambda *_: seen.append([None if p.grad is None else p.grad.clone() for p in params])
    )
    list(session)
    return seen


@pytest.mark.parametrize("name", ["dann", "mcd"])
def test_a_clipped_step_has_the_gradient_that_torch_clips_over_all_that_the_phase_trains(name):
    plain, clipped = (
        first_gradients(objective=name)[0],
        first_gradients(objective=name, gradient_clip=0.1)[0],
    )
    stand_ins = [nn.Parameter(torch.zeros_like(g)) for g in plain if g is not None]
    for stand_in, g in zip(stand_ins, (g for g in plain if g is not None), strict=True):
        stand_in.grad = g.clone()
    norm = nn.utils.clip_grad_norm_(stand_ins, 0.1)
    assert norm > 0.1
    for mine, torchs_own in zip((g for g in clipped if g is not None), stand_ins, strict=True):
        torch.testing.assert_close(mine, torchs_own.grad)
    assert float(nn.utils.get_total_norm([g for g in clipped if g is not None])) == pytest.approx(
        0.1, rel=1e-4
    )


def test_each_phase_is_clipped_by_itself():
    for gradients in first_gradients(objective="mcd", gradient_clip=0.01):
        norm = float(nn.utils.get_total_norm([g for g in gradients if g is not None]))
        assert norm == pytest.approx(0.01, rel=1e-3)


def test_a_gradient_below_the_bound_is_left_alone_and_0_does_not_clip():
    for clip in (0.0, 1000.0):
        for mine, plain in zip(
            first_gradients(gradient_clip=clip)[0], first_gradients()[0], strict=True
        ):
            assert torch.equal(mine, plain)


# --- freezing and going on, for each optimizer (oracles 12 to 14)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_frozen_in_flight_a_stage_stands_still_is_forgotten_and_starts_afresh(name):
    options = {
        "optimizer": name,
        "steps": 14,
        "lr": 0.01,
        "weight_decay": 0.1,
        "gradient_clip": 1.0,
    }
    session = build("source-only", **options)
    for _ in range(4):
        session.step()
    stages = [session.network.stages[stage] for stage in ("conv1", "conv2")]
    frozen = [p for stage in stages for p in stage.parameters()]
    held = {
        key: value.clone()
        for key, value in session.network.state_dict().items()
        if key.startswith(("stages.conv",))
    }
    assert all(session.optimizer.state[p] for p in frozen)
    session.set(freeze_depth=2)
    for _ in range(4):
        session.step()
    now = session.network.state_dict()
    assert all(torch.equal(now[key], value) for key, value in held.items())
    grouped = [p for group in session.optimizer.param_groups for p in group["params"]]
    assert len(grouped) == len(set(grouped))
    assert set(grouped) == {p for p in session.network.parameters() if p.requires_grad}
    assert not any(p in session.optimizer.state or p in set(grouped) for p in frozen)
    session.set(freeze_depth=0)
    before, grads = [p.detach().clone() for p in frozen], []
    session.optimizer.register_step_pre_hook(
        lambda *_: grads.extend(p.grad.clone() for p in frozen)
    )
    (_, fact) = session.step()
    rest = {"lr": fact.effective["lr"], "momentum": 0.9, "decay": 0.1}
    for p, start, g in zip(frozen, before, grads, strict=True):
        torch.testing.assert_close(
            p.detach(), step_by_hand(name, start, g, {}, **rest), rtol=1e-5, atol=1e-7
        )


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_fresh_session_restored_goes_on_bit_for_bit_with_each_optimizer(name):
    pair = image_pair()
    options = {
        "optimizer": name,
        "schedule": "cosine",
        "warmup": 0.2,
        "weight_decay": 0.01,
        "gradient_clip": 0.5,
        "steps": 12,
    }
    whole, fresh = (
        build("dann", pair=pair, network=with_dropout(pair), changes=MIDWAY, **options)
        for _ in range(2)
    )
    for _ in range(5):
        whole.step()
    state = whole.state()
    after = list(whole)
    fresh.step()
    for _ in range(2):
        fresh.restore(state)
        assert list(fresh) == after
        assert same(weights(whole), weights(fresh))


def test_a_state_of_another_optimizer_is_refused():
    with pytest.raises(
        ValueError, match="built alike, got one of .*'sgd'.* for .*'adam'.*same .*optimizer"
    ):
        build("dann", optimizer="adam").restore(build("dann").state())


# --- declarations


def test_the_session_takes_every_declared_option_with_the_declared_default():
    taken = inspect.signature(tl.Session).parameters
    of_the_network = dict.fromkeys(
        ("lr", "freeze_depth", "optimizer", "schedule", "warmup", "gradient_clip")
    )  # the network may have its own
    assert {name: taken[name].default for name in OPTIONS} == {
        name: setting.default for name, setting in OPTIONS.items()
    } | of_the_network
    run = build("dann", lr=None)
    begun = run.values | vars(run.rule)
    assert {name: begun[name] for name in of_the_network} == {
        name: OPTIONS[name].default for name in of_the_network
    }
    assert all(
        setting.text.endswith(".") and len(setting.text) < 100 for setting in OPTIONS.values()
    )


def test_options_out_of_bounds_are_refused_with_the_bounds():
    refused = {
        "no optimizer is called 'adma': did you mean 'adam'": {"optimizer": "adma"},
        "no schedule is called 'cosinus': did you mean 'cosine'": {"schedule": "cosinus"},
        "warmup must be a number between 0 and 0.9, got 1": {"warmup": 1.0},
        "momentum must be a number between 0 and 0.999, got 1": {"momentum": 1},
        "weight_decay must be a number between 0 and 1, got -0.1": {"weight_decay": -0.1},
        "gradient_clip must be a number between 0 and 1000, got nan": {
            "gradient_clip": float("nan")
        },
        "snapshot_size must be a whole number between 4": {"snapshot_size": 1},
    }
    for words, options in refused.items():
        with pytest.raises(ValueError, match=words):
            build(**options)


def test_dropout_acts_before_the_head_in_training_alone_and_is_saved(tmp_path):
    pair = image_pair()
    network = tl.build_network("lenet", pair, channels=(4, 6), width=50, dropout=0.5, seed=0)
    plain = tl.build_network("lenet", pair, channels=(4, 6), width=50, seed=0)
    assert same(network.state_dict(), plain.state_dict())  # no weight, no other draw
    x = torch.tensor(pair.source.x)
    assert all(torch.equal(a, b) for a, b in zip(network.eval()(x), plain.eval()(x), strict=True))
    heads = []
    network.head.register_forward_pre_hook(lambda _, args: heads.append(args[0]))
    with torch.random.fork_rng():
        torch.manual_seed(0)
        features, _ = network.train()(x)
    zeroed = (heads[0] == 0) & (features != 0)
    assert 0.4 < float(zeroed.float().sum() / (features != 0).sum()) < 0.6
    torch.testing.assert_close(heads[0][~zeroed], 2 * features[~zeroed])  # inverted: the mean stays
    network.save(tmp_path / "net.pt")
    assert tl.load_network(tmp_path / "net.pt").dropout.p == 0.5
    with pytest.raises(ValueError, match="dropout must be a number between 0 and 0.9, got 1"):
        tl.build_network("lenet", pair, dropout=1)
    session = build("source-only", pair=pair, network=network)
    assert list(session) != list(build("source-only", pair=pair, network=plain))
