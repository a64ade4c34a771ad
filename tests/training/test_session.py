"""The one loop: what trains and what does not, what is seen and what is not, and the same numbers every time."""

import copy
import threading
import weakref
from dataclasses import replace

import numpy as np
import pytest
import torch
from cases import for_each

import tltutor as tl
from tltutor.events import Changed, Failed, Finished, Snapshot, Stepped
from tltutor.experiment import Experiment
from tltutor.networks.batchnorm import domain_layers
from tltutor.objectives import (
    OBJECTIVES,
    Objective,
    Phase,
    SourceOnly,
    build_objective,
    objective_names,
)
from tltutor.player import Player
from tltutor.training.randomness import Shuffled
from tltutor.training.session import Session

NAMES = objective_names()
LABELED = [name for name, cls in OBJECTIVES.items() if "labeled" in cls.batches]
# At lambda 0 these leave the task alone.
DISTANCES = ("mmd", "dan", "jan", "lmmd", "coral", "log-coral", "cmd", "homm", "deep-jdot")
ALIGNERS = (
    *DISTANCES,
    "dann",
    "cdan",
    "cdan-e",
    "mdd",
    "mcc",
    "bnm",
    "afn",
    "entropy",
    "pseudo-labels",
)

CONFIDENT = (
    "pseudo-labels",
    "fixmatch",
    "mean-teacher",
)  # nothing passes their threshold within a few steps


def image_pair(seed=0, n=40):
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 3

    def domain(name, offset):
        x = rng.normal(0.3 + offset, 0.1, (n, 1, 16, 16))
        x[np.arange(n), 0, 4 * y + 1] += 0.5
        return tl.Domain(name, np.clip(x, 0, 1).astype(np.float32), y)

    return tl.DomainPair(domain("s", 0.0), domain("t", 0.2), domain("t", 0.2), domain("s", 0.0))


def build(objective="dann", *, pair=None, network=None, batchnorm="separate", **options):
    pair = pair or image_pair()
    network = network or tl.build_network("lenet", pair, channels=(4, 6), width=8, seed=0)
    objective = build_objective(objective) if isinstance(objective, str) else objective
    options = {
        "steps": 6,
        "batch_size": 12,
        "lr": 0.05,
        "snapshot_size": 20,
        "device": "cpu",
    } | options
    return Session(pair, network, objective, batchnorm=batchnorm, **options)


def weights(session):
    return {name: value.clone() for name, value in session.network.state_dict().items()}


def same(a, b):
    assert a.keys() == b.keys()
    return all(torch.equal(a[name], b[name]) for name in a)


# --- a walk over all objectives


@pytest.mark.parametrize("name", NAMES)
def test_every_objective_runs_finite_and_the_same_twice(name):
    one, two = build(name), build(name)
    facts, again = list(one), list(two)
    assert facts == again
    assert [f.step for f in facts if isinstance(f, Stepped)] == [1, 2, 3, 4, 5, 6]
    assert all(np.isfinite(v) for f in facts[:-1] for v in f.losses.values())
    assert isinstance(facts[-1], Finished)
    assert same(weights(one), weights(two))


@pytest.mark.parametrize(
    "name", [n for n in NAMES if n != "adabn"]
)  # AdaBN takes all examples at once: nothing is drawn
def test_another_seed_is_another_run(name):
    one, two = build(name), build(name, seed=1)
    list(one), list(two)
    assert not same(weights(one), weights(two))


@pytest.mark.parametrize("name", [n for n in NAMES if n not in LABELED])
def test_target_labels_reach_nothing(name):
    pair, rng = image_pair(), np.random.default_rng(5)
    target = replace(pair.target, y=rng.permutation(pair.target.y))
    shuffled = replace(
        pair,
        target=target,
        target_test=replace(pair.target_test, y=rng.permutation(pair.target_test.y)),
    )
    one, two = build(name, pair=pair), build(name, pair=shuffled)
    assert list(one) == list(two)
    assert same(weights(one), weights(two))
    assert one.values == two.values
    assert one.step_number == two.step_number


