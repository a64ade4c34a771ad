"""What a teacher's notebook asks of the service, in JSON, with the teacher's key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tltutor.classroom import asked, refusals
from tltutor.classroom.ballot import as_ballot
from tltutor.classroom.needs import needed
from tltutor.classroom.qr import qr_of
from tltutor.classroom.refusals import Refused
from tltutor.classroom.shown import as_json
from tltutor.classroom.store import Poll

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from tltutor.classroom.app import Classroom, Handler


class Api:
    """Open a vote, ask about it, close it, open it again, say what happened."""

    def __init__(self, classroom: Classroom) -> None:
        self._class, self._store = classroom, classroom.store

    def handlers(self) -> list[tuple[str, str, Handler]]:
        """Return method, path and handler of each request."""
        return [
            ("GET", "api/polls", self.last),
            ("GET", "api/polls/{number}", self.poll),
            ("POST", "api/polls", self.open),
            ("POST", "api/polls/{number}/{action}", self.act),
        ]

    async def open(self, request: Request) -> Response:
        """Open a vote on {"question": …, "options": …}."""
        await self._only_teacher(request)
        try:
            about = await asked.table(request)
            ballot = as_ballot(about.get("question", ""), about.get("options", ()))
        except (TypeError, ValueError) as error:
            return self._answer({"error": str(error)}, 400)
        return self._about(self._store.open_poll(ballot))

    async def last(self, request: Request) -> Response:
        """Return where the vote stands that was opened last; {} before the first."""
        await self._only_teacher(request)
        poll = self._store.current()
        return self._about(poll) if poll else self._answer({})

    async def poll(self, request: Request) -> Response:
        """Return where a vote stands."""
        await self._only_teacher(request)
        return self._about(self._store.poll(asked.number(request.path_params["number"])))

    async def act(self, request: Request) -> Response:
        """Close a vote, open its second round, or take {"outcome": ID}."""
        await self._only_teacher(request)
        number, action = asked.number(request.path_params["number"]), request.path_params["action"]
        if action == "close":
            return self._about(self._store.close_poll(number))
        if action == "again":
            return self._about(self._store.open_again(number))
        if action == "outcome":
            try:
                outcome = str((await asked.table(request)).get("outcome", ""))
            except (TypeError, ValueError) as error:
                return self._answer({"error": str(error)}, 400)
            return self._about(self._store.set_outcome(number, outcome))
        raise Refused(refusals.NOT_HERE, 404)

    async def _only_teacher(self, request: Request) -> None:
        if not await self._class.door.is_teacher(request):
            self._class.guess(request)
            raise Refused(refusals.TEACHER_ONLY, 403)

    def _about(self, poll: Poll) -> Response:
        size, path = qr_of(self._class.address)
        where = {"address": self._class.address, "qr": {"size": size, "path": path}}
        return self._answer({**as_json(self._store, poll), **where})

    def _answer(self, found: object, status: int = 200) -> Response:
        response: Response = needed("starlette.responses").JSONResponse(found, status)
        return response
