"""Why a request is refused: one sentence for people, and the status of HTTP for programs."""

from __future__ import annotations

from tltutor.language import mark


class Refused(Exception):  # noqa: N818 - not the program's error: somebody asked for what is not to be had
    """A request that the service does not follow. text: English, translated where it is shown; `values` fill its braces."""

    def __init__(self, text: str, status: int, **values: object) -> None:
        self.text, self.status, self.values = text, status, values
        super().__init__(text.format(**values))


NO_ROOM = mark("No room has this code: look at the code on the screen and type it again.")
NO_VOTE = mark("No vote is open now: keep this page open, and the next one appears.")
CLOSED = mark("This vote is closed, and your answer came too late to count: wait for the next one.")
TWICE = mark("You have voted already, and that vote counts: wait for the next one.")
NO_TOKEN = mark(
    "This answer has no token of this room: open the room's address again, and let the browser keep its cookie."
)
NO_LOGIN = mark("This login was not begun by this browser: open the room's address again.")
NO_OPTION = mark("An answer must be one of the options: go back and choose one.")
TOO_LARGE = mark("A request may have {most} bytes at most: go back and send less.")
TOO_OFTEN = mark("Too many requests came from here: wait ten seconds, then load the page again.")
NOT_HERE = mark("There is no such page: open the room's address again.")
TEACHER_ONLY = mark(
    "Only the teacher opens this page: use the address that `tltutor class serve` has printed."
)
OTHER_SITE = mark("This request came from another site: open this page by its own address.")
BROKEN = mark("The service made a mistake: load the page again, and tell your teacher if it stays.")