@pytest.mark.parametrize("name", LABELED)
def test_fine_tuning_sees_only_the_labels_it_was_given(name):
    pair, rng = image_pair().with_target_labels(3, seed=0), np.random.default_rng(5)
    shuffled = replace(
        pair,
        target=replace(pair.target, y=rng.permutation(pair.target.y)),
        target_test=replace(pair.target_test, y=rng.permutation(pair.target_test.y)),
    )
    one, two = build(name, pair=pair), build(name, pair=shuffled)
    list(one), list(two)
    assert same(weights(one), weights(two))


@pytest.mark.parametrize("name", NAMES)
def test_what_an_objective_is_bound_to_is_blind(name):
    seen = []
    cls = type(build_objective(name))

    class Curious(cls):
        def setup(self, network, pair, rng):
            seen.append(pair)
            super().setup(network, pair, rng)

    build(Curious())
    assert seen[0].target.y is None
    assert seen[0].target_test is None


@pytest.mark.parametrize("name", NAMES)
def test_frozen_stages_stay_bit_for_bit_buffers_too(name):
    for_each([1, 2, 4], lambda depth: frozen_stages_stay(name, depth))


def frozen_stages_stay(name, depth):
    session = build(name, freeze_depth=depth)
    before, moved = weights(session), set()
    session.optimizer.register_step_pre_hook(
        lambda *_: moved.update(
            k for k, p in session.network.named_parameters() if p.grad is not None
        )
    )
    list(session)
    after = weights(session)
    stages = list(session.network.stages)
    frozen = tuple(f"stages.{stage}." for stage in stages[:depth])
    assert [
        k for k in before if k.startswith(frozen) and not torch.equal(before[k], after[k])
    ] == []
    chosen = set(session.objective.trainable(session.network))
    assert moved == {
        k for k, p in session.network.named_parameters() if p in chosen and not k.startswith(frozen)
    }
    assert torch.equal(before["head.weight"], after["head.weight"]) is (
        session.network.head.weight not in chosen
    )
    assert all(p.grad is None for p in session.network.parameters() if not p.requires_grad)


# --- whether the transfer term can act


def frozen(name, depth, **options):
    """A session with so many frozen stages; `features` names the stage whose output is the features."""
    pair, features = image_pair(), options.pop("features", "fc2")
    network = tl.build_network(
        "lenet", pair, channels=(4, 6), width=8, features=features, **options.pop("network", {})
    )
    return build(name, pair=pair, network=network, freeze_depth=depth, **options)


def test_a_transfer_term_acts_while_something_before_the_features_trains():
    assert [frozen("mmd", depth).transfer_acts for depth in range(5)] == [True] * 4 + [False]
    early = [frozen("dann", depth, features="conv2").transfer_acts for depth in range(5)]
    assert early == [True, True, False, False, False]
    session = frozen("dann", 4)
    session.set(freeze_depth=3)
    session.step()
    assert session.transfer_acts
    session.set(freeze_depth=4)
    session.step()
    assert not session.transfer_acts


def test_one_that_sees_predictions_acts_on_the_head_and_one_that_is_not_there_never():
    assert frozen("mcc", 4).transfer_acts
    assert frozen("mcc", 4, features="conv2").transfer_acts
    assert not frozen("tent", 4).transfer_acts  # it trains BatchNorm alone
    assert not any(frozen(name, 0).transfer_acts for name in ("source-only", "fine-tune", "adabn"))


@pytest.mark.parametrize("name", NAMES)
def test_lambda_changes_nothing_where_a_session_says_that_it_cannot(name):
    def check(case):
        depth, features = case
        sessions = [frozen(name, depth, features=features, weight=weight) for weight in (0.0, 1.0)]
        for session in sessions:
            list(session)
        alike = same(*map(weights, sessions))
        assert alike or sessions[0].transfer_acts
        if depth == 0 and sessions[0].transfer_acts and name not in CONFIDENT:
            assert not alike

    for_each([(0, "fc2"), (2, "fc2"), (3, "conv2"), (4, "fc2"), (4, "conv2")], check)


