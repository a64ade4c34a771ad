"""What lesson 22 claims of each mistake's cost, by its own cells, and of the lines that find it: no for wrong code, yes for right."""

from __future__ import annotations

import copy
from dataclasses import replace
from functools import cache
from statistics import mean
from typing import Any

import numpy as np
import pytest
import torch
from boards import experiment, read_boards
from measured import CHOSEN, FEW, every_seed, keep
from notebook_runs import space

from tltutor.lessons.faults import find_fault
from tltutor.lessons.lesson import exercises
from tltutor.lessons.scoring import judged
from tltutor.lessons.wording import script

pytestmark = [pytest.mark.claims, pytest.mark.slow]

LESSON = "22"
# The seeds 10 and 11 were seen while limits were chosen. These came later: what they contradicted was taken back.
SEEDS = (*CHOSEN, 20) if FEW else (*CHOSEN, 20, 21)
BOARDS = read_boards(LESSON)
CELLS = (
    "import copy",
    "order = [",
    "HOW = ",
    "def session",
    "def look",
    "def blind",
    "def one_step",
    "def gradients",
)
OTHERS = ("source-alone", "bodys-rate", "label-times-teacher", "turned-kl")
LOOKS = 20  # steps between two looks of one who chooses the best of them
BOTH = ("target_accuracy", "source_accuracy")


@cache
def names(seed: int) -> dict[str, Any]:
    return space(LESSON, seed, *CELLS)


def ends(run: Any) -> np.ndarray:
    """Target and source accuracy of a session at its end."""
    while not run.done:
        run.step()
    accuracies = run.evaluate()
    return np.array([accuracies[number] for number in BOTH])


@cache
def end(seed: int, name: str, mistake: bool) -> np.ndarray:
    return ends(names(seed)["session"](name, mistake))


def dann(seed: int) -> np.ndarray:
    return end(seed, "joint-minimum", False)


def plain(seed: int, network: str, objective: str) -> np.ndarray:
    """The end of one of the package's own objectives, begun with the lesson's network of this name."""
    its = names(seed)
    begun, built = copy.deepcopy(its[network]), its["tl"].build_objective(objective)
    return ends(its["tl"].Session(its["pair"], begun, built, steps=200, **its["HOW"]))


def best_look(seed: int) -> np.ndarray:
    """The accuracies of the look that is best on the target's test labels."""
    run, looks = names(seed)["session"]("joint-minimum", False), []
    while not run.done:
        run.step()
        if run.step_number % LOOKS == 0:
            looks.append([run.evaluate()[number] for number in BOTH])
    return np.array(max(looks))


@cache
def change(name: str) -> np.ndarray:
    """Wrong minus right, seed by seed: (seeds, 2), on the target and on the source."""
    pairs = {
        "no-target": lambda s: plain(s, "new", "source-only") - dann(s),
        "from-scratch": lambda s: plain(s, "new", "fine-tune") - plain(s, "trained", "fine-tune"),
        "best-look": lambda s: best_look(s) - dann(s),
    }
    of = pairs.get(name, lambda s: end(s, name, True) - end(s, name, False))
    found = np.array([of(seed) for seed in SEEDS])
    keep(LESSON, name, found[:, 0].tolist(), SEEDS)
    keep(LESSON, f"{name}, source", found[:, 1].tolist(), SEEDS)
    return found


def on_target(name: str) -> np.ndarray:
    return change(name)[:, 0]


def order() -> list[str]:
    return list(names(SEEDS[0])["order"])


def test_the_boards_are_the_cells_runs() -> None:
    """Each mistake is a board with the cells' settings; one of each kind ends where the cell's run ends."""
    assert set(BOARDS) == {*order(), *OTHERS, "leaky", "honest"}
    for name in (*order(), *OTHERS):
        assert BOARDS[name]["fault"] == name
        run = experiment(BOARDS[name], 0).build(trained=False)
        assert (run.steps, run.batch_size, run.values["lr"]) == (200, 32, 0.02)
        assert run.values == names(0)["session"](name, True).values
    assert BOARDS["honest"] == BOARDS["leaky"] | {"values": {"mistake": False}}
    for name in ("joint-minimum", "moving-batchnorm"):
        assert ends(experiment(BOARDS[name], 0).build()) == pytest.approx(end(0, name, True))


ROWS = (
    *("frozen-throughout", "held-head", "joint-minimum", "leaked-labels", "linear-kernel"),
    *("logits-as-probabilities", "moving-batchnorm", "no-class-index", "nothing-trains"),
    *("target-labels", *OTHERS, "no-target", "from-scratch", "best-look"),
)


@every_seed
@pytest.mark.parametrize("row", ROWS)
def test_every_row_of_the_table_is_measured(row: str) -> None:
    assert np.isfinite(change(row)).all()
    assert set(order()) < set(ROWS)
    assert len(ROWS) == 17


def test_what_teaches_false_things_costs_most_of_the_four() -> None:
    four = ("frozen-throughout", "joint-minimum", "linear-kernel", "target-labels")
    for i in range(len(SEEDS)):
        cost = {name: -on_target(name)[i] for name in four}
        first, second, *_ = sorted(cost.values(), reverse=True)
        dearest = max(cost, key=lambda name: cost[name])
        assert judged(script(LESSON).predict["worst"], "target-labels", dearest).right
        assert first > second + 0.1


