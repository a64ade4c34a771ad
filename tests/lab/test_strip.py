"""What the board's strip says of a network: its stages as they are, and what the method puts beside the head."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
import torch
from waiting import until

import tltutor as tl
from tltutor.networks.class_map import class_map
from tltutor.objectives import OBJECTIVES
from tltutor.objectives.objective import BRANCH_OF, Branch
from tltutor.training.outline import outline
from tltutor.views.network import NetworkView, flow_rows


def session(objective: str = "dann", **options: Any) -> tl.Session:
    pair = tl.load_pair("digits->photo-digits", seed=0, size=20)
    network = tl.build_network("lenet", pair, seed=0, channels=(4, 6), width=12)
    return tl.Session(
        pair, network, tl.build_objective(objective), steps=5, device="cpu", **options
    )


def test_stages_have_the_shapes_and_sizes_of_the_network() -> None:
    made = session()
    rows = outline(made)["stages"]
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
    outline(made)["stages"]
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
    about = outline(session(objective))["around"]
    assert (about["branch"], about["term"], about["owner"]) == (branch, term, owner)
    assert (about["features"], about["classes"]) == (12, 10)


def test_every_objective_has_a_branch_that_the_page_can_draw() -> None:
    drawn = set(BRANCH_OF.values()) | {"heads", "decoder"}
    for cls in OBJECTIVES.values():
        assert (cls.branch or BRANCH_OF[cls.family]) in drawn, cls.name


def test_the_page_has_words_for_each_kind_of_branch() -> None:
    text = (Path(tl.__file__).parent / "views" / "strip.js").read_text("utf-8")
    words = text[text.index("function branchWords") : text.index("function ownerWords")]
    assert set(re.findall(r"^    (\w+): \[t\(", words, re.MULTILINE)) == set(get_args(Branch))


@pytest.fixture
def lab(open_small: Callable[..., tl.Lab]) -> tl.Lab:
    return open_small("dann")


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


def test_a_method_without_lambda_is_not_said_to_do_nothing(
    open_small: Callable[..., tl.Lab],
) -> None:
    lab = open_small("fine-tune", pretrain=5)
    lab.step(2)
    lab.wait()
    assert not lab.session.objective.weighted
    assert lab.board.network.acts


def test_a_look_shows_what_pulls_at_each_stage_and_looking_back_shows_it_again(lab: tl.Lab) -> None:
    lab.step(30)
    lab.wait()
    last = flow_rows(lab.recording.frames[-1].flow)
    until(lambda: lab.board.network.flow == {"stages": last})
    assert len(last) == len(lab.session.network.stages)
    assert all(row["task"] > 0 and row["transfer"] > 0 for row in last)
    assert all(-1 <= row["cosine"] <= 1 and 0 <= row["apart"] <= 1 for row in last)
    lab.scrub(0)
    first = flow_rows(lab.recording.frames[0].flow)
    assert first != last
    assert lab.board.network.flow == {"stages": first}
    lab.scrub(None)
    assert lab.board.network.flow == {"stages": last}


def test_a_look_costs_no_flow_where_nothing_shows_it(
    open_small: Callable[..., tl.Lab], closing: Callable[[Any], Any]
) -> None:
    lab = open_small("dann", hide=("network",))
    lab.step(5)
    lab.wait()
    assert lab.recording.snapshots[-1].flow is None
    assert lab.board.network.flow == {}
    both = closing(tl.Compare("moons->rotated-moons", "mmd", "dann", steps=5, name="strips"))
    both.step(5)
    both.wait()
    assert all(side.recording.snapshots[-1].flow is None for side in both.labs)


def test_the_strip_shows_what_is_frozen_also_where_its_slider_is_hidden(
    open_small: Callable[..., tl.Lab],
) -> None:
    lab = open_small("dann", hide=("freeze_depth",))
    assert "freeze_depth" not in lab.board.controls.values
    lab.set(freeze_depth=1)
    assert lab.board.network.frozen == 1, "before the next step"
    lab.step(2)
    lab.wait()
    assert lab.session.network.frozen == lab.board.network.frozen == 1


def test_what_a_method_thaws_is_shown_thawed(open_small: Callable[..., tl.Lab]) -> None:
    lab = open_small("fine-tune", pretrain=5, values={"thaw": 0.5})
    lab.start()
    lab.wait()
    lab.step(1)
    lab.wait()
    until(lambda: lab.board.network.frozen == lab.session.network.frozen > 0)
    lab.step(29)
    lab.wait()
    until(lambda: lab.board.network.frozen == lab.session.network.frozen == 0)


def test_the_strip_shows_the_stages_outputs_of_the_point_that_is_looked_at(
    open_small: Callable[..., tl.Lab], monkeypatch: pytest.MonkeyPatch
) -> None:
    lab = open_small("dann")
    lab.step(6)
    lab.wait()
    told: list[tuple[int, list[np.ndarray]]] = []
    monkeypatch.setattr(lab.board.network, "show_inside", lambda *said: told.append(said))
    lab.board.map.receive("message", {"kind": "near", "row": 3})
    until(lambda: told)
    (row, outputs), wanted = told[0], lab.session.activations(3)
    assert row == 3
    for images, activation in zip(outputs, wanted, strict=True):
        np.testing.assert_array_equal(images, activation.images)


def test_a_fault_in_what_is_shown_of_a_point_does_not_end_the_run(
    open_small: Callable[..., tl.Lab],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(row: int) -> None:
        raise ZeroDivisionError(f"in the drawing of {row}")

    lab = open_small("dann")
    lab.step(2)
    lab.wait()
    monkeypatch.setattr(lab.session, "activations", broken)
    told: list[str] = []
    monkeypatch.setattr(lab.player, "on_listener_error", lambda error: told.append(str(error)))
    lab.board.map.receive("message", {"kind": "near", "row": 3})
    until(lambda: told)
    assert told == ["in the drawing of 3"]
    lab.step(2)
    lab.wait()
    assert lab.session.step_number == 4


def test_the_strip_of_plane_inputs_shows_each_stages_field_while_live(
    open_small: Callable[..., tl.Lab],
) -> None:
    lab = open_small("dann")
    lab.step(6)
    lab.wait()
    latest = lab.recording.latest
    assert latest is not None
    assert latest.flow is not None
    fields = np.stack([field.grid for field in latest.flow.fields.values()])
    until(lambda: lab.board.network.fields)
    np.testing.assert_array_equal(
        np.frombuffer(lab.board.network.fields, "<i2").reshape(fields.shape), fields
    )
    lab.scrub(0)
    assert lab.board.network.fields == b"", "the fields of an early look are not kept"
    lab.scrub(None)
    assert lab.board.network.fields != b""


def test_what_a_strip_is_told_of_a_point_is_one_buffer_with_its_shapes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    view, said = NetworkView(), list[Any]()
    monkeypatch.setattr(view, "say", lambda content, buffers: said.append((content, buffers)))
    view.show_inside(7, [np.full((2, 3, 3), 5, np.uint8), np.arange(4, dtype=np.uint8)[None, None]])
    [(content, [data])] = said
    assert content == {"kind": "inside", "row": 7, "shapes": [[2, 3, 3], [1, 1, 4]]}
    assert list(data) == [5] * 18 + [0, 1, 2, 3]


def test_where_the_image_that_is_looked_at_speaks_for_the_networks_answer(
    open_small: Callable[..., tl.Lab], monkeypatch: pytest.MonkeyPatch
) -> None:
    small = {"channels": (4, 6), "width": 12}
    lab = open_small("source-only", pair="printed->digits", network="lenet", network_options=small)
    lab.step(2)
    lab.wait()
    told: list[Any] = []
    monkeypatch.setattr(lab.board.map, "say", lambda *said: told.append(said))
    for row, side in ((3, "source"), (20, "target")):
        lab.board.map.receive("message", {"kind": "near", "row": row})
        until(lambda row=row: [c for c, _ in told if (c["kind"], c["row"]) == ("class-map", row)])
        [(content, [data])] = [one for one in told if one[0]["kind"] == "class-map"]
        x = torch.tensor(lab.session.snapshot_points.x[row : row + 1])
        found = class_map(lab.session.network, x, side)
        assert found is not None
        assert content["label"] == found.label
        assert content["shape"] == [4, 4]
        np.testing.assert_array_equal(np.frombuffer(data, np.uint8).reshape(4, 4), found.map)
        told.clear()


def test_words_of_the_text_that_is_looked_at(
    open_small: Callable[..., tl.Lab], monkeypatch: pytest.MonkeyPatch
) -> None:
    sides = [
        tl.Domain.from_texts(
            noun,
            [f"a {noun} {k % 3}th good one" for k in range(12)],
            np.arange(12) % 2,
            tokenizer="words",
        )
        for noun in ("phone", "film")
    ]
    small = {"width": 8, "layers": 1, "heads": 1, "hidden": 8}
    lab = open_small("source-only", pair=tl.DomainPair(*sides), network_options=small)
    lab.step(2)
    lab.wait()
    told: list[Any] = []
    monkeypatch.setattr(lab.board.map, "say", lambda *said: told.append(said))
    lab.board.map.receive("message", {"kind": "near", "row": 3})
    until(lambda: [c for c, _ in told if c["kind"] == "words"])
    [content] = [c for c, _ in told if c["kind"] == "words"]
    found = lab.session.word_weights(3)
    assert found is not None
    assert (content["row"], content["label"]) == (3, found.label)
    assert content["spans"] == found.spans.tolist()
    np.testing.assert_allclose(content["shares"], found.shares, atol=1e-3)


def test_points_of_the_plane_have_no_class_map(open_small: Callable[..., tl.Lab]) -> None:
    lab = open_small("dann")
    lab.step(2)
    lab.wait()
    assert lab.session.class_map(3) is None
