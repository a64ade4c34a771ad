"""Exports hold what the recording holds: quantized within bounds, escaped, self-contained, in the board's colors, in one fixed view."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
import zlib
from colorsys import hls_to_rgb
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import tltutor
import tltutor as tl
from tltutor import export as exports
from tltutor.evaluation.recorder import Recorder
from tltutor.events import Changed, Embedded, Flow, Pull, Regions, Snapshot, Stepped
from tltutor.export import animation, export, page, picture, replay_html
from tltutor.export.drawing import Drawing, alternative, lift, name_places
from tltutor.export.packing import few, packed, quantized
from tltutor.export.palette import LIGHT, UNKNOWN, Indexed, palette, rgb
from tltutor.export.shown import change_words, title_of
from tltutor.recording import Frame, Points, Recording

POINTS = Path(tltutor.__file__).parent / "views" / "points"
NASTY = "</script><script>alert(1)</script><!-- & \u2028 \u010d"


def record(places, images=None, *, labels=None, about=None, names=(), numbers=None):
    """A recording with a frame a place (n, 2), half of the points target, predictions as the labels but for point 0."""
    n = len(places[0])
    labels = np.arange(n) % 3 if labels is None else np.asarray(labels)
    is_target, recording = np.arange(n) >= n // 2, Recording()
    recording.describe(
        Points(
            labels,
            is_target,
            names,
            images=images,
            about=about or {"pair": "a->b", "objective": "mmd"},
        )
    )
    guesses = np.where(np.arange(n) == 0, 2, labels)
    for step, xy in enumerate(places):
        told = (
            {"target_accuracy": 0.5 + step / 100, "source_accuracy": 1.0}
            if numbers is None
            else numbers
        )
        recording.append(
            Snapshot(10 * step, np.zeros((n, 2), np.float32), labels, guesses, is_target, told)
        )
        recording.append(Embedded(10 * step, xy, "pca"))
        recording.append(Stepped(10 * step + 1, {"task": 2.0 / (step + 1)}))
    return recording


def places(frames=3, n=12, seed=0):
    return np.random.default_rng(seed).normal(size=(frames, n, 2)).cumsum(axis=0)


def inflated(told):
    """The bytes of an array that the page carries."""
    return zlib.decompress(base64.b64decode(told["zlib"]))


def run_in(path):
    """The JSON that the page carries."""
    found = re.search(
        r'<script type="application/json" id="tltutor-run">(.*?)</script>',
        path.read_text("utf-8"),
        re.DOTALL,
    )
    return json.loads(found.group(1))


# --- the palette


def test_the_colors_are_the_boards_own():
    text = (POINTS / "colors.js").read_text("utf-8")
    shared, light = (
        re.findall(r"#[0-9A-F]{6}", re.search(rf"const {name} = \[(.*?)\]", text).group(1))
        for name in ("SHARED", "LIGHT")
    )
    assert tuple(shared + light) == LIGHT
    assert any(UNKNOWN in path.read_text("utf-8") for path in POINTS.glob("*.js"))


def test_the_colors_beyond_the_list_are_the_boards_own():
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node: the front end's own palette needs Node.js")
    code = f'import {{ palette }} from "{(POINTS / "colors.js").as_uri()}"; console.log(JSON.stringify(palette(62)));'
    theirs = json.loads(
        subprocess.run(
            [node, "--input-type=module", "-e", code], capture_output=True, check=True
        ).stdout
    )
    assert palette(62)[:16] == theirs[:16]
    for ours, color in zip(palette(62)[16:], theirs[16:], strict=True):
        hue, saturation, lightness = (int(number) for number in re.findall(r"\d+", color))
        rgb = hls_to_rgb(hue / 360, lightness / 100, saturation / 100)
        assert ours == "#" + "".join(f"{round(255 * part):02X}" for part in rgb)


# --- packing


def test_coordinates_are_kept_within_half_a_level():
    xy = np.random.default_rng(1).normal(size=(500, 2)) * [1e-3, 1e4] + [5, -7]
    (left, bottom, width, height), levels = quantized(xy)
    back = np.array([left, bottom]) + levels.astype(float) / 65535 * [width, height]
    assert levels.dtype == np.uint16
    assert (np.abs(back - xy) <= np.array([width, height]) / 65535 * 0.5001).all()
    assert (levels.min(), levels.max()) == (0, 65535)


def test_points_that_lie_on_a_line_or_on_a_spot_are_kept():
    (_, bottom, _, height), levels = quantized(np.array([[1, 3], [2, 3.0]]))
    assert (bottom, height, levels[:, 1].tolist()) == (3, 1, [0, 0])
    assert quantized(np.ones((4, 2)))[1].tolist() == [[0, 0]] * 4


def test_the_page_carries_every_frame(tmp_path):
    recording = record(places())
    recording.append(Changed(12, "freeze_depth", 0, 2))
    run = run_in(replay_html(recording, tmp_path / "run.html"))
    frames, n = run["frames"], run["points"]["n"]
    low, high = np.frombuffer(inflated(frames["xy"]), "u1").reshape(2, 3, n, 2).astype(np.uint16)
    levels = np.cumsum(low + 256 * high, axis=0, dtype=np.uint16)
    for frame, level, (left, bottom, width, height) in zip(
        recording.frames, levels, frames["boxes"], strict=True
    ):
        np.testing.assert_allclose(
            np.array([left, bottom]) + level / 65535 * [width, height], frame.xy, atol=1e-4
        )
    looks = run["looks"]
    guesses = np.frombuffer(inflated(looks["predictions"]), "u1").reshape(3, n)
    np.testing.assert_array_equal(guesses, [frame.predictions for frame in recording.frames])
    assert (frames["steps"], frames["looks"], looks["bytes"]) == ([0, 10, 20], [0, 1, 2], 1)
    assert looks["names"] == ["source_accuracy", "target_accuracy"]
    assert looks["numbers"][2] == [1, 0.52]
    assert looks["marked"] == [0, 0, 1], "the change acted in step 12"
    assert run["changes"] == [[12, "freeze depth 0 → 2"]]
    assert run["series"]["loss/task"] == [[1, 2], [11, 1], [21, 0.6667]]
    assert [point[0] for point in run["series"]["target_accuracy"]] == [0, 10, 20]
    np.testing.assert_array_equal(
        np.frombuffer(inflated(run["points"]["labels"]), "<i2"), np.arange(n) % 3
    )


def test_predictions_take_two_bytes_where_one_is_too_few():
    many = packed(record(places(), labels=np.arange(12) * 30))
    assert many["looks"]["bytes"] == 2
    assert np.frombuffer(inflated(many["looks"]["predictions"]), "<i2").max() == 330


def test_images_travel_as_one_sheet_and_vectors_as_numbers():
    images = np.random.default_rng(0).integers(0, 256, (12, 3, 5, 4), dtype=np.uint8)
    told = packed(record(places(), images))["points"]
    assert told["tile"] == [4, 4, 5]
    assert inflated(told["sprites"]).startswith(b"\x89PNG")
    assert packed(record(places(), list("abcdefghijkl")))["points"]["texts"] == list("abcdefghijkl")
    vectors = packed(record(places(), np.arange(24.0).reshape(12, 2)))["points"]
    assert vectors["width"] == 2
    assert np.frombuffer(inflated(vectors["vectors"]), "<f4").tolist() == list(range(24))


def look_at(recording, step, flow, labels, xy):
    """Append a look with a flow, and two frames of it."""
    is_target = np.arange(len(labels)) >= len(labels) // 2
    features = np.asarray(xy, np.float32)
    recording.append(Snapshot(step, features, labels, labels.copy(), is_target, {}, flow=flow))
    for shift in (0, 1):
        recording.append(Embedded(step, features + shift, "pca"))


def test_frames_of_one_look_share_what_it_says_of_each_point():
    """Levels are at most half a 254th of the range away, and what is unknown stays so."""
    rng, labels, recording = np.random.default_rng(0), np.arange(12) % 3, Recording()
    pull = Pull("conv1", "stage", True, 0.5, 0.25, -0.5)
    for step in (0, 5):
        losses = rng.random(12) * 7
        losses[3] = np.nan
        known = {"confidence": rng.random(12), "losses": losses, "opinions": rng.random(12)}
        look_at(
            recording, step, Flow((pull,), {"conv1": 0.75}, **known), labels, rng.random((12, 2))
        )
    run = packed(recording)
    assert (run["frames"]["looks"], len(run["looks"]["flow"])) == ([0, 0, 1, 1], 2)
    assert run["looks"]["flow"][0] == [
        {"task": 0.5, "transfer": 0.25, "cosine": -0.5, "apart": 0.75}
    ]
    for name, kept in (("confidence", "confidence"), ("loss", "losses"), ("opinion", "opinions")):
        told = run["looks"]["values"][name]
        levels = np.frombuffer(inflated(told["levels"]), "u1").reshape(2, 12)
        true = np.stack([getattr(recording.frames[i].flow, kept) for i in (0, 2)])
        np.testing.assert_array_equal(levels == 255, np.isnan(true))
        back = np.where(
            levels == 255, np.nan, told["low"] + levels / 254 * (told["high"] - told["low"])
        )
        np.testing.assert_allclose(
            back, true, atol=(told["high"] - told["low"]) / 254 * 0.51 + 1e-3
        )


def test_the_nearest_source_points_of_the_last_look_travel_where_they_are_known():
    rng, labels, recording = np.random.default_rng(0), np.arange(40) % 3, Recording()
    xy = rng.random((40, 2))
    look_at(recording, 0, None, labels, xy)
    near = np.frombuffer(inflated(packed(recording)["near"]), "<i2").reshape(40, -1)
    distances = np.linalg.norm(xy[:, None] - xy[None, :20], axis=2)
    distances[np.arange(20), np.arange(20)] = np.inf
    np.testing.assert_array_equal(near[:, 0], distances.argmin(1))
    assert packed(record(places(n=8)))["near"] is None, "four source points have too few neighbors"


def test_a_transport_plan_travels_with_each_look_that_has_one():
    """Rows come back as they were, masses to a 255th of the look's largest one, and none becomes nothing."""
    rng, recording, zeros = np.random.default_rng(0), Recording(), np.zeros(8, int)
    plans = [np.array([[0, 7, 0.5], [3, 4, 0.001]]), None, np.array([[1, 5, 0.25]])]
    for step, plan in enumerate(plans):
        look = Snapshot(step, np.zeros((8, 2)), zeros, zeros.copy(), np.arange(8) > 3, {})
        recording.append(replace(look, plan=plan))
        for _ in range(2):
            recording.append(Embedded(step, rng.random((8, 2)), "pca"))
    told = packed(recording)["looks"]["lines"]
    assert (told["counts"], told["most"]) == ([2, 0, 1], [0.5, 0, 0.25])
    assert np.frombuffer(inflated(told["rows"]), "<u2").tolist() == [0, 3, 1, 7, 4, 5]
    assert np.frombuffer(inflated(told["levels"]), "u1").tolist() == [255, 1, 255]
    assert packed(record(places()))["looks"]["lines"] is None


