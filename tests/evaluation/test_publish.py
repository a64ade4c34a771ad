"""Publishing records each run of a grid once, goes on where it was stopped, and refuses what could not be shown."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tltutor as tl
from tltutor.cli.program import main
from tltutor.evaluation import publish as study
from tltutor.evaluation.publish import Publication, recorded, recording_all
from tltutor.evaluation.sweep.plan import plan_of
from tltutor.experiment import Experiment
from tltutor.export.packing import packed
from tltutor.recording import Recording

PAIR = "moons->rotated-moons"
SMALL: dict[str, Any] = {"steps": 12, "snapshot_size": 20, "batch_size": 8}
GRID = {"weight": [1, 0], "freeze_depth": [1]}


def publication(folder: Path, grid: Any = None, seeds: Any = (0, 5), **more: Any) -> Publication:
    steps = more.pop("steps", SMALL["steps"])
    experiment = Experiment(PAIR, "dann", session_options={**SMALL, "steps": steps})
    plan = plan_of(experiment, more.pop("objectives", "dann"), grid or GRID, seeds=seeds)
    return Publication(plan, folder, "pca", 20, **more)


def test_sliders_are_what_has_two_values_numbers_from_the_least_on(tmp_path: Path) -> None:
    found = publication(
        tmp_path, {"weight": [3, 0, 1], "freeze_depth": [1], "batchnorm": ["source", "joint"]}
    )
    assert [(axis.setting.name, axis.values) for axis in found.axes] == [
        ("weight", (0, 1, 3)),
        ("batchnorm", ("source", "joint")),
        ("seed", (0, 5)),
    ]
    assert len(found.places) == 12
    assert found.setting_at((2, 1, 1)) == {
        "weight": 3,
        "freeze_depth": 1,
        "batchnorm": "joint",
        "seed": 5,
    }
    experiment = found.experiment_at((2, 1, 1))
    assert (experiment.seed, experiment.objective) == (5, "dann")
    assert experiment.values["weight"] == 3
    assert experiment.session_options["batchnorm"] == "joint"


def test_a_page_is_published_and_a_second_call_trains_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, int]] = []
    arguments: dict[str, Any] = {
        "grid": GRID,
        "seeds": 1,
        "projection": "pca",
        "frames": 20,
        "jobs": 1,
        **SMALL,
    }
    out = tl.publish(
        PAIR, "dann", tmp_path / "page.html", on_progress=lambda *now: told.append(now), **arguments
    )
    assert told == [(0, 2), (1, 2), (2, 2)]
    text = out.read_text("utf-8")
    assert [
        json.loads(found)["about"]["settings"]["weight"]
        for found in re.findall(r'id="tltutor-run-\d">(.*?)</script>', text)
    ] == [0, 1]
    files = sorted((tmp_path / "page.runs").iterdir())
    runs = [Recording.load(file) for file in files]
    assert all(run.frame_count <= 20 and run.frames[-1].step == 12 for run in runs)
    assert all(run.frames[-1].flow is not None for run in runs), "what pulls at each stage is drawn"
    monkeypatch.setattr(study, "record", None)
    assert tl.publish(PAIR, "dann", out, **arguments).read_text("utf-8") == text


@pytest.mark.slow
def test_what_was_stopped_or_damaged_is_recorded_again_and_what_ended_is_kept(
    tmp_path: Path,
) -> None:
    found = publication(tmp_path)
    progress = recording_all(found, jobs=1)
    assert [next(progress) for _ in range(3)] == [(0, 4), (1, 4), (2, 4)]
    progress.close()
    kept = {place: found.file_at(place) for place in found.places if place not in found.missing()}
    assert len(kept) == 2
    first, second = kept.values()
    early = Recording.load(first).until(6)
    first.unlink()
    early.save(first)
    second.write_bytes(second.read_bytes()[:-200])
    assert recorded(first) is None
    assert len(found.missing()) == 4
    times = {file: file.stat().st_mtime_ns for file in kept.values()}
    assert list(recording_all(found, jobs=1))[-1] == (4, 4)
    assert found.missing() == []
    assert all(file.stat().st_mtime_ns > times[file] for file in times)
    more = publication(tmp_path, seeds=(0, 5, 6))
    assert len(more.missing()) == 2, "another seed adds to what is there"
    other = publication(tmp_path, {"weight": [0, 2], "freeze_depth": [1]})
    assert len(other.missing()) == 2, "and so does another value"


def test_a_recording_is_the_run_of_its_values(tmp_path: Path) -> None:
    """The same accuracies as the session that is trained by hand, without a map."""
    found = publication(tmp_path, seeds=(5,))
    assert [axis.setting.name for axis in found.axes] == ["weight"]
    list(recording_all(found, jobs=1))
    session = found.experiment_at((1,)).build()
    for _ in session:
        pass
    run = recorded(found.file_at((1,)))
    assert run is not None
    assert np.array_equal(run.frames[-1].predictions, session.snapshot().predictions)


def test_a_run_that_diverges_is_kept_as_far_as_it_came(tmp_path: Path) -> None:
    grid = {"lr": [0.01, 1], "beta": [10], "weight": [10]}
    found = publication(tmp_path, grid, seeds=(0,), objectives="l2-sp", steps=60)
    assert list(recording_all(found, jobs=1))[-1] == (2, 2)
    calm, wild = (packed(Recording.load(found.file_at(place))) for place in found.places)
    assert calm["failed"] == ""
    assert "finite" in wild["failed"]
    assert wild["frames"]["steps"][-1] < calm["frames"]["steps"][-1] == 60


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"grid": {"weight": [0, -1]}}, "weight must be"),
        ({"grid": {}}, "weight=.1,.3,1"),
        ({"grid": {"weight": ".1..1"}}, "write them with commas"),
        ({"projection": "tsnee"}, "did you mean 'tsne'"),
        ({"frames": 3}, "between 20 and 600, got 3: 60 is usual"),
        ({"seeds": 0}, "at least one seed"),
        ({"seeds": 300}, "at most 200 runs, got 600: give fewer"),
        ({"objective": "dann,mmd"}, "one objective, got dann, mmd"),
        ({"out": "page.pdf"}, "name it page.html"),
        ({"steps": 0}, "steps must be"),
    ],
)
def test_what_cannot_be_published_is_refused_before_anything_is_trained(
    change: dict[str, Any], why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    asked: dict[str, Any] = {
        "objective": "dann",
        "out": "page.html",
        "grid": {"weight": [0, 1]},
        **change,
    }
    with pytest.raises((ValueError, TypeError), match=why):
        tl.publish(PAIR, **asked)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_the_command_publishes_and_never_replaces_a_page_unasked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "page.html"
    words = [
        "publish",
        PAIR,
        str(out),
        "--objective",
        "dann",
        "--grid",
        "weight=0,1",
        "--seeds",
        "1",
        "--jobs",
        "1",
    ]
    words += [
        "--projection",
        "pca",
        "--frames",
        "20",
        "--steps",
        "12",
        "--batch-size",
        "8",
        "--title",
        "Mine",
    ]
    assert main(words) == 0
    told = capsys.readouterr().out
    assert "2 runs" in told
    assert str(tmp_path / "page.runs") in told
    assert "<title>Mine</title>" in out.read_text("utf-8")
    assert main(words) == 1
    assert "--force" in capsys.readouterr().err
    assert main([*words, "--force"]) == 0
    assert main(["publish", PAIR, str(out), "--objective", "dann", "--grid", "wait=1"]) == 2
    assert "did you mean 'weight'" in capsys.readouterr().err
