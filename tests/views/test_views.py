"""The views on fake streams: what travels to a browser and when, what comes back, and that nothing is left behind."""

from __future__ import annotations

import gc
import io
import itertools
import math
import re
import shutil
import subprocess
import threading
import weakref
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cases import for_each
from ipywidgets.widgets import widget as registry
from pages import Browser, choose, label, look_back, move, press, rows
from PIL import Image
from places import TESTS

import tltutor
from tltutor.language import tr
from tltutor.settings import Setting
from tltutor.thumbnails import as_bytes
from tltutor.views import Board, Controls, CurvesView, Handlers, MapView
from tltutor.views.controls import grid, ladder, number_text, row
from tltutor.views.gate import Gate
from tltutor.views.header import BUTTONS
from tltutor.views.said import ComparedView, ErrorView, NumbersView, StatusView
from tltutor.views.sprites import sheet
from tltutor.views.thinning import Thinned

VIEWS = Path(tltutor.__file__).parent / "views"
FRONT_END = sorted(set(VIEWS.rglob("*.js")) - set(VIEWS.glob("dist/*")))

SETTINGS = (
    Setting("weight", 1.0, 0.0, 10.0, "log", symbol="λ", text="How much the transfer term counts."),
    Setting("gamma", 10.0, 0.1, 100.0, "log", symbol="γ", text="How fast it ramps up."),
    Setting("freeze_depth", 0, 0, 3, "int", unit="stages", text="Stages that do not train."),
    Setting("dropout", 0.123, 0.0, 1.0, text="Share that is dropped."),
    Setting(
        "estimator", "unbiased", scale="choice", choices=("unbiased", "biased"), text="Which one."
    ),
    Setting("ramp", True, scale="switch", text="Whether it ramps.", live=False),
)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


# ---------------------------------------------------------------- the gate


def test_gate_lets_two_fly_and_keeps_the_latest():
    gate: Gate[str] = Gate()
    assert [gate.offer(frame, 0) for frame in "abcde"] == ["a", "b", None, None, None]
    assert gate.answered(1, 1) == "e"
    assert gate.sequence == 3
    assert gate.answered(3, 1) is None
    assert gate.offer("f", 1) == "f"


def test_gate_takes_one_answer_for_all_before_it_and_ignores_old_ones():
    gate: Gate[str] = Gate()
    gate.offer("a", 0), gate.offer("b", 0), gate.offer("c", 0)
    assert gate.answered(2, 0) == "c"
    assert gate.answered(1, 0) is None
    assert gate.offer("d", 0) == "d"
    assert gate.offer("e", 0) is None


def test_gate_sends_on_through_a_stall_once_a_ping():
    gate: Gate[str] = Gate(patience=2)
    for frame in "abc":
        gate.offer(frame, 0)
    assert gate.ping(1) is None
    assert not gate.stalled(2)
    assert gate.ping(2.5) == "c"
    assert gate.stalled(2.5)
    gate.offer("d", 2.6)
    assert gate.ping(3.5) == "d"
    assert gate.ping(4.5) is None
    assert gate.answered(4, 5) is None
    assert not gate.stalled(60)


def test_gate_finds_a_silent_browser_by_pings_alone():
    gate: Gate[str] = Gate(patience=2)
    gate.ping(0)
    assert not gate.stalled(1)
    assert gate.stalled(3)
    gate.heard(3)
    assert not gate.stalled(9)


def test_gate_cleared_lets_the_waiting_frame_go():
    gate: Gate[str] = Gate()
    for frame in "abc":
        gate.offer(frame, 0)
    gate.clear()
    assert gate.answered(0, 0) == "c"


# ---------------------------------------------------------------- thumbnails


def read_png(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)))


def test_sheet_puts_each_image_into_its_tile():
    images = np.arange(5, dtype=np.uint8)[:, None, None, None] * np.full((5, 3, 4, 6), 50, np.uint8)
    png, columns, width, height = sheet(images)
    page = read_png(png)
    assert (columns, width, height, page.shape) == (3, 6, 4, (8, 18, 3))
    for i in range(5):
        top, left = i // 3 * 4, i % 3 * 6
        assert (page[top : top + 4, left : left + 6] == 50 * i).all()


