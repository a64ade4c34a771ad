"""The service as an ASGI application: a room for voters, a desk for the teacher, an API for notebooks. It executes nothing."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tltutor.classroom import asked, refusals
from tltutor.classroom.api import Api
from tltutor.classroom.desk import Desk
from tltutor.classroom.door import Door, ElsewhereError, Tokens
from tltutor.classroom.limits import Limit
from tltutor.classroom.needs import needed
from tltutor.classroom.refusals import Refused
from tltutor.classroom.room import RoomPages
from tltutor.classroom.store import Store
from tltutor.classroom.words import say, words
from tltutor.templates import rendered

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

PAGES = Path(__file__).with_name("pages")
FILES = {"page.css": "text/css", "live.js": "text/javascript", "icon.svg": "image/svg+xml"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store",
}
A_WEEK = 7 * 24 * 3600
Handler = Callable[["Request"], Awaitable["Response"]]


class Classroom:
    """A room with its store. address: what phones are told, without a slash at the end. prefix: the path below which it is served.

    on_start, on_end: what the service does when it can be reached, and when it ends. door: how people are told apart.
    """

    def __init__(
        self,
        store: Store,
        address: str,
        *,
        prefix: str = "/",
        door: Door | None = None,
        on_start: Callable[[], None] = lambda: None,
        on_end: Callable[[], None] = lambda: None,
    ) -> None:
        self.store, self.prefix, self._on = store, prefix, (on_start, on_end)
        self.address = f"{address}{prefix}r/{store.room.code}"
        self.door = door or Tokens(store.room, prefix)
        self.guesses = Limit(20, 0.5)  # wrong codes and keys of one address
        self.newcomers = Limit(1000, 20)  # new tokens for one address: a class may share it
        self.voters = Limit(30, 2)  # requests of one voter

    def application(self) -> Starlette:
        """Return the application."""
        applications, routing = needed("starlette.applications"), needed("starlette.routing")
        routes = [
            routing.Route(f"{self.prefix}{path}", self._guarded(handler), methods=[method])
            for method, path, handler in self._handlers()
        ]
        missing = {404: self._missing, 405: self._missing}
        found: Starlette = applications.Starlette(
            routes=routes, exception_handlers=missing, lifespan=self._lifespan
        )
        return found

    def _handlers(self) -> list[tuple[str, str, Handler]]:
        parts = (RoomPages(self), Desk(self), Api(self), self.door)
        own = ("GET", "static/{name}", self._file)
        return [own, *(handler for part in parts for handler in part.handlers())]

    def _lifespan(self, _: Starlette) -> AbstractAsyncContextManager[None]:
        @asynccontextmanager
        async def living() -> AsyncIterator[None]:
            self._on[0]()
            yield
            self._on[1]()
            self.store.close()

        return living()

    def _guarded(self, handler: Handler) -> Handler:
        """Answer a refusal in one sentence, and a mistake of the service without its details."""

        async def answer(request: Request) -> Response:
            try:
                response = await handler(request)
            except ElsewhereError as found:
                response = found.response
            except Refused as refused:
                response = self.refusal(request, refused)
            except Exception:
                logging.getLogger(__name__).exception("%s failed", request.url.path)
                response = self.refusal(request, Refused(refusals.BROKEN, 500))
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
            return response

        return answer

    async def _missing(self, request: Request, _: Exception) -> Response:
        async def refuse(_: Request) -> Response:
            raise Refused(refusals.NOT_HERE, 404)

        return await self._guarded(refuse)(request)

    def refusal(self, request: Request, refused: Refused) -> Response:
        """Say the sentence: as JSON to a program, as a page to a person."""
        text = say(asked.language_of(request), refused.text, **refused.values)
        if "/api/" in request.url.path or request.url.path.endswith("/state"):
            found: Response = needed("starlette.responses").JSONResponse(
                {"error": text}, refused.status
            )
            return found
        return self.page(request, "said.html.j2", refused.status, sentence=text)

    def page(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        """Fill in a template in the language of the request."""
        name = asked.language_of(request)
        html = rendered(
            PAGES / template,
            language=name,
            t=words(name),
            prefix=self.prefix,
            here=request.url.path,
            status=status,
            **values,
        )
        found: Response = needed("starlette.responses").HTMLResponse(html, status)
        if request.query_params.get("lang"):
            found.set_cookie(asked.LANGUAGE, name, max_age=A_WEEK, path=self.prefix, samesite="lax")
        return found

    def redirect(self, path: str) -> Response:
        """Send the browser to a page of the service, by GET."""
        found: Response = needed("starlette.responses").RedirectResponse(
            f"{self.prefix}{path}", 303
        )
        return found

    def guess(self, request: Request) -> None:
        """Count a wrong code or key. Errors: Refused (429) after too many."""
        if not self.guesses.allows(asked.address_of(request)):
            raise Refused(refusals.TOO_OFTEN, 429)

    async def _file(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in FILES:
            raise Refused(refusals.NOT_HERE, 404)
        found: Response = needed("starlette.responses").FileResponse(
            PAGES / name, media_type=FILES[name], headers={"cache-control": "max-age=3600"}
        )
        return found
