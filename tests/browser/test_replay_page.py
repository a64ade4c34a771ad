"""The exported page as whoever receives it opens it: the board, read-only, from file://, by mouse and keys, on a phone, at night."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

import tltutor as tl
from tltutor.evaluation.recorder import Recorder
from tltutor.events import Changed, Embedded, Snapshot, Stepped
from tltutor.export import replay_html
from tltutor.recording import Points, Recording

FRAMES, N = 12, 60


def recorded() -> Recording:
    """Three clouds of points whose target halves come nearer frame by frame; every image is its own noise."""
    rng, labels, is_target = np.random.default_rng(0), np.arange(N) % 3, np.arange(N) >= N // 2
    recording = Recording()
    images = rng.integers(0, 256, (N, 3, 12, 12), dtype=np.uint8)
    about = {
        "pair": "<b>a</b>->b",
        "objective": "mmd",
        "seed": 0,
        "projection": "tsne",
        "target_labels": "used only to judge",
    }
    recording.describe(
        Points(labels, is_target, ("ant", "bee", "cat"), ("a", "b"), images=images, about=about)
    )
    home = np.array([[0, 0], [6, 0], [3, 5]])[labels] + rng.normal(size=(N, 2)) * 0.6
    for k in range(FRAMES):
        numbers = {"target_accuracy": 0.4 + k / 25, "source_accuracy": 0.98, "mmd2": 0.2 / (k + 1)}
        recording.append(
            Snapshot(10 * k, np.zeros((N, 2), np.float32), labels, labels, is_target, numbers)
        )
        recording.append(Embedded(10 * k, home + is_target[:, None] * [0, 4 - k / 3], "tsne"))
        recording.append(Stepped(10 * k + 1, {"task": 1.0 / (k + 1), "mmd": 0.1}))
    recording.append(Changed(45, "weight", 0.1, 0.5))
    return recording


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    return replay_html(recorded(), tmp_path_factory.mktemp("export") / "run.html").as_uri()


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    found = browser.new_context(viewport={"width": 1280, "height": 800}, offline=True)
    yield found
    found.close()


@pytest.fixture
def page(context: BrowserContext, address: str) -> Iterator[Page]:
    """The page; a test with it fails if the page complained or asked for anything but itself and what it holds."""
    page, complaints, requests = context.new_page(), [], []
    page.on(
        "console",
        lambda message: (
            complaints.append(message.text) if message.type in ("error", "warning") else None
        ),
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(address)
    page.wait_for_selector(".tlt-replay .tlt-timeline")
    yield page
    page.close()
    assert complaints == []
    assert {url for url in requests if not url.startswith("blob:")} == {address}


COLORS = """(canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return new Set(new Uint32Array(data.buffer)).size; }"""


def colors_on(page: Page, selector: str) -> int:
    """How many different colors a canvas shows."""
    found: int = page.locator(selector).first.evaluate(COLORS)
    return found


def caption(page: Page) -> Any:
    return page.locator(".tlt-map .tlt-caption")


def test_the_last_frame_is_drawn_beside_its_numbers_and_curves(page: Page) -> None:
    expect(caption(page)).to_have_text("step 110")
    page.wait_for_function("() => Number(document.querySelector('.tlt-map').dataset.draws) > 0")
    for part in (".tlt-stage canvas", ".tlt-chart canvas"):
        page.wait_for_function(f"(part) => ({COLORS})(document.querySelector(part)) > 20", arg=part)
    expect(page.locator(".tlt-numbers tr").first).to_contain_text("0.840")
    expect(page.get_by_role("heading", level=1)).to_have_text("<b>a</b> → b · mmd")
    expect(page.locator(".tlt-replay-about")).to_contain_text("used only to judge")


def test_the_scrubber_moves_by_keyboard(page: Page) -> None:
    scrubber = page.get_by_role("slider", name="Replay")
    place = page.locator(".tlt-timeline .tlt-words")
    scrubber.focus()
    page.keyboard.press("Home")
    expect(caption(page)).to_have_text("step 0")
    page.keyboard.press("ArrowRight")
    expect(place).to_have_text("step 10 of 110")
    expect(scrubber).to_have_attribute("aria-valuetext", "step 10 of 110")
    expect(page.locator(".tlt-numbers tr").first).to_contain_text("0.440")
    page.keyboard.press("End")
    expect(caption(page)).to_have_text("step 110")


def test_keys_move_the_run_wherever_the_focus_is(page: Page) -> None:
    page.keyboard.press("Home")
    expect(caption(page)).to_have_text("step 0")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    expect(caption(page)).to_have_text("step 10")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.wait_for_function("() => Number(document.querySelector('.tlt-track input').value) > 20")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_play_runs_from_the_start_to_the_end_at_the_speed_that_is_chosen(page: Page) -> None:
    page.get_by_label("Speed").select_option("4")
    page.get_by_role("button", name="Play", exact=True).click()
    expect(caption(page)).not_to_have_text("step 110")
    expect(caption(page)).to_have_text("step 110")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_a_change_is_a_tick_and_can_be_gone_to(page: Page) -> None:
    tick = page.locator(".tlt-tick")
    expect(tick).to_have_count(1)
    expect(tick).to_have_attribute("title", "step 45: weight 0.1 → 0.5")
    page.get_by_role("button", name="step 45: weight 0.1 → 0.5").last.click()
    expect(caption(page)).to_have_text("step 50")
    expect(page.locator(".tlt-map .tlt-remark")).to_have_text("weight 0.1 → 0.5")


def test_step_and_reset_move_by_frames_and_nothing_can_be_changed(page: Page) -> None:
    page.get_by_role("button", name="Reset").click()
    expect(caption(page)).to_have_text("step 0")
    page.get_by_role("button", name="Step", exact=True).click()
    expect(caption(page)).to_have_text("step 10")
    expect(page.locator(".tlt-status")).to_contain_text("Paused")
    for name in ("Domains", "Objective", "Map", "Seed"):
        expect(page.get_by_label(name, exact=True)).to_be_disabled()
    for name in ("Live", "Play from here", "Share", "Stop", "Map settings"):
        expect(page.get_by_role("button", name=name, exact=True)).to_be_hidden()


def test_what_happened_and_wrong_points_are_selected(page: Page) -> None:
    page.get_by_role("button", name="What happened").click()
    page.locator(".tlt-happening").first.click()
    panel = page.locator(".tlt-panel")
    expect(panel).to_contain_text("moved most on the map, step 40 to 110")
    page.keyboard.press("Escape")
    page.get_by_title("Select the points that are wrong").first.click()
    expect(page.locator(".tlt-status-note, .tlt-panel").first).to_contain_text(
        "wrong target points"
    )


@pytest.fixture(scope="module")
def board_address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A page of a real run with two changes: its recording knows the network and the settings."""
    folder = tmp_path_factory.mktemp("board")
    pair = tl.load_pair("moons->rotated-moons", seed=0, n_samples=60)
    session = tl.Session(pair, tl.build_network("mlp", pair), tl.build_objective("dann"), steps=20)
    session.flow = True
    recorder = Recorder(str(folder / "run.npz"), "pca", every=5)
    for _ in recorder.watch(session):
        if session.step_number == 10:
            session.set(freeze_depth=1, weight=0.3)
    return replay_html(recorder.recording, folder / "run.html").as_uri()


