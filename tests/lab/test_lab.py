"""The wired board without a browser: real widgets, a real session, a real thread."""

import base64
import gc
import io
import threading
import time
import traceback
from pathlib import Path

import ipywidgets
import numpy as np
import pytest
import torch
from pages import move, rows
from PIL import Image
from waiting import until

import tltutor as tl
from tltutor import views
from tltutor.events import JUDGE, Embedded, Snapshot
from tltutor.lab import lab as lab_room
from tltutor.lab import run as run_room
from tltutor.lab.still import picture_of
from tltutor.language import language
from tltutor.metrics.judges import JUDGES
from tltutor.objectives import SourceOnly

SMALL = {
    "pair_options": {"size": 16},
    "network_options": {"channels": (4, 6), "width": 8},
    "batch_size": 8,
    "snapshot_size": 24,
}


@pytest.fixture
def open_lab(closing):
    def build(pair="digits->shifted-digits", objective="dann", *, shows=True, **options):
        options = {"steps": 12, "device": "cpu", "threads": 1, "name": "test"} | SMALL | options
        lab = closing(tl.Lab(pair, objective, **options))
        if shows:
            lab._repr_mimebundle_()  # as the last line of a cell
        return lab

    return build


def threads(name="tltutor-player-test"):
    return [t for t in threading.enumerate() if t.name == name]


def red_panel(lab):
    return lab.board.error.text


def test_a_run_from_play_to_finish_fills_the_board(open_lab):
    lab = open_lab()
    until(lambda: lab.recording.frame_count)
    assert lab.board.map.about["n"] == 24
    lab.play()
    assert lab.wait(60)
    assert lab.player.state == "finished"
    assert lab.session.step_number == 12
    until(lambda: lab.board.status.shown["state"] == "finished")
    shown = lab.board.status.shown
    assert (shown["step"], shown["steps"], shown["device"]) == (12, 12, "cpu")
    assert lab.board.numbers.numbers == lab.recording.latest.numbers
    assert np.isfinite(np.frombuffer(lab.board.map.xy, "<f4")).all()
    assert red_panel(lab) == ""


def test_the_lab_is_shown_as_its_widget(open_lab):
    bundle = open_lab()._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "application/vnd.jupyter.widget-view+json" in data


def test_running_the_cell_again_leaves_one_thread_and_one_set_of_widgets(open_lab):
    open_lab()
    until(lambda: len(threads()) == 1)
    count = len(
        ipywidgets.Widget._instances
        if hasattr(ipywidgets.Widget, "_instances")
        else ipywidgets.widgets.widget._instances
    )
    for _ in range(3):
        open_lab().play()
    gc.collect()
    again = len(
        ipywidgets.Widget._instances
        if hasattr(ipywidgets.Widget, "_instances")
        else ipywidgets.widgets.widget._instances
    )
    assert again == count
    assert len(threads()) == 1


def test_a_lab_that_takes_the_place_of_one_that_trained_says_so(open_lab):
    """Where a page was loaded anew, the cell is run again: then the run before is not lost without a word."""
    first = open_lab()
    assert "closed" not in open_lab().board.status.shown["note"], "nothing was trained"
    assert first.player.state == "stopped"
    second = open_lab()
    second.step(3)
    second.wait()
    assert open_lab().board.status.shown["note"] == "closed the run before, at step 3"


def test_torchs_compiler_is_loaded_behind_the_first_picture_and_not_before(open_lab, monkeypatch):
    loaded = []
    monkeypatch.setattr("tltutor.lab.lab.load_compiler", lambda: loaded.append(True))
    lab = open_lab()
    assert loaded == []
    lab.start()
    until(lambda: lab.recording.frame_count and loaded)


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
    until(lambda: lab.recording.embedded and lab.recording.embedded[-1].projection == "pca")
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

    def forward(self, batch):
        terms = super().forward(batch)
        return (
            terms | {"<b>bad</b>": terms["task"] * float("nan")} if batch.progress > 0.3 else terms
        )


