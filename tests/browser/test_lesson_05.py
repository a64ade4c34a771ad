"""Lesson 05 by keyboard alone: predict, play, observe, be scored, err, take hints, complete the code, restart, reload, find it all kept."""

from __future__ import annotations

import pytest
from keyboard import FOCUS, Learner, command, shown, words
from playwright.sync_api import expect

from tltutor.lessons.wording import script

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
    card = learner.answer("few = lesson.predict", shown(LESSON, "few", "head-1"), button="Commit")
    expect(card).to_contain_text("Your answer is saved")
    learner.at_cell(learner.number("few = lesson.predict"))
    expect(play).to_be_enabled()


def test_tab_reaches_every_control_of_the_board(learner: Learner) -> None:
    board = learner.enter("all_1 = board(", "^Play$").locator(".tlt-board")
    expect(board.locator(".tlt-tint")).to_be_visible()  # it comes with the first look
    while board.evaluate(REACHED):
        assert learner.page.evaluate(FOCUS)["ring"]
        learner.keys("Tab")
    assert board.evaluate(MISSED) == []


def test_three_runs_are_played_and_the_prediction_is_scored(learner: Learner) -> None:
    learner.play("all_1 = board(")
    learner.run("frozen_1 = tl.Compare")
    learner.play("frozen_1 = tl.Compare")
    learner.run("one = lessons.side_by_side")
    learner.scored("few.check")


def test_a_wrong_reason_is_told_what_is_wrong_with_it(learner: Learner) -> None:
    learner.run('"why-few"')
    wrong, right = words(LESSON, "why-few", "adapt"), words(LESSON, "why-few")
    card = learner.answer('"why-few"', wrong.text["en"])
    expect(card).to_contain_text(f"Not quite. {wrong.feedback['en']}")
    learner.leave()
    card = learner.answer('"why-few"', right.text["en"])
    expect(card).to_contain_text(right.feedback["en"])
    learner.at_cell(learner.number('"why-few"'))


def test_a_restarted_kernel_loses_no_answer(learner: Learner) -> None:
    learner.go("## 2 · More labels")
    learner.restart()
    command(learner.page, "Run All Above Selected Cell")
    outputs = [
        learner.cell(mark).locator(".jp-OutputArea-child:not([data-old])")
        for mark in ("few = lesson.predict", '"why-few"')
    ]
    chosen = (shown(LESSON, "few", "head-1"), shown(LESSON, "why-few"))
    for output, text in zip(outputs, chosen, strict=True):
        expect(output.get_by_role("radio", name=text)).to_be_checked(timeout=60_000)
        expect(output.get_by_role("radio", name=text)).to_be_disabled()
    board = learner.cell("all_1 = board(").locator(".jp-OutputArea-child:not([data-old])")
    expect(board.get_by_role("button", name="Play", exact=True)).to_be_enabled()


def test_more_labels_and_rates(learner: Learner) -> None:
    learner.run("many = lesson.predict")
    learner.answer("many = lesson.predict", shown(LESSON, "many", "same"), button="Commit")
    learner.run("both_25 = tl.Compare")
    learner.play("both_25 = tl.Compare")
    learner.scored("many.check")
    learner.run('"why-many"')
    learner.answer('"why-many"', shown(LESSON, "why-many"))
    learner.reached(1)
    learner.run("rate = lesson.predict")
    learner.answer("rate = lesson.predict", shown(LESSON, "rate", "more"), button="Commit")
    learner.run("heads = tl.Compare")
    learner.play("heads = tl.Compare")
    learner.scored("rate.check")
    learner.run('"tiny-rate"')
    learner.answer('"tiny-rate"', shown(LESSON, "tiny-rate"))
    learner.reached(2)


def test_three_hints_a_wrong_line_and_the_right_one(learner: Learner) -> None:
    cell, mark = learner.cell("def share("), "def share("
    learner.run(mark)
    expect(cell.locator(".tlt-note")).to_contain_text("There is still a blank to fill")
    learner.enter(mark, "^Hint 1 of 3$")
    for number in (1, 2, 3):
        learner.keys("Enter")
        expect(cell.locator(".tlt-helped .tlt-hint")).to_have_count(number)
    expect(cell).to_contain_text(script(LESSON).exercises["share"].hints[2]["en"])
    learner.leave()
    learner.fill(mark, "...", ":k")
    learner.fill(mark, "...", "sizes")
    expect(cell.locator(".tlt-note")).to_contain_text("This is the share that is frozen")
    learner.fill(mark, ":k", "k:")
    expect(cell.locator(".tlt-note")).to_contain_text("The same as the package's own function")
    learner.fill("def moved(", "...", "(1 - m) * running + m * batch.mean(0)")
    expect(learner.cell("def moved(").locator(".tlt-note")).to_contain_text("Yes.")
    for blank in ("now.xl", "now.yl", "task.backward()"):
        learner.fill("def tuning_step(", "...", blank)
    learner.reached(3)


def test_two_boards_with_a_mistake_are_found_out(learner: Learner) -> None:
    learner.run('"nothing-trains"')
    learner.play('"nothing-trains"')
    learner.run('lesson.explain("stuck")')
    learner.answer('lesson.explain("stuck")', shown(LESSON, "stuck"))
    learner.run("frozen = lesson.predict")
    learner.answer("frozen = lesson.predict", shown(LESSON, "frozen", "still"), button="Commit")
    learner.run('"moving-batchnorm"')
    learner.play('"moving-batchnorm"')
    learner.scored("frozen.check")
    learner.run('lesson.explain("drift")')
    learner.answer('lesson.explain("drift")', shown(LESSON, "drift"))
    learner.reached(4)
    learner.run("drift.reveal()")
    learner.enter("drift.reveal()", "^Fixed$")
    learner.keys("Enter")
    expect(learner.cell("drift.reveal()").get_by_role("button", name="Fixed")).to_have_attribute(
        "aria-pressed", "true"
    )
    learner.leave()


def test_the_exit_ticket(learner: Learner) -> None:
    mark = "exit_ticket()"
    learner.run(mark)
    learner.answer(mark, shown(LESSON, "exit-1", "head-alone"), nth=0)
    for nth, question in enumerate(script(LESSON).exit):
        learner.answer(mark, question.right.text["en"], nth=nth)
    expect(learner.cell(mark)).to_contain_text("2 of 3 right at the first try.")
    learner.reached(5)


def test_a_reloaded_page_and_a_new_kernel_find_it_all(learner: Learner) -> None:
    learner.reload()
    learner.reached(5)
    expect(learner.option(shown(LESSON, "exit-2"))).to_be_checked()
    of_the_kernel_before = (
        "widget model not found"  # JupyterLab's word on what a restarted kernel no longer has
    )
    assert [error for error in learner.errors if of_the_kernel_before not in error] == []
