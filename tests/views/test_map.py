"""The map's messages both ways: axes, regions and selections go to the page, choices and drags come back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from pages import Browser

from tltutor.views import MapView
from tltutor.views.frames import pack, pack_axes, pack_regions, pack_rows

BOX = (-1.0, -2.0, 3.0, 4.0)


@pytest.fixture
def view() -> Iterator[MapView]:
    made = MapView(group="pair", presenter=True)
    made.set_points([0, 1, 2], [False, True, True], class_names=("a", "b", "c"))
    yield made
    made.close()


def places(value: float = 0.0) -> np.ndarray:
    return np.full((3, 2), value)


# ---------------------------------------------------------------- what goes to the page


def test_axes_and_regions_travel_with_their_frame(view: MapView):
    browser = Browser(view)
    view.send(places(), 1, axes=[[1, 2], [3, 4]], regions=(np.array([[0, 1], [2, -1]]), BOX))
    (frame,) = browser.states
    assert np.frombuffer(frame["axes"], "<f4").tolist() == [1, 2, 3, 4]
    assert np.frombuffer(frame["regions"], "<i2").tolist() == [0, 1, 2, -1]
    assert tuple(frame["extent"]) == BOX


def test_what_has_not_changed_is_not_sent_again_and_what_ends_is_taken_away(view: MapView):
    browser = Browser(view)
    regions = (np.zeros((2, 2)), BOX)
    view.send(places(1), 1, axes=[[1, 2]], regions=regions)
    view.send(places(2), 2, axes=[[1, 2]], regions=regions)
    assert not {"axes", "regions", "extent"} & set(browser.states[-1])
    browser.says(kind="ack", sequence=2)
    view.send(places(3), 3)
    last = browser.states[-1]
    assert (last["axes"], last["regions"], tuple(last["extent"])) == (b"", b"", ())


def test_a_cleared_frame_and_new_points_have_neither_axes_nor_regions(view: MapView):
    for change in (view.clear_frame, lambda: view.set_points([0], [0])):
        view.set_points([0, 1, 2], [0, 1, 1])
        view.send(places(), 1, axes=[[1, 2]], regions=(np.zeros((2, 2)), BOX))
        change()
        assert (view.axes, view.regions, view.extent) == (b"", b"", ())


def test_the_waiting_frame_keeps_its_own_axes(view: MapView):
    browser = Browser(view)
    for step in range(1, 5):
        view.send(places(step), step, axes=[[step, step]])
    browser.says(kind="ack", sequence=1)
    assert np.frombuffer(browser.frames[-1]["axes"], "<f4").tolist() == [4, 4]


@pytest.mark.parametrize("axes", [np.zeros(2), np.zeros((2, 3)), np.array([[np.nan, 0.0]])])
def test_axes_that_are_no_tips_are_refused(axes: np.ndarray):
    with pytest.raises(ValueError, match=r"axes must be \(k, 2\) finite numbers, got shape"):
        pack_axes(axes)
    assert pack_axes(None) == b""


@pytest.mark.parametrize(
    ("grid", "box", "rule"),
    [
        (np.zeros((2, 3)), BOX, r"square grid of classes, got shape \(2, 3\)"),
        (np.zeros((0, 0)), BOX, r"square grid of classes, got shape \(0, 0\)"),
        (np.zeros((2, 2)), (0, 0, 0, 1), "left < right"),
        (np.zeros((2, 2)), (0, 2, 1, 1), "bottom < top"),
        (np.zeros((2, 2)), (0, 0, np.nan, 1), "left < right"),
        (np.zeros((2, 2)), (0, 0, 1), "left, bottom, right, top"),
    ],
)
def test_regions_that_fill_no_box_are_refused(grid: np.ndarray, box: Any, rule: str):
    with pytest.raises(ValueError, match=rule):
        pack_regions((grid, box))
    assert pack_regions(None) == (b"", ())


def test_a_refused_frame_leaves_the_last_one(view: MapView):
    view.send(places(1), 1)
    with pytest.raises(ValueError, match="axes must be"):
        view.send(places(2), 2, axes=[1, 2])
    assert view.step == 1


def test_sentences_travel_once_as_text(view: MapView):
    view.set_points([0, 1], [0, 1], np.array(["a <b>film</b>", "none"]))
    assert view.about["texts"] == ["a <b>film</b>", "none"]
    assert (view.sprites, view.vectors) == (b"", b"")
    view.set_points([0], [0])
    assert "texts" not in view.about


def test_group_and_presenter_are_the_pages_to_see(view: MapView):
    assert (view.group, view.presenter) == ("pair", True)
    browser = Browser(view)
    view.group, view.presenter = "", False
    assert browser.states == [{"group": ""}, {"presenter": False}]


# ---------------------------------------------------------------- selections


def test_a_selection_from_python_is_one_message_and_asks_each_time(view: MapView):
    browser = Browser(view)
    view.select((2, 0, 2), "changed class")
    (state,) = browser.states
    assert np.frombuffer(state["chosen"], "<i4").tolist() == [2, 0]
    assert (state["title"], state["asked"]) == ("changed class", 1)
    assert view.selected == (2, 0)
    view.select(np.array([2, 0]), "changed class")
    assert browser.states[-1] == {"asked": 2}
    view.select(())
    assert view.selected == ()


@pytest.mark.parametrize("row", [-1, 3])
def test_rows_that_are_no_points_are_refused(view: MapView, row: int):
    with pytest.raises(ValueError, match=f"rows must be between 0 and 2, got {row}"):
        view.select([0, row])
    assert view.selected == ()
    assert pack_rows([], 3) == b""


def test_a_choice_in_the_page_is_kept_told_and_not_asked_for_again(view: MapView):
    heard: list[tuple[int, ...]] = []
    view.on_select = heard.append
    browser = Browser(view)
    title = {"title": "class {name}", "values": {"name": "cat"}}
    browser.says(kind="select", rows=[1, 2], **title)
    assert (view.selected, heard) == ((1, 2), [(1, 2)])
    assert (view.title, view.title_values) == ("class {name}", {"name": "cat"})
    assert not any("asked" in state for state in browser.states)
    browser.says(kind="select", rows=[])
    assert heard[-1] == view.selected == ()


def test_a_choice_among_points_that_have_gone_since_keeps_what_is_left(view: MapView):
    view.set_points([0, 1], [0, 1])
    Browser(view).says(kind="select", rows=[1, 2])
    assert view.selected == (1,)


def test_new_points_are_not_selected(view: MapView):
    view.select([1], "step {step}", step="7")
    assert view.title_values == {"step": "7"}
    view.set_points([0, 1], [0, 1])
    assert (view.selected, view.title, view.title_values) == ((), "", {})


def test_a_drag_is_told_in_map_units_and_without_a_listener_does_nothing(view: MapView):
    browser, heard = Browser(view), []
    browser.says(kind="drag", axis=1, x=0.5, y=-2)
    view.on_drag = lambda *told: heard.append(told)
    browser.says(kind="drag", axis=1, x=0.5, y=-2)
    assert heard == [(1, 0.5, -2.0)]


def test_a_listener_may_send_a_frame_at_once(view: MapView):
    """What is called from the page's message must not be held by the map's own lock."""
    browser = Browser(view)
    view.on_drag = lambda axis, x, y: view.send(places(axis), 5, axes=[[x, y]])
    view.on_select = lambda rows: view.select(rows, "again")
    browser.says(kind="drag", axis=0, x=1, y=2)
    browser.says(kind="select", rows=[0])
    assert (view.step, view.title) == (5, "again")


def test_a_frame_is_packed_as_little_endian_numbers():
    frame = pack(2, np.array([[1, 2], [3, 4]]), np.int64(3), [1, 0], note="n")  # type: ignore[arg-type]
    assert (frame.xy, frame.predictions) == (
        np.array([1, 2, 3, 4], "<f4").tobytes(),
        np.array([1, 0], "<i2").tobytes(),
    )
    assert (frame.step, frame.note, frame.axes, frame.regions, frame.extent) == (
        3,
        "n",
        b"",
        b"",
        (),
    )
