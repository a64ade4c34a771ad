"""The card of a vote in a notebook: it opens, counts along, closes, votes again; a board waits, and the run is held against it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from classes import OPTIONS, QUESTION, Class, a_class

import tltutor as tl
from tltutor.classroom import panel as panels
from tltutor.classroom import running
from tltutor.classroom.running import Running
from tltutor.language import language
from tltutor.lessons import cards as logic
from tltutor.lessons.voting import ClassVote
from tltutor.lessons.wording import Option, Question


class Board:
    """What a lab shows of itself: why Play sleeps."""

    def __init__(self) -> None:
        self.board, self.reason = self, ""

    def sleep(self, reason: str = "") -> None:
        self.reason = reason


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Class]:
    """A class whose service the notebook finds."""
    monkeypatch.setenv(running.VARIABLE, str(tmp_path))
    with a_class(tmp_path / "votes.sqlite") as found:
        running.say_where(Running(f"{found.home}/", found.store.room.key))
        yield found
    for card in logic._shown.values():
        card.close()
    logic._shown.clear()


def asked() -> Question:
    """A prediction of a lesson: gains, the same, loses."""
    bounds = {"up": (0.08, 9.0), "same": (-0.08, 0.08), "down": (-9.0, -0.08)}
    options = tuple(
        Option(key, {"en": f"It goes {key}", "zh": f"中{key}"}, low=low, high=high)
        for key, (low, high) in bounds.items()
    )
    return Question("gain", {"en": QUESTION, "zh": "有帮助吗？"}, options)


def press(card: Any, action: str) -> None:
    """What a page says when a button is pressed, or once a second."""
    card.view.receive("message", {"kind": action})


def actions(card: Any) -> list[str]:
    return [action for action, _ in card.view.buttons]


def test_a_prediction_of_a_lesson_is_voted_on_and_held_against_the_run(here: Class) -> None:
    vote, board = ClassVote(asked(), "01/gain/vote"), Board()
    vote.unlocks(SimpleNamespace(lab=board))
    card = vote.panel
    assert (actions(card), card.view.join, card.view.live) == (["open"], {}, False)
    assert board.reason == panels.FIRST
    assert "Open the vote" in repr(vote.check(0.3)), "nobody has voted"
    press(card, "close")  # what is not offered does nothing
    assert vote.vote is None

    press(card, "open")
    assert (actions(card), card.view.live) == (["close"], True)
    assert card.view.join["address"] == here.home + here.room
    assert card.view.join["path"].startswith("M")
    phones = [here.voter() for _ in range(4)]
    for phone, choice in zip(phones, ("same", "same", "down", "up"), strict=True):
        here.vote(phone, choice)
    assert card.view.count == "0 have answered"
    looked = card.view.looked
    press(card, "look")
    assert (card.view.count, card.view.looked) == ("4 have answered", looked + 1)
    assert card.view.lines == [], "nobody follows the others"
    assert board.reason == panels.FIRST

    press(card, "close")
    assert board.reason == ""
    assert (card.view.join, actions(card), card.view.unfolded) == ({}, ["again"], False)
    assert [bars for _, _, bars in card.view.lines] == [
        [("votes: 1 · 25 %", 25.0)],
        [("votes: 2 · 50 %", 50.0)],
        [("votes: 1 · 25 %", 25.0)],
    ]
    press(card, "again")
    assert board.reason == panels.FIRST, "they talk before Play"
    for phone, choice in zip(phones[:3], ("up", "same", "up"), strict=True):
        here.vote(phone, choice)
    press(card, "close")
    assert card.view.unfolded
    assert card.view.lines[0][2][1] == ("Round 2 · votes: 2 · 66.7 %", 66.7)
    assert "2 of 3 who voted twice changed their answer." in card.view.remarks
    assert repr(vote.check(None)).startswith("Nothing to compare yet")

    said = vote.check(0.2514)
    assert "The run says +0.251, so it was: “It goes up”." in repr(said)
    assert "✓ It goes up" in said._repr_html_()
    assert card.view.lines[0][:2] == ("It goes up", True)
    told = ["1 of 4 had predicted it in round 1.", "2 of 3 had predicted it in round 2."]
    assert card.view.remarks[:2] == told
    assert (card.view.live, actions(card)) == (False, ["open"])
    language("zh")
    assert (card.view.question, card.view.lines[0][0]) == ("有帮助吗？", "中up")


def test_an_outcome_that_no_option_predicted_is_said(here: Class) -> None:
    vote = ClassVote(asked(), "01/gain/vote")
    press(vote.panel, "open")
    assert "none of the options predicted that" in repr(vote.check(99.0))
    assert vote.vote is not None
    assert vote.vote.poll.outcome == ""
    assert "The run says: “It goes down”." in repr(vote.check("down"))
    assert vote.vote.poll.outcome == "down"
    assert actions(vote.panel) == ["open"], "what has happened is not predicted again"


def test_a_cell_that_runs_again_and_a_new_kernel_go_on_with_the_vote(here: Class) -> None:
    vote, board = ClassVote(asked(), "01/gain/vote"), Board()
    vote.unlocks(board)
    press(vote.panel, "open")
    here.vote(here.voter(), "same")
    again = ClassVote(asked(), "01/gain/vote")
    assert again.panel.view.count == "1 have answered"
    press(again.panel, "close")
    assert board.reason == "", "the board waits for the new card"
    logic._shown.clear()  # as in a new kernel
    assert ClassVote(asked(), "01/gain/vote").panel.view.lines[1][2] == [
        ("votes: 1 · 100 %", 100.0)
    ]
    other = Question("other", {"en": "Another?"}, asked().options)
    assert ClassVote(other, "01/other/vote").vote is None, "another question is another vote"


def test_a_presenters_board_waits_for_a_vote_and_what_the_desk_closes_is_closed(
    here: Class,
) -> None:
    vote, board = tl.classroom.open_vote(QUESTION, OPTIONS), Board()
    vote.unlocks(board)
    bundle, *_ = vote._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert QUESTION in bundle["text/html"]
    assert board.reason == panels.FIRST
    here.tell("close")
    press(vote.panel, "look")
    assert board.reason == ""
    vote.show("It loses")
    assert [true for _, true, _ in vote.panel.view.lines] == [False, False, True]
    vote.panel.close()


def test_a_service_that_has_gone_is_one_sentence_and_the_card_goes_on(
    here: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    vote = ClassVote(asked(), "01/gain/vote")
    press(vote.panel, "open")
    assert vote.vote is not None
    lived = vote.vote._running
    vote.vote._running = Running("http://127.0.0.1:9/", "key")
    press(vote.panel, "look")
    assert "does not answer: start `tltutor class serve`" in vote.panel.view.note["text"]
    assert "does not answer" in repr(vote.check(0.3))
    assert (vote.panel.view.live, actions(vote.panel)) == (True, ["close"])
    vote.vote._running = lived
    press(vote.panel, "look")
    assert vote.panel.view.note == {}
    monkeypatch.setenv(running.VARIABLE, str(running.folder() / "nowhere"))
    alone = ClassVote(asked(), "01/gain/vote2")
    assert "none runs here" in alone.panel.view.note["text"]
    press(alone.panel, "open")
    assert "none runs here" in alone.panel.view.note["text"]
    assert actions(alone.panel) == ["open"]


def test_every_lesson_lets_a_class_vote_on_its_options_and_on_nothing_else(here: Class) -> None:
    from tltutor.lessons.folders import lesson_numbers
    from tltutor.lessons.wording import script

    asked = 0
    for number in lesson_numbers():
        for question in script(number).predict.values():
            if question.options:
                card = ClassVote(question, f"{number}/{question.id}/vote").panel
                assert len(card.view.options) == len(question.options)
                asked += 1
    assert asked > 20
    lesson = tl.lessons.begin("06")
    with pytest.raises(ValueError, match="prediction with options"):
        lesson.vote("way")
