"""Who comes in below a JupyterHub: people whom the Hub knows, after its own login; it keeps no password and no account."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

from tltutor.classroom import refusals
from tltutor.classroom.door import ElsewhereError, Voter, cookie
from tltutor.classroom.needs import needed
from tltutor.classroom.refusals import Refused

if TYPE_CHECKING:
    from starlette.requests import Request

    from tltutor.classroom.app import Handler

TEACH = "custom:tltutor:teach"  # the scope of teachers
CALLBACK = "oauth_callback"  # where the Hub sends a browser back to
PREFIX, PLACE = (
    "JUPYTERHUB_SERVICE_PREFIX",
    "JUPYTERHUB_SERVICE_URL",
)  # what the Hub tells a service
TOKEN = "JUPYTERHUB_API_TOKEN"  # noqa: S105 - the name of a variable
CACHED = 60  # seconds for which the Hub's word on a token holds


class HubDoor:
    """Voters by their names in the Hub; teachers by their scope. A browser logs in (OAuth), a notebook sends its token.

    Source: JupyterHub, "Services", OAuth 2 (RFC 6749, authorization code).
    """

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._hub = needed("jupyterhub.services.auth", "hub").HubOAuth(cache_max_age=CACHED)

    def handlers(self) -> list[tuple[str, str, Handler]]:
        """Return method, path and handler of the page to which the Hub sends people back."""
        return [("GET", CALLBACK, self.come_back)]

    async def known(self, request: Request) -> Voter | None:
        """Return the person whom the Hub knows, or None."""
        person = await self._person(request)
        return Voter(person["name"], person["name"]) if person else None

    async def let_in(self, request: Request) -> Voter:
        """Return the person. Errors: ElsewhereError to log in first."""
        voter = await self.known(request)
        if voter is None:
            raise self._to_login(request)
        return voter

    async def is_teacher(self, request: Request) -> bool:
        """Return True if the Hub has given this person the scope of teachers."""
        person = await self._person(request)
        return person is not None and TEACH in person["scopes"]

    async def find_teacher(self, request: Request) -> bool:
        """Return True for a teacher. Errors: ElsewhereError to log in first."""
        if await self._person(request) is None:
            raise self._to_login(request)
        return await self.is_teacher(request)

    async def come_back(self, request: Request) -> Any:
        """Take the Hub's code for a token, keep the token in a cookie, and go where the person wanted to.

        Errors: Refused (403) without the word that this browser was sent away with: somebody else may have made the address.
        """
        state, code = request.query_params.get("state", ""), request.query_params.get("code", "")
        if not state or not code or state != request.cookies.get(self._hub.state_cookie_name):
            raise Refused(refusals.NO_LOGIN, 403)
        goal = self._hub.get_next_url(state)
        token = await self._hub.token_for_code(code, sync=False)
        response = needed("starlette.responses").RedirectResponse(goal, 303)
        response.set_cookie(**cookie(self._hub.cookie_name, token, self._prefix, "lax"))
        response.delete_cookie(self._hub.state_cookie_name, path=self._prefix)
        return response

    async def _person(self, request: Request) -> Mapping[str, Any] | None:
        header = request.headers.get("authorization", "")
        token = header.removeprefix("Bearer ") or request.cookies.get(self._hub.cookie_name, "")
        if not token:
            return None
        person: Mapping[str, Any] | None = await self._hub.user_for_token(token, sync=False)
        if person is None or not self._hub.check_scopes(self._hub.access_scopes, person):
            return None
        return person

    def _to_login(self, request: Request) -> ElsewhereError:
        """Send a browser to the Hub, with a word that only this browser can bring back."""
        here = request.url.path  # of this service alone: no address may lead elsewhere
        state = self._hub.generate_state(next_url=here)
        login = f"{self._hub.login_url}&state={state}"
        response = needed("starlette.responses").RedirectResponse(login, 303)
        name = self._hub.state_cookie_name
        response.set_cookie(**cookie(name, state, self._prefix, "lax"))
        return ElsewhereError(response)


def place_of_service() -> tuple[str, SplitResult]:
    """Return the path below which the Hub serves the class, and where the Hub looks for it.

    Errors: RuntimeError if no Hub has started this process.
    """
    prefix, own = os.environ.get(PREFIX, ""), os.environ.get(PLACE, "")
    if not (prefix and own and os.environ.get(TOKEN)):
        raise RuntimeError(
            "--hub needs a JupyterHub that starts this command, and none has: "
            "leave --hub out, or use the service in deploy/hub/jupyterhub_config.py"
        )
    return prefix, urlsplit(own)