def test_a_run_that_diverges_says_so_in_the_red_panel_and_loses_nothing(open_lab):
    lab = open_lab(objective=Broken())
    lab.play()
    with pytest.raises(FloatingPointError):
        lab.wait(30)
    until(lambda: red_panel(lab))
    assert "<b>bad</b>" in red_panel(lab), "as it is: pages write words as text only"
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
    np.testing.assert_array_equal(
        np.frombuffer(lab.board.map.xy, "<f4").reshape(-1, 2), lab.recording.frame(0).xy
    )
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
    again = open_lab(
        pair=pair, network=lab.session.network, objective="fine-tune", freeze_depth=2, name="test"
    )
    again.play()
    again.wait(60)
    assert again.player.state == "finished"


def test_the_sliders_begin_where_a_pretrained_network_does(open_lab, tmp_path):
    pair = tl.load_pair("digits->shifted-digits", size=16)
    tl.build_network("squeezenet1_0", pair, size=32).save(tmp_path / "net.pt")
    given = {"size": 32, "weights": tmp_path / "net.pt"}
    network = tl.build_network("squeezenet1_0", pair, **given)

    def sliders(**options):
        lab = open_lab(pair=pair, objective="mmd", pair_options={}, **options)
        values = lab.board.controls.values
        assert lab.session.values["lr"] == values["lr"]
        assert lab.session.values["freeze_depth"] == values["freeze_depth"]
        return values["freeze_depth"], values["lr"]

    assert sliders(network="squeezenet1_0", network_options=given) == (9, 0.001)
    assert sliders(network=network, network_options={}) == (9, 0.001)
    assert sliders(network=network, network_options={}, lr=0.02) == (9, 0.02)
    assert sliders(network=network, network_options={}, values={"freeze_depth": 8}) == (8, 0.001)
    assert sliders() == (0, 0.01)


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
        (
            {"pair": "digits->photos"},
            "no pair is called 'digits->photos': did you mean 'digits->photo-digits'",
        ),
        ({"objective": "corral"}, "no objective is called 'corral': did you mean 'coral'"),
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
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    for cores, wanted in ((1, 1), (2, 1), (4, 3), (64, 4), (None, 1)):
        monkeypatch.setattr(lab_room.os, "cpu_count", lambda cores=cores: cores)
        assert lab_room.default_threads() == wanted


def test_a_machine_that_is_shared_may_ask_for_fewer_threads(monkeypatch):
    """As a Hub does for each learner: without it everyone takes four."""
    monkeypatch.setattr(lab_room.os, "cpu_count", lambda: 64)
    for asked, wanted in (("1", 1), ("2", 2), ("8", 4), ("2,1", 2), ("", 4), ("0", 4), ("many", 4)):
        monkeypatch.setenv("OMP_NUM_THREADS", asked)
        assert lab_room.default_threads() == wanted


# --- back in time


def losses(lab, after=0):
    return [(f.step, dict(f.losses)) for f in lab.recording.stepped if f.step > after]


def played(lab):
    lab.play()
    assert lab.wait(60)
    return losses(lab)


def red(lab):
    assert red_panel(lab) == ""


@pytest.mark.parametrize("kept", [True, False])
def test_a_branch_without_changes_is_the_same_run_again_bit_for_bit(open_lab, monkeypatch, kept):
    session_at, begun = run_room.session_at, []
    monkeypatch.setattr(
        run_room, "session_at", lambda *a: (begun.append(a[-1].state), session_at(*a))[1]
    )
    lab = open_lab(budget=0.9)
    lab.step(4)
    lab.wait(60)
    lab.set(weight=0.3, freeze_depth=2)
    first = played(lab)
    weights = {name: value.clone() for name, value in lab.session.network.state_dict().items()}
    assert set(lab.run.checkpoints.steps) >= {0, 12}
    if not kept:
        lab.run.checkpoints._states.clear()
    lab.branch(7)
    assert lab.wait(60)
    assert (begun[0] is not None) is kept
    assert lab.player.state == "finished"
    assert losses(lab) == first
    assert all(
        (value == weights[name]).all() for name, value in lab.session.network.state_dict().items()
    )
    assert [(c.step, c.name, c.new) for c in lab.recording.changes] == [
        (5, "weight", 0.3),
        (5, "freeze_depth", 2),
    ]
    red(lab)


