"""Broken labs: each fault runs broken and right through the session, is switched in mid-run, and its right code is the real method."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from pages import rows

from tltutor import DomainPair, Session, build_network, build_objective, load_pair
from tltutor.lessons import BrokenLab, cards
from tltutor.lessons.faults import all_faults, find_fault
from tltutor.objectives import Distillation
from tltutor.objectives.gradual import GradualSelfTraining
from tltutor.projections import Projection, projection_names
from tltutor.projections.pca import PCA

OBJECTIVES = sorted(name for name in all_faults() if not issubclass(find_fault(name), Projection))
BOXED = "rows-first"  # whose mistake is one of boxes
SMALL = {
    "network_options": {"channels": (4, 8)},
    "steps": 4,
    "batch_size": 8,
    "snapshot_size": 20,
    "lr": 0.05,
}


@pytest.fixture(scope="module")
def pair() -> DomainPair:
    return load_pair("digits->shifted-digits", seed=0, size=16)


def session(pair: DomainPair, objective: Any, **options: Any) -> Session:
    network = (
        build_network("tiny-detector", pair, seed=0, width=8)
        if pair.has_boxes
        else build_network("lenet", pair, seed=0, channels=(4, 8))
    )
    return Session(
        pair, network, objective, steps=4, batch_size=8, lr=0.05, snapshot_size=20, **options
    )


def weights(run: Session) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in run.network.parameters()])


def trained(pair: DomainPair, objective: Any, **options: Any) -> torch.Tensor:
    run = session(pair, objective, **options)
    list(run)
    return weights(run)


@pytest.mark.parametrize("name", OBJECTIVES)
def test_broken_and_right_part_ways(pair: DomainPair, name: str) -> None:
    if issubclass(
        find_fault(name), GradualSelfTraining
    ):  # its mistake shows from the second domain on
        pair = load_pair("digits->turning-digits", seed=0, size=16, domains=2)
    if name == BOXED:
        pair = load_pair("clear->foggy", seed=0)
    broken, right = (session(pair, find_fault(name)(mistake=mistake)) for mistake in (True, False))
    for run in (broken, right):
        list(run)
    states = [
        torch.cat([v.float().flatten() for v in run.network.state_dict().values()])
        for run in (broken, right)
    ]
    assert all(state.isfinite().all() for state in states)
    assert not torch.equal(*states)


@pytest.mark.parametrize("name", ["joint-minimum", "target-labels"])
def test_the_mended_code_is_dann(pair: DomainPair, name: str) -> None:
    assert torch.equal(
        trained(pair, find_fault(name)(mistake=False)), trained(pair, build_objective("dann"))
    )


def test_the_mended_boxes_are_those_of_source_only() -> None:
    """And the wrong ones are the same boxes with row and column changed about, classes and padding as they were."""
    pair, fault = load_pair("clear->foggy", seed=0), find_fault(BOXED)
    assert torch.equal(
        trained(pair, fault(mistake=False)), trained(pair, build_objective("source-only"))
    )
    y = torch.as_tensor(pair.source.y[:3].copy())
    turned = fault().broken(y)
    assert torch.equal(turned[..., 0], y[..., 1])
    assert torch.equal(turned[..., 3], y[..., 2])
    assert torch.equal(turned[..., 4], y[..., 4])
    assert torch.equal(fault().broken(turned), y)


def test_the_mended_entropy_is_tents(pair: DomainPair) -> None:
    mended, tent = find_fault("entropy-of-mean")(mistake=False), build_objective("tent")
    assert torch.equal(trained(pair, mended, weight=2), trained(pair, tent, weight=2))


def test_the_entropy_of_the_mean_asks_for_one_class() -> None:
    fault, z = find_fault("entropy-of-mean")(), 100 * torch.eye(4)
    one_class, each_its_own = (
        fault.broken(SimpleNamespace(zt=rows, weight=3.0))["entropy"] for rows in (z[[0] * 4], z)
    )
    assert one_class.item() == pytest.approx(0, abs=1e-6)
    assert each_its_own.item() == pytest.approx(3 * np.log(4), abs=1e-5)
    assert fault.right(SimpleNamespace(zt=z, weight=3.0))["entropy"].item() == pytest.approx(0)


def test_the_mended_product_is_distillation_with_the_teacher_that_it_is_made_with(
    pair: DomainPair,
) -> None:
    teacher = build_network("lenet", pair, seed=7, channels=(4, 8))
    mended = find_fault("label-times-teacher")(teacher, mistake=False)
    assert torch.equal(trained(pair, mended), trained(pair, Distillation(teacher)))
    assert not torch.equal(trained(pair, mended), trained(pair, Distillation()))


def test_labels_times_probabilities_have_no_gradient_from_any_other_class() -> None:
    """By hand: with teacher's odds 1 : 3 and T = 1 the loss of the label 0 is -1/4 ln softmax(z)[0]."""
    fault = find_fault("label-times-teacher")(temperature=1.0)
    z, v = torch.zeros(1, 2), torch.tensor([[0.0, np.log(3)]])
    assert fault.broken(z, v, torch.tensor([0])).item() == pytest.approx(np.log(2) / 4)
    assert fault.right(z, v, torch.tensor([0])).item() == pytest.approx(
        0.25 * np.log(0.5) + 0.75 * np.log(1.5)
    )


