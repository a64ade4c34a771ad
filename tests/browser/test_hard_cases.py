"""A board in real life: another beside it, cells that block the kernel, an interrupt, a page that sleeps or is reloaded, odd data."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from notebooks import Notebooks, save_and_reload, scroll_to
from playwright.sync_api import Locator, Page, expect

FIRST = """
import tltutor as tl
first = tl.Lab("digits->shifted-digits", "dann", steps=100_000, batch_size=16, snapshot_size=120, device="cpu", name="first",
               network_options={"channels": (4, 8)})
first
"""
SECOND = """
second = tl.Lab("blobs->rotated-blobs", "mmd", steps=100_000, batch_size=16, device="cpu", name="second", projection="umap")
second
"""
BLOCKING = "import time\nblocks = globals().get('blocks', 0) + 12\ntime.sleep(blocks - 12)"  # Run All's first round passes at once
ENDLESS = "rounds = globals().get('rounds', 0) + 1\nwhile rounds > 1:\n    time.sleep(0.1)"
MANY = """
import numpy as np
rng, y = np.random.default_rng(0), np.arange(5000) % 62
x = rng.normal(size=(62, 8))[y] + rng.normal(size=(5000, 8))
options = dict(network="mlp", batch_size=16, steps=100_000, device="cpu")
pair = tl.DomainPair(tl.Domain("many", x, y), tl.Domain("few", x[:124] + 1, y[:124]))
many = tl.Lab(pair, "coral", snapshot_size=10_000, name="many", projection="pca", **options)
many
"""
SAME = """
same = tl.Domain("same", np.ones((40, 2)), y[:40] % 2)
flat = tl.Lab(tl.DomainPair(same, same), "source-only", name="flat", **options)
flat
"""
HUGE = """
huge = tl.Domain("huge", 1e37 * x[:40], y[:40] % 2)
broken = tl.Lab(tl.DomainPair(huge, huge), "source-only", name="broken", **options)
broken
"""
CELLS = (FIRST, SECOND, BLOCKING, ENDLESS, MANY, SAME, HUGE)


@pytest.fixture(scope="module")
def opened(notebooks: Notebooks) -> Iterator[tuple[Page, list[str]]]:
    with notebooks.ran(CELLS) as found:
        yield found


@pytest.fixture(scope="module")
def page(opened: tuple[Page, list[str]]) -> Page:
    return opened[0]


def board(page: Page, number: int) -> Locator:
    found = page.locator(".tlt-board").nth(number)
    found.evaluate("node => node.scrollIntoView({ block: 'start' })")
    return found


def step(of: Locator) -> int:
    return int(of.locator(".tlt-status").get_attribute("data-step") or 0)


def sequence(of: Locator) -> int:
    return int(of.locator(".tlt-map").get_attribute("data-sequence") or 0)


def press(of: Locator, name: str) -> None:
    of.get_by_role("button", name=name, exact=True).click()


def until(
    page: Page,
    of: Locator,
    *,
    step: int | None = None,
    sequence: int | None = None,
    seconds: int = 60,
) -> None:
    """Wait until the board's step or map has gone beyond a number."""
    place, key, beyond = (
        (".tlt-status", "step", step) if step is not None else (".tlt-map", "sequence", sequence)
    )
    passed = f"([board, beyond]) => Number(board.querySelector('{place}').dataset.{key}) > beyond"
    page.wait_for_function(passed, arg=[of.element_handle(), beyond], timeout=1000 * seconds)


def playing(page: Page, number: int) -> Locator:
    """The board in sight, training: whatever the tests before left it at, or whether they ran at all."""
    found = board(page, number)
    if found.locator(".tlt-status").get_attribute("data-state") != "playing":
        press(found, "Play")
    expect(found.locator(".tlt-status")).to_have_attribute("data-state", "playing")
    return found


def test_two_boards_train_at_once_and_stay_apart(page: Page) -> None:
    boards = [playing(page, 0), playing(page, 1)]
    for each in boards:
        each.evaluate("node => node.scrollIntoView({ block: 'start' })")
        until(page, each, step=20)
        until(page, each, sequence=sequence(each))
    press(boards[1], "Pause")
    boards[1].locator('.tlt-status[data-state="paused"]').wait_for()
    at = step(boards[1])
    until(page, boards[0], step=step(boards[0]) + 5)
    assert step(boards[1]) == at


def run_cell(page: Page, source: str) -> Locator:
    """Start the cell with this source again; it, once it runs."""
    cell = page.locator(".jp-CodeCell").nth(CELLS.index(source))
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    expect(cell.locator(".jp-InputArea-prompt")).to_have_text("[*]:")
    return cell


def trains_on(page: Page, of: Locator) -> None:
    """The board trains, and its picture follows or says why not."""
    until(page, of, step=step(of) + 10)
    seen = "([board, beyond]) => Number(board.querySelector('.tlt-map').dataset.sequence) > beyond"
    told = "board.querySelector('.tlt-news').textContent.includes('busy in another cell')"
    page.wait_for_function(f"{seen} || {told}", arg=[of.element_handle(), sequence(of)])