def test_sheet_keeps_rows_columns_and_channels_apart():
    image = np.zeros((1, 3, 2, 3), np.float32)
    image[0, 2, 1, 0] = 1
    assert read_png(sheet(image)[0])[1, 0].tolist() == [0, 0, 255]
    gray = read_png(sheet(image[:, 2:])[0])
    assert gray.shape == (2, 3)
    assert gray[1, 0] == 255


def test_sheet_shrinks_large_pictures():
    _, _, width, height = sheet(np.zeros((2, 3, 96, 192), np.uint8))
    assert (width, height) == (48, 24)


def test_normalized_images_are_stretched_and_plain_ones_left():
    assert as_bytes(np.array([0.0, 0.5, 1.0])).tolist() == [0, 128, 255]
    assert as_bytes(np.array([-1.0, 0.0, 1.0])).tolist() == [0, 128, 255]
    assert as_bytes(np.array([0.25])).tolist() == [64]
    assert as_bytes(np.array([np.nan, 1.0])).tolist() == [0, 255]


def test_sheet_names_the_rule_for_odd_channels():
    with pytest.raises(ValueError, match=r"1 or 3 channels, got shape \(2, 4, 3, 3\)"):
        sheet(np.zeros((2, 4, 3, 3)))


# ---------------------------------------------------------------- the map


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def map_view(clock: Clock):
    view = MapView(clock=clock)
    view.set_points(
        [0, 1, 2], [False, True, True], np.zeros((3, 1, 4, 4)), class_names=("a", "b", "c")
    )
    yield view
    view.close()


def frame_of(step: int) -> np.ndarray:
    return np.full((3, 2), step, np.float64)


def test_points_travel_once_in_one_message(map_view: MapView):
    browser = Browser(map_view)
    map_view.set_points(
        np.array([1, -1]), np.array([0, 1]), class_names=("x", "y"), domain_names=("s", "t")
    )
    assert len(browser.states) == 1
    state = browser.states[0]
    assert np.frombuffer(state["labels"], "<i2").tolist() == [1, -1]
    assert np.frombuffer(state["is_target"], "u1").tolist() == [0, 1]
    assert state["about"] == {"n": 2, "classes": ["x", "y"], "domains": ["s", "t"]}
    map_view.send(np.zeros((2, 2)), 1)
    assert not {"labels", "is_target", "sprites", "about"} & set(browser.states[-1])