def test_decision_regions_travel_with_the_frames_that_show_them():
    """Each grid comes back from the differences; on a map other than that of the inputs there are none."""
    rng, recording = np.random.default_rng(0), Recording()
    zeros, is_target = np.zeros(8, int), np.arange(8) > 3
    fields = {name: Regions(rng.integers(0, 3, (4, 4)), (0, 0, 1, 1)) for name in ("one", "two")}
    grids = [rng.integers(-1, 300, (6, 6)) for _ in range(3)]
    for step, grid in enumerate(grids):
        behind, flow = Regions(grid, (0, -1, 2, 1 + step)), Flow((), {}, fields=fields)
        look = Snapshot(step, np.zeros((8, 2)), zeros, zeros.copy(), is_target, {})
        recording.append(replace(look, regions=behind, flow=flow))
        for _ in range(2):
            map_ = "pca" if step == 1 else "inputs"
            recording.append(Embedded(step, rng.random((8, 2)), map_))
    run = packed(recording)
    told = run["regions"]
    assert (told["frames"], told["side"]) == ([0, 0, -1, -1, 1, 1], 6)
    assert told["boxes"] == [[0, -1, 2, 1], [0, -1, 2, 3]]
    low, high = np.frombuffer(inflated(told["grids"]), "u1").reshape(2, 2, 6, 6).astype(int)
    back = (low + 256 * high).cumsum(0).astype(np.uint16).astype(np.int16)
    np.testing.assert_array_equal(back, [grids[0], grids[2]])
    shown = np.frombuffer(inflated(run["fields"]), "<i2").reshape(2, 4, 4)
    np.testing.assert_array_equal(shown, [field.grid for field in fields.values()])
    plain = packed(record(places()))
    assert (plain["regions"], plain["fields"]) == (None, None)


