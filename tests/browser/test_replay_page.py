"""The exported page as whoever receives it opens it: from file://, without a network, with mouse, keyboard, a phone, at night."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

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
    page.wait_for_selector(".tlt-replay .tlt-replay-place")
    yield page
    page.close()
    assert complaints == []
    assert {url for url in requests if not url.startswith("blob:")} == {address}


def colors_on(page: Page, selector: str) -> int:
    """How many different colors a canvas shows."""
    code = """(canvas) => {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      return new Set(new Uint32Array(data.buffer)).size;
    }"""
    found: int = page.locator(selector).first.evaluate(code)
    return found


def caption(page: Page) -> Any:
    return page.locator(".tlt-map .tlt-caption")


def test_the_last_frame_is_drawn_beside_its_numbers_and_curves(page: Page) -> None:
    expect(caption(page)).to_have_text("step 110")
    page.wait_for_function("() => Number(document.querySelector('.tlt-map').dataset.draws) > 0")
    page.wait_for_timeout(400)
    assert colors_on(page, ".tlt-stage canvas") > 20
    assert colors_on(page, ".tlt-chart canvas") > 20
    expect(page.locator(".tlt-numbers tr").first).to_contain_text("0.840")
    expect(page.get_by_role("heading", level=1)).to_have_text("<b>a</b> → b · mmd")
    expect(page.locator(".tlt-replay-about")).to_contain_text("used only to judge")


def test_the_scrubber_moves_by_keyboard(page: Page) -> None:
    scrubber, place = page.get_by_role("slider", name="Frame"), page.locator(".tlt-replay-place")
    scrubber.focus()
    page.keyboard.press("Home")
    expect(caption(page)).to_have_text("step 0")
    page.keyboard.press("ArrowRight")
    expect(place).to_have_text("step 10, frame 2 of 12")
    expect(scrubber).to_have_attribute("aria-valuetext", "step 10, frame 2 of 12")
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
    page.wait_for_function(
        "() => Number(document.querySelector('.tlt-replay-track input').value) > 2"
    )
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_play_runs_from_the_start_to_the_end_at_the_speed_that_is_chosen(page: Page) -> None:
    page.get_by_label("Speed").select_option("4")
    page.get_by_role("button", name="Play", exact=True).click()
    expect(caption(page)).not_to_have_text("step 110")
    expect(caption(page)).to_have_text("step 110")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


def test_a_change_is_a_tick_and_can_be_gone_to(page: Page) -> None:
    tick = page.locator(".tlt-replay-ticks i")
    expect(tick).to_have_count(1)
    expect(tick).to_have_attribute("title", "step 45: weight 0.1 → 0.5")
    page.get_by_role("button", name="step 45: weight 0.1 → 0.5").click()
    expect(caption(page)).to_have_text("step 50")
    expect(page.locator(".tlt-map .tlt-remark")).to_have_text("weight 0.1 → 0.5")


def test_hovering_a_point_shows_its_image(page: Page) -> None:
    page.wait_for_timeout(500)
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
        if tip.count():
            break
    expect(tip).to_be_visible()
    assert colors_on(page, ".tlt-tip:visible canvas") > 100


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_fits_wide_and_narrow_by_day_and_by_night(page: Page, scheme: Any, width: int) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    page.wait_for_timeout(400)
    assert page.evaluate("() => document.scrollingElement.scrollWidth") <= width
    light = "(e) => getComputedStyle(e).backgroundColor.match(/\\d+/g).slice(0, 3).reduce((a, b) => a + Number(b), 0) > 380"
    assert page.locator(".tlt-map").evaluate(light) is (scheme == "light")
    assert page.locator("body").evaluate(light) is (scheme == "light")
    for part in (
        ".tlt-stage canvas",
        ".tlt-replay-playback",
        ".tlt-replay-track input",
        ".tlt-replay-place",
        ".tlt-replay-speed",
        ".tlt-numbers",
        ".tlt-chart canvas",
    ):
        box = page.locator(part).first.bounding_box()
        assert box is not None
        assert box["width"] > 20 < box["height"] + 10
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


def test_the_page_could_not_send_anything_anywhere(context: BrowserContext, address: str) -> None:
    page, refused = context.new_page(), []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(address)
    with pytest.raises(Error, match="Failed to fetch"):
        page.evaluate("() => fetch('data:text/plain,hello')")
    page.close()
    assert any("Content Security Policy" in text for text in refused)
