"""The live settings as traits: what a notebook's own widget sets acts, and what a slider sets is heard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets
import pytest

import tltutor as tl


@pytest.fixture
def lab(open_small: Callable[..., tl.Lab]) -> tl.Lab:
    return open_small("mmd")


def test_a_trait_that_is_set_acts_and_moves_the_slider(lab: tl.Lab) -> None:
    lab.settings.weight = 0.25
    lab.step(2)
    lab.wait()
    assert lab.session.values["weight"] == 0.25
    assert lab.board.controls.values["weight"] == 0.25
    assert [(c.name, c.new) for c in lab.recording.changes] == [("weight", 0.25)]


def test_a_slider_and_a_cell_are_heard(lab: tl.Lab) -> None:
    heard: list[Any] = []
    lab.settings.observe(lambda change: heard.append(change["new"]), "weight")
    lab.board.controls.receive("message", {"kind": "move", "name": "weight", "value": 0.5})
    lab.set(weight=2)
    assert heard == [0.5, 2.0]
    lab.step()
    lab.wait()
    assert [c.new for c in lab.recording.changes] == [2.0], "the run hears each value once"


def test_a_widget_of_a_notebook_is_linked_both_ways(lab: tl.Lab) -> None:
    slider = ipywidgets.FloatSlider(value=1.0, max=10)
    link = ipywidgets.link((lab.settings, "weight"), (slider, "value"))
    slider.value = 3.0
    assert lab.experiment.values["weight"] == 3.0
    lab.set(weight=4.0)
    assert slider.value == 4.0
    link.unlink()
    slider.close()


def test_a_value_that_is_none_is_refused_in_the_settings_words_and_nothing_moves(
    lab: tl.Lab,
) -> None:
    with pytest.raises(ValueError, match="weight must be a number between 0 and"):
        lab.settings.weight = -1
    assert lab.settings.weight == lab.board.controls.values["weight"]


def test_observers_stay_when_a_new_run_begins(lab: tl.Lab) -> None:
    heard: list[Any] = []
    lab.settings.observe(lambda change: heard.append(change["new"]), "lr")
    lab.reset()
    lab.choose("objective", "dann")
    assert hasattr(lab.settings, "gamma"), "the new run's own setting"
    lab.set(lr=0.125)
    assert heard[-1] == 0.125


def test_a_trait_has_the_bounds_that_the_setting_has_in_the_run_of_now(lab: tl.Lab) -> None:
    lab.choose("objective", "coral")
    assert lab.settings.weight == lab.session.values["weight"] == 100.0
    lab.settings.weight = 500.0
    lab.choose("objective", "mmd")
    lab.set(weight=1.0)
    with pytest.raises(ValueError, match="weight must be a number between 0 and 10, got 500"):
        lab.settings.weight = 500.0


def test_a_picture_is_of_the_step_that_was_asked_for(
    lab: tl.Lab, tmp_path: Any, monkeypatch: Any
) -> None:
    lab.step(30)
    lab.wait()
    steps, asked = [frame.step for frame in lab.recording.frames], []
    monkeypatch.setattr("tltutor.export.export", lambda _, path, frame: asked.append(frame) or path)
    for step in (0, 7, 30):
        lab.export(tmp_path / "map.svg", step=step)
    assert [steps[at] <= step for at, step in zip(asked, (0, 7, 30), strict=True)] == [True] * 3
    assert all(later > 7 for later in steps[asked[1] + 1 :])
    assert steps[asked[2]] == steps[-1]
    with pytest.raises(ValueError, match="step must be a whole number between 0 and 30, got 31"):
        lab.export(tmp_path / "map.svg", step=31)
    with pytest.raises(ValueError, match="use .png or .svg, or leave step out"):
        lab.export(tmp_path / "map.gif", step=3)