def test_network_sliders_and_points_are_as_they_were(
    context: BrowserContext, board_address: str
) -> None:
    page, complaints = context.new_page(), []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(board_address)
    weight = page.get_by_label("λ weight")
    expect(weight).to_be_disabled()
    expect(page.locator(".tlt-row", has_text="λ weight").locator("output")).to_have_text("0.3")
    stages = page.locator(".tlt-net-stage")
    expect(stages.first).to_have_attribute("data-frozen", "true")
    expect(page.get_by_label("Freeze depth on the network")).to_be_disabled()
    expect(page.locator(".tlt-net-branch")).to_have_attribute("data-branch", "discriminator")
    canvas = page.locator(".tlt-stage canvas").first
    canvas.focus()
    page.keyboard.press("ArrowRight")
    tip = page.locator(".tlt-tip:visible")
    expect(tip).to_contain_text("nearest")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Reset").click()
    expect(page.locator(".tlt-row", has_text="λ weight").locator("output")).to_have_text("1")
    expect(stages.first).to_have_attribute("data-frozen", "false")
    page.get_by_label("Color by").select_option("confidence")
    expect(page.locator(".tlt-ramp")).to_be_visible()
    page.close()
    assert complaints == []


def test_hovering_a_point_shows_its_image(page: Page) -> None:
    page.wait_for_function("() => Number(document.querySelector('.tlt-map').dataset.draws) > 0")
    box, tip = (
        page.locator(".tlt-stage canvas").first.bounding_box(),
        page.locator(".tlt-tip:visible", has_text="predicted"),
    )
    assert box is not None
    spots = (
        (x, y) for y in range(20, int(box["height"]), 8) for x in range(20, int(box["width"]), 8)
    )
    for x, y in spots:
        page.mouse.move(box["x"] + x, box["y"] + y)
        page.evaluate("() => new Promise(requestAnimationFrame)")
        if tip.count():
            break
    expect(tip).to_be_visible()
    assert colors_on(page, ".tlt-tip:visible canvas") > 100


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_fits_wide_and_narrow_by_day_and_by_night(page: Page, scheme: Any, width: int) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    page.wait_for_function("(width) => document.scrollingElement.scrollWidth <= width", arg=width)
    light = "(e) => getComputedStyle(e).backgroundColor.match(/\\d+/g).slice(0, 3).reduce((a, b) => a + Number(b), 0) > 380"
    for part in (".tlt-map", "body"):
        page.wait_for_function(
            f"([part, light]) => ({light})(document.querySelector(part)) === light",
            arg=[part, scheme == "light"],
        )
    for part in (
        ".tlt-stage canvas",
        ".tlt-button.tlt-play",
        ".tlt-track input",
        ".tlt-timeline .tlt-words",
        ".tlt-field-speed select",
        ".tlt-numbers",
        ".tlt-chart canvas",
    ):
        box = page.locator(part).first.bounding_box()
        assert box is not None
        assert box["width"] > 20 < box["height"] + 10
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


def test_a_printed_page_shows_what_is_read_and_nothing_to_press(page: Page) -> None:
    page.emulate_media(media="print")
    for part in (".tlt-net, .tlt-stage canvas", ".tlt-numbers", ".tlt-chart canvas", ".tlt-legend"):
        expect(page.locator(part).first).to_be_visible()
    for part in (".tlt-buttons", ".tlt-view", ".tlt-search", ".tlt-happenings", ".tlt-replay-keys"):
        expect(page.locator(part).first).to_be_hidden()


def test_the_page_could_not_send_anything_anywhere(context: BrowserContext, address: str) -> None:
    page, refused = context.new_page(), []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(address)
    with pytest.raises(Error, match="Failed to fetch"):
        page.evaluate("() => fetch('data:text/plain,hello')")
    page.close()
    assert any("Content Security Policy" in text for text in refused)
