"""The wired board without a browser: real widgets, a real session, a real thread."""

import gc
import threading
import time
import traceback

import ipywidgets
import numpy as np
import pytest

import tltutor as tl
from tltutor import lab as lab_room
from tltutor.objectives import SourceOnly

SMALL = {
    "pair_options": {"size": 16},
    "network_options": {"channels": (4, 6), "width": 8},
    "batch_size": 8,
    "look_size": 24,
}


@pytest.fixture
def open_lab():
    labs = []

    def build(pair="digits->shifted-digits", objective="dann", **options):
        options = {"steps": 12, "device": "cpu", "threads": 1, "name": "test"} | SMALL | options
        labs.append(tl.Lab(pair, objective, **options))
        return labs[-1]

    yield build
    for lab in labs:
        lab.close()


def until(condition, seconds=20.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def threads(name="tltutor-player-test"):
    return [t for t in threading.enumerate() if t.name == name]


def red_panel(lab):
    return lab.board._error.value if lab.board._error.layout.display != "none" else ""


def test_a_run_from_play_to_finish_fills_the_board(open_lab):
    lab = open_lab()
    until(lambda: lab.recording.frame_count)
    assert lab.board.map.about["n"] == 24
    lab.play()
    assert lab.wait(60)
    assert lab.player.state == "finished"
    assert lab.session.step_number == 12
    until(lambda: "Finished" in lab.board._status.value)
    assert "step <b>12</b> of 12" in lab.board._status.value
    assert "cpu" in lab.board._status.value
    assert np.isfinite(np.frombuffer(lab.board.map.xy, "<f4")).all()
    assert red_panel(lab) == ""


def test_the_lab_is_shown_as_its_widget(open_lab):
    bundle = open_lab()._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "application/vnd.jupyter.widget-view+json" in data


def test_running_the_cell_again_leaves_one_thread_and_one_set_of_widgets(open_lab):
    open_lab()
    until(lambda: len(threads()) == 1)
    count = len(ipywidgets.Widget._instances if hasattr(ipywidgets.Widget, "_instances") else ipywidgets.widgets.widget._instances)
    for _ in range(3):
        open_lab().play()
    gc.collect()
    again = len(ipywidgets.Widget._instances if hasattr(ipywidgets.Widget, "_instances") else ipywidgets.widgets.widget._instances)
    assert again == count
    assert len(threads()) == 1


def test_two_labs_of_other_names_live_side_by_side(open_lab):
    open_lab()
    open_lab(name="other")
    until(lambda: len(threads()) == len(threads("tltutor-player-other")) == 1)


def test_a_slider_moved_on_the_board_acts_at_a_later_step_and_is_logged(open_lab):
    lab = open_lab(steps=10_000)
    lab.step(3)
    lab.wait(30)
    lab.board.handlers.set("weight", 0.25)
    lab.step(1)
    lab.wait(30)
    assert [(c.step, c.name, c.new) for c in lab.recording.changes] == [(4, "weight", 0.25)]


def test_a_value_out_of_bounds_is_refused_by_the_call_itself(open_lab):
    with pytest.raises(ValueError, match="weight must be a number between 0 and 10, got 50"):
        open_lab().set(weight=50)


def test_a_reset_begins_again_with_the_sliders_where_they_are(open_lab):
    lab = open_lab()
    lab.set(weight=0.5, freeze_depth=1)
    lab.play()
    lab.wait(60)
    first = [f.losses for f in lab.recording.stepped]
    lab.reset()
    assert lab.session.step_number == 0
    assert lab.session.values["weight"] == 0.5
    assert lab.session.values["freeze_depth"] == 1
    assert lab.recording.stepped == ()
    lab.play()
    lab.wait(60)
    assert [f.losses for f in lab.recording.stepped] == first


def test_pair_objective_projection_and_seed_can_be_chosen(open_lab):
    lab = open_lab()
    lab.choose("objective", "mmd")
    assert lab.session.objective.name == "mmd"
    assert "width" in lab.session.values
    lab.choose("seed", 3)
    assert lab.session.seed == 3
    lab.choose("projection", "pca")
    until(lambda: lab.recording.placed and lab.recording.placed[-1].projection == "pca")
    lab.choose("pair", "moons->rotated-moons")
    assert lab.session.network.name == "mlp"
    assert len(threads()) == 1
    lab.play()
    lab.wait(60)
    assert lab.player.state == "finished"


def test_what_cannot_be_built_leaves_the_run_as_it_is_and_says_why(open_lab, monkeypatch, tmp_path):
    monkeypatch.setenv("TLTUTOR_DATA", str(tmp_path))
    lab = open_lab()
    lab.step(2)
    lab.wait(30)
    lab.board.handlers.choose("pair", "mnist->usps")
    until(lambda: red_panel(lab))
    assert "tltutor data fetch" in red_panel(lab)
    assert lab.session.step_number == 2
    lab.step(1)
    lab.wait(30)
    assert lab.session.step_number == 3


class Broken(SourceOnly):
    name, title = "broken", "Broken"

    def forward(self, now):
        terms = super().forward(now)
        return terms | {"<b>bad</b>": terms["task"] * float("nan")} if now.progress > 0.3 else terms


def test_a_run_that_diverges_says_so_in_the_red_panel_escaped_and_loses_nothing(open_lab):
    lab = open_lab(objective=Broken())
    lab.play()
    with pytest.raises(FloatingPointError):
        lab.wait(30)
    until(lambda: red_panel(lab))
    assert "&lt;b&gt;bad&lt;/b&gt;" in red_panel(lab)
    assert "<b>bad</b>" not in red_panel(lab)
    assert isinstance(lab.error, FloatingPointError)
    assert [f.step for f in lab.recording.stepped] == [1, 2, 3, 4]
    lab.reset()
    assert red_panel(lab) == ""
    assert lab.error is None


def test_scrubbing_back_shows_a_recorded_frame_until_live_again(open_lab):
    lab = open_lab(projection="pca", budget=0.9)
    lab.play()
    lab.wait(60)
    until(lambda: lab.board.timeline.length == lab.recording.frame_count > 1)
    lab.board.map._heard(None, {"kind": "ready"}, [])
    lab.board.handlers.scrub(0)
    lab.board.map._heard(None, {"kind": "ready"}, [])
    assert lab.board.map.step == 0
    np.testing.assert_array_equal(np.frombuffer(lab.board.map.xy, "<f4").reshape(-1, 2), lab.recording.frame(0).xy)
    lab.board.handlers.scrub(None)
    lab.board.map._heard(None, {"kind": "ready"}, [])
    assert lab.board.map.step == 12


def test_an_own_network_is_trained_as_a_copy_and_its_training_can_go_on(open_lab):
    pair = tl.load_pair("digits->shifted-digits", size=16)
    network = tl.build_network("lenet", pair, channels=(4, 6), width=8)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    lab = open_lab(pair=pair, network=network)
    lab.play()
    lab.wait(60)
    assert all((value == before[name]).all() for name, value in network.state_dict().items())
    again = open_lab(pair=pair, network=lab.session.network, objective="fine-tune", freeze_depth=2, name="test")
    again.play()
    again.wait(60)
    assert again.player.state == "finished"


def test_play_stop_reset_play_in_any_order_never_hangs(open_lab):
    lab = open_lab(steps=10_000)
    lab.stop()
    with pytest.raises(RuntimeError, match="a stopped run cannot go on: reset it"):
        lab.play()
    lab.reset()
    lab.play()
    lab.play()
    lab.stop()
    assert lab.player.state == "stopped"
    assert threads() == []


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"pair": "digits->photos"}, "no pair is called 'digits->photos': did you mean 'digits->photo-digits'"),
        ({"objective": "dan"}, "no objective is called 'dan': did you mean 'dann'"),
        ({"network": "lennet"}, "no network is called 'lennet': did you mean 'lenet'"),
        ({"projection": "t-sne"}, "no projection is called 't-sne': did you mean 'tsne'"),
        ({"budget": 2}, "budget must be a number between 0.01 and 0.9, got 2"),
        ({"speed": -1}, "speed must be a number between 0 and 1000 steps/s, got -1"),
    ],
)
def test_a_mistake_in_the_cell_is_said_by_the_cell(open_lab, options, sentence):
    with pytest.raises(ValueError, match=sentence):
        open_lab(**options)


def test_handlers_called_from_many_threads_at_once_leave_one_healthy_player(open_lab):
    lab = open_lab(steps=10_000)
    faults = []

    def click():
        try:
            for act in (lab.play, lab.pause, lambda: lab.set(weight=0.5), lab.reset, lab.play):
                act()
        except RuntimeError as error:  # "stopped" may meet a run that a reset is taking away
            faults.extend([] if "stopped run" in str(error) else [traceback.format_exc()])

    clickers = [threading.Thread(target=click) for _ in range(4)]
    for clicker in clickers:
        clicker.start()
    for clicker in clickers:
        clicker.join(60)
    assert faults == []
    until(lambda: len(threads()) == 1)


def test_one_core_is_left_to_the_browser(monkeypatch):
    for cores, wanted in ((1, 1), (2, 1), (4, 3), (64, 4), (None, 1)):
        monkeypatch.setattr(lab_room.os, "cpu_count", lambda cores=cores: cores)
        assert lab_room.default_threads() == wanted
