"""A transport plan on its way from the objective to the map: between which points, how much, and what of it crosses classes."""

from __future__ import annotations

import numpy as np
import pytest

import tltutor as tl
from tltutor.events import Embedded
from tltutor.recording import Recording
from tltutor.training.snapshot import LINES, largest_entries, mass_to_other_class
from tltutor.views.frames import pack_lines


def session(objective: tl.objectives.Objective) -> tl.Session:
    pair = tl.load_pair("blobs->label-shift", seed=0)
    return tl.Session(pair, tl.build_network("linear", pair), objective, seed=0, snapshot_size=60)


def test_a_plan_on_the_inputs_is_the_exact_one_and_costs_the_total_variation() -> None:
    """Blobs that do not overlap: what has no partner of its class is half the sum of |p_s(y) - p_t(y)|."""
    run = session(tl.objectives.DeepJDOT(alpha=1.0, label_weight=0.0))
    look, points = run.snapshot(), run.snapshot_points
    s, t = ~points.is_target, points.is_target
    exact = tl.classical.EMD().fit(points.x[s], points.labels[s], target=points.x[t]).coupling_
    assert look.plan is not None
    found = np.zeros((len(points.labels),) * 2)
    found[look.plan[:, 0].astype(int), look.plan[:, 1].astype(int)] = look.plan[:, 2]
    np.testing.assert_allclose(found[np.ix_(s, t)], exact, atol=1e-6)
    shares = [np.bincount(points.labels[side], minlength=3) / side.sum() for side in (s, t)]
    least = np.abs(shares[0] - shares[1]).sum() / 2
    assert look.numbers["mass_to_other_class"] == pytest.approx(least, abs=0.04)
    assert look.numbers["mass_to_other_class"] >= least - 1e-9


def test_an_objective_without_a_plan_has_no_lines() -> None:
    look = session(tl.objectives.SourceOnly()).snapshot()
    assert look.plan is None
    assert "mass_to_other_class" not in look.numbers


def test_the_largest_entries_are_kept_as_shares_by_the_maps_rows() -> None:
    plan = np.array([[0.1, 0.0], [0.2, 0.1]])
    is_target = np.array([True, False, False, True])
    found = largest_entries(plan, is_target)
    np.testing.assert_allclose(found[0], [2, 0, 0.5])
    assert {tuple(row) for row in found[1:].round(2)} == {(1, 0, 0.25), (2, 3, 0.25)}
    many = largest_entries(np.ones((40, 40)), np.repeat([False, True], 40))
    assert len(many) == LINES
    assert len(set(many[:, 0])) == 40, "of equal entries, those of all points"


def test_what_goes_to_another_class_is_a_share_of_what_is_sent() -> None:
    run = session(tl.objectives.SourceOnly())
    points = run.snapshot_points
    ys, yt = points.labels[~points.is_target], points.labels[points.is_target]
    same = (ys[:, None] == yt).astype(float)
    assert mass_to_other_class(same, points) == 0
    assert mass_to_other_class(1 - same, points) == 1
    assert mass_to_other_class(0.01 * np.ones_like(same), points) == pytest.approx(1 - same.mean())


def test_a_recording_keeps_the_plan_of_each_frame() -> None:
    look = session(tl.objectives.DeepJDOT()).snapshot()
    recording = Recording()
    recording.append(look)
    recording.append(Embedded(0, np.zeros((len(look.labels), 2)), "inputs"))
    np.testing.assert_array_equal(recording.frames[0].plan, look.plan)
    assert recording.facts[0].plan is None  # type: ignore[union-attr]


def test_lines_are_two_rows_and_a_share() -> None:
    assert pack_lines(None, 3) == b""
    packed = np.frombuffer(pack_lines(np.array([[0, 2, 0.5]]), 3), "<f4")
    assert packed.tolist() == [0, 2, 0.5]
    for wrong in (np.zeros((2, 2)), np.array([[0, 3, 0.5]]), np.array([[-1, 0, 0.5]])):
        with pytest.raises(ValueError, match=r"lines must be \(k, 3\) with two rows of 0 to 2"):
            pack_lines(wrong, 3)