def test_vectors_travel_as_coordinates_and_names_are_made_up(map_view: MapView):
    map_view.set_points([0, 1], [0, 1], np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert map_view.about["width"] == 2
    assert map_view.about["classes"] == ["0", "1"]
    assert np.frombuffer(map_view.vectors, "<f4").tolist() == [1, 2, 3, 4]
    assert map_view.sprites == b""


def test_a_frame_is_one_message_with_all_its_parts(map_view: MapView):
    browser = Browser(map_view)
    map_view.send([[1, 2], [3, 4], [5, 6]], 7, [2, 1, 0], note="t-SNE")
    (frame,) = browser.states
    assert np.frombuffer(frame["xy"], "<f4").tolist() == [1, 2, 3, 4, 5, 6]
    assert np.frombuffer(frame["predictions"], "<i2").tolist() == [2, 1, 0]
    assert (frame["step"], frame["note"], frame["sequence"]) == (7, "t-SNE", 1)


def test_two_frames_fly_and_the_latest_waits(map_view: MapView):
    browser = Browser(map_view)
    for step in range(1, 8):
        map_view.send(frame_of(step), step)
    assert [frame["step"] for frame in browser.frames] == [1, 2]
    browser.says(kind="ack", sequence=1)
    assert [frame["step"] for frame in browser.frames] == [1, 2, 7]
    browser.says(kind="ack", sequence=3)
    assert len(browser.frames) == 3


def test_equal_frames_still_arrive(map_view: MapView):
    browser = Browser(map_view)
    map_view.send(frame_of(1), 1)
    map_view.send(frame_of(1), 1)
    assert [frame["sequence"] for frame in browser.frames] == [1, 2]


def test_frames_go_on_once_a_beat_while_another_cell_keeps_the_answers(
    map_view: MapView, clock: Clock
):
    browser = Browser(map_view)
    for step in range(1, 5):
        map_view.send(frame_of(step), step)
    map_view.keep_alive()
    assert not map_view.stalled
    clock.now += 2.5
    map_view.keep_alive()
    assert map_view.stalled
    assert [frame["step"] for frame in browser.frames] == [1, 2, 4]
    browser.says(kind="ack", sequence=3)
    assert not map_view.stalled


def test_beats_that_are_answered_are_no_stall(map_view: MapView, clock: Clock):
    browser = Browser(map_view)
    for _ in range(6):
        map_view.keep_alive()
        browser.says(kind="pulse")
        clock.now += 1
    assert not map_view.stalled
    assert map_view.pulse == 6


def test_a_page_that_opens_anew_frees_the_frames(map_view: MapView):
    browser = Browser(map_view)
    for step in (1, 2, 3):
        map_view.send(frame_of(step), step)
    browser.says(kind="ready")
    assert [frame["step"] for frame in browser.frames] == [1, 2, 3]
    browser.says(kind="nonsense")


def test_new_points_drop_the_frames_of_the_old(map_view: MapView):
    for step in (1, 2, 3):
        map_view.send(frame_of(step), step)
    browser = Browser(map_view)
    map_view.set_points([0], [0])
    browser.says(kind="ack", sequence=2)
    assert browser.frames == []
    map_view.send([[1, 1]], 1)
    assert len(browser.frames) == 1


def test_clearing_the_frame_says_so(map_view: MapView):
    map_view.send(frame_of(1), 1)
    browser = Browser(map_view)
    map_view.clear_frame()
    assert browser.frames[0]["xy"] == b""
    map_view.send(frame_of(2), 2)
    assert browser.frames[-1]["sequence"] > browser.frames[0]["sequence"]


@pytest.mark.parametrize("xy", [np.zeros((2, 2)), np.zeros((3, 3)), np.full((3, 2), np.nan)])
def test_a_frame_that_is_not_the_points_is_refused(map_view: MapView, xy: np.ndarray):
    with pytest.raises(ValueError, match=r"xy must be \(3, 2\) finite numbers, got shape"):
        map_view.send(xy, 1)


def test_odd_predictions_and_points_are_refused(map_view: MapView):
    with pytest.raises(ValueError, match=r"predictions must be \(3,\), got \(2,\)"):
        map_view.send(frame_of(1), 1, [0, 1])
    with pytest.raises(ValueError, match="a row a point, got shapes"):
        map_view.set_points([0, 1], [0])
    with pytest.raises(ValueError, match="a row a point, got shapes"):
        map_view.set_points([0, 1], [0, 1], np.zeros((3, 1, 2, 2)))


def test_frames_from_one_thread_and_answers_from_another_stay_whole_and_in_order(map_view: MapView):
    browser, last = Browser(map_view), 300

    def answer() -> None:
        while not browser.frames or browser.frames[-1]["step"] < last:
            if browser.frames:
                browser.says(kind="ack", sequence=browser.frames[-1]["sequence"])

    answers = threading.Thread(target=answer, daemon=True)
    answers.start()
    for step in range(1, last + 1):
        map_view.send(frame_of(step), step)
    answers.join(30)
    assert not answers.is_alive()
    assert [frame["sequence"] for frame in browser.frames] == list(
        range(1, len(browser.frames) + 1)
    )
    for frame in browser.frames:
        assert set(np.frombuffer(frame["xy"], "<f4")) == {frame["step"]}


# ---------------------------------------------------------------- the curves


def test_a_thinned_series_keeps_its_mean_and_its_bound():
    series = Thinned(limit=8)
    for step in range(1, 1001):
        series.append(step, step % 10)
    assert len(series.points) < 8
    covered = len(series.points) * series.stride
    assert np.mean([value for _, value in series.points]) == pytest.approx(
        np.mean([s % 10 for s in range(1, covered + 1)])
    )
    assert np.mean([step for step, _ in series.points]) == pytest.approx((covered + 1) / 2)


def test_a_short_series_is_left_as_it_is():
    series = Thinned(limit=8)
    for step in (1, 2, 3):
        series.append(step, 10 * step)
    assert series.all() == [(1, 10), (2, 20), (3, 30)]
    series.append(4, float("nan"))
    assert series.fresh() == []
    series.append(5, 50)
    assert series.fresh() == [(5, 50)]


def test_a_merge_says_that_all_is_new():
    series = Thinned(limit=4)
    for step in (1, 2, 3):
        series.append(step, step)
    series.fresh()
    series.append(4, 4)
    assert series.fresh() is None
    assert series.all() == [(1.5, 1.5), (3.5, 3.5)]


def test_an_odd_limit_loses_no_number():
    series = Thinned(limit=3)
    for step in range(1, 9):
        series.append(step, step)
    assert series.all() == [(2.5, 2.5), (6.5, 6.5)]


def test_a_limit_of_one_is_refused():
    with pytest.raises(ValueError, match="limit must be at least 2, got 1"):
        Thinned(1)


def told(message: tuple[dict[str, Any], list[Any]]) -> dict[str, list[tuple[float, float]]]:
    content, (buffer,) = message
    numbers, at, series = np.frombuffer(bytes(buffer), "<f4"), 0, {}
    for name, n in content["series"]:
        series[name] = [tuple(pair) for pair in numbers[at : at + 2 * n].reshape(-1, 2).tolist()]
        at += 2 * n
    assert at == len(numbers)
    return series


@pytest.fixture
def curves():
    view = CurvesView(limit=50)
    yield view
    view.close()


def test_only_what_is_new_travels(curves: CurvesView):
    browser = Browser(curves)
    curves.append(1, {"task": 0.5, "target_accuracy": 0.25})
    curves.append(2, {"task": 0.75})
    assert browser.messages == []
    curves.flush()
    assert told(browser.messages[0]) == {
        "task": [(1, 0.5), (2, 0.75)],
        "target_accuracy": [(1, 0.25)],
    }
    curves.flush()
    assert len(browser.messages) == 1
    curves.append(3, {"task": 1})
    curves.flush()
    assert told(browser.messages[1]) == {"task": [(3, 1)]}
    assert [content["number"] for content, _ in browser.messages] == [1, 2]


def test_a_page_that_opens_is_told_everything(curves: CurvesView):
    curves.append(1, {"task": 1})
    curves.mark([(1, "λ 1 → 0.3")])
    curves.flush()
    browser = Browser(curves)
    browser.says(kind="ready")
    content, _ = browser.messages[0]
    assert content["kind"] == "all"
    assert told(browser.messages[0]) == {"task": [(1, 1)]}
    assert content["changes"] == [[1, "λ 1 → 0.3"]]
    browser.says(kind="other")
    assert len(browser.messages) == 1


def test_a_long_run_stays_small_and_a_merge_is_told_whole(curves: CurvesView):
    browser = Browser(curves)
    for step in range(5000):
        curves.append(step, {"task": step})
        if step % 10 == 0:
            curves.flush()
    assert max(len(bytes(buffers[0])) for _, buffers in browser.messages) <= 50 * 8
    rebuilt: list[tuple[float, float]] = []
    for message in browser.messages:
        rebuilt = (
            told(message).get("task", [])
            if message[0]["kind"] == "all"
            else rebuilt + told(message)["task"]
        )
    curves.flush()
    assert rebuilt == curves._series["task"].points[: len(rebuilt)]


def test_now_and_then_a_telling_is_whole(curves: CurvesView):
    browser = Browser(curves)
    for step in range(40):
        curves.append(step, {"task": 1})
        curves.flush()
    kinds = [content["kind"] for content, _ in browser.messages]
    assert kinds.count("all") == 1
    assert len(told(browser.messages[kinds.index("all")])["task"]) == kinds.index("all") + 1


def test_a_change_alone_is_told_and_many_are_bounded(curves: CurvesView):
    browser = Browser(curves)
    curves.mark((step, "x") for step in range(300))
    curves.flush()
    assert len(browser.messages[0][0]["changes"]) == 200
    curves.flush()
    assert len(browser.messages) == 1


def test_clear_and_cursor(curves: CurvesView):
    curves.append(1, {"task": 1})
    browser = Browser(curves)
    curves.clear()
    assert browser.messages[0][0]["kind"] == "all"
    assert told(browser.messages[0]) == {}
    curves.show_step(12)
    assert browser.states[-1]["cursor"] == 12
    curves.show_step(None)
    assert browser.states[-1]["cursor"] == -1


def test_the_terms_of_a_run_have_their_order_and_words_before_they_have_values(
    curves: CurvesView, monkeypatch
):
    browser = Browser(curves)
    monkeypatch.setenv("TLTUTOR_LANG", "zh")
    curves.clear(["task", "local mmd"])
    assert told(browser.messages[-1]) == {"loss/task": [], "loss/local mmd": []}
    assert browser.retold == 1, "their words travel now, not with the next change of language"
    assert "local mmd" in curves.told
    assert tr("local mmd") == "局部 MMD"
    assert "wasserstein" not in curves.told
    curves.append(1, {"loss/local mmd": 1, "loss/task": 2, "loss/own": 3})
    curves.flush()
    assert list(curves._series) == ["loss/task", "loss/local mmd", "loss/own"], (
        "what is not declared follows"
    )
    assert told(browser.messages[-1])["loss/local mmd"] == [(1, 1)]
    curves.clear(["task", "wasserstein"])
    assert "local mmd" not in curves.told


# ---------------------------------------------------------------- the controls


def test_a_ladder_holds_zero_its_ends_and_the_given_numbers():
    steps = ladder(0.0, 10.0, 0.3, 1.0)
    assert steps == sorted(set(steps))
    assert {0.0, 0.001, 0.1, 0.3, 1.0, 4.7, 10.0} <= set(steps)
    assert min(step for step in steps if step) == 0.001
    bounded = ladder(0.05, 20.0)
    assert (bounded[0], bounded[-1]) == (0.05, 20.0)
    assert max(b / a for a, b in itertools.pairwise(bounded)) < 1.3


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1000, "1000"),
        (12000, "12000"),
        (0.00123456, "0.00123"),
        (2 / 3, "0.667"),
        (0, "0"),
        (1e-7, "1e-07"),
    ],
)
def test_a_number_has_three_digits_and_no_exponent_that_people_do_not_write(
    value: float, text: str
):
    assert number_text(value) == text


