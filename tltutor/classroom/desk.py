"""The teacher's page: open a vote, see how many have answered, close it, vote again, show what happened beside the histogram."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tltutor.classroom import asked, refusals
from tltutor.classroom.ballot import as_ballot, in_language
from tltutor.classroom.needs import needed
from tltutor.classroom.qr import qr_of
from tltutor.classroom.refusals import Refused
from tltutor.classroom.shown import lines, remarks, stamp
from tltutor.classroom.store import Poll
from tltutor.classroom.words import WORDS, say

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from tltutor.classroom.app import Classroom, Handler


class Desk:
    """What the teacher sees, and a room of people behind."""

    def __init__(self, classroom: Classroom) -> None:
        self._class, self._store = classroom, classroom.store

    def handlers(self) -> list[tuple[str, str, Handler]]:
        """Return method, path and handler of each page."""
        return [
            ("GET", "teach", self.desk),
            ("GET", "teach/state", self.state),
            ("POST", "teach/{action}", self.act),
        ]

    async def desk(self, request: Request) -> Response:
        """Show the desk."""
        if not await self._class.door.find_teacher(request):
            self._class.guess(request)
            raise Refused(refusals.TEACHER_ONLY, 403)
        return self._page(request)

    async def state(self, request: Request) -> Response:
        """Return the word that changes when the desk does."""
        await self._only_teacher(request)
        found: Response = needed("starlette.responses").JSONResponse(
            {"stamp": stamp(self._store, self._store.current())}
        )
        return found

    async def act(self, request: Request) -> Response:
        """Do what a button says, and show the desk."""
        asked.check_site(request)
        await self._only_teacher(request)
        form = await asked.form(request, asked.MOST_OF_TEACHER)
        action = request.path_params["action"]
        if action == "open":
            return self._open(request, form)
        number = asked.number(form.get("poll", ""))
        if action == "close":
            self._store.close_poll(number)
        elif action == "again":
            self._store.open_again(number)
        elif action == "outcome":
            self._store.set_outcome(number, form.get("outcome", ""))
        else:
            raise Refused(refusals.NOT_HERE, 404)
        return self._class.redirect("teach")

    def _open(self, request: Request, form: dict[str, str]) -> Response:
        texts = [line for line in form.get("options", "").splitlines() if line.strip()]
        try:
            self._store.open_poll(as_ballot(form.get("question", ""), texts))
        except (TypeError, ValueError) as error:
            return self._page(request, 400, error=str(error), given=form)
        return self._class.redirect("teach")

    async def _only_teacher(self, request: Request) -> None:
        if not await self._class.door.is_teacher(request):
            self._class.guess(request)
            raise Refused(refusals.TEACHER_ONLY, 403)

    def _page(self, request: Request, status: int = 200, **values: Any) -> Response:
        poll, language = self._store.current(), asked.language_of(request)
        about = self._about(poll, language) if poll else {}
        return self._class.page(
            request,
            "desk.html.j2",
            status,
            poll=poll,
            stamp=stamp(self._store, poll),
            code=self._store.room.code,
            address=self._class.address,
            qr=qr_of(self._class.address),
            **{"error": "", "given": {}, **about, **values},
        )

    def _about(self, poll: Poll, language: str) -> dict[str, Any]:
        count = self._store.count(poll)
        names = ", ".join(self._store.names(poll))
        return {
            "question": in_language(poll.ballot.question, language),
            "answered": say(language, WORDS["answered"], n=self._store.answered(poll)),
            "here_are": say(language, WORDS["here"], names=names) if names else "",
            "lines": lines(poll, count, language),
            "remarks": remarks(poll, count, language),
            "rounds": [say(language, WORDS["round"], n=n) for n in range(1, poll.round + 1)],
            "show": bool(poll.outcome) or poll.round > 1,
        }