def test_a_glance_is_let_go_before_the_way_back():
    """What it holds, every stage's output, would stay in memory until the step is over; a step is up to 6 % slower then."""
    held = []

    class Watching(SourceOnly):
        def forward(self, batch):
            seen = weakref.ref(batch)
            terms = super().forward(batch)
            terms["task"].register_hook(lambda _: held.append(seen() is not None))
            return terms

    list(build(Watching()))
    assert held == [False] * 6


@pytest.mark.parametrize("name", NAMES)
def test_looking_after_every_step_changes_nothing(name):
    looked, blind = build(name, snapshot_every=1), build(name)
    facts = list(looked)
    assert sum(isinstance(f, Snapshot) for f in facts) == 6
    assert [f for f in facts if not isinstance(f, Snapshot)] == list(blind)
    assert same(weights(looked), weights(blind))


def test_looking_and_evaluating_restore_modes_and_random_state():
    session = build(network=tl.build_network("lenet", image_pair(), channels=(4, 6), width=8))
    session.step()
    session.network.stages["fc1"].eval()
    modes = [m.training for m in session.network.modules()]
    state, held = torch.random.get_rng_state(), weights(session)
    for domain in ("source", "target"):
        session.network.on(domain)
        for look in (
            session.snapshot,
            session.evaluate,
            lambda: session.predict(session.pair.target.x[:3]),
        ):
            look()
            assert session.network.domain == domain
        assert {layer.domain for layer in domain_layers(session.network)} == {domain}
    assert [m.training for m in session.network.modules()] == modes
    assert torch.equal(torch.random.get_rng_state(), state)
    assert same(weights(session), held)


@pytest.mark.parametrize(
    "ask",
    [
        lambda s: s.predict(s.pair.target.x),
        lambda s: s.snapshot(),
        lambda s: tl.FrozenFeatures(s.network).transform(s.pair.source.x),
        lambda s: s.activations(0),
    ],
    ids=["predict", "snapshot", "features", "activations"],
)
def test_a_cell_that_asks_the_network_while_a_board_trains_it_changes_nothing(ask):
    alone, asked = (build("dann", pair=image_pair(), steps=20) for _ in range(2))
    list(alone)
    faults = []

    def train():
        try:
            for _ in range(20):
                asked.step()
                asked.snapshot()
        except Exception as fault:  # noqa: BLE001 - told below
            faults.append(fault)

    thread = threading.Thread(target=train)
    thread.start()
    while thread.is_alive():
        ask(asked)
    thread.join()
    assert faults == []
    assert same(weights(alone), weights(asked))


def test_each_epoch_is_a_new_permutation_without_its_incomplete_batch():
    rows = Shuffled(11, 4, seed=0, device=torch.device("cpu"))
    epochs = [torch.cat([rows.next(), rows.next()]).tolist() for _ in range(20)]
    assert all(len(set(epoch)) == 8 for epoch in epochs)
    assert len(set(map(tuple, epochs))) == 20
    assert set().union(*epochs) == set(range(11))  # what is left out changes from epoch to epoch
    small = Shuffled(3, 4, seed=0, device=torch.device("cpu"))
    assert sorted(small.next().tolist()) == [0, 1, 2]


# --- the order of the target's stream


def streamed(name="tent", pair=None, steps=10, **options):
    """The target's examples of each step, and the session."""
    session = build(name, pair=pair or image_pair(), steps=steps, batch_size=4, **options)
    batches = []
    session.objective.register_forward_pre_hook(lambda _, given: batches.append(given[0].xt))
    list(session)
    return batches, session


def classes(*batches):
    """The class that `image_pair` draws of each image: a brighter row."""
    return (torch.cat(batches)[:, 0, 1:12:4].mean(2)).argmax(1).tolist()