def test_a_grid_meets_the_value():
    assert grid(0.0, 1.0, 0.5) == pytest.approx(0.01)
    assert grid(-180.0, 180.0, 35.0) == pytest.approx(1.0)
    for value in (0.123, 0.005, 0.37777):
        step = grid(0.0, 1.0, value)
        assert value / step == pytest.approx(round(value / step), abs=1e-3)


def test_rows_are_made_of_the_declaration_alone():
    made = {s.name: row(s, s.default) for s in SETTINGS}
    for setting in SETTINGS:
        told = made[setting.name]
        assert (told["scale"], told["about"]) == (setting.scale, setting.text)
        assert setting.name.replace("_", " ") in told["title"]
        assert setting.symbol in told["title"]
    assert 10.0 in made["gamma"]["steps"]
    assert [made["freeze_depth"][part] for part in ("low", "high", "step")] == [0, 3, 1]
    low, step = made["dropout"]["low"], made["dropout"]["step"]
    assert (0.123 - low) / step == pytest.approx(round((0.123 - low) / step))
    assert made["estimator"]["choices"] == [["unbiased", "unbiased"], ["biased", "biased"]]
    assert set(made["ramp"]) == {"name", "title", "about", "scale"}


@pytest.fixture
def controls():
    heard: list[tuple[str, Any]] = []
    made = Controls(lambda name, value: heard.append((name, value)))
    made.fill(SETTINGS, {"weight": 0.3, "freeze_depth": 2})
    made.heard = heard
    yield made
    made.close()