def test_a_branch_with_a_change_is_a_fresh_run_with_that_plan(open_lab):
    lab = open_lab(budget=0.9)
    whole = played(lab)
    lab.branch(5, weight=0.0, lr=0.2)
    lab.wait(60)
    branched = losses(lab)
    plan = lab.recording.changes
    assert [(c.step, c.name, c.new) for c in plan] == [(6, "weight", 0.0), (6, "lr", 0.2)]
    assert lab.board.controls.values["lr"] == 0.2
    assert lab.experiment.values["lr"] == 0.2
    assert branched[:5] == whole[:5]
    assert branched[5:] != whole[5:]
    assert branched == played(open_lab(changes=plan, name="test"))


def test_a_branch_of_a_branch_does_not_begin_from_the_run_that_was_left(open_lab):
    lab = open_lab(budget=0.9)
    played(lab)
    lab.branch(2, lr=0.2)
    lab.wait(60)
    first = losses(lab)
    lab.branch(7)
    lab.wait(60)
    assert losses(lab) == first


def test_a_branch_keeps_the_frames_the_curves_and_the_log_up_to_its_step_and_marks_it(open_lab):
    lab = open_lab(budget=0.9, projection="pca")
    lab.step(3)
    lab.wait(60)
    lab.set(weight=0.3)
    lab.step(3)
    lab.wait(60)
    lab.set(lr=0.02)
    played(lab)
    early = [f.xy for f in lab.recording.frames if f.step <= 6]
    layout = lab.player.layout
    lab.branch(6)
    lab.pause()
    lab.wait(60)
    until(lambda: lab.recording.frame_count > len(early))
    assert (lab.session.step_number, lab.player.state) == (6, "ready")
    for ours, theirs in zip(lab.recording.frames, early, strict=False):
        np.testing.assert_array_equal(ours.xy, theirs)
    assert lab.player.layout is layout  # the map stays where it is
    assert [c.name for c in lab.recording.changes] == ["weight"]
    assert [text for _, text in lab.board.curves._changes] == [
        "weight 1 → 0.3",
        "branch from step 6",
    ]
    assert max(step for step, _ in lab.board.curves._series["loss/task"].points) == 6
    kinds = {kind: (at, text) for at, text, kind in lab.board.timeline.ticks}
    assert lab.recording.frame(kinds["branch"][0]).step == 6
    assert kinds["change"][1] == "step 4: weight 1 → 0.3"
    assert lab.board.controls.values["lr"] == 0.01
    lab.branch(2)
    lab.pause()
    lab.wait(60)
    assert [text for _, text in lab.board.curves._changes] == ["branch from step 2"]


def test_play_from_here_goes_on_with_the_sliders_as_they_are(open_lab):
    lab = open_lab(budget=0.9, steps=30)
    lab.step(12)
    lab.wait(60)
    lab.board.handlers.set("weight", 0.5)
    index = next(i for i, f in enumerate(lab.recording.frames) if f.step >= 3)
    step = lab.recording.frame(index).step
    lab.board.timeline.on_branch(index)
    lab.wait(60)
    assert [(c.step, c.name, c.new) for c in lab.recording.changes] == [(step + 1, "weight", 0.5)]
    assert lab.player.state == "finished"
    assert lab.board.live
    red(lab)


def test_a_replay_says_how_far_it_is_and_stop_gives_it_up(open_lab, monkeypatch):
    lab = open_lab(steps=400)
    lab.step(60)
    lab.wait(60)
    lab.run.checkpoints._states.clear()
    said, step = [], tl.Session.step
    monkeypatch.setattr(
        tl.Session,
        "step",
        lambda self: (time.sleep(0.01), said.append(lab.board.status.shown["note"]), step(self))[2],
    )
    before = losses(lab)
    lab.branch(50)
    until(lambda: any("replaying 10 of 50 steps" in text for text in said))
    assert lab.board.status.shown["state"] == "loading"
    with pytest.raises(RuntimeError, match="one replay at a time"):
        lab.branch(3)
    lab.board.handlers.stop()
    lab.wait(30)
    assert lab.session.step_number == 60
    assert losses(lab) == before
    assert "replaying" not in lab.board.status.shown["note"]
    lab.step()
    lab.wait(30)
    assert lab.session.step_number == 61


