"""A page of many runs holds each of them as a page of one does, shared points once, and both languages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tltutor.events import Embedded, Snapshot, Stepped
from tltutor.export.grid import Axis, grid_html
from tltutor.export.packing import packed
from tltutor.recording import Points, Recording
from tltutor.settings import Setting

WEIGHT = Setting(
    "weight", 1.0, 0.0, 100.0, "log", symbol="λ", text="How much the transfer term counts."
)
SEED = Setting("seed", 0, 0, 100, "int")
AXES = (Axis(WEIGHT, (0.0, 0.5)), Axis(SEED, (3, 7)))
PLACES = ((0, 0), (0, 1), (1, 0), (1, 1))


def run(place: tuple[int, int], n: int = 12, frames: int = 3) -> Recording:
    """A run whose points depend on the seed, and their way on both."""
    rng, recording = np.random.default_rng(place), Recording()
    labels, is_target = (np.arange(n) + place[1]) % 3, np.arange(n) >= n // 2
    about = {"pair": "a->b", "objective": "mmd", "settings": {"freeze_depth": 1}}
    images = np.random.default_rng(place[1]).integers(0, 256, (n, 1, 6, 6), dtype=np.uint8)
    recording.describe(
        Points(labels, is_target, ("x", "y", "</script>"), images=images, about=about)
    )
    for k in range(frames):
        told = {"target_accuracy": 0.5 + k / 10 + place[0] / 100}
        features = np.zeros((n, 2), np.float32)
        guesses = rng.integers(0, 3, n)
        recording.append(Snapshot(10 * k, features, labels, guesses, is_target, told))
        recording.append(Embedded(10 * k, rng.normal(size=(n, 2)), "pca"))
        recording.append(Stepped(10 * k + 1, {"task": 1.0}))
    return recording


def carried(path: Path) -> dict[str, Any]:
    """What each element of the page carries, by its name."""
    pattern = r'<script type="application/json" id="([\w-]+)">(.*?)</script>'
    found = re.findall(pattern, path.read_text("utf-8"), re.DOTALL)
    return {name: json.loads(text) for name, text in found}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("grid") / "page.html"
    return grid_html([(place, run(place)) for place in PLACES], AXES, out)


def test_each_run_is_as_on_a_page_of_its_own_and_equal_points_are_there_once(page: Path) -> None:
    told = carried(page)
    grid = told.pop("tltutor-grid")
    assert list(told) == [f"tltutor-run-{k}" for k in range(4)]
    for k, place in enumerate(PLACES):
        alone = json.loads(json.dumps(packed(run(place))))
        points = grid["points"][grid["runs"][k]["points"]]
        assert {**told[f"tltutor-run-{k}"], "points": points} == alone
    assert [known["points"] for known in grid["runs"]] == [0, 1, 0, 1]
    assert [known["at"] for known in grid["runs"]] == [list(place) for place in PLACES]
    assert [known["accuracy"] for known in grid["runs"]] == [0.7, 0.7, 0.71, 0.71]
    assert (grid["title"], grid["first"]) == ("a → b · mmd", 0)


def test_a_slider_has_the_recorded_values_and_no_other(page: Path) -> None:
    grid = carried(page)["tltutor-grid"]
    assert grid["axes"] == [
        {"name": "weight", "values": [0, 0.5]},
        {"name": "seed", "values": [3, 7]},
    ]
    assert [(row["name"], row["steps"], row["acts"]) for row in grid["rows"]] == [
        ("weight", [0, 0.5], True),
        ("seed", [3, 7], True),
    ]


def test_choices_and_switches_offer_what_was_recorded(tmp_path: Path) -> None:
    order = Setting("batchnorm", "a", scale="choice", choices=("separate", "joint", "source"))
    axes = (
        Axis(order, ("joint", "source")),
        Axis(Setting("entropy", False, scale="switch"), (False, True)),
    )
    grid = carried(grid_html([(p, run(p)) for p in PLACES], axes, tmp_path / "a.html"))[
        "tltutor-grid"
    ]
    choices, switch = grid["rows"]
    assert [choice[1] for choice in choices["choices"]] == ["joint", "source"]
    assert (choices["acts"], switch["acts"], "steps" in switch) == (True, True, False)


def test_both_languages_travel_whichever_it_was_written_in(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    english = carried(page)
    monkeypatch.setattr("tltutor.language._chosen", ["zh"])
    out = grid_html([(place, run(place)) for place in PLACES], AXES, tmp_path / "zh.html")
    chinese = carried(out)
    assert (english["tltutor-grid"].pop("language"), chinese["tltutor-grid"].pop("language")) == (
        "en",
        "zh",
    )
    assert english == chinese
    words = english["tltutor-grid"]["words"]
    assert words["en"] == {}
    assert words["zh"]["step {step}: {text}"] == "第 {step} 步：{text}"
    assert words["zh"]["λ weight"] == "λ 权重"
    assert words["zh"]["seed"] == "种子"
    assert words["zh"]["freeze depth"] == "冻结深度", "a setting of the run"
    assert words["zh"]["moved most on the map, step 0 to 20"] == "图上移动最多，第 0 到 20 步"
    assert '<html lang="zh">' in out.read_text("utf-8")


def test_no_word_from_the_data_can_leave_its_element(page: Path) -> None:
    text = page.read_text("utf-8")
    assert text.count("</script>") == 1 + 1 + 4, "the program's, the grid's and the runs'"
    assert not re.search(r"https?://(?!www\.w3\.org/)", text.replace("http://www.w3.org", ""))


def test_a_run_without_a_frame_is_refused(tmp_path: Path) -> None:
    empty = run((0, 0), frames=0)
    with pytest.raises(ValueError, match="needs a frame"):
        grid_html([((0,), run((0, 0))), ((1,), empty)], AXES[:1], tmp_path / "a.html")
    assert not list(tmp_path.iterdir())