def test_values_given_are_shown_and_moves_are_heard(controls: Any):
    assert controls.values["weight"] == 0.3
    assert 0.3 in rows(controls)["weight"]["steps"]
    assert controls.values["freeze_depth"] == 2
    browser = Browser(controls)
    browser.says(kind="move", name="freeze_depth", value=1)
    browser.says(kind="move", name="estimator", value="biased")
    assert controls.heard == [("freeze_depth", 1), ("estimator", "biased")]
    assert (controls.values["freeze_depth"], controls.values["estimator"]) == (1, "biased")
    assert browser.states == [], "the page knows what it said"


def test_a_move_comes_as_the_number_that_the_setting_is(controls: Any):
    for name, value in (("dropout", 1), ("weight", 10), ("freeze_depth", 3.0), ("ramp", False)):
        move(controls, name, value)
    assert [type(value) for _, value in controls.heard] == [float, float, int, bool]


def test_a_message_about_no_row_moves_nothing(controls: Any):
    browser = Browser(controls)
    browser.says(kind="move", name="unknown", value=1)
    browser.says(kind="other", name="weight", value=1)
    browser.says()
    assert controls.heard == []
    assert controls.values["weight"] == 0.3


def test_acting_values_stand_beside_and_never_move_the_slider(controls: Any):
    browser = Browser(controls)
    controls.show({"weight": 0.138, "gamma": 10.0, "unknown": 1, "estimator": "biased"})
    assert controls.notes["weight"] == "acts as 0.138"
    assert controls.notes["gamma"] == ""
    assert controls.values["weight"] == 0.3
    assert controls.heard == []
    assert [set(state) for state in browser.states] == [{"notes"}]
    controls.show({"weight": 0.3})
    assert controls.notes["weight"] == ""
    assert controls.notes["freeze_depth"] == "stages"
    assert controls.notes["ramp"] == "new run"


