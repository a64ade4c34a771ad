"""Lesson 12 by keyboard alone, to the exit ticket: both players' code, two broken boards, progress kept over a reload."""

from __future__ import annotations

import re

import pytest
from keyboard import Learner, shown, words
from playwright.sync_api import expect

from tltutor.lessons.wording import script

LESSON = "12"
pytestmark = pytest.mark.slow  # test_keyboard.py goes the short way, in another lesson


def test_the_game_is_predicted_played_and_scored(learner: Learner) -> None:
    learner.run("game = board(")
    play = learner.cell("game = board(").get_by_role("button", name="Play", exact=True)
    expect(play).to_be_disabled()
    learner.answer("probe = lesson.predict", shown(LESSON, "probe", "lower"), button="Commit")
    expect(play).to_be_enabled()
    learner.play("game = board(")
    learner.run("plain = board(")
    learner.play("plain = board(")
    learner.scored("probe.check")
    learner.reached(0)


def test_a_wrong_reason_is_told_what_is_wrong_with_it(learner: Learner) -> None:
    learner.run('"why-probe"')
    wrong = words(LESSON, "why-probe", "cannot")
    card = learner.answer('"why-probe"', wrong.text["en"])
    expect(card).to_contain_text(f"Not quite. {wrong.feedback['en']}")
    learner.answer('"why-probe"', shown(LESSON, "why-probe"))
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
    learner.answer("ten = lesson.predict", shown(LESSON, "ten", "same"), button="Commit")
    learner.run("strong = board(")
    learner.play("strong = board(")
    learner.scored("ten.check")
    learner.run('"why-ten"')
    learner.answer('"why-ten"', shown(LESSON, "why-ten"))
    learner.reached(3)


def test_a_slower_discriminator(learner: Learner) -> None:
    learner.run("tenth = lesson.predict")
    learner.answer("tenth = lesson.predict", shown(LESSON, "tenth", "lower"), button="Commit")
    learner.run("slow = board(")
    learner.play("slow = board(")
    learner.scored("tenth.check")
    learner.run('"why-tenth"')
    learner.answer('"why-tenth"', shown(LESSON, "why-tenth"))
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
    learner.go("## 4 · Somebody else's runs")


def test_two_broken_boards_are_recognized(learner: Learner) -> None:
    for board, name in (('"joint-minimum"', "joint"), ('"target-labels"', "labels")):
        learner.run(board)
        learner.play(board)
        learner.run(f'lesson.explain("{name}")')
        learner.answer(f'lesson.explain("{name}")', shown(LESSON, name))
    learner.reached(5)


def test_a_step_is_written_from_memory(learner: Learner) -> None:
    mark = "def dann_step("
    learner.run(mark)
    lines = script(LESSON).exercises["dann_step"].solution.splitlines()[1:]
    wrong = [line.strip() for line in lines if "zero_grad" not in line]
    learner.fill(mark, "return ...", "\n".join(wrong))
    number = learner.number(mark)  # the editor indents what is typed
    learner.sources[number] = (
        learner.sources[number].replace("\n", "\n    ").replace("        ", "    ")
    )
    note = learner.cell(mark).locator(".tlt-note")
    expect(note).to_contain_text("call zero_grad() before backward()")
    learner.fill(mark, "(task + domain)", "now.optimizer.zero_grad(); (task + domain)")
    expect(note).to_contain_text("The same as the package's own function")
    learner.reached(6)


def test_the_exit_ticket_and_all_of_it_after_a_reload(learner: Learner) -> None:
    mark = "exit_ticket()"
    learner.run(mark)
    for nth, question in enumerate(script(LESSON).exit):
        learner.answer(mark, question.right.text["en"], nth=nth)
    expect(learner.cell(mark)).to_contain_text("3 of 3 right at the first try.")
    learner.reached(7)
    learner.reload()
    learner.reached(7)
    expect(learner.option(shown(LESSON, "exit-1"))).to_be_checked()
    assert learner.errors == []
