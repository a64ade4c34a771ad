"""Lesson 01 as a learner meets it: run all, Play, lambda by keyboard while it trains, pause, step, hover, stop, run the cell again."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from notebooks import Notebooks, save_and_reload, scroll_to
from playwright.sync_api import Page, expect

from tltutor.machine.bench.chromium import run_all, status

THREADS = "[t.name for t in threading.enumerate() if t.name.startswith('tltutor-player')]"
WIDGETS = "len(ipywidgets.widgets.widget._instances)"


@pytest.fixture(scope="module")
def lesson(notebooks: Notebooks) -> Iterator[tuple[Page, list[str]]]:
    """The lesson at the address that `tltutor lab` prints, with all its cells run, and the list that its console errors go to."""
    with notebooks.first() as (page, errors):
        run_all(page)
        page.wait_for_selector(".tlt-board canvas")
        yield page, errors


def press(page: Page, name: str) -> None:
    page.locator(".tlt-board").first.get_by_role("button", name=name, exact=True).click()


def wait_state(page: Page, state: str, timeout: float = 20_000) -> None:
    page.locator(".tlt-board").first.locator(f'.tlt-status[data-state="{state}"]').wait_for(
        timeout=timeout
    )


def wait_step(page: Page, beyond: int) -> None:
    page.wait_for_function(
        f"() => Number(document.querySelector('.tlt-status').dataset.step) > {beyond}",
        timeout=60_000,
    )


def sequence(page: Page) -> int:
    return int(page.locator(".tlt-map").first.get_attribute("data-sequence") or 0)


@pytest.fixture(autouse=True)
def board_in_sight(page: Page) -> None:
    page.locator(".tlt-board").first.evaluate("(board) => board.scrollIntoView({ block: 'start' })")


def test_all_cells_ran_without_an_error(page: Page) -> None:
    assert (
        page.locator(
            '[data-mime-type="application/vnd.jupyter.error"], .jp-RenderedText[data-mime-type*="stderr"]'
        ).count()
        == 0
    )
    expect(page.locator(".tlt-board").first).to_be_visible()
    expect(page.locator(".tlt-status").first).to_contain_text("Ready")


def test_the_map_shows_the_untrained_features_before_play(page: Page) -> None:
    page.wait_for_function(
        "() => Number(document.querySelector('.tlt-map').dataset.sequence) > 0", timeout=60_000
    )
    assert status(page)["step"] == 0


def test_play_sleeps_until_a_prediction_is_committed_by_keyboard(page: Page) -> None:
    play = page.locator(".tlt-board").first.get_by_role("button", name="Play", exact=True)
    expect(play).to_be_disabled()
    card = page.locator(".tlt-card").first
    card.get_by_role("radio").first.focus()
    page.keyboard.press("Space")
    commit = card.get_by_role("button", name="Commit")
    expect(commit).to_be_enabled()
    commit.focus()
    page.keyboard.press("Enter")
    expect(card).to_contain_text("Your answer is saved")
    expect(play).to_be_enabled()


def test_play_trains_and_the_map_moves(page: Page) -> None:
    before = sequence(page)
    press(page, "Play")
    wait_step(page, 10)
    page.wait_for_function(
        f"() => Number(document.querySelector('.tlt-map').dataset.sequence) > {before + 3}",
        timeout=60_000,
    )
    expect(page.locator(".tlt-rate").first).not_to_contain_text("– steps")


def test_lambda_moved_by_keyboard_while_it_trains_acts_at_a_later_step(page: Page) -> None:
    handle = page.locator(".tlt-board").first.locator(".tlt-row input[type=range]").first
    handle.focus()
    at = status(page)["step"]
    for _ in range(3):
        handle.press("ArrowLeft")
    note = page.locator(".tlt-status-note").first
    expect(note).to_contain_text(re.compile(r"weight .* from step [\d,]+"), timeout=20_000)
    found = re.search(r"from step ([\d,]+)", note.inner_text())
    assert found
    assert int(found.group(1).replace(",", "")) > at


def test_pause_holds_and_step_trains_just_one(page: Page) -> None:
    press(page, "Pause")
    wait_state(page, "paused")
    held = status(page)["step"]
    page.wait_for_timeout(700)
    assert status(page)["step"] == held
    press(page, "Step")
    page.wait_for_function(
        f"() => Number(document.querySelector('.tlt-status').dataset.step) === {held + 1}",
        timeout=20_000,
    )
    wait_state(page, "paused")


def test_hovering_a_point_shows_its_image_and_names(page: Page) -> None:
    box = page.locator(".tlt-map canvas").first.bounding_box()
    tip = page.locator(".tlt-tip").first
    for y in range(10, int(box["height"]) - 5, 9):
        for x in range(10, int(box["width"]) - 5, 9):
            page.mouse.move(box["x"] + x, box["y"] + y)
            page.evaluate("() => new Promise(requestAnimationFrame)")
            if tip.is_visible():
                break
        if tip.is_visible():
            break
    expect(tip).to_be_visible()
    expect(tip).to_contain_text("predicted")
    painted = "(tip) => { const c = tip.querySelector('canvas'); const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
    assert tip.evaluate(painted + " return new Set(d).size; }") > 2


def test_points_can_be_walked_by_keyboard(page: Page) -> None:
    page.mouse.move(0, 0)
    page.locator(".tlt-map canvas").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".tlt-tip").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".tlt-tip").first).to_be_hidden()


def test_the_whole_way_by_keyboard_alone(page: Page) -> None:
    play = page.locator(".tlt-board").first.get_by_role("button", name="Play", exact=True)
    play.focus()
    at = status(page)["step"]
    page.keyboard.press("Space")
    wait_step(page, at + 5)
    page.keyboard.press("Space")
    wait_state(page, "paused")


def test_looking_back_along_the_timeline_and_back_to_live(page: Page) -> None:
    replay = page.locator(".tlt-timeline-widget input, .tlt-timeline-widget [role=slider]").first
    replay.focus()
    page.keyboard.press("Home")
    expect(page.locator(".tlt-map .tlt-caption").first).to_have_text("step 0", timeout=20_000)
    page.keyboard.press("End")
    expect(page.locator(".tlt-map .tlt-caption").first).not_to_have_text("step 0", timeout=20_000)


def test_stop_ends_the_run_within_a_second(page: Page, ask) -> None:
    press(page, "Play")
    wait_step(page, status(page)["step"] + 3)
    press(page, "Stop")
    wait_state(page, "stopped", timeout=1000)
    assert ask(THREADS).count("tltutor-player-lab") == 0


def test_playing_a_stopped_run_says_what_to_do(page: Page) -> None:
    press(page, "Play")
    expect(page.locator(".tlt-board").first).to_contain_text("a stopped run cannot go on")
    press(page, "Reset")
    wait_state(page, "ready")
    expect(page.locator(".tlt-board").first).not_to_contain_text("a stopped run cannot go on")
    assert status(page)["step"] == 0


def test_running_the_cell_again_leaves_one_thread_and_one_set_of_widgets(page: Page, ask) -> None:
    threads, widgets = ask(THREADS), ask(WIDGETS)
    cell = page.locator(".jp-CodeCell", has=page.locator(".tlt-board")).first
    cell.locator(".jp-InputArea-editor").click()
    page.keyboard.press("Control+Enter")
    page.wait_for_timeout(1000)
    wait_state(page, "ready")
    page.wait_for_function(
        "() => Number(document.querySelector('.tlt-map').dataset.sequence) > 0", timeout=60_000
    )
    assert ask(THREADS) == threads
    assert ask(WIDGETS) == widgets
    assert cell.locator(".tlt-board").count() == 1


def test_a_reload_brings_the_board_back(page: Page) -> None:
    press(page, "Play")
    wait_step(page, 3)
    save_and_reload(page)
    scroll_to(page, page.locator(".tlt-board canvas"))
    page.wait_for_selector(".tlt-board canvas")
    at = status(page)["step"]
    wait_step(page, at)
    press(page, "Pause")
    wait_state(page, "paused")


def test_the_console_held_no_error(page: Page, errors: list[str]) -> None:
    assert page
    assert errors == []