def test_the_page_carries_the_boards_network_and_settings(tmp_path):
    """Of a real run: rows with every value that a setting took, what it was set to, losses and what acted at each frame."""
    pair = tl.load_pair("moons->rotated-moons", seed=0, n_samples=40)
    session = tl.Session(pair, tl.build_network("mlp", pair), tl.build_objective("dann"), steps=8)
    recorder = Recorder(str(tmp_path / "run.npz"), "pca", every=4)
    for _ in recorder.watch(session):
        if session.step_number == 4:
            session.set(weight=0.37, freeze_depth=1)
    for recording in (recorder.recording, Recording.load(tmp_path / "run.npz")):
        run = packed(recording)
        board, steps = run["board"], run["steps"]
        assert [stage["name"] for stage in board["stages"]] == list(session.network.stages)
        assert board["around"]["branch"] == "discriminator"
        weight = next(row for row in board["rows"] if row["name"] == "weight")
        assert {board["values"]["weight"], 0.37} <= set(weight["steps"])
        assert [5, "weight", 0.37] in board["changes"]
        assert [5, "freeze_depth", 1] in board["changes"]
        assert run["frames"]["steps"] == [0, 4, 8]
        assert steps["losses"][0] == [None] * len(steps["terms"])
        last = dict(zip(steps["terms"], steps["losses"][2], strict=True))
        assert last == pytest.approx(recording.stepped[-1].losses, rel=1e-3)
        acted = dict(zip(steps["acting"], steps["values"][2], strict=True))
        assert acted["weight"] == pytest.approx(recording.stepped[-1].effective["weight"], rel=1e-3)
    assert packed(record(places()))["board"] is None


