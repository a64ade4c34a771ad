"""A page of many runs as whoever receives it opens it: its sliders choose a run, the map changes, on a phone and by keyboard, too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tltutor.events import Embedded, Snapshot, Stepped
from tltutor.export.grid import Axis, grid_html
from tltutor.recording import Points, Recording
from tltutor.settings import Setting

N = 60
AXES = (
    Axis(Setting("weight", 1.0, 0.0, 10.0, "log", symbol="λ"), (0.0, 0.3, 1.0)),
    Axis(Setting("seed", 0, 0, 9, "int"), (0, 4)),
)


def run(weight: int, seed: int) -> Recording:
    """Three clouds; the larger the weight, the nearer target comes to source. The seed's points have other labels."""
    rng, labels, is_target = (
        np.random.default_rng(seed),
        (np.arange(N) + seed) % 3,
        np.arange(N) >= N // 2,
    )
    recording, about = (
        Recording(),
        {"pair": "a->b", "objective": "dann", "seed": seed, "steps": 110},
    )
    images = rng.integers(0, 256, (N, 1, 8, 8), dtype=np.uint8)
    recording.describe(
        Points(labels, is_target, ("ant", "bee", "cat"), ("a", "b"), images=images, about=about)
    )
    home = np.array([[0, 0], [6, 0], [3, 5]])[labels] + rng.normal(size=(N, 2)) * 0.5
    for k in range(12):
        numbers = {"target_accuracy": 0.4 + weight / 10 + k / 100}
        recording.append(
            Snapshot(10 * k, np.zeros((N, 2), np.float32), labels, labels, is_target, numbers)
        )
        away = is_target[:, None] * [0, 4 - weight * k / 6]
        recording.append(Embedded(10 * k, home + away, "tsne"))
        recording.append(Stepped(10 * k + 1, {"task": 1.0}))
    return recording


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    runs = [((i, j), run(i, seed)) for i in range(3) for j, seed in enumerate((0, 4))]
    return grid_html(runs, AXES, Path(tmp_path_factory.mktemp("grid")) / "page.html").as_uri()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """The page on a phone, without a network; a test with it fails if it complained or asked for anything."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, offline=True)
    page, complaints, requests = context.new_page(), [], []
    page.on(
        "console",
        lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(address)
    page.wait_for_selector(".tlt-replay .tlt-timeline")
    yield page
    context.close()
    assert complaints == []
    assert {url for url in requests if not url.startswith("blob:")} == {address}


def picture(page: Page) -> list[int]:
    """The map's pixels, coarsely: how dark each of 12 x 12 fields is."""
    code = """(canvas) => {
      const small = new OffscreenCanvas(12, 12).getContext("2d");
      small.drawImage(canvas, 0, 0, 12, 12);
      return Array.from(small.getImageData(0, 0, 12, 12).data);
    }"""
    found: list[int] = page.locator(".tlt-stage canvas").first.evaluate(code)
    return found


def at_rest(page: Page) -> list[int]:
    """The map's pixels once they no longer change."""
    before = picture(page)
    for _ in range(100):
        page.wait_for_timeout(200)
        now = picture(page)
        if now == before:
            return now
        before = now
    raise AssertionError("the map never came to rest")


def test_a_slider_leads_to_another_run_and_the_map_shows_it(page: Page) -> None:
    target, weight = page.locator(".tlt-numbers tr").first, page.get_by_label("λ weight")
    expect(target).to_contain_text("0.510")
    expect(weight).to_be_enabled()
    apart = at_rest(page)
    weight.focus()
    page.keyboard.press("End")
    expect(page.locator(".tlt-row", has_text="λ weight").locator("output")).to_have_text("1")
    expect(target).to_contain_text("0.710")
    together = at_rest(page)
    assert together != apart, "the same points, elsewhere"
    page.keyboard.press("ArrowLeft")
    expect(target).to_contain_text("0.610")
    expect(page.locator(".tlt-row", has_text="λ weight").locator("output")).to_have_text("0.3")
    page.keyboard.press("Home")
    expect(target).to_contain_text("0.510")
    assert at_rest(page) == apart


def test_the_moment_stays_when_the_run_changes_and_can_be_scrubbed(page: Page) -> None:
    place, scrubber = (
        page.locator(".tlt-timeline .tlt-words"),
        page.get_by_role("slider", name="Replay"),
    )
    scrubber.focus()
    page.keyboard.press("Home")
    expect(place).to_have_text("step 0 of 110")
    page.get_by_label("seed").focus()
    page.keyboard.press("End")
    expect(page.locator(".tlt-replay-head")).to_contain_text("seed 4")
    expect(place).to_have_text("step 0 of 110")
    scrubber.focus()
    page.keyboard.press("ArrowRight")
    expect(place).to_have_text("step 10 of 110")
    page.keyboard.press("End")
    expect(place).to_have_text("step 110 of 110")


def test_an_address_can_ask_it_to_play_at_once_but_not_whoever_wants_less_motion(
    browser: Browser, address: str
) -> None:
    for motion, moves in (("no-preference", True), ("reduce", False)):
        page = browser.new_page(reduced_motion=motion)
        page.clock.install()
        page.goto(f"{address}#replay")
        place = page.locator(".tlt-timeline .tlt-words")
        expect(place).to_have_text("step 0 of 110" if moves else "step 110 of 110")
        page.clock.run_for(60_000)
        expect(place).to_have_text("step 110 of 110")
        page.close()


def test_it_fits_a_phone_and_speaks_both_languages(page: Page) -> None:
    for width in (320, 390):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("() => document.scrollingElement.scrollWidth") <= width
    for name in ("λ weight", "seed"):
        box = page.get_by_label(name).bounding_box()
        assert box is not None
        assert box["width"] > 100
        assert box["y"] + box["height"] < 844, "the sliders are in sight without scrolling"
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_label("λ 权重")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "zh")
    expect(page.locator(".tlt-replay-keys")).to_contain_text("每个滑块")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_label("λ weight")).to_be_visible()
