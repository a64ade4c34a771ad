"""The file of a class: SQLite in WAL mode, so that an answer that was confirmed is there after the process was killed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tltutor.classroom import refusals
from tltutor.classroom.ballot import Ballot, Count, counted, read_ballot
from tltutor.classroom.refusals import Refused
from tltutor.classroom.tokens import new_code, new_secret

ROUNDS = 2  # a vote, and a second one after the neighbors have talked
TABLES = """
CREATE TABLE IF NOT EXISTS room (code TEXT PRIMARY KEY, secret TEXT NOT NULL, key TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS poll (
    id INTEGER PRIMARY KEY, room TEXT NOT NULL, ballot TEXT NOT NULL, round INTEGER NOT NULL, open INTEGER NOT NULL,
    outcome TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS answer (
    poll INTEGER NOT NULL, round INTEGER NOT NULL, voter TEXT NOT NULL, choice TEXT NOT NULL, name TEXT NOT NULL,
    at TEXT NOT NULL, PRIMARY KEY (poll, round, voter)) WITHOUT ROWID;
"""


@dataclass(frozen=True)
class Room:
    """A class: its code, the secret that signs its tokens, and the teacher's key."""

    code: str
    secret: str
    key: str


@dataclass(frozen=True)
class Poll:
    """A vote: what about, the round (1 or 2), whether it takes answers, and the option that came true ("" before)."""

    id: int
    ballot: Ballot
    round: int
    open: bool
    outcome: str


class Store:
    """A class's file; it keeps every vote of every room. `new`: begin a room, whose tokens are its own.

    Errors: OSError, in one sentence, for a file that cannot be written to or is no SQLite file.
    """

    def __init__(self, path: Path, *, new: bool = False) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = _opened(path)
        except (sqlite3.Error, OSError) as error:
            raise OSError(
                f"{path} cannot hold the votes of a class ({error}): name another file with --file"
            ) from error
        path.chmod(0o600)  # it holds the teacher's key
        self.room = self._begin() if new else self._last_room() or self._begin()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def open_poll(self, ballot: Ballot) -> Poll:
        """Open a vote; one that is open is closed."""
        with self._writing():
            self._db.execute("UPDATE poll SET open = 0 WHERE room = ?", (self.room.code,))
            made = self._db.execute(
                "INSERT INTO poll (room, ballot, round, open, outcome, at) VALUES (?, ?, 1, 1, '', ?)",
                (self.room.code, ballot.line, _now()),
            )
        return self.poll(int(made.lastrowid or 0))

    def poll(self, number: int) -> Poll:
        """Return a vote of this room. Errors: Refused if there is none of this number."""
        row = self._db.execute(
            "SELECT id, ballot, round, open, outcome FROM poll WHERE id = ? AND room = ?",
            (number, self.room.code),
        ).fetchone()
        if row is None:
            raise Refused(refusals.NOT_HERE, 404)
        return Poll(row[0], read_ballot(row[1]), row[2], bool(row[3]), row[4])

    def current(self) -> Poll | None:
        """Return the vote that was opened last, open or not; None before the first."""
        (last,) = self._db.execute(
            "SELECT max(id) FROM poll WHERE room = ?", (self.room.code,)
        ).fetchone()
        return None if last is None else self.poll(last)

    def close_poll(self, number: int) -> Poll:
        """Take no more answers."""
        with self._writing():
            self._db.execute("UPDATE poll SET open = 0 WHERE id = ?", (self.poll(number).id,))
        return self.poll(number)

    def open_again(self, number: int) -> Poll:
        """Open the second round, or open it once more."""
        with self._writing():
            self._db.execute("UPDATE poll SET open = 0 WHERE room = ?", (self.room.code,))
            self._db.execute(
                "UPDATE poll SET open = 1, round = ? WHERE id = ?", (ROUNDS, self.poll(number).id)
            )
        return self.poll(number)

    def set_outcome(self, number: int, outcome: str) -> Poll:
        """Say which option came true ("" for none); this closes the vote. Errors: Refused for what is no option."""
        poll = self.poll(number)
        if outcome and outcome not in poll.ballot.options:
            raise Refused(refusals.NO_OPTION, 400)
        with self._writing():
            self._db.execute(
                "UPDATE poll SET open = 0, outcome = ? WHERE id = ?", (outcome, poll.id)
            )
        return self.poll(number)

    def vote(self, poll: Poll, voter: str, choice: str, name: str = "") -> None:
        """Store an answer to the vote as the voter saw it. Errors: Refused if it does not count."""
        if choice not in poll.ballot.options:
            raise Refused(refusals.NO_OPTION, 400)
        with self._writing():
            now = self.poll(poll.id)
            if not now.open or now.round != poll.round:
                raise Refused(refusals.CLOSED, 409)
            try:
                self._db.execute(
                    "INSERT INTO answer VALUES (?, ?, ?, ?, ?, ?)",
                    (poll.id, poll.round, voter, choice, name, _now()),
                )
            except sqlite3.IntegrityError as error:
                raise Refused(refusals.TWICE, 409) from error

    def has_voted(self, poll: Poll, voter: str) -> bool:
        """Return True if the voter's answer of this round is stored."""
        found = self._db.execute(
            "SELECT 1 FROM answer WHERE poll = ? AND round = ? AND voter = ?",
            (poll.id, poll.round, voter),
        )
        return found.fetchone() is not None

    def answered(self, poll: Poll) -> int:
        """Return how many have answered in this round."""
        found = self._db.execute(
            "SELECT count(*) FROM answer WHERE poll = ? AND round = ?", (poll.id, poll.round)
        )
        return int(found.fetchone()[0])

    def names(self, poll: Poll) -> list[str]:
        """Return the names of those who have answered in this round; only a Hub gives names."""
        found = self._db.execute(
            "SELECT name FROM answer WHERE poll = ? AND round = ? AND name != '' ORDER BY name",
            (poll.id, poll.round),
        )
        return [name for (name,) in found]

    def count(self, poll: Poll) -> Count:
        """Count the votes of every round so far."""
        found = self._db.execute(
            "SELECT round, voter, choice FROM answer WHERE poll = ?", (poll.id,)
        )
        return counted(poll.ballot, found, poll.round)

    def _last_room(self) -> Room | None:
        row = self._db.execute("SELECT code, secret, key FROM room ORDER BY rowid DESC").fetchone()
        return Room(*row) if row else None

    def _begin(self) -> Room:
        room = Room(new_code(), new_secret(), new_secret())
        with self._writing():
            self._db.execute(
                "INSERT INTO room VALUES (?, ?, ?, ?)", (room.code, room.secret, room.key, _now())
            )
        return room

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Do all of it or nothing, and let no other process write in between."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")


def _opened(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    try:
        db.execute("PRAGMA journal_mode=WAL")
        db.executescript(TABLES)
    except sqlite3.Error:
        db.close()
        raise
    return db


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