def test_closing_during_a_replay_leaves_no_thread(open_lab):
    lab = open_lab(steps=400)
    lab.step(60)
    lab.wait(60)
    lab.run.checkpoints._states.clear()
    lab.branch(60)
    lab.close()
    assert lab.wait(10)
    assert threads() == []


def test_a_run_that_diverged_can_be_taken_up_before_its_end(open_lab):
    lab = open_lab(objective=Broken(), budget=0.9)
    lab.play()
    with pytest.raises(FloatingPointError):
        lab.wait(30)
    lab.branch(3)
    lab.pause()
    assert lab.wait(30)
    assert lab.session.step_number == 3
    assert lab.error is None
    assert red_panel(lab) == ""


def test_a_branch_is_refused_by_the_call_itself(open_lab):
    lab = open_lab()
    with pytest.raises(ValueError, match="step must be a whole number between 0 and 0, got 3"):
        lab.branch(3)
    with pytest.raises(
        ValueError, match="no live setting is called 'wieght': did you mean 'weight'"
    ):
        lab.branch(0, wieght=1)
    with pytest.raises(ValueError, match="weight must be a number between 0 and 10, got 11"):
        lab.branch(0, weight=11)


def test_what_changed_here_selects_the_target_points_of_another_class(open_lab):
    lab = open_lab(steps=40, lr=0.2)
    lab.step(40)
    lab.wait(60)
    until(lambda: lab.recording.frames[-1].step == 40)
    frames, is_target = lab.recording.frames, lab.recording.latest.is_target
    last = len(frames) - 1
    for start in (False, True):
        before = frames[0] if start else [f for f in frames if f.step < 40][-1]
        wanted = np.flatnonzero((before.predictions != frames[-1].predictions) & is_target)
        lab.board.map.select(())
        lab.board.timeline.on_changed(last, start)
        assert lab.board.map.selected == tuple(wanted)
    assert len(wanted) > 0
    values = {"n": len(wanted), "before": "0", "here": "40"}
    assert lab.board.map.title_values == values
    assert "changed class from step" in lab.board.map.title
    lab.board.timeline.on_changed(0, False)
    assert lab.board.map.selected == ()
    assert "no target point changed class from step 0 to 0" in lab.board.status.shown["note"]


# --- settings of the map, links, presenting


def test_the_maps_settings_and_the_budget_are_live_sliders(open_lab):
    lab = open_lab(projection="tsne")
    until(lambda: lab.recording.frame_count >= 20)
    sliders = lab.board.map_controls
    assert set(rows(sliders)) == {s.name for s in lab.player.layout.settings} | {"budget"}
    count = lab.recording.frame_count
    perplexity = next(v for v in rows(sliders)["perplexity"]["steps"] if v < 6)
    move(sliders, "perplexity", perplexity)
    move(sliders, "budget", 0.4)
    until(lambda: lab.recording.frame_count >= count + 20)
    assert lab.player.layout.perplexity == perplexity
    assert lab.player.budget.share == 0.4
    lab.reset()
    assert lab.player.layout.perplexity == perplexity == sliders.values["perplexity"]
    assert lab.player.budget.share == 0.4
    assert sliders.values["budget"] == 0.4
    lab.choose("projection", "pca")
    until(lambda: lab.player.layout.name == "pca")
    assert set(rows(sliders)) == {"budget"} | {s.name for s in lab.player.layout.settings}


