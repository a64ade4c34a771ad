"""A class votes on a lesson's prediction beside its board: a phone answers, Play wakes, the run is held against the votes."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
from classes import a_class
from notebooks import Notebooks
from playwright.sync_api import expect

from tltutor.classroom import running
from tltutor.classroom.running import Running

BEGIN = """
import os
os.environ["TLTUTOR_CLASS"] = {folder!r}
import tltutor as tl
from tltutor import lessons
lesson = lessons.begin("01")
vote = lesson.vote("gain")
vote
"""
PLAY = """
lab = tl.Lab("digits->photo-digits", steps=30, presenter=True)
vote.unlocks(lab)
lab
"""


@pytest.mark.slow
def test_a_class_votes_beside_the_board(
    notebooks: Notebooks, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(running.VARIABLE, str(tmp_path))
    with a_class(tmp_path / "votes.sqlite") as here:
        running.say_where(Running(f"{here.home}/", here.store.room.key))
        with notebooks.ran([BEGIN.format(folder=str(tmp_path)), PLAY, "vote.check(0.2)"]) as (
            page,
            errors,
        ):
            card, board = page.locator(".tlt-vote"), page.locator(".tlt-board")
            play = board.get_by_role("button", name="Play", exact=True)
            expect(play).to_be_disabled()
            card.get_by_role("button", name="Open the vote").click()
            expect(card.get_by_role("link")).to_have_attribute("href", here.home + here.room)
            for choice in ("more", "same"):
                here.vote(here.voter(), choice)
            expect(card.get_by_role("status").first).to_contain_text("2 have answered")
            look(page, "open")
            expect(play).to_be_disabled()
            card.get_by_role("button", name="Close the vote").click()
            expect(play).to_be_enabled()
            play.click()
            last = page.locator(".jp-CodeCell").last
            expect(last).to_contain_text("The class has not voted yet")
            last.get_by_role("textbox").click()
            page.keyboard.press("Control+Enter")
            expect(page.get_by_text("The run says +0.200", exact=False)).to_be_visible()
            row = card.get_by_role("row").filter(has_text=re.compile("✓"))
            expect(row).to_contain_text("votes: 1 · 50 %")
            look(page, "told")
            assert errors == []


def look(page: Any, name: str) -> None:
    """Keep a picture where LOOK names a folder."""
    if folder := os.environ.get("LOOK"):
        page.locator(".tlt-vote").scroll_into_view_if_needed()
        page.screenshot(path=f"{folder}/{name}.png")