def test_a_stream_by_class_brings_one_class_after_another_in_every_epoch():
    pair = image_pair()  # 40 of 3 classes: 14, 13, 13
    assert classes(torch.tensor(pair.target.x)) == pair.target.y.tolist()
    batches, _ = streamed(pair=pair, steps=20, target_order="by-class")
    epochs = [classes(*batches[first : first + 10]) for first in (0, 10)]
    assert epochs == [[0] * 14 + [1] * 13 + [2] * 13] * 2
    order = [torch.cat(batches[first : first + 10]) for first in (0, 10)]
    assert not torch.equal(*order)  # within a class each epoch is another permutation
    shuffled, _ = streamed(pair=pair, steps=10)
    assert classes(*shuffled) != epochs[0]
    assert sorted(classes(*shuffled)) == epochs[0]  # the same images


def test_the_stream_sorts_the_target_alone_and_adds_no_label_to_what_an_objective_sees():
    (_, one), (_, two) = (streamed("dann", target_order=o) for o in ("shuffled", "by-class"))
    drawn = [session._examples.peek() for session in (one, two)]
    assert torch.equal(drawn[0].x["source"], drawn[1].x["source"])
    assert set(drawn[1].y) == {"source"}


def test_a_stream_by_class_goes_on_bit_for_bit_from_a_state():
    options = {"steps": 12, "batch_size": 4, "target_order": "by-class"}
    whole, fresh = (build("tent", pair=image_pair(), **options) for _ in range(2))
    for _ in range(5):
        whole.step()
    state = whole.state()
    after = list(whole)
    fresh.restore(state)
    assert list(fresh) == after


def test_a_target_without_labels_has_no_order_by_class():
    pair = image_pair()
    blind = replace(pair, target=replace(pair.target, y=None))
    with pytest.raises(ValueError, match="a target without labels: use target_order='shuffled'"):
        build("tent", pair=blind, target_order="by-class")
    build("tent", pair=blind, target_order="shuffled")
    with pytest.raises(ValueError, match="Known: shuffled, by-class"):
        build("tent", pair=pair, target_order="sorted")


def test_pretraining_is_the_same_whatever_the_order():
    runs = [
        Experiment("printed->digits", "tent", session_options={"steps": 2, "target_order": order})
        for order in ("shuffled", "by-class")
    ]
    assert runs[0]._key() == runs[1]._key()


# --- lambda


@pytest.mark.parametrize("name", ALIGNERS)
@pytest.mark.parametrize("batchnorm", ["separate", "joint", "source"])
def test_at_lambda_zero_every_aligner_is_source_only_bit_for_bit(name, batchnorm):
    """Under "source" it is the true zero; else BatchNorm sees the target, as the baseline with its statistics does."""
    baseline = "source-only" if batchnorm == "source" else "source-only-target-bn"
    aligned, plain = (
        build(name, weight=0, batchnorm=batchnorm),
        build(baseline, batchnorm=batchnorm),
    )
    list(aligned), list(plain)
    assert same(weights(aligned), weights(plain))
    moved, started = weights(aligned), build(name).network.state_dict()
    assert not torch.equal(
        moved["stages.conv1.0.weight"], started["stages.conv1.0.weight"]
    )  # the task alone moves it


@pytest.mark.parametrize("name", ["wdgrl", "fixmatch"])
@pytest.mark.parametrize("batchnorm", ["separate", "joint"])
def test_at_lambda_zero_methods_that_look_more_than_once_leave_the_parameters_alone(
    name, batchnorm
):
    """BatchNorm's running statistics move with each look; they touch no gradient."""
    aligned, plain = (
        build(name, weight=0, batchnorm=batchnorm),
        build("source-only-target-bn", batchnorm=batchnorm),
    )
    list(aligned), list(plain)
    assert same(*(dict(session.network.named_parameters()) for session in (aligned, plain)))


@pytest.mark.parametrize(
    "name", [n for n in ALIGNERS if n != "pseudo-labels"]
)  # nothing is sure so early
def test_lambda_matters(name):
    low, high = build(name, weight=0), build(name, weight=1)
    list(low), list(high)
    assert not same(weights(low), weights(high))


