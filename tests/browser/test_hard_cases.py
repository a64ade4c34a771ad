"""What happens to a board in real life: another board beside it, a cell that blocks the kernel, an interrupt, a page that sleeps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tltutor.bench.browser import opened_board

FIRST = """
import tltutor as tl
first = tl.Lab("digits->shifted-digits", "dann", steps=100_000, batch_size=16, look_size=120, device="cpu", name="first",
               network_options={"channels": (4, 8)})
first
"""
SECOND = """
second = tl.Lab("blobs->rotated-blobs", "mmd", steps=100_000, batch_size=16, device="cpu", name="second", projection="umap")
second
"""
BLOCKING = "import time\ntime.sleep(5)"


@pytest.fixture(scope="module")
def opened(chromium: str) -> Iterator[tuple[Page, list[str], Path]]:
    assert chromium
    with opened_board([FIRST.strip(), SECOND.strip(), BLOCKING]) as (page, errors, folder):
        yield page, errors, folder


@pytest.fixture(scope="module")
def page(opened: tuple[Page, list[str], Path]) -> Page:
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


def until(page: Page, of: Locator, *, step: int | None = None, sequence: int | None = None, seconds: int = 60) -> None:
    """Wait until the board's step or map has gone beyond a number."""
    place, key, beyond = (".tlt-status", "step", step) if step is not None else (".tlt-map", "sequence", sequence)
    passed = f"([board, beyond]) => Number(board.querySelector('{place}').dataset.{key}) > beyond"
    page.wait_for_function(passed, arg=[of.element_handle(), beyond], timeout=1000 * seconds)


def test_two_boards_train_at_once_and_stay_apart(page: Page) -> None:
    boards = [board(page, 0), board(page, 1)]
    for each in boards:
        each.evaluate("node => node.scrollIntoView({ block: 'start' })")
        press(each, "Play")
    for each in boards:
        each.evaluate("node => node.scrollIntoView({ block: 'start' })")
        until(page, each, step=20)
        until(page, each, sequence=sequence(each))
    press(boards[1], "Pause")
    boards[1].locator('.tlt-status[data-state="paused"]').wait_for()
    at = step(boards[1])
    until(page, boards[0], step=step(boards[0]) + 5)
    assert step(boards[1]) == at


def test_a_cell_that_blocks_the_kernel_leaves_the_training_running(page: Page) -> None:
    first = board(page, 0)
    before = step(first)
    cell = page.locator(".jp-CodeCell").nth(2)
    cell.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    board(page, 0)
    expect(first.locator(".tlt-news").first).to_contain_text("busy in another cell", timeout=15_000)
    expect(first.locator(".tlt-news").first).to_be_hidden(timeout=15_000)
    until(page, first, step=before + 20)
    until(page, first, sequence=sequence(first))


def test_an_interrupt_stops_a_cell_but_not_the_training(page: Page) -> None:
    first = board(page, 0)
    before = step(first)
    page.click('.lm-MenuBar-itemLabel:text-is("Kernel")')
    page.click('.lm-Menu-itemLabel:text-is("Interrupt Kernel")')
    until(page, first, step=before + 10)
    expect(first.locator(".tlt-status")).to_have_attribute("data-state", "playing")


def test_a_page_that_slept_shows_the_present_again(page: Page) -> None:
    first = board(page, 0)
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
    expect(first.locator(".tlt-caption")).to_have_text(f"step {step(first):,}", timeout=20_000)  # the last frame is not lost


def test_a_pause_brings_umap_learns_own_map(page: Page) -> None:
    first = board(page, 0)
    live = sequence(first)
    button = first.get_by_role("button", name="Settled UMAP")
    button.wait_for(timeout=120_000)  # the first fit compiles
    until(page, first, sequence=live - 1)
    button.click()
    expect(first.locator(".tlt-remark")).to_have_text(f"embedding at step {step(first):,} by umap-learn")
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    expect(first.locator(".tlt-remark")).to_have_text("")
    press(first, "Play")
    expect(button).to_be_hidden()


def test_no_console_error(opened: tuple[Page, list[str], Path]) -> None:
    assert opened[1] == []