def test_moves_by_code_are_silent_and_exact(controls: Any):
    browser = Browser(controls)
    controls.move(
        {"weight": 0.0314159, "freeze_depth": 3, "dropout": 0.5, "ramp": False, "unknown": 1}
    )
    assert controls.values["weight"] == 0.0314159
    assert 0.0314159 in rows(controls)["weight"]["steps"]
    assert controls.values["freeze_depth"] == 3
    assert controls.values["ramp"] is False
    assert "unknown" not in controls.values
    assert controls.heard == []
    assert len(browser.states) == 1
    controls.move({"unknown": 1})
    assert len(browser.states) == 1


def test_a_page_that_moves_a_slider_is_heard_while_code_moves_others(controls: Any):
    with controls.hold_sync():
        thread = threading.Thread(target=move, args=(controls, "dropout", 0.75), daemon=True)
        thread.start()
        controls.move({"gamma": 20.0})
    thread.join(10)
    assert controls.heard == [("dropout", 0.75)]
    assert (controls.values["dropout"], controls.values["gamma"]) == (0.75, 20.0)


# ---------------------------------------------------------------- what is only said


def test_numbers_that_are_none_travel_as_nothing():
    """JSON knows neither NaN nor infinity."""
    status, numbers, run = StatusView(), NumbersView(), ComparedView()
    browsers = [Browser(status), Browser(numbers), Browser(run)]
    status.show(state="paused", step=1, steps=2, device="cpu", rate=math.inf)
    assert status.shown["rate"] is None
    numbers.show({"target_accuracy": math.nan, "mmd2": np.float32(0.5)})
    assert numbers.numbers == {"target_accuracy": None, "mmd2": 0.5}
    run.show("Source only", math.nan)
    assert run.accuracy is None
    assert [len(browser.states) for browser in browsers] == [1, 1, 1]


def test_what_went_wrong_is_one_message_and_goes_as_one():
    error = ErrorView()
    browser = Browser(error)
    error.show("Stopped <now>", "Traceback\nValueError: <script>")
    assert error.text == "Stopped <now>\nTraceback\nValueError: <script>"
    error.show("")
    assert error.text == ""
    assert browser.states == [
        {"heading": "Stopped <now>", "details": "Traceback\nValueError: <script>"},
        {"heading": "", "details": ""},
    ]


# ---------------------------------------------------------------- the board


@pytest.fixture
def calls() -> list[tuple[Any, ...]]:
    return []


@pytest.fixture
def board(calls: list[tuple[Any, ...]]):
    def heard(name: str) -> Any:
        return lambda *arguments: calls.append((name, *arguments))

    made = Board(Handlers(**{name: heard(name) for name in Handlers.__dataclass_fields__}))
    made.set_choices(
        pairs=("a->b", "c->d"),
        objectives=(("DANN", "dann"), ("CORAL", "coral")),
        projections=("pca", "tsne"),
    )
    made.set_controls(SETTINGS, {})
    yield made
    made.close()


def test_closing_leaves_no_widget():
    before = set(registry._instances)
    board = Board()
    assert set(registry._instances) == before, "a board that nobody sees has none"
    assert board.widget is board.widget
    assert len(set(registry._instances) - before) <= 2, "itself and its layout"
    count = len(registry._instances)
    for settings in (SETTINGS, SETTINGS[:2], SETTINGS):
        board.set_controls(settings, {})
    board.show_error("x")
    assert len(registry._instances) == count, "no control is a widget of its own"
    board.close()
    assert set(registry._instances) == before