def test_danns_lambda_follows_the_papers_schedule_once_a_step():
    session = build("dann", weight=2.0, steps=10)
    effective = [f.effective["weight"] for f in session if isinstance(f, Stepped)]
    np.testing.assert_allclose(
        effective, [2 * (2 / (1 + np.exp(-10 * p)) - 1) for p in np.arange(10) / 10]
    )


def test_the_learning_rate_falls_as_in_the_paper():
    session = build("source-only", lr=0.02, steps=10)
    effective = [f.effective["lr"] for f in session if isinstance(f, Stepped)]
    np.testing.assert_allclose(effective, 0.02 / (1 + 10 * np.arange(10) / 10) ** 0.75)


# --- changes mid-run


def test_a_change_acts_from_the_next_step_and_is_logged_with_it():
    session = build("mmd", steps=8)
    for _ in range(3):
        session.step()
    session.set(weight=0.25, width=2.0)
    facts = session.step()
    assert facts[:2] == (Changed(4, "weight", 1.0, 0.25), Changed(4, "width", 1.0, 2.0))
    assert facts[2].effective["weight"] == 0.25
    assert session.objective.width == 2.0


def test_setting_what_is_set_already_is_no_change():
    session = build("mmd")
    session.set(weight=1.0)
    assert not any(isinstance(f, Changed) for f in session.step())


def test_played_stepped_and_headless_runs_with_one_log_are_equal():
    log = (
        Changed(3, "weight", 1.0, 0.2),
        Changed(4, "freeze_depth", 0, 2),
        Changed(5, "freeze_depth", 2, 1),
    )
    headless, played, stepped = build(changes=log), build(), build()
    facts = list(headless)
    assert tuple(f for f in facts if isinstance(f, Changed)) == log

    player = Player(played, name="equal")
    for at, changes in ((2, {"weight": 0.2}), (1, {"freeze_depth": 2}), (1, {"freeze_depth": 1})):
        player.step(at)
        player.wait(30)
        player.set(**changes)
    player.play()
    player.wait(30)
    player.stop()
    told = [f for f in player.recording.facts if not isinstance(f, Snapshot)]

    by_hand = []
    while not stepped.done:
        changes = {c.name: c.new for c in log if c.step == stepped.step_number + 1}
        stepped.set(**changes)
        by_hand += stepped.step()
    assert told == facts == by_hand
    assert same(weights(headless), weights(played))
    assert same(weights(headless), weights(stepped))


def test_a_stage_frozen_in_flight_stops_at_once_and_thaws_without_old_momentum():
    session = build("source-only", steps=12, weight_decay=0.1)
    for _ in range(4):
        session.step()
    held = weights(session)
    session.set(freeze_depth=2)
    for _ in range(4):
        session.step()
    for name, value in weights(session).items():
        if name.startswith(("stages.conv1.", "stages.conv2.")):
            assert torch.equal(value, held[name]), name
    frozen = [p for s in ("conv1", "conv2") for p in session.network.stages[s].parameters()]
    assert not any(p in session.optimizer.state for p in frozen)
    session.set(freeze_depth=0)
    before = session.network.stages["conv2"][0].weight.clone()
    session.step()
    weight = session.network.stages["conv2"][0].weight
    lr = session.optimizer.param_groups[0]["lr"]
    torch.testing.assert_close(weight, before - lr * (weight.grad + 0.1 * before))


def test_each_parameter_that_trains_is_in_exactly_one_group():
    session = build("dann", freeze_depth=1)
    grouped = [p for g in session.optimizer.param_groups for p in g["params"]]
    wanted = [
        p
        for p in (*session.network.parameters(), *session.objective.parameters())
        if p.requires_grad
    ]
    assert len(grouped) == len(set(grouped))
    assert set(grouped) == set(wanted)


# --- BatchNorm (oracle 11)


