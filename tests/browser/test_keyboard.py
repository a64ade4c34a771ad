"""The short way by keyboard, on every change; test_lesson_05.py and test_lesson_12.py go it to the end of their lessons."""

from __future__ import annotations

import test_lesson_05 as whole
from keyboard import Learner
from playwright.sync_api import expect

LESSON = "05"


def test_a_prediction_wakes_play_and_tab_reaches_every_control(learner: Learner) -> None:
    whole.test_the_first_cell_shows_the_goals_and_the_keys(learner)
    whole.test_play_sleeps_until_the_prediction_is_committed(learner)
    whole.test_tab_reaches_every_control_of_the_board(learner)


def test_a_board_is_played_to_its_end(learner: Learner) -> None:
    learner.play("all_1 = board(")


def test_a_hint_is_taken_and_the_code_completed(learner: Learner) -> None:
    cell, mark = learner.cell("def share("), "def share("
    learner.go(mark)
    learner.run(mark)
    expect(cell.locator(".tlt-note")).to_contain_text("There is still a blank to fill")
    learner.enter(mark, "^Hint 1 of 3$")
    learner.keys("Enter")
    expect(cell.locator(".tlt-helped .tlt-hint")).to_have_count(1)
    learner.leave()
    learner.fill(mark, "...", "k:")
    learner.fill(mark, "...", "sizes")
    expect(cell.locator(".tlt-note")).to_contain_text("The same as the package's own function")


def test_a_reloaded_page_shows_the_answer(learner: Learner) -> None:
    learner.reload()
    expect(learner.option("k = 4")).to_be_checked()
    assert learner.errors == []
