"""Going back to a step: bit for bit the run that was, from the seed or from a kept state, within bounded memory."""

from dataclasses import replace

import pytest
import torch

from tltutor.events import Changed, Stepped
from tltutor.experiment import Checkpoints, Experiment, ReplayOptions, plan_until, session_at
from tltutor.experiment.branching import size
from tltutor.objectives import OBJECTIVES

LOG = (
    Changed(3, "lr", 0.01, 0.02),
    Changed(7, "freeze_depth", 0, 1),
    Changed(12, "lr", 0.02, 0.01),
)


def experiment(objective="dann", **options):
    session = {"steps": 16, "batch_size": 8, "snapshot_size": 24, "device": "cpu"} | options
    network = {"channels": (4, 6), "width": 8}
    return Experiment(
        "digits->shifted-digits", objective, "lenet", "pca", 1, {"size": 16}, network, session
    )


def steps_of(session):
    return [fact for fact in session if isinstance(fact, Stepped)]


@pytest.fixture(scope="module")
def original():
    """A run with its log, and its states on the way."""
    checkpoints, facts = Checkpoints(), []
    session = replace(
        experiment(), session_options=experiment().session_options | {"changes": LOG}
    ).build()
    while not session.done:
        if session.step_number % 5 == 0:
            checkpoints.offer(session.step_number, session.state)
        facts += session.step()
    return session, facts, checkpoints


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.parametrize("step", [0, 4, 5, 6, 9, 15, 16])
def test_a_session_at_a_step_goes_on_as_the_original_did(original, step, kept):
    session, facts, checkpoints = original
    heard = []
    again = session_at(
        experiment(changes=LOG),
        step,
        plan_until(experiment(changes=LOG), LOG, step),
        ReplayOptions(
            checkpoints.before(step) if kept else None,
            on_step=lambda done, all_: heard.append((done, all_)),
        ),
    )
    begun = step // 5 * 5 if kept else 0
    assert heard == [(k, step - begun) for k in range(1, step - begun + 1)]
    assert again.step_number == step
    assert [f for f in again if isinstance(f, Stepped)] == [
        f for f in facts if isinstance(f, Stepped) and f.step > step
    ]
    held = again.network.state_dict()
    assert all(
        torch.equal(value, held[name]) for name, value in session.network.state_dict().items()
    )
    assert again.changes == LOG


@pytest.mark.parametrize("objective", OBJECTIVES)
def test_a_branch_with_a_change_is_a_fresh_session_with_that_plan(objective):
    run = experiment(objective)
    session, checkpoints = run.build(), Checkpoints()
    for _ in range(9):
        session.step()
        checkpoints.offer(session.step_number, session.state)
    branch = session_at(run, 6, (), ReplayOptions(checkpoints.before(6)))
    branch.set(lr=0.03)
    fresh = replace(
        run, session_options=run.session_options | {"changes": (Changed(7, "lr", 0.01, 0.03),)}
    ).build()
    assert steps_of(branch) == steps_of(fresh)[6:]


def test_what_was_changed_later_is_forgotten_and_what_was_planned_later_stays():
    planned = (Changed(2, "lr", 0.01, 0.5), Changed(9, "lr", 0.02, 0.3))
    assert plan_until(experiment(changes=planned), LOG, 7) == (*LOG[:2], planned[1])


def test_a_replay_can_be_stopped():
    left = iter([False, False, False, True])
    assert session_at(experiment(), 10, (), ReplayOptions(stopped=lambda: next(left))) is None


def states(step):
    return {
        "step": step,
        "weights": torch.zeros(250),
        "inner": {"rows": [torch.zeros(5, dtype=torch.int64)]},
    }


def test_a_states_size_counts_every_tensor():
    assert size(states(0)) == 250 * 4 + 5 * 8


@pytest.mark.parametrize(("room", "most"), [(1 << 30, 8), (6 * 1040, 100)])
def test_checkpoints_stay_few_and_even(room, most):
    checkpoints = Checkpoints(room, most)
    taken = []
    for step in range(1000):
        checkpoints.offer(step, lambda step=step: taken.append(step) or states(step))
        assert len(checkpoints.steps) <= min(most, room // 1040)
    assert len(checkpoints.steps) >= 2
    gaps = [b - a for a, b in zip(checkpoints.steps, checkpoints.steps[1:], strict=False)]
    assert max(gaps) <= 2 * min(gaps)
    assert len(taken) < 100  # a state costs time: it is not taken at every look for ever
    assert checkpoints.before(999)["step"] >= 500
    assert checkpoints.before(max(checkpoints.steps) - 1)["step"] == sorted(checkpoints.steps)[-2]
    assert checkpoints.before(-1) is None


def test_a_state_that_does_not_fit_is_not_kept_nor_taken_again():
    checkpoints, taken = Checkpoints(room=1000), []
    for step in range(5):
        checkpoints.offer(step, lambda step=step: taken.append(step) or states(step))
    assert checkpoints.steps == ()
    assert taken == [0]


def test_a_branch_forgets_the_later_states():
    checkpoints = Checkpoints()
    for step in range(6):
        checkpoints.offer(step, lambda step=step: states(step))
    checkpoints.forget_after(3)
    assert checkpoints.before(9)["step"] == 3