def test_of_a_long_run_every_second_frame_and_the_last_are_kept():
    run = packed(record(places(frames=8)), most=4)
    assert run["every"] == 2
    assert run["frames"]["steps"] == [0, 20, 40, 60, 70]
    assert packed(record(places(frames=8)), most=8)["every"] == 1


def test_numbers_are_short_and_those_that_are_none_are_null(tmp_path):
    assert [few(v) for v in (0.123456, 1.0, 123456.0, -2e-9, float("nan"), float("inf"), None)] == [
        0.1235,
        1,
        123500,
        -2e-9,
        None,
        None,
        None,
    ]
    recording = record(
        places(), numbers={"mmd2": float("nan")}, about={"settings": {"lr": float("inf")}}
    )
    run = run_in(replay_html(recording, tmp_path / "run.html"))
    assert run["looks"]["numbers"] == [[None]] * 3
    assert run["about"] == {"settings": {"lr": None}}


def test_frames_that_cannot_be_drawn_are_left_out_and_none_at_all_is_refused(tmp_path):
    broken = places()
    broken[1, 4, 0] = np.nan
    assert packed(record(broken))["frames"]["steps"] == [0, 20]
    for recording in (Recording(), record(broken[1:2])):
        for name in ("run.html", "run.png", "run.gif"):
            with pytest.raises(ValueError, match="needs a frame of its map"):
                export(recording, tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_recording_that_does_not_say_what_its_points_are_is_shown_all_the_same(tmp_path):
    recording = Recording()
    for fact in record(places()).facts:
        recording.append(fact)
    run = run_in(replay_html(recording, tmp_path / "run.html"))
    assert (run["title"], run["points"]["classes"], run["about"]) == (
        "A run of tltutor",
        ["0", "1", "2"],
        {},
    )
    assert picture(recording, tmp_path / "run.png").stat().st_size > 1000


# --- the page


def test_600_points_and_200_frames_with_color_images_stay_under_3_megabytes(tmp_path):
    """The worst there is: images of noise, which no PNG makes smaller, and 2000 steps with three loss terms."""
    rng, n = np.random.default_rng(0), 600
    labels, is_target, recording = rng.integers(0, 10, n), np.arange(n) >= 300, Recording()
    recording.describe(
        Points(
            labels,
            is_target,
            images=rng.integers(0, 256, (n, 3, 28, 28), dtype=np.uint8),
            about={"pair": "a->b"},
        )
    )
    numbers = (
        "source_accuracy",
        "target_accuracy",
        "domain_probe_accuracy",
        "domain_probe_null_high",
        "mmd2",
        "mmd2_null_low",
    )
    for frame in range(200):
        told = {
            name: float(rng.random())
            for name in (*numbers, "mmd2_null_high", "knn_label_agreement")
        }
        recording.append(
            Snapshot(
                10 * frame,
                np.zeros((n, 4), np.float32),
                labels,
                rng.integers(0, 10, n),
                is_target,
                told,
            )
        )
        recording.append(Embedded(10 * frame, rng.normal(size=(n, 2)) * 40, "tsne"))
        for step in range(10 * frame, 10 * frame + 10):
            recording.append(
                Stepped(step + 1, {name: float(rng.random()) for name in ("task", "domain", "mmd")})
            )
    path = replay_html(recording, tmp_path / "run.html")
    assert run_in(path)["frames"]["steps"][-1] == 1990
    assert path.stat().st_size < 3_000_000


def test_the_page_needs_nothing_and_may_ask_for_nothing(tmp_path):
    text = replay_html(record(places()), tmp_path / "run.html").read_text("utf-8")
    assert not re.search(
        r"https?://(?!www\.w3\.org/)|@import|\bimport\s|\bsrc=|\bhref=|\bfetch\(|XMLHttpRequest|WebSocket",
        text,
    )
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text).group(1)
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "connect-src" not in policy
    assert "img-src data: blob:;" in policy
    for tag, kind in (("style", "style-src"), ('script type="module"', "script-src")):
        inner = re.search(rf"<{tag}>(.*?)</{tag.split()[0]}>", text, re.DOTALL).group(1)
        digest = base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode()
        assert f"{kind} 'sha256-{digest}'" in policy
    assert text.index("Content-Security-Policy") < text.index("<style>")