def test_a_closed_board_is_let_go():
    board = Board()
    board.widget  # noqa: B018  a page shows it
    board.set_controls(SETTINGS, {})
    gone = weakref.ref(board)
    board.close()
    del board
    gc.collect()
    assert gone() is None


def test_buttons_call_their_handlers(board: Board, calls: list[Any]):
    for button in BUTTONS:
        press(board, button)
    press(board, "destroy")
    assert calls == [("play",), ("step",), ("reset",), ("stop",)]


def test_play_turns_into_pause_and_back(board: Board, calls: list[Any]):
    board.show_status("playing", 3, 10, "cpu", rate=4.0)
    assert board.header.playing
    assert board.map.playing
    press(board, "play")
    board.show_status("paused", 3, 10, "cpu")
    assert not board.header.playing
    assert not board.map.playing
    press(board, "play")
    assert calls == [("pause",), ("play",)]


def test_play_pressed_during_a_step_plays_on_from_it(board: Board, calls: list[Any]):
    press(board, "step")
    board.show_status("playing", 3, 10, "cpu")
    assert not board.header.playing, "a step is over before one could pause it"
    press(board, "play")
    board.show_status("playing", 4, 10, "cpu")
    assert board.header.playing
    press(board, "step")
    press(board, "play")
    assert calls == [("step",), ("play",), ("step",), ("pause",)]
    board.show_status("paused", 4, 10, "cpu")
    press(board, "step")
    board.show_status("playing", 5, 10, "cpu")
    board.show_status("paused", 5, 10, "cpu")
    board.show_status("playing", 5, 10, "cpu")
    assert board.header.playing, "that step is over"


def test_choices_by_the_learner_are_heard_and_those_by_code_are_not(board: Board, calls: list[Any]):
    chosen = board.header.chosen
    assert [chosen[name] for name in ("pair", "objective", "projection")] == ["a->b", "dann", "pca"]
    browser = Browser(board.header)
    board.set_choices(
        pairs=("c->d", "a->b"),
        pair="c->d",
        objective="coral",
        projection="tsne",
        seed=3,
        speed=10.0,
    )
    assert len(browser.states) == 1
    assert calls == []
    chosen = board.header.chosen
    shown = [chosen[name] for name in ("pair", "objective", "seed", "speed")]
    assert shown == ["c->d", "coral", 3, 10.0]
    board.set_choices(pairs=("e->f", "c->d"))
    assert board.header.chosen["pair"] == "c->d"
    before = len(browser.states)
    browser.says(kind="choose", name="pair", value="e->f")
    browser.says(kind="choose", name="seed", value=4)
    browser.says(kind="choose", name="speed", value=0.0)
    browser.says(kind="choose", name="color", value="red")
    assert calls == [("choose", "pair", "e->f"), ("choose", "seed", 4), ("set", "speed", 0.0)]
    assert (board.header.chosen["pair"], board.header.chosen["seed"]) == ("e->f", 4)
    assert len(browser.states) == before, "the page knows what it said"
    with pytest.raises(
        ValueError, match="must be pair, objective, projection, seed or speed, got color"
    ):
        board.set_choices(color="red")


def test_what_can_no_longer_be_chosen_gives_way_to_the_first_that_can(
    board: Board, calls: list[Any]
):
    board.set_choices(objectives=(("MMD", "mmd"), ("CORAL", "coral")))
    assert label(board, "objective") == "MMD"
    board.set_choices(speed=10.0)
    board.set_choices(speed=7.0)
    assert board.header.chosen["speed"] == 10.0, "another speed is shown by none of them"
    assert calls == []


def test_a_choice_that_is_taken_back_is_told_the_page(board: Board):
    browser = Browser(board.header)
    board.set_choices(seed=0)
    browser.says(kind="choose", name="seed", value=5)
    browser.states.clear()
    board.set_choices(seed=0)
    assert [state["chosen"]["seed"] for state in browser.states] == [0]


def test_controls_reach_the_handler_with_their_names(board: Board, calls: list[Any]):
    board.set_map_controls(SETTINGS[:1], {})
    move(board.controls, "freeze_depth", 2)
    move(board.map_controls, "weight", 0.5)
    assert calls == [("set", "freeze_depth", 2), ("set_map", "weight", 0.5)]
    board.show_effective({"weight": 0.5})
    assert board.controls.notes["weight"] == "acts as 0.5"


