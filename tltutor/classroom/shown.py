"""What a vote looks like from outside: as JSON for a notebook, and as the numbers that the pages draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tltutor.classroom.ballot import Count, in_language
from tltutor.classroom.store import Poll, Store
from tltutor.classroom.words import WORDS, say


@dataclass(frozen=True)
class Bar:
    """One option in one round: its votes, and their share of all, in percent."""

    round: int
    votes: int
    share: float
    words: str


@dataclass(frozen=True)
class Line:
    """One option with its bar for each round; `true` if it came true."""

    id: str
    text: str
    bars: tuple[Bar, ...]
    true: bool


def lines(poll: Poll, count: Count, language: str) -> list[Line]:
    """Return the histogram, in the options' order."""
    options = poll.ballot.options.items()
    return [
        Line(key, in_language(text, language), _bars(count, key, language), key == poll.outcome)
        for key, text in options
    ]


def _bars(count: Count, key: str, language: str) -> tuple[Bar, ...]:
    return tuple(
        Bar(
            number,
            tally[key],
            round(100 * tally[key] / (sum(tally.values()) or 1), 1),
            say(language, WORDS["votes"], n=tally[key]),
        )
        for number, tally in enumerate(count.rounds, 1)
    )


def remarks(poll: Poll, count: Count, language: str) -> list[str]:
    """Return sentences: how many were right in each round, how many changed their answer, and from what to what."""
    found = []
    if poll.outcome:
        for number, tally in enumerate(count.rounds, 1):
            values = {"n": tally[poll.outcome], "all": sum(tally.values()), "round": number}
            found.append(say(language, WORDS["right"], **values))
    if poll.round > 1:
        found.append(say(language, WORDS["changed"], n=count.changed, all=count.both))
        found += _moves(poll, count, language)
    return found


def _moves(poll: Poll, count: Count, language: str) -> list[str]:
    """Return from which option to which one people moved, the largest number first."""
    texts = {key: in_language(text, language) for key, text in poll.ballot.options.items()}
    moved = [(n, *pair) for pair, n in count.changes.items() if pair[0] != pair[1]]
    return [
        say(language, WORDS["change"], n=n, first=texts[first], second=texts[second])
        for n, first, second in sorted(moved, reverse=True)
    ]


def stamp(store: Store, poll: Poll | None) -> str:
    """Return a word that changes whenever the teacher's page does."""
    return f"{voters_stamp(poll)}.{store.answered(poll)}.{poll.outcome}" if poll else "0"


def voters_stamp(poll: Poll | None) -> str:
    """Return a word that changes whenever the voters' page does."""
    return f"{poll.id}.{poll.round}.{int(poll.open)}" if poll else "0"


def as_json(store: Store, poll: Poll) -> dict[str, Any]:
    """Return a vote for a program: its texts, where it stands, and the counts of each round once it is closed."""
    found = {
        "id": poll.id,
        "question": dict(poll.ballot.question),
        "options": {key: dict(text) for key, text in poll.ballot.options.items()},
        "round": poll.round,
        "open": poll.open,
        "outcome": poll.outcome,
        "answered": store.answered(poll),
    }
    if poll.open:
        return found
    count = store.count(poll)
    changes = [[first, second, n] for (first, second), n in count.changes.items()]
    return {**found, "rounds": [dict(tally) for tally in count.rounds], "changes": changes}
