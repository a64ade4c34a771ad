"""Lesson 12 by keyboard alone, to the exit ticket: both players' code, two broken boards, progress kept over a reload."""

from __future__ import annotations

import re

import pytest
from keyboard import Learner
from playwright.sync_api import expect

LESSON = "12"
pytestmark = pytest.mark.slow  # test_keyboard.py goes the short way, in another lesson


def test_the_game_is_predicted_played_and_scored(learner: Learner) -> None:
    learner.run("game = board(")
    play = learner.cell("game = board(").get_by_role("button", name="Play", exact=True)
    expect(play).to_be_disabled()
    learner.answer("probe = lesson.predict", "lower by 0.1", button="Commit")
    expect(play).to_be_enabled()
    learner.play("game = board(")
    learner.run("plain = board(")
    learner.play("plain = board(")
    learner.scored("probe.check")
    learner.reached(0)


def test_a_wrong_reason_is_told_what_is_wrong_with_it(learner: Learner) -> None:
    learner.run('"why-probe"')
    card = learner.answer('"why-probe"', "It cannot")
    expect(card).to_contain_text("Not quite. It does not need it")
    learner.answer('"why-probe"', "The head only needs")
    learner.reached(1)


def test_both_players_are_written_with_help(learner: Learner) -> None:
    mark = "def players("
    learner.run(mark)
    cell = learner.cell(mark)
    learner.enter(mark, "^Hint 1 of 3$")
    for number in (1, 2, 3):
        learner.keys("Enter")
        expect(cell.locator(".tlt-helped .tlt-hint")).to_have_count(number)
    learner.keys("Enter")
    expect(cell.locator(".tlt-helped pre")).to_contain_text("-weight * domain")
    learner.at_cell(learner.number(mark))
    learner.fill(mark, "...", "weight")
    learner.fill(mark, "...", "1")
    expect(cell.locator(".tlt-note")).to_contain_text("a joint minimum, the mistake of section 4")
    learner.fill(mark, "weight * domain", "-weight * domain")
    expect(cell.locator(".tlt-note")).to_contain_text("The same as the package's own function")


def test_an_exception_is_told_and_mended(learner: Learner) -> None:
    mark = "def discriminator_loss("
    learner.run("np.full(4, 0.5)")
    learner.fill(mark, "return ...", "return no_such_name")
    expect(learner.cell(mark).locator(".tlt-note")).to_contain_text("NameError")
    learner.fill(
        mark, "no_such_name", "-(np.log(1 - p_source).mean() + np.log(p_target).mean()) / 2"
    )
    expect(learner.cell(mark).locator(".tlt-note")).to_contain_text(
        "The same as the package's own function"
    )
    learner.reached(2)


def test_ten_times_lambda(learner: Learner) -> None:
    learner.run("ten = lesson.predict")
    learner.answer("ten = lesson.predict", "much the same", button="Commit")
    learner.run("strong = board(")
    learner.play("strong = board(")
    learner.scored("ten.check")
    learner.run('"why-ten"')
    learner.answer('"why-ten"', "The features run")
    learner.reached(3)


def test_a_slower_discriminator(learner: Learner) -> None:
    learner.run("tenth = lesson.predict")
    learner.answer("tenth = lesson.predict", "lower by 0.05", button="Commit")
    learner.run("slow = board(")
    learner.play("slow = board(")
    learner.scored("tenth.check")
    learner.run('"why-tenth"')
    learner.answer('"why-tenth"', "It follows too slowly")
    learner.reached(4)


def test_lambda_is_pushed_up_in_the_running_board(learner: Learner) -> None:
    board = learner.enter("game = board(", "^Reset$").locator(".tlt-board")
    learner.keys("Enter")
    expect(board.locator(".tlt-status")).to_have_attribute("data-state", "ready")
    learner.enter("game = board(", "^Step$")
    learner.keys("Enter")
    expect(board.locator(".tlt-status")).to_have_attribute("data-step", "1")
    learner.tab("^λ weight")
    learner.keys("ArrowRight")
    learner.enter("game = board(", "^Step$")
    learner.keys("Enter")
    expect(board.locator(".tlt-status-note")).to_contain_text(re.compile(r"weight .* from step \d"))
    learner.leave()
    learner.go("## 4 · Somebody else's boards")


def test_two_broken_boards_are_recognized(learner: Learner) -> None:
    for board, name, right in (
        ('"joint-minimum"', "joint", "Nothing is reversed"),
        ('"target-labels"', "labels", "The class loss"),
    ):
        learner.run(board)
        learner.play(board)
        learner.run(f'lesson.explain("{name}")')
        learner.answer(f'lesson.explain("{name}")', right)
    learner.reached(5)


def test_the_exit_ticket_and_all_of_it_after_a_reload(learner: Learner) -> None:
    mark = "exit_ticket()"
    learner.run(mark)
    for nth, right in enumerate(("Neither", "Nothing", "Yes: target classes")):
        learner.answer(mark, right, nth=nth)
    expect(learner.cell(mark)).to_contain_text("3 of 3 right at the first try.")
    learner.reached(6)
    learner.reload()
    learner.reached(6)
    expect(learner.option("Neither")).to_be_checked()
    assert learner.errors == []
