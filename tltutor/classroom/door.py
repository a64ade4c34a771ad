"""Who comes in: a phone with a cookie that holds a token of the room, and the teacher with the key; it stores nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from tltutor.classroom.needs import needed
from tltutor.classroom.store import Room
from tltutor.classroom.tokens import equal, new_token, voter_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from tltutor.classroom.app import Handler

TOKEN, KEY = "tltutor_token", "tltutor_teacher"  # names of cookies


@dataclass(frozen=True)
class Voter:
    """Who votes: an id, and a name if a Hub gives it. cookie: what the browser is to keep, if anything is new."""

    id: str
    name: str = ""
    cookie: Mapping[str, Any] | None = None


class ElsewhereError(Exception):
    """The request is to be answered by this response, such as a redirect to a login."""

    def __init__(self, response: Response) -> None:
        self.response = response
        super().__init__("go elsewhere")


class Door(Protocol):
    """How people are told apart."""

    def handlers(self) -> list[tuple[str, str, Handler]]:
        """Return method, path and handler of each page that coming in needs."""
        ...

    async def known(self, request: Request) -> Voter | None:
        """Return the voter, if this one has been here before."""
        ...

    async def let_in(self, request: Request) -> Voter:
        """Return the voter, a new one if need be. Errors: ElsewhereError to log in first."""
        ...

    async def is_teacher(self, request: Request) -> bool:
        """Return True if the request is the teacher's."""
        ...

    async def find_teacher(self, request: Request) -> bool:
        """Return True for the teacher; a person who is not known yet may be sent to log in."""
        ...


class Tokens:
    """Anonymous voters, by signed tokens. A token has one vote in each round; its room has a secret of its own."""

    def __init__(self, room: Room, path: str) -> None:
        self._room, self._path = room, path

    def handlers(self) -> list[tuple[str, str, Handler]]:
        """A token needs no page."""
        return []

    async def known(self, request: Request) -> Voter | None:
        token = request.cookies.get(TOKEN, "")
        voter = voter_of(token, self._room.secret, self._room.code)
        return Voter(voter) if voter else None

    async def let_in(self, request: Request) -> Voter:
        found = await self.known(request)
        if found:
            return found
        token = new_token(self._room.secret, self._room.code)
        voter = voter_of(token, self._room.secret, self._room.code) or ""
        return Voter(voter, cookie=cookie(TOKEN, token, self._path, "lax"))

    async def is_teacher(self, request: Request) -> bool:
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        return any(equal(key, self._room.key) for key in (bearer, request.cookies.get(KEY, "")))

    async def find_teacher(self, request: Request) -> bool:
        """Take the key of the address into a cookie and out of the address, where others could read it."""
        key = request.query_params.get("key", "")
        if not equal(key, self._room.key):
            return await self.is_teacher(request)
        response = needed("starlette.responses").RedirectResponse(f"{self._path}teach", 303)
        response.set_cookie(**cookie(KEY, key, self._path, "strict"))
        raise ElsewhereError(response)


def cookie(name: str, value: str, path: str, samesite: str) -> dict[str, Any]:
    """Return a cookie that ends with the browser's session and that no script can read."""
    return {"key": name, "value": value, "path": path, "httponly": True, "samesite": samesite}