def test_the_timeline_scrubs_and_goes_live(board: Board, calls: list[Any]):
    board.show_recorded(range(12))
    browser = Browser(board.timeline)
    browser.sets(position=4)
    assert browser.states == [], "the page knows what it said"
    assert not board.live
    board.show_recorded(range(13))
    assert board.timeline.position == 4
    browser.sets(position=-1)
    assert calls == [("scrub", 4), ("scrub", None)]
    browser.sets(position=2)
    calls.clear()
    board.go_live()
    assert board.live
    assert calls == []


def test_an_error_in_a_callback_is_shown_and_leaves_when_the_next_goes_well():
    def fail(*_: Any) -> None:
        raise RuntimeError("no <b>such</b> thing")

    acts = (
        lambda board: press(board, "reset"),
        lambda board: choose(board, "seed", 3),
        lambda board: choose(board, "speed", 10.0),
        lambda board: move(board.map_controls, "weight", 0.5),
        lambda board: look_back(board, 1),
        lambda board: board.timeline.receive("message", {"kind": "branch", "position": 1}),
        lambda board: board.timeline.receive("message", {"kind": "changed", "position": 1}),
    )

    def shows(act: Any) -> None:
        names = ("reset", "choose", "set", "set_map", "scrub", "branch", "changed")
        board = Board(Handlers(**dict.fromkeys(names, fail)))
        board.set_map_controls(SETTINGS[:1], {})
        board.show_recorded(range(3))
        act(board)
        assert board.error.heading == "RuntimeError: no <b>such</b> thing"
        assert "Traceback" in board.error.details
        press(board, "step")
        assert board.error.text == ""
        board.close()

    for_each(acts, shows)


def test_a_runs_error_outlives_clicks(board: Board):
    board.show_error("Training failed", "boom")
    press(board, "step")
    assert "boom" in board.error.text
    board.clear_error()
    assert board.error.text == ""


def test_what_has_not_changed_is_not_sent(board: Board):
    browsers = [
        Browser(part) for part in (board.status, board.numbers, board.controls, board.header)
    ]
    for _ in range(3):
        board.show_status("playing", 3, 10, "cpu", rate=4.0)
        board.show_numbers({"mmd2": 0.5})
        board.show_effective({"weight": 0.5})
        board.set_choices(pairs=("a->b", "c->d"), pair="a->b")
    assert [len(browser.states) for browser in browsers] == [1, 1, 1, 1]


def test_showing_from_many_threads_ends_in_one_state(board: Board):
    def show(state: str) -> None:
        for step in range(12):
            board.show_status(state, step, 100, "cpu", rate=1.0)
            board.show_numbers({"mmd2": step})
            board.set_controls(SETTINGS[:1], {})

    threads = [threading.Thread(target=show, args=(state,)) for state in ("playing", "paused")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (
        board.header.playing
        == (board._state == "playing")
        == board.map.playing
        == (board.status.shown["state"] == "playing")
    )
    assert len(board.controls.rows) == 1


def test_the_board_is_handlers_default_too():
    board = Board()
    for button in BUTTONS:
        press(board, button)
    assert board.error.text == ""
    board.close()


def test_what_is_hidden_is_told_the_page_and_has_no_rows():
    board = Board(hide=("stop", "weight", "map", "link"), presenter=True)
    board.set_controls(SETTINGS, {})
    board.set_map_controls(SETTINGS, {})
    assert board.frame.state == {
        "hidden": ["link", "map", "stop", "weight"],
        "presenter": True,
        "recorded": False,
    }
    assert set(rows(board.controls)) == {s.name for s in SETTINGS} - {"weight"}
    assert board.map_controls.rows == []
    assert (board.foot.folds, board.foot.links) == (False, False)
    assert board.map.presenter
    board.close()


# ---------------------------------------------------------------- the package and the page


def test_pages_write_words_as_text_only():
    for path in FRONT_END:
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(",
            path.read_text("utf-8"),
        ), path


def test_front_end_functions():
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node: the front end's own tests need Node.js")
    files = sorted((TESTS / "js").glob("*.test.mjs"))
    done = subprocess.run(
        [node, "--test", *map(str, files)], capture_output=True, text=True, check=False
    )
    assert files
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
