"""The language switch of a running board in a real page: every word changes in place, the run and what was chosen stay."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tltutor.machine.bench.chromium import status

NAMES = {
    "source",
    "cpu",
    "English",
    "Language",
    "MMD²",
    "shifted-digits",
    "photo-digits",
    "digits",
    "Escape",
    "conv1",  # stages of the network
    "conv2",
    "fc1",
    "fc2",
}
SEEN = """(board) => [board, ...board.querySelectorAll("*")].flatMap((node) => [
  node.getAttribute("aria-label"), node.getAttribute("aria-valuetext"), node.getAttribute("aria-description"), node.title,
  ...Array.from(node.childNodes, (child) => (child.nodeType === 3 ? child.data : "")),
]).filter((text) => text && text.trim())"""
WORD = re.compile(r"[A-Za-z][\w²-]{2,}")


def english(page: Page) -> list[str]:
    """What the first board shows or speaks in Latin letters alone, without names, those of pairs for instance."""
    seen = page.locator(".tlt-board").first.evaluate(SEEN)
    han = re.compile(r"[\u4e00-\u9fff]")
    words = [
        (text, [word for word in WORD.findall(text) if word not in NAMES])
        for text in seen
        if not (han.search(text) or "->" in text)
    ]
    return sorted({text for text, left in words if left})


def test_the_switch_speaks_to_a_running_board_and_to_the_lesson(
    page: Page, errors: list[str], ask: Callable[[str], Any]
) -> None:
    board = page.locator(".tlt-board").first
    board.scroll_into_view_if_needed()
    assert english(page), "the board speaks English first"
    ask("lab.play()")
    expect(board.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    ask("lab.board.map.select((1, 2, 3), 'wrong target points at step {step}', step='7')")
    expect(board.locator(".tlt-panel")).to_contain_text("wrong target points at step 7: 3 points")
    board.get_by_role("button", name="View", exact=True).click()
    board.get_by_role("button", name="Centroids").click()

    switch = board.get_by_role("button", name="中文")
    switch.focus()
    page.keyboard.press("Enter")
    expect(board.get_by_role("button", name="暂停", exact=True)).to_be_visible()
    expect(board.locator(".tlt-panel")).to_contain_text("第 7 步时错误的目标点：3 个点")
    ask("lab.board.map.select((1, 2, 3), 'mine')")
    expect(board.locator(".tlt-panel")).to_contain_text("mine：3 个点")
    expect(board.get_by_role("button", name="English", exact=True)).to_be_focused()
    at = status(page)["step"]
    page.wait_for_function(
        f"() => Number(document.querySelector('.tlt-status').dataset.step) > {at}"
    )
    expect(board.locator(".tlt-menu .tlt-chip", has_text="中心")).to_have_attribute(
        "aria-pressed", "true"
    )
    page.wait_for_function(
        "() => document.querySelector('.tlt-curves canvas').getAttribute('aria-label').includes('源域')"
    )
    assert english(page) == []
    expect(page.locator(".tlt-lesson").get_by_role("button", name="中文")).to_have_attribute(
        "aria-pressed", "true"
    )

    page.locator(".tlt-lesson").get_by_role("button", name="English").click()
    expect(board.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    expect(board.locator(".tlt-panel")).to_contain_text("mine: 3 points")
    ask("lab.stop()")
    assert errors == []