def test_the_mended_heads_are_those_of_the_shared_trunk(pair: DomainPair) -> None:
    asks = {"source_task": "odd-or-even"}
    mended = find_fault("one-head")(mistake=False, **asks)
    trunk = build_objective("shared-trunk", **asks)
    assert torch.equal(trained(pair, mended, weight=1), trained(pair, trunk, weight=1))


def test_the_mended_loss_is_fine_tunings(pair: DomainPair) -> None:
    mended, tuned = (
        find_fault("logits-as-probabilities")(mistake=False),
        build_objective("fine-tune"),
    )
    assert torch.equal(trained(pair, mended), trained(pair, tuned))


def test_logits_for_probabilities_are_cut_and_what_is_cut_has_no_gradient() -> None:
    """By hand: of outputs .2, .6 and -3 with right class 1, the loss is -ln(.6 / .8); with right class 2 it is that of 1e-7."""
    fault = find_fault("logits-as-probabilities")()
    z = torch.tensor([[0.2, 0.6, -3.0]], dtype=torch.float64, requires_grad=True)
    assert fault.broken(z, torch.tensor([1])).item() == pytest.approx(-np.log(0.6 / 0.8), abs=1e-6)
    loss = fault.broken(z, torch.tensor([2]))
    assert loss.item() == pytest.approx(-np.log(1e-7 / 0.8), abs=1e-6)
    loss.backward()
    assert z.grad[0, 2] == 0


def test_the_mended_body_is_a_frozen_one(pair: DomainPair) -> None:
    mended = session(pair, find_fault("moving-batchnorm")(mistake=False))
    frozen = session(pair, build_objective("fine-tune"), freeze_depth=4)
    assert frozen.network.depth == 4
    for run in (mended, frozen):
        list(run)
    for key, value in frozen.network.state_dict().items():
        assert torch.equal(mended.network.state_dict()[key], value), key


def test_the_mended_line_trains_the_head_alone(pair: DomainPair) -> None:
    run = session(pair, find_fault("nothing-trains")(mistake=False))
    body, head = (
        [p.clone() for p in part.parameters()] for part in (run.network.stages, run.network.head)
    )
    list(run)
    assert all(map(torch.equal, body, run.network.stages.parameters()))
    assert not any(map(torch.equal, head, run.network.head.parameters()))


def test_without_reversal_the_features_help_the_discriminator(pair: DomainPair) -> None:
    """The gradient that reaches the features through the domain loss has the other sign."""
    gradients = []
    for mistake in (True, False):
        run = session(pair, find_fault("joint-minimum")(mistake=mistake), weight=1.0)
        batch = run._forward.batch(
            run._examples.next(), run.objective.phases[0], weight=1.0, progress=0.0
        )
        terms = run.objective(batch)
        gradients.append(torch.autograd.grad(terms["domain"], batch.fs)[0])
    assert gradients[0].abs().max() > 0
    assert torch.allclose(gradients[0], -gradients[1])


def test_the_line_on_the_module_trains_nothing(pair: DomainPair) -> None:
    run = session(pair, find_fault("nothing-trains")())
    before = weights(run)
    list(run)
    assert torch.equal(weights(run), before)