def test_the_leak_gains_on_every_seed_and_by_far_the_most() -> None:
    assert min(on_target("leaked-labels")) > 0.1
    others = [name for name in order() if name != "leaked-labels"]
    assert max(mean(on_target(name)) for name in others) < mean(on_target("leaked-labels")) - 0.08


@every_seed
def test_whether_the_deaf_student_gains_hangs_on_the_seed_and_it_forgets_the_source() -> None:
    gain = on_target("no-class-index")
    assert min(gain) < 0.03
    assert max(gain) > 0.05
    assert max(change("no-class-index")[:, 1]) < -0.04


def test_one_to_three_of_the_ten_gain() -> None:
    guess = script(LESSON).predict["gaining"]
    for i in range(len(SEEDS)):
        gaining = sum(on_target(name)[i] > 0.05 for name in order())
        assert judged(guess, "few", float(gaining)).right


@every_seed
def test_some_cost_nothing_that_can_be_measured() -> None:
    assert np.abs(on_target("held-head")).max() < 0.02
    assert np.abs(on_target("best-look")).max() < 0.04
    assert abs(mean(on_target("source-alone"))) < 0.05


@every_seed
def test_the_most_famous_one_costs_less_than_a_rate_or_an_attribute() -> None:
    assert mean(on_target("joint-minimum")) < 0
    assert mean(on_target("bodys-rate")) < mean(on_target("joint-minimum")) - 0.05
    assert mean(on_target("nothing-trains")) < mean(on_target("joint-minimum")) - 0.2


@every_seed
def test_source_accuracy_does_not_see_them() -> None:
    for name in ("joint-minimum", "source-alone", "target-labels", "leaked-labels", "no-target"):
        assert np.abs(change(name)[:, 1]).max() < 0.05, name
    assert mean(change("nothing-trains")[:, 1]) > 0.05
    assert mean(on_target("moving-batchnorm")) > -0.02
    assert min(on_target("moving-batchnorm")) < 0.02 < max(on_target("moving-batchnorm"))


# --- the oracles


def solution(name: str) -> Any:
    return exercises(LESSON)[name].oracle  # type: ignore[union-attr]


def test_the_labels_line_finds_the_leak() -> None:
    blind = names(0)["blind"]
    assert (blind("leaked-labels", True), blind("leaked-labels", False)) == (False, True)


def test_the_lines_say_no_to_wrong_code_and_yes_to_right_code() -> None:
    its = names(0)
    for name in ("nothing-trains", "moving-batchnorm"):
        moved = [its["one_step"](name, mistake) for mistake in (True, False)]
        head = {"head.weight", "head.bias"}
        assert [solution("moved_only")(*step, head) for step in moved] == [False, True], name
    for name in ("joint-minimum", "source-alone"):
        found = [its["gradients"](name, mistake) for mistake in (True, False)]
        assert [solution("opposes")(*both, 0.5) for both in found] == [False, True], name


def test_a_softmax_without_a_class_index_and_logits_are_no_probabilities() -> None:
    softmax, v = find_fault("no-class-index")(), torch.arange(12.0).sin().reshape(4, 3)
    line = solution("probabilities")
    assert [line(softmax.broken(v)), line(softmax.right(v)), line(v)] == [False, True, False]


def farthest(name: str, mistake: bool, part: str) -> float:
    """How far a step moves the weights of this part of the network, at most."""
    before, after = names(0)["one_step"](name, mistake)
    return max(float((after[n] - before[n]).abs().max()) for n in before if n.startswith(part))


def test_the_tables_other_lines_tell_wrong_from_right_code() -> None:
    assert farthest("bodys-rate", True, "head.") < 1e-4 < farthest("bodys-rate", False, "head.")
    weights = "stages.conv1.0.weight"
    frozen = [farthest("frozen-throughout", mistake, weights) for mistake in (True, False)]
    assert frozen[0] == 0 < frozen[1]
    kl, p, q = find_fault("turned-kl")(), *torch.eye(4).softmax(1)[:2, None]
    assert kl.broken(p, q) < 0 < kl.right(p, q)
    held, both = find_fault("held-head")(), dict.fromkeys(("head.bias", "stages.a"), torch.ones(1))
    named = [any(n.startswith("head.") for n in of(both)) for of in (held.broken, held.right)]
    assert named == [True, False]


def test_only_wrong_labels_reach_the_targets_features() -> None:
    now, batch = names(0)["look"]("target-labels", True)
    for of, reached in ((now.objective.broken, True), (now.objective.right, False)):
        (found,) = torch.autograd.grad(of(batch), batch.ft, materialize_grads=True)
        assert bool(found.abs().max() > 0) == reached


def test_a_ring_is_not_its_center_to_a_kernel() -> None:
    kernel = find_fault("linear-kernel")()
    turn = torch.arange(16) * torch.pi / 8
    ring = torch.stack([turn.cos(), turn.sin()], 1)
    _, batch = names(0)["look"]("linear-kernel", True)
    seen = replace(batch, fs=ring, ft=0.01 * ring)
    assert float(kernel.broken(seen)["mmd"]) < 1e-6 < float(kernel.right(seen)["mmd"])
