"""What a class votes on: a question with its options, in one language or in several, and how the votes are counted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tltutor.checks import readable

FEWEST, MOST = 2, 12  # options
LONGEST = 1000  # characters of a text
Text = Mapping[str, str]  # language -> text; "" is the language of a text that came without one


@dataclass(frozen=True)
class Ballot:
    """A question and its options by id; an id is what a vote is stored as."""

    question: Text
    options: Mapping[str, Text]

    @property
    def line(self) -> str:
        """The ballot as JSON."""
        options = {key: dict(text) for key, text in self.options.items()}
        return json.dumps({"question": dict(self.question), "options": options}, ensure_ascii=False)


@dataclass(frozen=True)
class Count:
    """The votes of each round by option, and what those who voted twice changed: (first, second) -> how many."""

    rounds: tuple[Mapping[str, int], ...]
    changes: Mapping[tuple[str, str], int]

    @property
    def changed(self) -> int:
        """How many gave another answer in the second round."""
        return sum(n for (first, second), n in self.changes.items() if first != second)

    @property
    def both(self) -> int:
        """How many voted in both rounds."""
        return sum(self.changes.values())


def as_ballot(question: Any, options: Any) -> Ballot:
    """Turn what a teacher gives into a ballot.

    question: a text, or one for each language {"en": …, "zh": …}. options: texts in order (their ids are "1", "2", …),
    or texts by id.
    Errors: TypeError or ValueError in one sentence.
    """
    if isinstance(options, str | bytes) or not isinstance(options, Iterable):
        raise TypeError(
            f"options must be several texts, got {options!r}: give a list, such as ['yes', 'no']"
        )
    named = (
        options.items()
        if isinstance(options, Mapping)
        else ((str(i), text) for i, text in enumerate(options, 1))
    )
    texts = {readable(key): as_text(text, "an option") for key, text in named}
    if not FEWEST <= len(texts) <= MOST:
        raise ValueError(
            f"a vote must have {FEWEST} to {MOST} options, got {len(texts)}: add some or leave some out"
        )
    shown = [in_language(text, "") for text in texts.values()]
    twice = next((text for text in shown if shown.count(text) > 1), None)
    if twice is not None:
        raise ValueError(f"the options must be different, got {twice!r} twice: change one of them")
    return Ballot(as_text(question, "a question"), texts)


def as_text(text: Any, what: str) -> Text:
    """Return a text by language. Errors: TypeError, ValueError for an empty or a very long one."""
    texts = dict(text) if isinstance(text, Mapping) else {"": text}
    for name, one in texts.items():
        if not isinstance(one, str) or not isinstance(name, str):
            raise TypeError(f"{what} must be a text, got {one!r}: write it in quotes")
        if not one.strip() or len(one) > LONGEST:
            raise ValueError(
                f"{what} must have 1 to {LONGEST} characters, got {len(one.strip())}: "
                f"{'shorten it' if one.strip() else 'write something'}"
            )
    if not texts:
        raise ValueError(f"{what} must have 1 to {LONGEST} characters, got none: write something")
    return {name: readable(one).strip() for name, one in texts.items()}


def in_language(text: Text, language: str) -> str:
    """Return the text in this language, or in English, or in the one that it has."""
    return text.get(language) or text.get("en") or next(iter(text.values()))


def read_ballot(line: str) -> Ballot:
    """Return the ballot of its JSON."""
    table = json.loads(line)
    return Ballot(table["question"], table["options"])


def counted(ballot: Ballot, answers: Iterable[tuple[int, str, str]], rounds: int) -> Count:
    """Count answers (round from 1, voter, option)."""
    by_round: list[dict[str, str]] = [{} for _ in range(rounds)]
    for number, voter, choice in answers:
        by_round[number - 1][voter] = choice
    tallies = [Counter(votes.values()) for votes in by_round]
    first, second = by_round[0], by_round[1] if rounds > 1 else {}
    pairs = Counter((first[voter], choice) for voter, choice in second.items() if voter in first)
    return Count(
        tuple({key: tally[key] for key in ballot.options} for tally in tallies), dict(pairs)
    )
