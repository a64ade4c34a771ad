"""What the board's strip says of a network: its stages as they are, and what the method puts beside the head."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from waiting import until

import tltutor as tl
from tltutor.lab import strip
from tltutor.objectives import OBJECTIVES
from tltutor.objectives.objective import BRANCH_OF


def session(objective: str = "dann", **options: Any) -> tl.Session:
    pair = tl.load_pair("digits->photo-digits", seed=0, size=20)
    network = tl.build_network("lenet", pair, seed=0, channels=(4, 6), width=12)
    return tl.Session(
        pair, network, tl.build_objective(objective), steps=5, device="cpu", **options
    )


def test_stages_have_the_shapes_and_sizes_of_the_network() -> None:
    made = session()
    rows = strip.stages(made)
    assert [row["name"] for row in rows] == list(made.network.stages)
    assert [row["shape"] for row in rows] == [[4, 8, 8], [6, 2, 2], [12], [12]]
    for row, stage in zip(rows, made.network.stages.values(), strict=True):
        assert row["parameters"] == sum(p.numel() for p in stage.parameters())
    assert [row["batchnorm"] for row in rows] == [True, True, True, False]


def test_looking_at_the_shapes_changes_nothing() -> None:
    made = session()
    made.network.train()
    before = {name: value.clone() for name, value in made.network.state_dict().items()}
    state = torch.get_rng_state()
    strip.stages(made)
    assert made.network.training
    assert torch.equal(torch.get_rng_state(), state)
    assert all(
        torch.equal(value, before[name]) for name, value in made.network.state_dict().items()
    )


@pytest.mark.parametrize(
    ("objective", "branch", "term", "owner"),
    [
        ("source-only", "none", "", "source"),
        ("mmd", "distance", "mmd", "separate"),
        ("dann", "discriminator", "domain", "separate"),
        ("mcd", "heads", "second task", "separate"),
        ("pada", "discriminator", "domain", "separate"),
        ("entropy", "predictions", "entropy", "separate"),
    ],
)
def test_what_stands_around_the_stages(objective: str, branch: str, term: str, owner: str) -> None:
    about = strip.about(session(objective))
    assert (about["branch"], about["term"], about["owner"]) == (branch, term, owner)
    assert (about["features"], about["classes"]) == (12, 10)


def test_every_objective_has_a_branch_that_the_page_can_draw() -> None:
    drawn = set(BRANCH_OF.values()) | {"heads", "decoder"}
    for cls in OBJECTIVES.values():
        assert (cls.branch or BRANCH_OF[cls.family]) in drawn, cls.name


@pytest.fixture
def lab() -> Iterator[tl.Lab]:
    made = tl.Lab("moons->rotated-moons", "dann", steps=30, name="strip", snapshot_size=24)
    yield made
    made.close()


def test_the_board_shows_the_network_of_the_run_and_what_a_step_gave(lab: tl.Lab) -> None:
    network = lab.board.network
    assert [stage["name"] for stage in network.stages] == list(lab.session.network.stages)
    lab.step(30)
    lab.wait()
    last = lab.recording.stepped[-1]
    until(
        lambda: network.losses == dict(last.losses) and network.weight == last.effective["weight"]
    )
    assert set(network.losses) == {"task", "domain"}
    assert all(np.isfinite(value) for value in network.losses.values())
    assert 0 < network.weight <= 1
    assert network.acts
    lab.choose("objective", "source-only")
    assert network.about["branch"] == "none"
    assert network.losses == {}


def test_a_frozen_trunk_says_that_lambda_changes_nothing(lab: tl.Lab) -> None:
    lab.set(freeze_depth=len(lab.session.network.stages))
    lab.step(2)
    lab.wait()
    assert not lab.board.network.acts


def test_a_method_without_lambda_is_not_said_to_do_nothing() -> None:
    lab = tl.Lab(
        "moons->rotated-moons", "fine-tune", steps=10, name="strip", snapshot_size=24, pretrain=5
    )
    lab.step(2)
    lab.wait()
    assert not lab.session.objective.weighted
    assert lab.board.network.acts
    lab.close()


def test_a_look_shows_what_pulls_at_each_stage_and_looking_back_shows_it_again(lab: tl.Lab) -> None:
    lab.step(30)
    lab.wait()
    shown = lab.board.network.flow["stages"]
    assert len(shown) == len(lab.session.network.stages)
    assert all(row["task"] > 0 and row["transfer"] > 0 for row in shown)
    assert all(-1 <= row["cosine"] <= 1 and 0 <= row["apart"] <= 1 for row in shown)
    lab.scrub(0)
    first = lab.board.network.flow["stages"]
    assert first != shown
    lab.scrub(None)
    assert lab.board.network.flow["stages"] == shown


def test_a_look_costs_no_flow_where_nothing_shows_it() -> None:
    lab = tl.Lab("moons->rotated-moons", "dann", steps=5, name="strip", hide=("network",))
    lab.step(5)
    lab.wait()
    assert lab.recording.snapshots[-1].flow is None
    assert lab.board.network.flow == {}
    lab.close()
    both = tl.Compare("moons->rotated-moons", "mmd", "dann", steps=5, name="strips")
    both.step(5)
    both.wait()
    assert all(side.recording.snapshots[-1].flow is None for side in both.labs)
    both.close()
