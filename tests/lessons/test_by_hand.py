"""A step by hand: written in plain torch, it gives the losses and the weights of the board's own step, and mistakes show."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

import tltutor as tl
from tltutor.experiment import Experiment
from tltutor.lab.run import Run
from tltutor.lessons import by_hand
from tltutor.lessons.by_hand import StepByHand, own_step, step_exercise, step_of, taken
from tltutor.lessons.exercises import check
from tltutor.lessons.sandbox import shared_sandbox
from tltutor.lessons.wording import Help
from tltutor.objectives.dann import reverse_gradient
from tltutor.training.by_hand import ByHand

DIGITS: dict[str, Any] = {
    "pair": "digits->shifted-digits",
    "network_options": {"channels": (4, 8)},
    "session_options": {"steps": 20, "batch_size": 16, "lr": 0.05},
}
MOONS: dict[str, Any] = {
    "pair": "moons->rotated-moons",
    "session_options": {"steps": 20, "batch_size": 16, "lr": 0.05},
}
WORDS = Help(
    ({"en": "Look.", "zh": "看。"},) * 3, "", {"joint": {"en": "Not reversed.", "zh": "没有反转。"}}
)


@pytest.fixture(autouse=True, scope="module")
def one_worker() -> Iterator[None]:
    yield
    shared_sandbox().close()
    shared_sandbox.cache_clear()


def descend(now: ByHand, *terms: Tensor) -> None:
    now.optimizer.zero_grad()
    sum(terms).backward()  # type: ignore[union-attr]
    now.optimizer.step()


def source_only(now: ByHand) -> Tensor:
    _, zs = now.network.on("source")(now.xs)
    task = F.cross_entropy(zs, now.ys)
    descend(now, task)
    return task


def kernel(a: Tensor, b: Tensor, sigma: Tensor) -> Tensor:
    return torch.exp(-(a[:, None] - b).square().sum(2) / (2 * sigma**2))


def mmd(now: ByHand) -> tuple[Tensor, Tensor]:
    fs, zs = now.network.on("source")(now.xs)
    ft, _ = now.network.on("target")(now.xt)
    sigma, n = torch.pdist(torch.cat([fs, ft]).detach()).median(), len(fs)
    pairs = n * (n - 1)
    value = torch.zeros(())
    for s in (sigma / 2, sigma, 2 * sigma):
        within = sum((kernel(f, f, s).sum() - n) / pairs for f in (fs, ft))
        value = value + (within - 2 * kernel(fs, ft, s).mean()) / 3
    task = F.cross_entropy(zs, now.ys)
    descend(now, task, now.weight * value)
    return task, now.weight * value


def forward(now: ByHand, reverse: Callable[[Tensor, float], Tensor]) -> tuple[Tensor, Tensor]:
    fs, zs = now.network.on("source")(now.xs)
    ft, _ = now.network.on("target")(now.xt)
    logit = now.objective.discriminator(reverse(torch.cat([fs, ft]), now.weight)).squeeze(1)
    is_target = torch.cat([torch.zeros(len(fs)), torch.ones(len(ft))])
    return F.cross_entropy(zs, now.ys), F.binary_cross_entropy_with_logits(logit, is_target)


def dann(now: ByHand) -> tuple[Tensor, Tensor]:
    task, domain = forward(now, reverse_gradient)
    descend(now, task, domain)
    return task, domain


def joint(now: ByHand) -> tuple[Tensor, Tensor]:
    task, domain = forward(now, lambda f, _: f)
    descend(now, task, domain)
    return task, domain


def never_moved(now: ByHand) -> tuple[Tensor, Tensor]:
    return forward(now, reverse_gradient)


def old_gradient_kept(now: ByHand) -> tuple[Tensor, Tensor]:
    task, domain = forward(now, reverse_gradient)
    (task + domain).backward()
    now.optimizer.step()
    return task, domain


def run_of(objective: str, made_of: dict[str, Any]) -> Run:
    return Run.new(Experiment(objective=objective, projection="pca", **made_of))


STEPS: list[tuple[str, dict[str, Any], Callable[[ByHand], Any]]] = [
    ("source-only", DIGITS, source_only),
    ("source-only", MOONS, source_only),
    ("mmd", DIGITS, mmd),
    ("mmd", MOONS, mmd),
    ("dann", DIGITS, dann),
    ("dann", MOONS, dann),
]


@pytest.mark.parametrize(("objective", "made_of", "function"), STEPS)
@pytest.mark.parametrize("number", [1, 7])
def test_a_step_written_in_torch_is_the_boards_own(
    objective: str, made_of: dict[str, Any], function: Callable[[ByHand], Any], number: int
) -> None:
    run = run_of(objective, made_of)
    now = step_of(run, number)
    given = taken(function)(now)
    for _ in range(number):
        facts = run.session.step()  # what Play does
    losses = [facts[-1].losses[name] for name in run.session.objective.terms]  # type: ignore[union-attr]
    torch.testing.assert_close(
        [float(x) for x in given[by_hand.LOSSES]], losses, rtol=1e-4, atol=1e-6
    )
    parts = [(now.network, run.session.network), (now.objective, run.session.objective)]
    for mine, own in parts:
        unseen = "target_" if objective == "source-only" else None  # there a copy of the source's
        state, wanted = (
            {n: v for n, v in part.state_dict().items() if not (unseen and unseen in n)}
            for part in (mine, own)
        )
        torch.testing.assert_close(state, wanted, rtol=1e-4, atol=1e-6)


def test_the_table_says_that_both_are_the_same_and_the_board_stays_where_it_is() -> None:
    run = run_of("dann", DIGITS)
    now = step_of(run)
    assert now.number == 2, "a tenth of 20 steps"
    table = now.beside_the_board(*dann(now))
    assert table.remark == by_hand.SAME
    assert [row[0] for row in table.rows] == ["task", "domain", "largest difference of a weight"]
    assert all(row[1] == row[2] for row in table.rows[:2])
    assert run.session.step_number == 0


def remark(function: Callable[[ByHand], Any]) -> str:
    now = step_of(run_of("dann", DIGITS), 5)
    return now.beside_the_board(*function(now)).remark


def test_the_table_names_what_is_missing() -> None:
    assert remark(never_moved) == by_hand.UNMOVED
    assert remark(joint) == by_hand.OTHER_WEIGHTS
    assert remark(old_gradient_kept) == by_hand.OTHER_WEIGHTS
    assert remark(lambda now: tuple(2 * term for term in dann(now))) == by_hand.OTHER_LOSSES
    assert remark(lambda now: dann(now)[:1]) == "Give the loss terms in this order: task, domain."


def test_changes_that_a_learner_made_on_the_board_are_in_the_step() -> None:
    run = run_of("dann", MOONS)
    run.session.step()
    run.session.set(weight=3.0)
    for fact in run.session.step():
        run.recording.append(fact)
    assert step_of(run, 3).weight == pytest.approx(3 * step_of(run_of("dann", MOONS), 3).weight)


def test_a_step_that_the_run_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="between 1 and 20, got 21"):
        step_of(run_of("source-only", MOONS), 21)


# --- from memory


TASK = step_exercise(
    Experiment(
        "digits->shifted-digits", "dann", **{k: v for k, v in DIGITS.items() if k != "pair"}
    ),
    (3, 12),
    {"joint": joint},
)


def told(function: Callable[[ByHand], Any]) -> str:
    note = check(function, TASK, WORDS)
    return f"{note.mood}: {note.text}"


def test_a_step_from_memory_is_held_to_the_sessions_own() -> None:
    assert told(dann).startswith("right: The same as the package's own")
    assert told(joint) == "wrong: Not reversed."
    assert "the network's weights after the step: yours gives" in told(old_gradient_kept)
    assert "For now = step 3" in told(never_moved)


def one_statistics(now: ByHand) -> tuple[Tensor, Tensor]:
    """Both domains through the source's BatchNorm."""
    (fs, zs), (ft, _) = (now.network.on("source")(x) for x in (now.xs, now.xt))
    logit = now.objective.discriminator(reverse_gradient(torch.cat([fs, ft]), now.weight)).squeeze(
        1
    )
    is_target = torch.cat([torch.zeros(len(fs)), torch.ones(len(ft))])
    terms = F.cross_entropy(zs, now.ys), F.binary_cross_entropy_with_logits(logit, is_target)
    descend(now, *terms)
    return terms