def test_no_word_from_the_data_can_leave_its_place(tmp_path):
    recording = record(places(), names=(NASTY, "b", "c"), about={"pair": NASTY, NASTY: [NASTY]})
    recording.append(Changed(5, "estimator", NASTY, NASTY))
    path = replay_html(recording, tmp_path / "run.html", title=NASTY)
    text, run = path.read_text("utf-8"), run_in(path)
    assert run["title"] == run["points"]["classes"][0] == run["about"]["pair"] == NASTY
    assert run["about"][NASTY] == [NASTY]
    assert "alert(1)" not in re.sub(
        r'<script type="application/json".*?</script>', "", text, flags=re.DOTALL
    ).replace("&lt;script&gt;alert", "")
    assert len(re.findall(r"</script", text)) == 2
    assert "<!--" not in text
    assert "<" not in re.search(r"<title>(.*?)</title>", text, re.DOTALL).group(1)


def test_a_script_that_would_end_its_own_tag_is_refused(monkeypatch):
    monkeypatch.setattr(page, "bundled", lambda _: "const x = '</SCRIPT>';")
    with pytest.raises(ValueError, match="must not contain its own closing tag"):
        page.carrying({}, "x")


def test_a_page_that_fails_leaves_the_one_that_is_there(tmp_path, monkeypatch):
    path = replay_html(record(places()), tmp_path / "run.html")
    old = path.read_bytes()
    monkeypatch.setattr(
        Path,
        "write_bytes",
        lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")),
    )
    with pytest.raises(OSError, match="No space left"):
        replay_html(record(places(frames=1)), path)
    assert path.read_bytes() == old
    assert [p.name for p in tmp_path.iterdir()] == ["run.html"]


