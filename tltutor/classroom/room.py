"""The voters' pages: the room's code, the vote as a form that needs no script, and a word by which a page sees what is new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tltutor.classroom import asked, refusals
from tltutor.classroom.ballot import in_language
from tltutor.classroom.needs import needed
from tltutor.classroom.refusals import Refused
from tltutor.classroom.shown import voters_stamp
from tltutor.classroom.store import Poll
from tltutor.classroom.words import say, words

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from tltutor.classroom.app import Classroom, Handler
    from tltutor.classroom.door import Voter


class RoomPages:
    """What a phone sees."""

    def __init__(self, classroom: Classroom) -> None:
        self._class, self._store = classroom, classroom.store

    def handlers(self) -> list[tuple[str, str, Handler]]:
        """Return method, path and handler of each page."""
        return [
            ("GET", "", self.entrance),
            ("GET", "r/{code}", self.room),
            ("POST", "r/{code}", self.vote),
            ("GET", "r/{code}/state", self.state),
        ]

    async def entrance(self, request: Request) -> Response:
        """Ask for the code, and go to its room."""
        code = request.query_params.get("code", "").strip().upper()
        if not code:
            return self._class.page(request, "entrance.html.j2")
        self._check_code(request, code)
        return self._class.redirect(f"r/{code}")

    async def room(self, request: Request) -> Response:
        """Show the vote that is open, or why there is none."""
        self._check_code(request, request.path_params["code"])
        newcomer = await self._class.door.known(request) is None
        if newcomer and not self._class.newcomers.allows(asked.address_of(request)):
            raise Refused(refusals.TOO_OFTEN, 429)
        voter = await self._class.door.let_in(request)
        self._slow_down(voter)
        response = self._page(request, self._store.current(), voter)
        if voter.cookie:
            response.set_cookie(**voter.cookie)
        return response

    async def vote(self, request: Request) -> Response:
        """Store an answer, and show that it counts."""
        asked.check_site(request)
        self._check_code(request, request.path_params["code"])
        form = await asked.form(request)
        voter = await self._class.door.known(request)
        if voter is None:
            self._class.guess(request)
            raise Refused(refusals.NO_TOKEN, 403)
        self._slow_down(voter)
        self._store.vote(self._seen(form), voter.id, form.get("choice", ""), voter.name)
        return self._class.redirect(f"r/{self._store.room.code}")

    async def state(self, request: Request) -> Response:
        """Return the word that changes when the page does."""
        self._check_code(request, request.path_params["code"])
        voter = await self._class.door.known(request)
        if voter is None:
            self._class.guess(request)
            raise Refused(refusals.NO_TOKEN, 403)
        self._slow_down(voter)
        found: Response = needed("starlette.responses").JSONResponse(
            {"stamp": voters_stamp(self._store.current())}
        )
        return found

    def _page(self, request: Request, poll: Poll | None, voter: Voter) -> Response:
        language = asked.language_of(request)
        options = poll.ballot.options if poll else {}
        return self._class.page(
            request,
            "room.html.j2",
            code=self._store.room.code,
            poll=poll,
            stamp=voters_stamp(poll),
            question=in_language(poll.ballot.question, language) if poll else "",
            options=[(key, in_language(text, language)) for key, text in options.items()],
            voted=poll is not None and self._store.has_voted(poll, voter.id),
            known=say(language, words("en")["known"], name=voter.name) if voter.name else "",
        )

    def _seen(self, form: dict[str, str]) -> Poll:
        """Return the vote as the voter saw it: a page may be older than the vote that is open now."""
        poll = self._store.current()
        if poll is None:
            raise Refused(refusals.NO_VOTE, 409)
        if form.get("seen") != voters_stamp(poll) or not poll.open:
            raise Refused(refusals.CLOSED, 409)
        return poll

    def _check_code(self, request: Request, code: str) -> None:
        if code.upper() != self._store.room.code:
            self._class.guess(request)
            raise Refused(refusals.NO_ROOM, 404)

    def _slow_down(self, voter: Voter) -> None:
        if not self._class.voters.allows(voter.id):
            raise Refused(refusals.TOO_OFTEN, 429)