def test_an_axis_dragged_on_the_map_turns_the_view_also_while_training(open_lab):
    lab = open_lab(projection="tour", steps=100_000)

    def shown_axes():
        lab.board.map._heard(None, {"kind": "ready"}, [])
        return np.frombuffer(lab.board.map.axes, "<f4").reshape(-1, 2)

    until(lambda: len(shown_axes()))  # a frame is recorded before the board has it
    until(lambda: np.allclose(shown_axes(), lab.player.layout.axes))
    axes = shown_axes()
    first = lab.recording.frames[-1].xy
    for plays in (False, True):
        if plays:
            lab.play()
        x, y = (0.4, 0.6) if plays else (0.3, -0.5)
        reach = float(np.abs(axes).max())
        lab.board.map._heard(None, {"kind": "drag", "axis": 0, "x": x * reach, "y": y * reach}, [])
        until(
            lambda tip=(x * reach, y * reach): np.allclose(
                lab.player.layout.axes[0], tip, atol=1e-5
            )
        )
    until(
        lambda: not np.allclose(lab.recording.frames[-1].xy, first)
    )  # the layout turns before its frame is recorded
    lab.pause()
    until(lambda: lab.player.state == "paused")
    lab.board.handlers.scrub(0)
    lab.board.map._heard(None, {"kind": "ready"}, [])
    assert lab.board.map.axes == b""  # of a frame that is past nobody knows them
    red(lab)


def test_a_link_opens_the_same_run_again(open_lab):
    lab = open_lab(objective="mmd", projection="pca", seed=2, budget=0.9)
    lab.step(3)
    lab.wait(60)
    lab.set(width=2.5)
    lab.step(2)
    lab.wait(60)
    lab.set(weight=0.25)  # waits for the next step
    text = lab.link
    until(lambda: lab.board.foot.link == text)
    first = played(lab)
    again = tl.Lab.from_link(text, name="test", device="cpu", threads=1)
    try:
        assert again.link == text
        assert played(again) == first
        assert again.board.controls.values["width"] == 2.5
        assert again.board.controls.values["weight"] == 0.25
        assert again.experiment.projection == "pca"
        again.reset()
        assert again.session.values["width"] == 2.5
    finally:
        again.close()


def test_what_cannot_be_linked_says_why_on_the_board(open_lab):
    lab = open_lab(pair=tl.load_pair("digits->shifted-digits", size=16), pair_options={})
    with pytest.raises(
        ValueError, match="got your own pair 'digits->shifted-digits': pass a known name"
    ):
        _ = lab.link
    until(lambda: "your own pair" in lab.board.foot.reason)
    assert lab.board.foot.link == ""
    language("zh")
    until(lambda: lab.board.foot.reason.startswith("没有链接"))
    with pytest.raises(ValueError, match="a link must be tl1:"):
        tl.Lab.from_link("tl1:AAAA")


def test_the_field_of_speeds_shows_the_speed_that_the_lab_has(open_lab):
    assert open_lab(speed=50).board.header.chosen["speed"] == 50
    assert open_lab(speed=30).board.header.chosen["speed"] == 0, "not among those offered"


def test_a_presenter_hides_controls_by_name(open_lab):
    lab = open_lab(hide=("seed", "speed", "stop", "lr", "perplexity", "link"), presenter=True)
    board = lab.board
    assert board.map.presenter
    assert board.frame.presenter
    assert {"seed", "speed", "stop"} <= set(board.frame.hidden)
    assert not {"pair", "play"} & set(board.frame.hidden)
    assert not board.foot.links
    assert board.foot.folds
    assert "lr" not in rows(board.controls)
    assert "weight" in rows(board.controls)
    assert "perplexity" not in rows(board.map_controls)
    with pytest.raises(
        ValueError,
        match="no control is called 'sed': did you mean 'seed' or .*Known: play, step, reset",
    ):
        open_lab(hide=("sed",))


def test_a_lab_saves_and_exports_its_recording(open_lab, tmp_path):
    lab = open_lab(projection="pca")
    played(lab)
    points = lab.recording.points
    assert points.about["projection"] == "pca"
    assert points.about["objective"] == "dann"
    path = lab.export(tmp_path / "run.npz")
    assert path == lab.save(tmp_path / "run.npz")
    assert tl.Recording.load(path).points.class_names == points.class_names
    assert lab.export(tmp_path / "run.svg").read_text().startswith(("<?xml", "<svg"))
    with pytest.raises(ValueError, match="the file's suffix must be one of"):
        lab.export(tmp_path / "run.docx")