def test_the_page_speaks_the_language_that_it_was_written_in(tmp_path, monkeypatch):
    about = {"pair": "a->b", "objective": "mmd", "settings": {"freeze_depth": 1}}
    recording = record(places(), about={**about, "target_labels": "used only to judge"})
    recording.append(Changed(30, "lr", 0.1, 0.2))
    english = run_in(replay_html(recording, tmp_path / "en.html"))
    monkeypatch.setattr("tltutor.language._chosen", ["zh"])
    path = replay_html(recording, tmp_path / "zh.html")
    run, text = run_in(path), path.read_text("utf-8")
    assert english["words"] == {}
    assert run["words"]["step {step}: {text}"] == "第 {step} 步：{text}"
    assert run["words"]["task"] == "任务", "a loss term of the data"
    assert "wasserstein" not in run["words"], "one of another objective"
    assert run["words"]["freeze depth"] == "冻结深度", "a setting of the run"
    assert run["words"]["used only to judge"] == "只用来评判"
    assert "Check" not in run["words"], "a lesson's card says it, no board"
    assert run["changes"] == [[30, "学习率 0.1 → 0.2"]]
    assert [line[3] for line in english["happenings"]] == ["moved most on the map, step 0 to 20"]
    assert [line[3] for line in run["happenings"]] == ["图上移动最多，第 0 到 20 步"]
    assert '<html lang="zh">' in text
    assert "需要 JavaScript" in text
    assert {name: english[name] for name in ("title", "points", "frames")} == {
        name: run[name] for name in ("title", "points", "frames")
    }


def test_titles_and_changes_in_words():
    def titled(**about):
        return title_of(Points([0], [False], about=about))

    assert [titled(), titled(pair="a->b"), titled(pair="a->b", objective="mmd")] == [
        "A run of tltutor",
        "a → b",
        "a → b · mmd",
    ]
    assert change_words(Changed(1, "freeze_depth", 0, 1)) == "freeze depth 0 → 1"
    assert change_words(Changed(1, "on", False, True)) == "on off → on"
    assert change_words(Changed(1, "lr", 0.0123456, 1e-05)) == "lr 0.01235 → 1e-05"


# --- pictures


def pixels(path):
    return np.asarray(Image.open(path).convert("RGB")).astype(int)


def test_source_is_hollow_and_target_is_filled_in_the_classes_colors(tmp_path):
    """Two lone points, one a domain: in the middle of the ring is paper, in the middle of the triangle its color."""
    recording = record([np.array([[0, 0], [1, 1.0]])], labels=[0, 1], names=(" ", " "))
    image = pixels(picture(recording, tmp_path / "two.png"))
    for color, middle in zip(palette(2), ([255, 255, 255], [0xD5, 0x5E, 0x00]), strict=True):
        wanted = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
        rows, columns = np.nonzero(
            (image[:-80] == wanted).all(axis=2)
        )  # below are the legend's squares
        assert len(rows) > 50
        assert image[round(rows.mean()), round(columns.mean())].tolist() == middle


def drawn(recording, folder, frame=-1):
    return ET.parse(picture(recording, folder / "frame.svg", frame=frame)).getroot()  # noqa: S314 - our own file


def test_the_caption_says_step_and_accuracies_and_the_legend_the_names(tmp_path):
    recording = record(
        places(), names=("ant", "bee", "<c> & $x_1$"), about={"pair": "a->b", "objective": "mmd"}
    )
    root = drawn(recording, tmp_path, frame=1)
    words = [
        text.strip()
        for node in root.iter("{http://www.w3.org/2000/svg}text")
        if (text := "".join(node.itertext()))
    ]
    assert "a → b · mmd" in words
    assert "step 10 · target accuracy 0.510 · source accuracy 1.000" in words
    assert {"ant", "bee", "<c> & $x_1$"} <= set(words)
    assert any(word.startswith("○ source") and "▲ target" in word for word in words)
    assert root.find("{http://www.w3.org/2000/svg}title").text.startswith("a → b · mmd, step 10")


def test_a_picture_says_in_its_metadata_what_it_shows(tmp_path):
    told = Image.open(picture(record(places()), tmp_path / "frame.png")).text
    assert told["Title"] == "a → b · mmd, step 20 · target accuracy 0.520 · source accuracy 1.000"
    assert told["Description"].startswith(
        "Map of the features of 12 points, 6 source (hollow circles) and 6 target"
    )
    assert told["Description"].endswith("1 of 12 labeled points are predicted wrongly.")


