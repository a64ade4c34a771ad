"""What is true of each point on the board: values, marks, trust, neighbors, selection, and what happened."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from waiting import until

import tltutor as tl
from tltutor.events import Changed, Flow
from tltutor.lab.selection import SHOWN
from tltutor.lab.truth import nearby, trust_of
from tltutor.recording import Frame
from tltutor.recording.happenings import MOST_MOVED, MOST_SPANS, happenings
from tltutor.recording.values import marked_frame, values_of
from tltutor.training.snapshot import choose_points

Open = Callable[..., tl.Lab]


def frame(
    step: int, predictions: Any, xy: Any = None, *, opinions: Any = None, confidence: Any = None
) -> Frame:
    guesses = np.array(predictions)
    flow = Flow((), {}, confidence=confidence, opinions=opinions)
    place = np.zeros((len(guesses), 2), np.float32) if xy is None else np.array(xy, np.float32)
    return Frame(step, place, guesses, {}, flow=flow)


# --- values and marks


def test_values_are_those_that_were_measured_and_what_changed_since_the_mark() -> None:
    values = values_of(frame(5, [0, 1, 1], opinions=[0.1, 0.2, 0.3]), frame(2, [0, 0, 1]))
    assert set(values) == {"opinion", "changed"}
    assert values["changed"].tolist() == [0, 1, 0]
    assert set(values_of(Frame(1, np.zeros((1, 2)), np.array([0]), {}), frame(0, [0]))) == {
        "changed"
    }


def test_the_mark_is_the_last_frame_before_a_change_acted() -> None:
    frames = [frame(step, [0]) for step in (0, 0, 4, 8, 12)]
    moves = [Changed(5, "weight", 0, 1), Changed(9, "weight", 1, 2)]
    assert marked_frame(frames, frames[4], moves) is frames[3]
    assert marked_frame(frames, frames[3], moves) is frames[2]
    assert marked_frame(frames, frames[2], moves) is frames[1]
    assert marked_frame(frames, frames[4], []) is frames[1]


def test_trust_is_asked_of_maps_that_are_neither_tiny_nor_huge() -> None:
    snapshot = cast("Any", SimpleNamespace(features=np.random.default_rng(0).random((30, 3))))
    trust = trust_of(snapshot, snapshot.features[:, :2])
    assert trust is not None
    assert trust.shape == (30,)
    dropped = SimpleNamespace(features=np.empty((30, 0), np.float32))
    assert trust_of(cast("Any", dropped), np.eye(30, 2)) is None, "as after a branch"
    for n in (20, 1001):
        assert trust_of(cast("Any", SimpleNamespace(features=np.eye(n, 3))), np.eye(n, 2)) is None


def test_neighbors_are_of_the_source_and_what_has_none_gets_none() -> None:
    features = np.array([[0.0], [1], [2], [10], [11]], np.float32)
    snapshot = cast(
        "Any",
        SimpleNamespace(
            features=features,
            labels=np.zeros(5),
            is_target=np.array([False, False, False, True, True]),
        ),
    )
    near = nearby(snapshot, 4)
    assert near is not None
    assert near.rows.tolist() == [2, 1]
    assert near.distances.tolist() == [11, 10, 9, 1, 0]
    assert nearby(snapshot, 5) is None
    snapshot.features = np.empty((5, 0), np.float32)
    assert nearby(snapshot, 4) is None, "as after a branch"
    snapshot.features = features
    assert nearby(snapshot, -1) is None
    snapshot.is_target = np.array([False, True, True, True, True])
    assert nearby(snapshot, 0) is None


def test_the_origin_is_told_where_there_are_several_source_domains() -> None:
    first, second = frame(0, [0, 1, 1]), frame(1, [0, 1, 1])
    assert "origin" not in values_of(second, first, np.array([0, 0, -1]))
    assert values_of(second, first, np.array([0, 1, -1]))["origin"].tolist() == [0, 1, -1]


def test_points_of_joined_domains_know_where_they_come_from() -> None:
    rng = np.random.default_rng(0)
    one, two, target = (
        tl.Domain(name, rng.normal(size=(12, 2)).astype(np.float32), np.arange(12) % 2)
        for name in ("one", "two", "target")
    )
    pair = tl.DomainPair(tl.Domain.joined(one, two, name="both"), target)
    points = choose_points(pair, 20, seed=0)
    source = ~points.is_target
    assert set(points.origin[source]) == {0, 1}
    assert (points.origin[source] == pair.source.domain_id[points.index[source]]).all()
    assert (points.origin[points.is_target] == -1).all()


# --- what happened

LABELS = np.array([0, 0, 0, 1, -1, 1])
TARGET = np.array([False, True, True, True, True, True])


def test_what_happened_is_of_the_labeled_target() -> None:
    before, after = frame(0, [1, 1, 0, 0, 0, 1]), frame(9, [0, 0, 1, 1, 1, 1])
    found = {h.kind: h for h in happenings([before, after], [], LABELS, TARGET)}
    assert found["right"].rows == (1, 3)
    assert found["wrong"].rows == (2,)
    assert (found["right"].start, found["right"].end) == (0, 9)
    assert set(found) == {"right", "wrong", "moved"}, "no discriminator was asked"


def test_the_discriminator_is_fooled_and_finds_out() -> None:
    before = frame(0, [0] * 6, opinions=[0.9, 0.9, 0.2, 0.6, 0.4, 0.5])
    after = frame(4, [0] * 6, opinions=[0.1, 0.1, 0.8, 0.7, 0.3, 0.5])
    found = {h.kind: h.rows for h in happenings([before, after], [], LABELS, TARGET)}
    assert found["fooled"] == (1,)
    assert found["caught"] == (2,)


def test_what_moved_most_comes_first() -> None:
    places = np.zeros((40, 2))
    places[:, 0] = np.arange(40)
    is_target = np.arange(40) >= 5
    labels, guesses = np.zeros(40, int), [0] * 40
    found = happenings(
        [frame(0, guesses, places * 0), frame(1, guesses, places)], [], labels, is_target
    )
    assert [h.kind for h in found] == ["moved"]
    assert found[0].rows == tuple(range(39, 39 - MOST_MOVED, -1))
    few = np.arange(40) >= 37
    assert happenings([frame(0, guesses, places * 0), frame(1, guesses, places)], [], labels, few)[
        0
    ].rows == (39, 38, 37)


def test_it_goes_from_mark_to_mark_with_the_latest_first() -> None:
    frames = [frame(step, [0, k % 2, 0, 0, 0, 0]) for k, step in enumerate((0, 0, 5, 10, 15, 20))]
    moves = [Changed(6, "weight", 0, 1), Changed(11, "lr", 0, 1)]
    found = [h for h in happenings(frames, moves, LABELS, TARGET) if h.kind in ("right", "wrong")]
    assert [(h.kind, h.start, h.end) for h in found] == [("wrong", 5, 10)]
    many = [frame(step, [0, step % 2, 0, 0, 0, 0]) for step in range(30)]
    every = [Changed(step, "weight", 0, 1) for step in range(1, 30)]
    spans = {(h.start, h.end) for h in happenings(many, every, LABELS, TARGET)}
    assert len(spans) == MOST_SPANS
    assert max(spans) == (28, 29)


def test_nothing_happens_in_one_frame_or_none() -> None:
    assert happenings([], [], LABELS, TARGET) == ()
    assert happenings([frame(0, [0] * 6)], [], LABELS, TARGET) == ()
    assert happenings([frame(0, [0] * 6), frame(0, [1] * 6)], [], LABELS, TARGET) == ()


# --- on a board


@pytest.fixture
def lab(open_small: Open) -> tl.Lab:
    opened = open_small("dann")
    opened.step(12)
    opened.wait()
    opened.set(weight=2.0)
    opened.step(12)
    opened.wait()
    return opened


def values_on(lab: tl.Lab) -> dict[str, np.ndarray]:
    shown = lab.board.map
    rows = np.frombuffer(shown.values, "<f4").reshape(len(shown.value_names), -1)
    return dict(zip(shown.value_names, rows, strict=True))


def test_the_map_has_the_values_of_the_frame_that_it_shows(lab: tl.Lab) -> None:
    latest = lab.recording.latest
    assert latest is not None
    assert latest.flow is not None
    until(lambda: {"confidence", "loss", "opinion", "changed", "trust"} <= set(values_on(lab)))
    values = values_on(lab)
    for name, row in {
        "confidence": latest.flow.confidence,
        "loss": latest.flow.losses,
        "opinion": latest.flow.opinions,
    }.items():
        np.testing.assert_array_equal(values[name], row)
    frames = lab.recording.frames
    lab.scrub(0)
    early = values_on(lab)
    assert frames[0].flow is not None
    np.testing.assert_array_equal(early["confidence"], frames[0].flow.confidence)
    assert "trust" not in early, "the features of an early look are not kept"
    lab.scrub(None)
    assert "trust" in values_on(lab)


def test_the_frames_of_one_look_share_their_values(lab: tl.Lab) -> None:
    frames = [f for f in lab.recording.frames if f.step == lab.recording.frames[-1].step]
    assert frames[0].flow is not None
    assert all(f.flow is not None and f.flow.fields == {} for f in frames)
    assert all(f.flow and f.flow.confidence is frames[0].flow.confidence for f in frames)


def test_a_point_that_is_looked_at_is_answered_with_its_neighbors(
    lab: tl.Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[tuple[dict[str, Any], list[bytes]]] = []
    monkeypatch.setattr(
        lab.board.map, "say", lambda content, buffers=(): said.append((dict(content), buffers))
    )
    lab.board.map.receive("message", {"kind": "near", "row": 20})
    latest = lab.recording.latest
    assert latest is not None
    (content, buffers), far = said[0], np.linalg.norm(latest.features - latest.features[20], axis=1)
    order = np.argsort(np.where(latest.is_target, np.inf, far))[:5]
    assert (content["kind"], content["row"]) == ("near", 20)
    assert content["rows"] == order.tolist()
    np.testing.assert_allclose(np.frombuffer(buffers[0], "<f4"), far, rtol=1e-4, atol=1e-5)
    lab.scrub(0)
    lab.board.map.receive("message", {"kind": "near", "row": 20})
    lab.board.map.receive("message", {"kind": "near", "row": 10_000})
    assert len(said) == 1, "an early look's features are not kept, and there is no such point"


def test_the_selection_is_a_table(lab: tl.Lab) -> None:
    lab.board.map.receive("message", {"kind": "select", "rows": [3, 20], "title": "Lasso"})
    chosen, points = lab.selection, lab.session.snapshot_points
    assert chosen["row"].tolist() == [3, 20]
    assert chosen.domain.tolist() == ["source", "target"]
    pair = lab.session.pair
    names = np.array(pair.class_names)
    assert chosen.label.tolist() == names[points.labels[[3, 20]]].tolist()
    latest = lab.recording.latest
    assert latest is not None
    assert chosen.prediction.tolist() == names[latest.predictions[[3, 20]]].tolist()
    for at, domain in zip(
        range(2), (pair.source_test or pair.source, pair.target_test or pair.target), strict=True
    ):
        np.testing.assert_array_equal(domain.x[chosen.index[at]], points.x[[3, 20][at]])
    table = chosen.to_frame()
    assert list(table.columns) == ["row", "index", "domain", "label", "prediction", "confidence"]
    assert table["confidence"].between(0.5, 1).all()


def test_without_pandas_a_sentence_says_so(lab: tl.Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="needs pandas, which is not installed: run"):
        lab.selection.to_frame()


def test_points_are_selected_from_a_cell(lab: tl.Lab) -> None:
    everything = lab.points
    assert len(everything) == 24
    target = everything.where(domain="target")
    chosen = lab.select(target.wrong, "wrong")
    assert chosen.row.tolist() == [
        row for row in target.row if everything.label[row] != everything.prediction[row]
    ]
    assert lab.board.map.selected == tuple(chosen.row.tolist())
    assert lab.board.map.title == "wrong"
    both = everything.where(label=["0", "1"]) if "0" in everything.label else everything
    assert len(both) == 24
    assert len(lab.select()) == 0
    with pytest.raises(ValueError, match="rows must be between 0 and 23, got 24"):
        lab.select([24])
    with pytest.raises(KeyError, match="no column 'color'.*use one of row, index"):
        everything.where(color="red")


def test_a_table_is_printed_short_and_safe(lab: tl.Lab) -> None:
    everything = lab.points
    page = everything._repr_html_()
    assert page.count("<tr>") == 1 + SHOWN + 1
    assert "and 4 more" in page
    assert repr(everything).count("\n") == SHOWN
    evil = everything.where(domain="source")
    object.__setattr__(evil, "label", np.array(["<script>"] * len(evil)))
    assert "<script>" not in evil._repr_html_()


def test_before_the_first_look_nothing_is_predicted(open_small: Open) -> None:
    points = open_small("dann").points
    assert set(points.prediction) == {""}
    assert np.isnan(points.confidence).all()
    assert len(points.wrong) == 0


def test_the_list_is_made_when_it_is_unfolded_and_a_line_selects_its_points(lab: tl.Lab) -> None:
    assert lab.board.happenings.lines == []
    lab.board.happenings.receive("message", {"kind": "unfold", "unfolded": True})
    lines = lab.board.happenings.lines
    assert lines[0][2] == 24
    assert {line[2] for line in lines} == {12, 24}, "the mark at step 12 parts the run"
    number = next(i for i, line in enumerate(lines) if line[2] == 12)
    lab.board.happenings.receive("message", {"kind": "go", "number": number})
    shown = lab.screen.frame
    assert shown is not None
    assert shown.step == 12
    assert not lab.board.live
    assert len(lab.board.map.selected) == lines[number][3]
    lab.board.happenings.receive("message", {"kind": "go", "number": 0})
    assert lab.board.live
    lab.board.happenings.receive("message", {"kind": "go", "number": 99})
    assert lab.board.error.text == ""


def test_the_list_follows_while_it_is_unfolded(lab: tl.Lab) -> None:
    lab.board.happenings.receive("message", {"kind": "unfold", "unfolded": True})
    lab.step(4)
    lab.wait()
    until(lambda: lab.board.happenings.lines and lab.board.happenings.lines[0][2] == 28)


def test_a_number_selects_what_is_wrong_and_a_curve_goes_to_its_step(lab: tl.Lab) -> None:
    lab.board.numbers.receive("message", {"kind": "points", "name": "target_accuracy"})
    wrong = lab.points.where(domain="target").wrong.row.tolist()
    assert list(lab.board.map.selected) == wrong
    lab.board.numbers.receive("message", {"kind": "points", "name": "no such number"})
    assert list(lab.board.map.selected) == wrong
    lab.board.curves.receive("message", {"kind": "points", "name": "source_accuracy", "step": 0.0})
    shown = lab.screen.frame
    assert shown is not None
    assert shown.step == 0
    first = lab.points.where(domain="source").wrong.row.tolist()
    assert list(lab.board.map.selected) == first
    lab.board.curves.receive("message", {"kind": "points", "name": "loss/task", "step": 24})
    assert lab.board.live
    assert list(lab.board.map.selected) == first, "a loss has no points of its own"