def test_a_method_without_lambda_has_no_slider_for_it(open_lab):
    lab = open_lab(objective="source-only")
    assert "weight" not in rows(lab.board.controls)
    lab.choose("objective", "mmd")
    assert "weight" in rows(lab.board.controls)


# --- methods that come after another


def test_a_method_on_a_trained_network_begins_from_the_source_trained_alone(open_lab):
    lab = open_lab(objective="tent", lr=0.05)
    lab.play()
    assert lab.wait(60)
    by_hand = tl.load_pair("digits->shifted-digits", seed=0, size=16)
    network = tl.build_network("lenet", by_hand, seed=0, **SMALL["network_options"])
    options = {"steps": 12, "batch_size": 8, "lr": 0.05, "seed": 0, "device": "cpu"}
    for name in ("source-only", "tent"):
        for _ in tl.Session(by_hand, network, tl.objectives.build_objective(name), **options):
            pass
    ours = lab.session.network.state_dict()
    assert all(torch.equal(ours[name], value) for name, value in network.state_dict().items())


def test_the_board_says_how_far_the_lead_in_is_and_stop_leaves_it_for_the_next_play(
    open_lab, monkeypatch
):
    said = []
    show = views.Board.show_status
    monkeypatch.setattr(
        views.Board,
        "show_status",
        lambda *a, **k: (said.append((a[1], k.get("note", ""))), show(*a, **k)),
    )
    lab = open_lab(objective="tent", seed=11, steps=5000)
    until(lambda: ("loading", "first the source alone: 10 of 5,000 steps") in said)
    assert lab.replaying
    lab.stop()
    assert lab.wait(60)
    assert not lab.replaying
    assert not lab.experiment.is_ready
    lab.play()
    assert lab.replaying
    assert lab.session.step_number == 0  # never a step on a random network


def test_a_step_asked_for_during_the_lead_in_is_done_after_it(open_lab):
    lab = open_lab(objective="tent", seed=12)
    lab.step(3)
    assert lab.wait(60)
    assert lab.session.step_number == 3


def test_choosing_such_a_method_trains_its_start_once_and_reset_keeps_it(open_lab, monkeypatch):
    lab = open_lab(seed=13)
    lab.choose("objective", "adabn")
    assert lab.wait(60)
    monkeypatch.setattr("tltutor.experiment.experiment.train", None)  # nothing may be trained again
    start = lab.session.network.state_dict()["head.weight"].clone()
    lab.play()
    assert lab.wait(60)
    lab.reset()
    assert not lab.replaying
    assert lab.session.step_number == 0
    assert torch.equal(lab.session.network.state_dict()["head.weight"], start)


def test_a_trained_network_that_is_passed_in_needs_no_lead_in(open_lab):
    pair = tl.load_pair("digits->shifted-digits", seed=0, size=16)
    network = tl.build_network("lenet", pair, seed=0, **SMALL["network_options"])
    lab = open_lab(pair, "tent", network=network, pair_options={}, network_options={})
    assert lab.experiment.is_ready
    assert torch.equal(lab.session.network.head.weight, network.head.weight)


def test_a_branch_keeps_the_projection_that_was_chosen_meanwhile_and_its_settings(open_lab):
    lab = open_lab(projection="pca")
    lab.play()
    lab.wait(60)
    lab.choose("projection", "tsne")
    lab.set_map(perplexity=7)
    lab.branch(3)
    until(lambda: not lab.replaying)
    lab.wait(60)
    assert (lab.player.layout.name, lab.player.layout.perplexity) == ("tsne", 7)
    assert lab.board.header.chosen["projection"] == "tsne"
    assert lab.board.map_controls.values["perplexity"] == 7
    assert (lab.experiment.projection, lab.experiment.map_values) == ("tsne", {"perplexity": 7})


