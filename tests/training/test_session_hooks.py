"""What a method may ask of the loop: stages' outputs, which parameters train, rates of their own, planned changes, no source."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from test_session import build, image_pair, same, weights

import tltutor as tl
from tltutor.events import Changed, Stepped
from tltutor.objectives import OBJECTIVES, SourceOnly, build_objective
from tltutor.objectives.objective import Objective, labeled_loss
from tltutor.settings import Setting


class Watching(SourceOnly):
    """Keeps what it was shown."""

    name = "watching"
    batches = frozenset({"source", "target", "labeled"})
    labels_per_class = 3

    def forward(self, batch):
        self._seen = batch
        return super().forward(batch) | {"labeled": labeled_loss(batch)}


@pytest.mark.parametrize("batchnorm", ["separate", "joint"])
def test_every_stages_output_is_shown_batch_by_batch(batchnorm):
    pair = image_pair(n=80).with_target_labels(3)
    pair = replace(pair, target=pair.target.take(np.arange(7)))
    session = build(Watching(), pair=pair, batchnorm=batchnorm)
    session.step()
    batch = session.objective._seen
    sides = (
        (batch.hs, batch.fs, batch.zs, 12),
        (batch.ht, batch.ft, batch.zt, 7),
        (batch.labeled.h, batch.labeled.f, batch.labeled.z, 9),
    )
    for h, f, z, n in sides:
        assert list(h) == list(session.network.stages)
        assert all(len(out) == n for out in h.values())
        assert torch.equal(h["fc2"], f)
        assert z.shape == (n, 3)
    held = build(Watching(), pair=pair, batchnorm=batchnorm)  # the head as it was before the step
    torch.testing.assert_close(
        batch.ht["fc2"] @ held.network.head.weight.T + held.network.head.bias, batch.zt
    )


class Chosen(SourceOnly):
    """Trains conv2 alone."""

    name = "chosen"

    def trainable(self, network):
        return network.stages["conv2"].parameters()


def test_only_what_the_method_trains_moves_also_after_freezing_and_thawing():
    session = build(Chosen(), steps=9, weight_decay=0.1)
    held = weights(session)
    for depth in (0, 2, 0):
        session.set(freeze_depth=depth)
        for _ in range(3):
            session.step()
    names = {n for n, p in session.network.named_parameters() if not torch.equal(p, held[n])}
    assert names == {
        n for n in held if n.startswith("stages.conv2") and n.endswith(("weight", "bias"))
    }
    assert {n for n, p in session.network.named_parameters() if p.requires_grad} == names


def test_where_all_that_would_train_is_frozen_a_step_moves_nothing():
    session = build(Chosen(), freeze_depth=2)
    held = dict(session.network.named_parameters())
    held = {n: p.detach().clone() for n, p in held.items()}
    assert isinstance(session.step()[0], Stepped)
    assert all(torch.equal(p, held[n]) for n, p in session.network.named_parameters())


def test_the_next_session_trains_the_head_again():
    first = build(Chosen())
    list(first)
    second = build("source-only", network=first.network)
    assert all(p.requires_grad for p in second.network.parameters())


class Rated(SourceOnly):
    """The first stage at a tenth of the rate, the head at the double."""

    name = "rated"

    def lr_multipliers(self, network):
        return {"conv1": 0.1, "head": 2.0}


def test_rates_multiply_the_learning_rate_of_their_stage():
    rated, plain = build(Rated()), build("source-only")
    start = weights(rated)
    rated.step(), plain.step()
    for name, p in plain.network.named_parameters():
        rate = 0.1 if name.startswith("stages.conv1.") else 2.0 if name.startswith("head.") else 1.0
        moved = dict(rated.network.named_parameters())[name] - start[name]
        torch.testing.assert_close(moved, rate * (p - start[name]), rtol=1e-4, atol=1e-7, msg=name)


def test_with_rates_too_each_parameter_is_in_exactly_one_group():
    session = build(Rated(), freeze_depth=2)
    grouped = [p for g in session.optimizer.param_groups for p in g["params"]]
    assert len(grouped) == len(set(grouped))
    assert set(grouped) == {p for p in session.network.parameters() if p.requires_grad}


class Thawing(SourceOnly):
    """Frozen up to the head for the first half, then up to conv1."""

    name = "thawing"

    def setting_schedule(self, progress, network):
        return {"freeze_depth": network.depth if progress < 0.5 else 1}


def test_a_methods_own_plan_is_logged_like_any_change_and_leaves_the_slider_free_between():
    session = build(Thawing(), steps=8)
    facts = [f for _ in range(2) for f in session.step()]
    assert facts[0] == Changed(1, "freeze_depth", 0, 4)
    session.set(freeze_depth=3)
    facts += list(session)
    assert [f for f in facts if isinstance(f, Changed)] == [
        Changed(1, "freeze_depth", 0, 4),
        Changed(3, "freeze_depth", 4, 3),
        Changed(5, "freeze_depth", 3, 1),
    ]
    again = build(Thawing(), steps=8, changes=session.changes)
    assert list(again) == facts
    assert same(weights(again), weights(session))


def test_a_change_by_hand_goes_before_the_methods_own():
    session = build(Thawing(), steps=8)
    session.set(freeze_depth=2)
    assert session.step()[0] == Changed(1, "freeze_depth", 0, 2)


def test_a_change_by_hand_goes_before_one_given_in_advance_and_this_before_the_methods_own():
    session = build(
        Thawing(), steps=8, changes=(Changed(1, "freeze_depth", 0, 3), Changed(5, "lr", 0.05, 0.01))
    )
    assert session.step()[0] == Changed(1, "freeze_depth", 0, 3)
    for _ in range(3):
        session.step()
    session.set(lr=0.03)
    assert Changed(5, "lr", 0.05, 0.03) in session.step()
    assert session.values["lr"] == 0.03
    assert not any(
        isinstance(f, Changed) and f.name == "lr" for _ in range(3) for f in session.step()
    )


class Wandering(SourceOnly):
    """Trains the stage that its setting names."""

    name = "wandering"
    settings = (
        Setting(
            "stage",
            "conv1",
            scale="choice",
            choices=("conv1", "fc1"),
            text="The stage that trains.",
        ),
    )

    def trainable(self, network):
        return network.stages[self.stage].parameters()


def test_what_trains_follows_the_methods_own_settings_from_the_step_of_their_change():
    session = build(Wandering())
    session.step()
    held = weights(session)
    session.set(stage="fc1")
    session.step()
    moved = {n for n, p in session.network.named_parameters() if not torch.equal(p, held[n])}
    assert {name.split(".")[1] for name in moved} == {"fc1"}
    assert {n.split(".")[1] for n, p in session.network.named_parameters() if p.requires_grad} == {
        "fc1"
    }


class TargetAlone(Objective):
    """Confident on the target."""

    name, title = "target-alone", "For this test only"
    batches = frozenset({"target"})

    def forward(self, batch):
        assert batch.xs.numel() == batch.ys.numel() == batch.zs.numel() == 0
        return {"entropy": torch.distributions.Categorical(logits=batch.zt).entropy().mean()}


def test_what_a_method_does_not_use_is_not_touched():
    pair = image_pair()
    other = replace(pair, source=tl.Domain("s", 1 - pair.source.x, pair.source.y[::-1].copy()))
    one, two = build(TargetAlone(), pair=pair), build(TargetAlone(), pair=other)
    drawn = one._examples.next()
    assert set(drawn.x) == {"target"}
    assert drawn.y == {}
    one = build(TargetAlone(), pair=pair)
    assert list(one) == list(two)
    assert same(weights(one), weights(two))


def test_lambda_is_a_setting_where_it_does_anything_and_only_there():
    """Two values of it: other losses or other weights after two steps, unless the objective declares that it has none."""
    for name, cls in OBJECTIVES.items():
        ends, pair = [], image_pair(n=80).with_target_labels(3)
        unsure = {
            s.name: 0.0 for s in cls.settings if s.name in ("threshold", "confidence")
        }  # who is sure after three steps?
        for weight in (0.0, 1.0):
            session = build(build_objective(name, **unsure), pair=pair, weight=weight, steps=3)
            losses = [dict(fact.losses) for fact in session if isinstance(fact, Stepped)]
            ends.append((losses, [p.detach().clone() for p in session.network.parameters()]))
        same = ends[0][0] == ends[1][0] and all(map(torch.equal, ends[0][1], ends[1][1]))
        assert cls.weighted != same, name
        assert (
            ("weight" in {s.name for s in session.settings})
            == cls.weighted
            == (cls.weight in cls.declared())
        )