def test_points_without_a_label_are_not_judged():
    points = Points([0, -1, 1], [False, True, True])
    assert "1 of 2 labeled" in alternative(
        points, Frame(0, np.zeros((3, 2)), np.array([0, 0, 0]), {}), "t"
    )


def test_a_picture_is_the_same_each_time(tmp_path):
    recording = record(places())
    one, two = (picture(recording, tmp_path / name).read_bytes() for name in ("1.svg", "2.svg"))
    assert one == two


def test_names_stand_where_the_source_points_of_a_class_gather():
    """The board's own rule: the median place, sure from (0.72 - spread / whole spread) / 0.25."""
    xy = np.array([[0, 0], [0, 0.2], [0, 0.1], [10, 0], [14, 0], [12, 0], [50, 50]])
    points = Points([0, 0, 0, 1, 1, 1, 0], [False] * 6 + [True], ("a", "b", "nobody"))
    (x, y, wide, sure), (x2, _, _, _), (_, _, _, none) = name_places(xy, points)
    assert (x, y, wide, sure, x2, none) == (0, 0.1, pytest.approx(0.1), 1, 12, 0)
    assert name_places(xy, Points(np.full(7, -1), [True] * 7, ("a",))) == [(0, 0, 0, 0)]
    assert [lift(spread) for spread in (0, 10, 31, 38, 50)] == [11, 26, 28.75, 0, 0]


def test_a_name_that_would_cover_another_is_left_out():
    """Classes 0 and 1 lie on one spot, 2 far away; apart, each of them has its name."""
    xy, labels = np.array([[0, 0], [0.01, 0], [9, 9]] * 4), np.array([0, 1, 2] * 4)
    drawing = Drawing(
        Points(labels, np.arange(12) >= 6, ("first", "second", "third")), "title", (0, 0, 9, 9)
    )
    drawing.show(xy, "")
    assert [text.get_text() for text in drawing.names] == ["first", "", "third"]
    drawing.show(xy * np.array([[300, 1], [300, 1], [1, 1]] * 4), "")
    assert [text.get_text() for text in drawing.names] == ["first", "second", "third"]


def test_long_names_and_titles_stay_on_the_picture():
    about = {
        "pair": "a-source-with-quite-a-long-name->a-target-whose-name-is-longer-still",
        "objective": "conditional-adversarial",
    }
    points = Points([0, 0], [False, True], ("only",), ("s" * 50, "t" * 60), about=about)
    drawing = Drawing(points, title_of(points), (0, 0, 1, 1))
    drawing.canvas.draw()
    width, height = drawing.canvas.get_width_height()
    for text in (drawing.axes.xaxis.label, drawing.axes._left_title):
        box = text.get_window_extent()
        assert 0 <= box.x0 <= box.x1 <= width
        assert 0 <= box.y0 <= box.y1 <= height


@pytest.mark.parametrize(
    ("frame", "why"), [(3, "between -3 and 2, got 3"), (-4, "between -3 and 2, got -4")]
)
def test_a_frame_that_is_not_there_is_refused(tmp_path, frame, why):
    with pytest.raises(ValueError, match=why):
        picture(record(places()), tmp_path / "frame.png", frame=frame)


def test_the_suffix_says_what_is_written(tmp_path, monkeypatch):
    for suffix in exports.KINDS:
        assert (
            export(record(places(frames=2)), tmp_path / f"run{suffix.upper()}").stat().st_size
            > 1000
        )
    with pytest.raises(ValueError, match=r"must be one of .html .*, got 'run.pdf'"):
        export(record(places()), "run.pdf")
    with pytest.raises(ValueError, match=r"a picture must be a .png or .svg file"):
        picture(record(places()), "run.gif")
    with pytest.raises(ValueError, match=r"an animation must be a .gif file"):
        animation(record(places()), "run.png")


# --- animations