@pytest.mark.slow  # the interrupted cell below blocks as well
def test_a_cell_that_blocks_the_kernel_leaves_the_training_running(page: Page) -> None:
    playing(page, 0)
    cell, first = run_cell(page, BLOCKING), board(page, 0)
    trains_on(page, first)
    expect(cell.locator(".jp-InputArea-prompt")).not_to_have_text("[*]:")
    board(page, 0)
    expect(first.locator(".tlt-news").first).to_be_hidden()
    until(page, first, sequence=sequence(first))


def test_an_interrupt_stops_an_endless_cell_but_not_the_training(page: Page) -> None:
    playing(page, 0)
    cell, first = run_cell(page, ENDLESS), board(page, 0)
    trains_on(page, first)
    page.click('.lm-MenuBar-itemLabel:text-is("Kernel")')
    page.click('.lm-Menu-itemLabel:text-is("Interrupt Kernel")')
    expect(cell.locator(".jp-OutputArea")).to_contain_text("KeyboardInterrupt")
    board(page, 0)
    expect(first.locator(".tlt-news").first).to_be_hidden()
    trains_on(page, first)
    expect(first.locator(".tlt-status")).to_have_attribute("data-state", "playing")


@pytest.mark.slow  # the reloaded page below comes late as well
def test_a_page_that_slept_shows_the_present_again(page: Page) -> None:
    first = playing(page, 0)
    devtools = page.context.new_cdp_session(page)
    before = step(first)
    devtools.send("Page.setWebLifecycleState", {"state": "frozen"})
    page.wait_for_timeout(6000)
    devtools.send("Page.setWebLifecycleState", {"state": "active"})
    until(page, first, step=before + 20)
    seen = sequence(first)
    until(page, first, sequence=seen)
    press(first, "Pause")
    first.locator('.tlt-status[data-state="paused"]').wait_for()
    expect(first.locator(".tlt-caption")).to_have_text(
        f"step {step(first):,}", timeout=20_000
    )  # the last frame is not lost


@pytest.mark.slow  # test_settling.py and test_lab_maps.py hold the same without a page
def test_a_pause_brings_umap_learns_own_map(page: Page) -> None:
    first = playing(page, 0)
    press(first, "Pause")
    live = sequence(first)
    button = first.get_by_role("button", name="Settled UMAP")
    button.wait_for(timeout=120_000)  # the first fit compiles
    until(page, first, sequence=live - 1)
    button.click()
    expect(first.locator(".tlt-remark")).to_have_text(
        f"embedding at step {step(first):,} by umap-learn"
    )
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(first.locator(".tlt-remark")).to_have_text("")
    press(first, "Play")
    expect(button).to_be_hidden()


@pytest.mark.slow  # test_map.py draws as many, without a kernel
def test_thousands_of_points_in_sixty_two_classes_of_uneven_domains_move(page: Page) -> None:
    many = board(page, 2)
    assert many.locator(".tlt-legend .tlt-chip").count() == 2 + 62
    press(many, "Play")
    until(page, many, sequence=sequence(many))
    press(many, "Pause")
    many.locator('.tlt-status[data-state="paused"]').wait_for()
    expect(many.locator(".tlt-stage canvas").first).to_have_attribute(
        "aria-label", re.compile("Map of 5124 points after step")
    )


def test_features_that_are_all_the_same_or_not_finite_are_said_and_not_drawn(page: Page) -> None:
    flat, broken = board(page, 3), board(page, 4)
    expect(flat.locator(".tlt-empty")).to_contain_text("All points have the same features")
    expect(flat.get_by_role("button", name="source: same", exact=True)).to_be_visible()
    press(broken, "Play")
    expect(broken.get_by_role("alert")).to_contain_text("finite")
    expect(broken.locator(".tlt-status")).to_have_attribute("data-state", "failed")


def test_a_page_that_is_reloaded_mid_run_shows_the_board_as_it_was(page: Page) -> None:
    first = playing(page, 0)
    press(first, "View")
    press(first, "Trails")
    page.keyboard.press("Escape")
    press(first, "3")
    first.get_by_role("button", name="Map settings").click()
    first.locator(".tlt-stage canvas").first.press("+")
    expect(first.get_by_role("button", name="Fit", exact=True)).to_be_visible()
    page.wait_for_timeout(1000)  # what the page tells is gathered for a moment
    before = step(first)
    save_and_reload(page)
    scroll_to(page, page.locator(".tlt-board canvas"))
    page.wait_for_selector(".tlt-board canvas")
    first = board(page, 0)
    until(page, first, step=before)
    until(page, first, sequence=sequence(first))
    expect(first.get_by_role("button", name="3", exact=True)).to_have_attribute(
        "aria-pressed", "false"
    )
    expect(first.get_by_role("button", name="4", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(first.get_by_role("button", name="Fit", exact=True)).to_be_visible()
    expect(first.get_by_role("button", name="Map settings")).to_have_attribute(
        "aria-expanded", "true"
    )
    press(first, "View")
    expect(first.get_by_role("button", name="Trails")).to_have_attribute("aria-pressed", "true")
    press(first, "Pause")


def test_no_console_error(opened: tuple[Page, list[str]]) -> None:
    assert opened[1] == []