def test_separate_batchnorm_keeps_the_domains_apart_and_joint_does_not():
    for mode, apart in (("separate", True), ("joint", False)):
        session = build("dann", batchnorm=mode)
        xs, xt = (
            torch.tensor(domain.x[:8]) for domain in (session.pair.source, session.pair.target)
        )
        one = session._forward({"source": xs, "target": xt})["source"].f
        other = session._forward({"source": xs, "target": 0.5 * xt})["source"].f
        assert torch.equal(one, other) is apart


def test_separate_batchnorm_judges_each_domain_by_its_own_statistics():
    session = build("source-only-target-bn", steps=30)
    list(session)
    norm = next(m for m in session.network.modules() if isinstance(m, torch.nn.BatchNorm2d))
    statistics = [b for name, b in norm.named_buffers() if "mean" in name]
    assert len(statistics) == 2
    assert not torch.allclose(*statistics)


# --- phases: the contract for methods with several updates a step


class Alternating(Objective):
    """Trains its head in one phase and its body, twice, in the other."""

    name, title = "alternating", "For this test only"
    phases = (Phase("head", trains=("head",)), Phase("body", trains=("body",), repeat=2))

    def forward(self, batch):
        self.log = [*getattr(self, "log", []), (batch.phase, batch.zs.detach().clone())]
        return {batch.phase: torch.nn.functional.cross_entropy(batch.zs, batch.ys)}


def test_phases_run_in_order_and_train_only_their_parts():
    session = build(Alternating())
    head = copy.deepcopy(session.network.head.state_dict())
    session.objective.phases = (Alternating.phases[1],)
    session.step()
    assert same(head, session.network.head.state_dict())
    session = build(Alternating())
    facts = session.step()
    assert [phase for phase, _ in session.objective.log] == ["head", "body", "body"]
    assert list(facts[0].losses) == ["head", "body"]
    assert not torch.equal(
        session.objective.log[1][1], session.objective.log[2][1]
    )  # a fresh forward each time


class Asking(Objective):
    """Its part learns three times, then its network once; from the middle of the run on, its part alone."""

    name, title = "asking", "For this test only"
    phases = (
        Phase("part", trains=("objective",), repeat=3),
        Phase("network", trains=("body", "head")),
    )

    def setup(self, network, pair, rng):
        self.part, self._log = torch.nn.Linear(network.feature_width, 1), []

    def phases_at(self, progress):
        return self.phases if progress < 0.5 else self.phases[:1]

    def forward(self, batch):
        self._log.append((batch.phase, batch.zs))
        return {
            batch.phase: self.part(batch.fs).square().mean()
            if batch.phase == "part"
            else batch.zs.square().mean()
        }


@pytest.mark.parametrize("batchnorm", ["separate", "joint"])
def test_a_phase_that_leaves_the_network_alone_looks_once_without_a_gradient(batchnorm):
    session = build(Asking(), batchnorm=batchnorm)
    held = session.objective.part.weight.clone()
    session.step()
    assert [phase for phase, _ in session.objective._log] == ["part"] * 3 + ["network"]
    first, second, third, last = [z for _, z in session.objective._log]
    assert first is second is third
    assert not first.requires_grad
    assert last.requires_grad
    assert not torch.equal(session.objective.part.weight, held)


def test_phases_may_change_over_the_run():
    session = build(Asking(), steps=6)
    list(session)
    assert [phase for phase, _ in session.objective._log] == (["part"] * 3 + ["network"]) * 3 + [
        "part"
    ] * 9


# --- faults and bad input


class Exploding(SourceOnly):
    name = "exploding"

    def forward(self, batch):
        terms = super().forward(batch)
        return terms | {"bomb": terms["task"] * (float("nan") if batch.progress >= 0.5 else 0.0)}


def test_a_loss_that_is_not_finite_stops_the_run_with_term_step_and_remedy():
    session = build(Exploding(), steps=10)
    facts = []
    with pytest.raises(
        FloatingPointError, match=r"'bomb' became nan in step 6 .*smaller learning rate"
    ):
        for fact in session:
            facts.append(fact)  # noqa: PERF402 - what came before the error is wanted
    assert [f.step for f in facts] == [1, 2, 3, 4, 5, 6]
    assert isinstance(facts[-1], Failed)
    assert all(v.isfinite().all() for v in weights(session).values())  # the last good weights
    with pytest.raises(FloatingPointError):
        session.step()