@pytest.mark.parametrize("count", [1, 10, 62, 300])
def test_an_animations_colors_are_few_and_keep_white_and_the_classes(count):
    indexed = Indexed(palette(count))
    exact = [(255, 255, 255), *(rgb(color) for color in palette(count))][:256]
    kept = indexed.table[indexed(np.array([exact], dtype=np.uint8))][0]
    assert len(indexed.table) <= 256
    same = [tuple(ours) == theirs for ours, theirs in zip(kept.tolist(), exact, strict=True)]
    assert same[0]
    assert sum(same) >= min(len(exact), 62)
    pixels = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    far = np.linalg.norm(indexed.table[indexed(pixels)].astype(float) - pixels, axis=2)
    least = np.linalg.norm(
        indexed.table[None, None].astype(float) - pixels[:, :, None], axis=3
    ).min(axis=2)
    assert (far - least).max() < 2 * 8 * 3**0.5  # a bin is eight levels wide


def shown(path):
    """The animation's pictures (frames, h, w, 3) and how many milliseconds each lasts."""
    with Image.open(path) as image:
        found = []
        for i in range(image.n_frames):
            image.seek(i)
            found.append((np.asarray(image.convert("RGB")).astype(int), image.info["duration"]))
    return np.stack([picture for picture, _ in found]), [lasts for _, lasts in found]


def test_the_view_of_an_animation_stays_while_points_move(tmp_path):
    """Point 1, a filled triangle that rests, keeps its pixels while point 0 goes far away; the middle frame lies halfway."""
    moving = np.array([[[5.0, 0], [0, 5]], [[10, 0], [0, 5]], [[40, 0], [0, 5]]])
    recording, told = record(moving, labels=[0, 1], names=(" ", " ")), []
    path = animation(
        recording,
        tmp_path / "run.gif",
        seconds=0.5,
        fps=10,
        on_progress=lambda *progress: told.append(progress),
    )
    images, lasts = shown(path)
    assert told == [(i, 5) for i in range(1, 6)]
    assert lasts == [100, 100, 100, 100, 2100]
    assert (images[:, 3:8, -8:-3] == 255).all()
    orange = [np.argwhere((image[:-60] == [0xD5, 0x5E, 0x00]).all(axis=2)) for image in images]
    assert all(len(found) > 10 and np.array_equal(found, orange[0]) for found in orange)
    blue = [
        np.argwhere(np.abs(image[:-60] - [0x00, 0x72, 0xB2]).max(axis=2) < 60)[:, 1].mean()
        for image in images
    ]
    np.testing.assert_allclose(
        np.diff(blue) / (blue[4] - blue[0]), np.diff([5, 7.5, 10, 25, 40]) / 35, atol=0.02
    )


def test_an_animation_takes_the_seconds_and_frames_it_is_given_within_bounds(tmp_path):
    recording = record(places(frames=1))
    assert len(shown(animation(recording, tmp_path / "one.gif"))[0]) == 1
    for wrong in ({"seconds": 0}, {"seconds": 121}, {"fps": 0.5}, {"fps": 51}):
        with pytest.raises(
            ValueError, match="seconds must be above 0 and at most 120, and fps 1 to 50"
        ):
            animation(recording, tmp_path / "wrong.gif", **wrong)


def test_letters_that_the_font_lacks_and_names_in_great_number_are_no_error(tmp_path):
    names = tuple(f"第{i}" for i in range(62))
    recording = record(
        places(n=124), labels=np.arange(124) % 62, names=names, about={"pair": "犬->猫"}
    )
    assert picture(recording, tmp_path / "frame.png").stat().st_size > 1000
    root = drawn(recording, tmp_path)
    assert "第61" not in " ".join(root.itertext()).split("▲ target")[-1]


def test_matplotlib_is_loaded_for_a_picture_only_and_pyplot_never(tmp_path):
    record(places()).save(tmp_path / "run.npz")
    code = (
        "import sys; from tltutor.export import picture; from tltutor.recording import Recording\n"
        "print('torch' in sys.modules, 'matplotlib' in sys.modules)\n"
        f"picture(Recording.load({str(tmp_path / 'run.npz')!r}), {str(tmp_path / 'run.png')!r})\n"
        "print('torch' in sys.modules, 'matplotlib' in sys.modules, 'matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "False", "True", "False"]


def test_the_page_knows_the_step_that_each_judge_would_have_chosen():
    assert packed(record(places()))["chosen"] == {}
    asked = {"judge snd": 3.0, "judge atc": float("nan"), "target_accuracy": 0.5}
    assert packed(record(places(), numbers=asked))["chosen"] == {"oracle": 0, "snd": 0}
