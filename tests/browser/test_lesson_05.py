"""Lesson 05 by keyboard alone: predict, play, observe, be scored, err, take hints, complete the code, restart, reload, find it all kept."""

from __future__ import annotations

import re

import pytest
from keyboard import FOCUS, Learner, command
from playwright.sync_api import expect

LESSON = "05"
pytestmark = pytest.mark.slow  # test_keyboard.py goes the short way
REACHED = """(board) => {
  const at = document.activeElement;
  at.dataset.reached = board.contains(at);
  return board.contains(at);
}"""
MISSED = """(board) => [...board.querySelectorAll("button, select, input, canvas[tabindex], [role=slider], [contenteditable]")].filter(
  (one) => !one.disabled && !one.dataset.reached && one.checkVisibility({ visibilityProperty: true }),
).map((one) => one.outerHTML.slice(0, 100))"""


def test_the_first_cell_shows_the_goals_and_the_keys(learner: Learner) -> None:
    learner.run("lessons.begin")
    learner.reached(0)
    expect(learner.cell("lessons.begin")).to_contain_text("By keyboard: Shift+Enter runs")
    learner.enter("lessons.begin", "^English$")
    learner.leave()


def test_play_sleeps_until_the_prediction_is_committed(learner: Learner) -> None:
    learner.run("all_1 = board(")
    play = learner.cell("all_1 = board(").get_by_role("button", name="Play", exact=True)
    expect(play).to_be_disabled()
    card = learner.answer("few = lesson.predict", "k = 4", button="Commit")
    expect(card).to_contain_text("Your answer is saved")
    learner.at_cell(learner.number("few = lesson.predict"))
    expect(play).to_be_enabled()


def test_tab_reaches_every_control_of_the_board(learner: Learner) -> None:
    board = learner.enter("all_1 = board(", "^Play$").locator(".tlt-board")
    while board.evaluate(REACHED):
        assert learner.page.evaluate(FOCUS)["ring"]
        learner.keys("Tab")
    assert board.evaluate(MISSED) == []


def test_three_runs_are_played_and_the_prediction_is_scored(learner: Learner) -> None:
    learner.play("all_1 = board(")
    for name in ("half_1", "head_1"):
        learner.run(f"{name} = board(")
        learner.play(f"{name} = board(")
    learner.run("one = lessons.side_by_side")
    learner.scored("few.check")


def test_a_wrong_reason_is_told_what_is_wrong_with_it(learner: Learner) -> None:
    learner.run('"why-few"')
    card = learner.answer('"why-few"', "Frozen layers adapt")
    expect(card).to_contain_text("Not quite. Look at the map of head-1")
    learner.leave()
    card = learner.answer('"why-few"', "Ten images can be fitted")
    expect(card).to_contain_text("Yes. The frozen part is knowledge")
    learner.at_cell(learner.number('"why-few"'))


def test_a_restarted_kernel_loses_no_answer(learner: Learner) -> None:
    learner.go("## 2 · More labels")
    learner.restart()
    command(learner.page, "Run All Above Selected Cell")
    shown = [
        learner.cell(mark).locator(".jp-OutputArea-child:not([data-old])")
        for mark in ("few = lesson.predict", '"why-few"')
    ]
    for output, chosen in zip(shown, ("k = 4", "Ten images"), strict=True):
        expect(output.get_by_role("radio", name=chosen)).to_be_checked(timeout=60_000)
        expect(output.get_by_role("radio", name=chosen)).to_be_disabled()
    board = learner.cell("all_1 = board(").locator(".jp-OutputArea-child:not([data-old])")
    expect(board.get_by_role("button", name="Play", exact=True)).to_be_enabled()


def test_more_labels_and_rates(learner: Learner) -> None:
    learner.run("many = lesson.predict")
    learner.answer("many = lesson.predict", "About as many", button="Commit")
    for name in ("all_25", "head_25"):
        learner.run(f"{name} = board(")
        learner.play(f"{name} = board(")
    learner.scored("many.check")
    learner.run('"why-many"')
    learner.answer('"why-many"', "The last stages are made for print")
    learner.reached(1)
    learner.run("rate = lesson.predict")
    learner.answer("rate = lesson.predict", "0.03 or more", button="Commit")
    for name in ("slow", "fast"):
        learner.run(f"{name} = board(")
        learner.play(f"{name} = board(")
    learner.scored("rate.check")
    learner.run('"tiny-rate"')
    learner.answer('"tiny-rate"', "The head hardly leaves")
    learner.reached(2)


def test_three_hints_a_wrong_line_and_the_right_one(learner: Learner) -> None:
    cell, mark = learner.cell("def share("), "def share("
    learner.run(mark)
    expect(cell.locator(".tlt-note")).to_contain_text("There is still a blank to fill")
    learner.enter(mark, "^Hint 1 of 3$")
    for number in (1, 2, 3):
        learner.keys("Enter")
        expect(cell.locator(".tlt-helped .tlt-hint")).to_have_count(number)
    expect(cell).to_contain_text("sizes[2:] leaves the first two away")
    learner.leave()
    learner.fill(mark, "...", ":k")
    learner.fill(mark, "...", "sizes")
    expect(cell.locator(".tlt-note")).to_contain_text("This is the share that is frozen")
    learner.fill(mark, ":k", "k:")
    expect(cell.locator(".tlt-note")).to_contain_text("The same as the package's own function")
    learner.fill("def moved(", "...", "(1 - m) * running + m * batch.mean(0)")
    expect(learner.cell("def moved(").locator(".tlt-note")).to_contain_text("Yes.")
    learner.reached(3)


def test_two_boards_with_a_mistake_are_found_out(learner: Learner) -> None:
    learner.run('"nothing-trains"')
    learner.play('"nothing-trains"')
    learner.run('lesson.explain("stuck")')
    learner.answer('lesson.explain("stuck")', "The head is frozen too")
    learner.run("frozen = lesson.predict")
    learner.answer("frozen = lesson.predict", "No: no weight", button="Commit")
    learner.run('"moving-batchnorm"')
    learner.play('"moving-batchnorm"')
    learner.scored("frozen.check")
    learner.run('lesson.explain("drift")')
    learner.answer('lesson.explain("drift")', "BatchNorm's running mean")
    learner.reached(4)
    learner.run("drift.reveal()")
    learner.enter("drift.reveal()", "^Fixed$")
    learner.keys("Enter")
    expect(learner.cell("drift.reveal()").get_by_role("button", name="Fixed")).to_have_class(
        re.compile("mod-active")
    )
    learner.leave()


def test_the_exit_ticket(learner: Learner) -> None:
    mark = "exit_ticket()"
    learner.run(mark)
    learner.answer(mark, "The head alone", nth=0)
    for nth, right in enumerate(("Try two or three", "body.eval()", "The source: the start")):
        learner.answer(mark, right, nth=nth)
    expect(learner.cell(mark)).to_contain_text("2 of 3 right at the first try.")
    learner.reached(5)


def test_a_reloaded_page_and_a_new_kernel_find_it_all(learner: Learner) -> None:
    learner.reload()
    learner.reached(5)
    expect(learner.option("body.eval()")).to_be_checked()
    of_the_kernel_before = (
        "widget model not found"  # JupyterLab's word on what a restarted kernel no longer has
    )
    assert [error for error in learner.errors if of_the_kernel_before not in error] == []