def endless(now: ByHand) -> None:
    while now:
        pass


def broken(now: ByHand) -> Tensor:
    x = now.xs
    return x.no_such_thing


def test_faults_of_a_step_get_sentences() -> None:
    assert "BatchNorm statistics after the step" in told(one_statistics)
    assert "in its line 3 it raises AttributeError" in told(broken)
    assert "it returns nothing" in told(lambda _: None)
    assert told(lambda _: ...).startswith("plain: There is still a blank")


def test_an_endless_step_is_stopped() -> None:
    from dataclasses import replace

    note = check(endless, replace(TASK, seconds=1.0), WORDS)
    assert "still running after 1 seconds" in note.text


def test_the_oracle_is_made_of_the_sessions_own_step() -> None:
    """Trained twice from the seed, a step is the same to the last bit."""
    (now,) = TASK.cases[0]
    one, other = (TASK.oracle(now) for _ in range(2))
    torch.testing.assert_close(one, other, rtol=0, atol=0)
    assert isinstance(step_of(run_of("source-only", MOONS)), StepByHand)
    session = Experiment(
        "moons->rotated-moons", "source-only", **{k: v for k, v in MOONS.items() if k != "pair"}
    ).build()
    assert list(own_step(session)) == [
        by_hand.LOSSES,
        by_hand.WEIGHTS,
        by_hand.OWN,
        by_hand.STATISTICS,
    ]
    assert tl.Session is type(session)