def test_a_saved_board_says_what_to_run_and_shows_its_last_frame(open_lab):
    lab = open_lab(steps=3)
    bundle = lab._repr_mimebundle_()
    bundle = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "step 0 of 3" in bundle["text/plain"]
    assert "Run this cell again" in bundle["text/plain"]
    assert "application/vnd.jupyter.widget-view+json" in bundle
    lab.play()
    lab.wait()
    until(lambda: lab.recording.frame_count > 1)
    bundle = lab._repr_mimebundle_()
    bundle = bundle[0] if isinstance(bundle, tuple) else bundle
    assert "step 3 of 3" in bundle["text/plain"]
    image = Image.open(io.BytesIO(base64.b64decode(bundle["image/png"])))
    assert image.format == "PNG"
    assert len(np.unique(np.asarray(image.convert("L")))) > 10, "the picture is not blank"


def test_in_a_notebook_the_still_is_an_output_of_its_own_and_follows_a_run_that_rests(
    open_lab, monkeypatch
):
    published = []
    monkeypatch.setattr("tltutor.views.still.in_notebook", lambda: True)
    monkeypatch.setattr(
        "IPython.display.publish_display_data",
        lambda data, *_, **how: published.append((data["text/html"], how)),
    )
    lab = open_lab(steps=3, shows=False)
    bundle = lab._repr_mimebundle_()
    bundle = bundle[0] if isinstance(bundle, tuple) else bundle
    assert not {"image/png", "text/html"} & bundle.keys(), "the board is there once"
    ((html, how),) = published
    assert "step 0 of 3" in html
    assert not how["update"]
    lab.board.map.watched = True  # a page has answered
    lab.play()
    lab.wait()
    until(lambda: len(published) > 1)
    html, later = published[-1]
    assert "step 3 of 3" in html
    assert '<img src="data:image/png;base64,' in html
    assert later == {"transient": how["transient"], "update": True}
    drawn = len(published)
    for _ in range(5):
        lab._still.on_heartbeat(rests=True)
    assert len(published) == drawn, "nothing new to draw"


def test_a_frame_that_cannot_be_drawn_leaves_the_sentence(open_lab):
    recording = tl.Recording()
    features = np.zeros((2, 2))
    labels, domains = np.zeros(2, int), np.array([False, True])
    recording.append(Snapshot(0, features, labels, domains, labels, {}))
    recording.append(Embedded(0, np.full((2, 2), np.nan)))
    assert picture_of(recording) is None


def test_where_a_map_lays_out_a_part_of_the_points_the_board_and_the_recording_say_so(
    open_lab, monkeypatch
):
    monkeypatch.setattr("tltutor.projections.layout.MANY", 10)
    lab = open_lab(projection="tsne")
    until(lambda: lab.recording.frame_count)
    assert lab.board.map.laid_out == 10
    assert lab.recording.points.about["laid_out"] == 10
    assert lab.recording.frames[0].xy.shape == (24, 2)
    lab.choose("projection", "pca")
    assert lab.board.map.laid_out == 0
    assert "laid_out" not in open_lab(projection="pca", name="other").recording.points.about


# --- judges without target labels


def test_judges_are_asked_from_the_button_on_also_while_paused_and_by_the_next_run_too(open_lab):
    lab = open_lab()
    lab.step(2)
    assert lab.wait(30)
    assert not any(name.startswith(JUDGE) for name in lab.recording.frames[-1].numbers)
    lab.board.numbers.on_judging(True)
    until(lambda: any(n.startswith(JUDGE) for n in lab.recording.frames[-1].numbers))
    lab.step(2)
    assert lab.wait(30)
    until(lambda: lab.board.timeline.chosen.keys() >= {"iwcv", "entropy", "oracle"})
    lab.reset()
    assert lab.session.judging
    lab.judge(on=False)
    lab.step(1)
    assert lab.wait(30)
    until(lambda: not lab.session.judging)
    assert lab.board.timeline.chosen == {}


def test_a_lab_can_begin_with_its_judges_and_hide_them(open_lab):
    assert open_lab(judging=True).session.judging
    assert "judges" in open_lab(simple=True).board.hidden


def test_the_page_knows_the_judges_titles_and_limits():
    script = (Path(tl.__file__).parent / "views" / "judges.js").read_text("utf-8")
    for name, judge in JUDGES.items():
        words = f'{name}: [mark("{judge.title}"), mark("{judge.limits}")],'
        assert (words in script) == (name != "reverse"), name