class Greedy(SourceOnly):
    name = "greedy"

    def forward(self, batch):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")


def test_out_of_memory_says_which_knob():
    with pytest.raises(
        MemoryError, match="batch_size 12 does not fit .*: take a smaller batch_size"
    ):
        build(Greedy()).step()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"weight": -1}, "weight must be a number between 0 and 10, got -1"),
        ({"freeze_depth": 5}, "freeze_depth must be a whole number between 0 and 4 stages, got 5"),
        ({"freeze_depth": 1.5}, "freeze_depth must be a whole number"),
        ({"lr": float("nan")}, "lr must be a number between 0 and 1, got nan"),
        ({"steps": 0}, "steps must be a whole number between 1 and"),
        ({"batch_size": 1}, "batch_size must be a whole number between 2"),
        ({"batchnorm": "seperate"}, "no batchnorm is called 'seperate': did you mean 'separate'"),
    ],
)
def test_settings_out_of_bounds_are_refused(options, sentence):
    with pytest.raises(ValueError, match=sentence):
        build(**options)


def test_a_live_setting_is_checked_when_it_is_set():
    session = build("dann")
    with pytest.raises(ValueError, match="weight must be a number between 0 and 10, got 99"):
        session.set(weight=99)
    with pytest.raises(
        ValueError, match="no live setting is called 'weigth': did you mean 'weight'"
    ):
        session.set(weigth=1)
    with pytest.raises(TypeError, match="weight must be a number between 0 and 10, got 'much'"):
        session.set(weight="much")


def test_a_network_with_another_number_of_classes_is_refused():
    pair, four = image_pair(), np.arange(40) % 4
    more = tl.DomainPair(tl.Domain("s", pair.source.x, four), tl.Domain("t", pair.target.x, four))
    with pytest.raises(ValueError, match=r"got 3 outputs and 4 classes: use network.with_head"):
        build(pair=more, network=tl.build_network("lenet", pair, channels=(4, 6), width=8))


def test_fine_tuning_without_any_target_labels_says_what_is_missing():
    pair = image_pair()
    with pytest.raises(ValueError, match="target with labels, and 't' has none"):
        build("fine-tune", pair=replace(pair, target=pair.target.without_labels()))


def test_domains_of_unequal_and_tiny_size_train():
    pair = image_pair()
    pair = replace(pair, target=pair.target.take(np.arange(5)))
    session = build("mmd", pair=pair)
    list(session)
    assert session.done


# --- a trained network goes on


def test_a_trained_network_starts_the_next_session_saves_loads_and_predicts(tmp_path):
    pair = image_pair(n=120)
    first = build("source-only", pair=pair, steps=120)
    list(first)
    assert first.evaluate()["source_accuracy"] > 0.8
    path = tmp_path / "net.pt"
    first.network.save(path)
    loaded = tl.load_network(path)
    second = build("fine-tune", pair=pair, network=loaded, freeze_depth=3, steps=5)
    np.testing.assert_array_equal(
        second.predict(pair.source.x, "source"), first.predict(pair.source.x, "source")
    )
    list(second)
    assert second.evaluate()["target_accuracy"] >= 0


def test_facts_are_numbers_and_read_only_arrays():
    session = build("dann", snapshot_every=2)
    for fact in session:
        if isinstance(fact, Stepped):
            assert all(type(v) is float for v in (*fact.losses.values(), *fact.effective.values()))
        if isinstance(fact, Snapshot):
            assert not fact.features.flags.writeable
            assert set(fact.numbers) >= {
                "source_accuracy",
                "target_accuracy",
                "domain_probe_accuracy",
                "mmd2",
            }


