"""What the pages of the class say, in the language of whoever asks: one service speaks to many people at once."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tltutor.language import LANGUAGES, catalog, mark

WORDS: Mapping[str, str] = {
    "vote": mark("Class vote"),
    "code": mark("Room code"),
    "go": mark("Go to the room"),
    "choose": mark("Choose one answer, then press Vote. You have one vote."),
    "second": mark(
        "Second vote: you have talked with your neighbors. Choose again, the same or another."
    ),
    "send": mark("Vote"),
    "counts": mark("Your vote counts. Look at the screen."),
    "closed": mark("The vote is closed. Look at the screen."),
    "wait": mark("No vote is open now: keep this page open, and the next one appears."),
    "anonymous": mark("Votes are anonymous: nobody sees who chose what."),
    "known": mark("You are {name}. The teacher sees that you voted, and not what you chose."),
    "back": mark("Back"),
    "desk": mark("The teacher's page"),
    "join": mark("Join with your phone"),
    "new": mark("Open a new vote"),
    "question": mark("Question"),
    "options": mark("Options, one a line"),
    "open": mark("Open the vote"),
    "close": mark("Close the vote"),
    "again": mark("Vote a second time"),
    "answered": mark("{n} have answered"),
    "round": mark("Round {n}"),
    "show": mark("How the class voted"),
    "hidden": mark(
        "The votes are shown once the vote is closed, so that nobody follows the others."
    ),
    "outcome": mark("What happened"),
    "mark outcome": mark("Show what happened"),
    "none": mark("not known yet"),
    "right": mark("{n} of {all} had predicted it in round {round}."),
    "changed": mark("{n} of {all} who voted twice changed their answer."),
    "change": mark("{n} from “{first}” to “{second}”"),
    "votes": mark("votes: {n}"),
    "here": mark("They have answered: {names}"),
    "other language": mark("Language"),
}


def say(language: str, text: str, **values: object) -> str:
    """Translate a text into this language and fill in its values."""
    translated = catalog(language).get(text, text)
    return translated.format(**values) if values else translated


def words(language: str) -> dict[str, str]:
    """Return all words of the pages in this language."""
    return {name: say(language, text) for name, text in WORDS.items()}


def preferred(asked: str, cookie: str, header: str, default: str) -> str:
    """Return the language that was asked for, else the one of the cookie, else the first known one of Accept-Language."""
    accepted = re.findall(r"\b([a-z]{2})(?:-[A-Za-z]+)*\b", header)
    found = (name for name in (asked, cookie, *accepted) if name in LANGUAGES)
    return next(found, default)