def test_a_body_in_training_mode_moves_its_statistics_but_no_weight(pair: DomainPair) -> None:
    run = session(pair, find_fault("moving-batchnorm")())
    before = {name: value.clone() for name, value in run.network.stages.state_dict().items()}
    list(run)
    moved = {
        name
        for name, value in run.network.stages.state_dict().items()
        if not torch.equal(value, before[name])
    }
    assert moved
    assert all(name.endswith(("_mean", "_var", "num_batches_tracked")) for name in moved)


def test_the_switch_acts_in_mid_run_also_on_what_trains(pair: DomainPair) -> None:
    run = session(pair, find_fault("nothing-trains")())
    run.step()
    still = weights(run)
    run.set(mistake=False)
    run.step()
    assert not torch.equal(weights(run), still)
    assert [(c.step, c.name, c.new) for c in run.changes] == [(2, "mistake", False)]


def test_separate_maps_lay_far_domains_on_one_heap() -> None:
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(size=(30, 5)), rng.normal(size=(30, 5)) + 50]).astype(np.float32)
    is_target = np.arange(60) >= 30
    heaps = {
        mistake: find_fault("separate-pca")(mistake=mistake)(x, is_target=is_target)
        for mistake in (True, False)
    }
    apart = {
        m: np.linalg.norm(xy[is_target].mean(0) - xy[~is_target].mean(0)) for m, xy in heaps.items()
    }
    assert apart[True] < 1e-3
    assert apart[False] > 100
    assert np.allclose(heaps[False], PCA()(x), atol=1e-3)


# --- on a board


@pytest.fixture
def board() -> Iterator[Any]:
    made: list[BrokenLab] = []

    def make(fault: str, **options: Any) -> BrokenLab:
        lab = BrokenLab(
            fault,
            pair="digits->shifted-digits",
            pair_options={"size": 16},
            name="broken",
            **SMALL,
            **options,
        )
        made.append(lab)
        return lab

    yield make
    for asked in cards._shown.values():
        asked.close()
    cards._shown.clear()
    for lab in made:
        lab.lab.close()


def test_the_board_hides_the_switch_and_gives_nothing_away(board: Any) -> None:
    broken = board("joint-minimum")
    assert "mistake" not in rows(broken.lab.board.controls)
    assert "weight" in rows(broken.lab.board.controls)
    assert broken.lab.session.objective.title == build_objective("dann").title
    assert broken.mistake


def test_a_mistake_of_a_method_with_a_teacher_gets_it(board: Any, pair: DomainPair) -> None:
    teacher = build_network("lenet", pair, seed=7, channels=(4, 8))
    broken = board("label-times-teacher", made_with={"teacher": teacher})
    of_the_board = broken.lab.session.objective.teacher.network
    assert torch.equal(of_the_board.head.weight, teacher.head.weight)
    assert not torch.equal(of_the_board.head.weight, broken.lab.session.network.head.weight)


def test_reveal_shows_both_codes_and_its_switch_acts_on_the_running_board(board: Any) -> None:
    broken = board("joint-minimum")
    revealed = broken.reveal()
    html = revealed.html
    assert "reverse_gradient(f, batch.weight)" in html
    assert "<mark>    logit = self.discriminator(f)</mark>" in html
    broken.lab.step(2)
    broken.lab.wait(30)
    revealed.view.receive("set", {"mistake": False})
    broken.lab.play()
    broken.lab.wait(30)
    assert [(c.step, c.name, c.new) for c in broken.lab.recording.changes] == [
        (3, "mistake", False)
    ]
    assert not broken.mistake


def test_shown_code_speaks_to_learners_alone(board: Any) -> None:
    html = board("nothing-trains").reveal().html
    assert "network.head.requires_grad = True" in html
    assert "type: ignore" not in html


def test_a_map_may_be_broken_too(board: Any) -> None:
    broken = board("separate-pca", objective="source-only")
    assert broken.lab.board.header.chosen["projection"] == "separate-pca"
    assert (
        "separate-pca" not in projection_names()
    )  # nothing of it stays behind in the choosers of other labs
    broken.reveal().view.receive("set", {"mistake": False})
    assert not broken.mistake
    broken.lab.start()
    assert broken.lab.wait(10)
    assert broken.lab.player.layout.mistake is False


def test_an_unknown_fault_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match="joint-minimum"):
        BrokenLab("join-minimum")