def test_dropout_draws_from_the_sessions_own_stream():
    pair = image_pair()

    def run(*, disturb):
        network = tl.build_network("lenet", pair, channels=(4, 6), width=8)
        network.stages["fc2"].append(torch.nn.Dropout(0.5))
        session = build("source-only", pair=pair, network=network)
        while not session.done:
            session.step()
            if disturb:
                torch.rand(7)
        return weights(session)

    assert same(run(disturb=False), run(disturb=True))


# --- going on from a moment


def with_dropout(pair):
    network = tl.build_network("lenet", pair, channels=(4, 6), width=8, seed=0)
    network.stages["fc2"].append(torch.nn.Dropout(0.5))
    return network


MIDWAY = (
    Changed(3, "freeze_depth", 0, 2),
    Changed(4, "lr", 0.05, 0.02),
    Changed(8, "freeze_depth", 2, 1),
    Changed(9, "weight", 1.0, 0.3),
)


@pytest.mark.parametrize("name", NAMES)
def test_a_fresh_session_restored_goes_on_bit_for_bit(name):
    for_each([(), MIDWAY], lambda plan: goes_on_bit_for_bit(name, plan))


def goes_on_bit_for_bit(name, plan):
    pair = image_pair()
    whole, fresh = (
        build(name, pair=pair, network=with_dropout(pair), steps=12, changes=plan) for _ in range(2)
    )
    for _ in range(5):
        whole.step()
    state = whole.state()
    after = list(whole)  # the state must not move with the run that it was taken from
    fresh.step()  # nor must it matter where the other one stood
    for _ in range(2):  # a state serves more than once
        fresh.restore(state)
        assert (fresh.step_number, fresh.changes) == (5, tuple(c for c in plan if c.step <= 5))
        assert list(fresh) == after
        assert same(weights(whole), weights(fresh))
        assert whole.values == fresh.values


def test_a_state_holds_what_is_queued_and_a_new_plan_replaces_it():
    session, fresh = build("mmd"), build("mmd")
    session.step()
    session.set(width=3.0)
    state = session.state()
    fresh.restore(state)
    assert fresh.step()[0] == Changed(2, "width", 1.0, 3.0)
    fresh.restore(state, changes=(Changed(3, "weight", 1.0, 0.5),))
    assert not any(isinstance(f, Changed) for f in fresh.step())
    assert fresh.objective.width == 1.0
    assert fresh.step()[0] == Changed(3, "weight", 1.0, 0.5)


def test_a_state_brings_back_a_run_that_diverged_and_a_failed_one_has_none():
    session = build(Exploding(), steps=10)
    state = session.state()
    with pytest.raises(FloatingPointError):
        list(session)
    with pytest.raises(FloatingPointError):
        session.state()
    session.restore(state)
    assert not session.done
    assert session.step()[0].step == 1


def test_a_state_of_another_kind_of_session_is_refused():
    with pytest.raises(
        ValueError,
        match="a state must come from a session built alike, got .*'mmd'.* for .*'dann'.*: build",
    ):
        build("dann").restore(build("mmd").state())


@pytest.mark.parametrize(
    ("name", "setting", "value"),
    [("mmd", "width", 3.0), ("dann", "gamma", 2.0), ("l2-sp", "beta", 0.5)],
)
def test_a_state_brings_the_objectives_own_settings_and_what_it_was_bound_to(name, setting, value):
    pair = image_pair()
    elsewhere = tl.build_network("lenet", pair, channels=(4, 6), width=8, seed=9)
    whole, fresh = build(name, pair=pair), build(name, pair=pair, network=elsewhere)
    whole.step()
    whole.set(**{setting: value})
    whole.step()
    fresh.restore(whole.state())
    assert getattr(fresh.objective, setting) == value
    assert list(fresh) == list(whole)


def test_a_plan_is_checked_before_the_first_step():
    with pytest.raises(
        ValueError, match="freeze_depth must be a whole number between 0 and 4 stages, got 9"
    ):
        build(changes=(Changed(5, "freeze_depth", 0, 9),))
    with pytest.raises(ValueError, match="no live setting is called 'wieght'"):
        build(changes=(Changed(5, "wieght", 0, 1),))
