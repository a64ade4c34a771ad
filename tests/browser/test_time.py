"""Back in time and side by side, by mouse and keyboard in a real JupyterLab: scrub, jump, play from there, compare, copy the link."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from notebooks import Notebooks
from playwright.sync_api import Locator, Page, expect

ALONE = """
import tltutor as tl
options = dict(steps=100_000, batch_size=16, snapshot_size=80, device="cpu", network_options={"channels": (4, 8)}, projection="pca")
lab = tl.Lab("digits->shifted-digits", "dann", **options)
lab
"""
CORAL = "Deep CORAL (equal covariances)"
BESIDE = """
compare = tl.Compare("digits->shifted-digits", "source-only", "dann", **options)
compare
"""


@pytest.fixture(scope="module")
def opened(notebooks: Notebooks) -> Iterator[tuple[Page, list[str]]]:
    with notebooks.ran([ALONE, BESIDE]) as found:
        yield found


@pytest.fixture
def page(opened: tuple[Page, list[str]]) -> Page:
    return opened[0]


def board(page: Page, number: int) -> Locator:
    found = page.locator(".tlt-board").nth(number)
    found.evaluate("node => node.scrollIntoView({ block: 'start' })")
    return found


def press(of: Locator, name: str) -> None:
    of.get_by_role("button", name=name, exact=True).click()


def slider(of: Locator) -> Locator:
    return of.get_by_role("slider", name="Replay")


def train(page: Page, of: Locator, steps: int) -> None:
    """Play for so many more steps, then pause and wait for the look at the last one."""
    status = of.locator(".tlt-status")
    steps += int(status.get_attribute("data-step") or 0)
    press(of, "Play")
    page.wait_for_function(
        "([node, n]) => Number(node.querySelector('.tlt-status').dataset.step) >= n",
        arg=[of.element_handle(), steps],
    )
    press(of, "Pause")
    expect(status).to_have_attribute("data-state", "paused")


def test_a_change_leaves_a_tick_that_keys_and_mouse_reach(page: Page) -> None:
    lab = board(page, 0)
    train(page, lab, 30)
    handle = lab.locator(".tlt-row input[type=range]").first
    handle.focus()
    handle.press("ArrowLeft")
    train(page, lab, 100)  # looks lie some ten steps apart: the change's is not the last
    tick = lab.locator('.tlt-tick[data-kind="change"]')
    expect(tick).to_have_count(1)
    assert "weight 1 →" in (tick.get_attribute("title") or "")
    slider(lab).focus()
    slider(lab).press("PageDown")
    expect(slider(lab)).to_have_attribute("aria-valuetext", tick_words(slider(lab), tick))
    slider(lab).press("End")
    tick.click()
    expect(slider(lab)).to_have_attribute("aria-valuetext", tick_words(slider(lab), tick))
    expect(lab.get_by_role("button", name="Live", exact=True)).to_have_attribute(
        "aria-pressed", "false"
    )


def tick_words(at: Locator, tick: Locator) -> str:
    value, reached = int(at.input_value()), int(at.get_attribute("max") or 0)
    return f"step {value:,} of {reached:,}, {tick.get_attribute('title')}"


def test_what_changed_opens_the_selection_and_play_from_here_goes_on_from_there(page: Page) -> None:
    lab = board(page, 0)
    slider(lab).focus()
    slider(lab).press("End")
    slider(lab).press("ArrowLeft")
    lab.get_by_role("button", name="What changed?").click(modifiers=["Shift"])
    expect(lab.locator(".tlt-panel")).to_contain_text("target points changed class")
    before = int(lab.locator(".tlt-status").get_attribute("data-step") or 0)
    slider(lab).press("PageDown")
    press(lab, "Play from here")
    expect(lab.locator('.tlt-tick[data-kind="branch"]')).to_have_count(1)
    expect(lab.locator(".tlt-status")).to_have_attribute("data-state", "playing")
    expect(lab.get_by_role("button", name="Live", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    press(lab, "Pause")
    expect(lab.locator(".tlt-status")).to_have_attribute("data-state", "paused")
    assert before > 0


def test_the_maps_sliders_fold_out_and_the_link_is_copied(page: Page) -> None:
    lab = board(page, 0)
    expect(lab.get_by_text("budget")).to_be_hidden()
    fold = lab.get_by_role("button", name="Map settings")
    fold.press("Enter")
    expect(fold).to_have_attribute("aria-expanded", "true")
    expect(lab.get_by_text("budget")).to_be_visible()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    press(lab, "Share")
    press(lab, "Copy link")
    expect(lab.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").startswith("tl1:")


def test_two_objectives_play_step_for_step_under_one_scrubber(page: Page) -> None:
    both = board(page, 1)
    expect(both.locator(".tlt-compared")).to_have_count(2)
    train(page, both, 20)
    shown = both.locator(".tlt-caption")
    expect(shown).to_have_count(2)
    slider(both).focus()
    slider(both).press("Home")
    for each in range(2):
        expect(shown.nth(each)).to_have_text("step 0")
    press(both, "Live")
    expect(shown.nth(0)).not_to_have_text("step 0")
    expect(shown.nth(1)).to_have_text(shown.nth(0).inner_text())


def test_each_side_has_its_objective_and_both_share_the_rest(page: Page) -> None:
    both = board(page, 1)
    sides = both.locator(".tlt-side select")
    weights = [both.locator(".tlt-column").nth(i).get_by_text("λ weight") for i in range(2)]
    expect(weights[0]).to_have_count(0)
    expect(weights[1]).to_be_visible()
    sides.nth(0).select_option(CORAL)
    expect(weights[0]).to_be_visible()
    expect(both.locator(".tlt-caption").nth(0)).to_have_text("step 0")
    expect(both.locator(".tlt-caption").nth(1)).not_to_have_text("step 0")
    both.get_by_label("Seed").fill("4")
    both.get_by_label("Seed").press("Enter")
    expect(both.locator(".tlt-caption").nth(1)).to_have_text("step 0")


def test_a_point_under_the_keyboard_is_marked_on_both_maps(page: Page) -> None:
    both = board(page, 1)
    canvases = both.locator(".tlt-stage > canvas")
    canvases.nth(0).focus()
    canvases.nth(0).press("ArrowRight")
    for each in range(2):
        expect(both.locator(".tlt-map").nth(each).locator(".tlt-tip").first).to_be_visible()


def test_the_console_stays_silent(opened: tuple[Page, list[str]]) -> None:
    assert opened[1] == []
