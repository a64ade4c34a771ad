"""Read a request: its body up to a limit, the language it prefers, and whether it came from this site's own pages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from tltutor.classroom import refusals
from tltutor.classroom.refusals import Refused
from tltutor.classroom.words import preferred
from tltutor.language import language

if TYPE_CHECKING:
    from starlette.requests import Request

MOST = 4096  # bytes of a voter's body
MOST_OF_TEACHER = 65_536
PATIENCE = (
    16_000_000  # bytes of a body that are read and forgotten, so that the sender hears the answer
)
FIELDS = 100  # of a form
LANGUAGE = "tltutor_lang"  # name of a cookie


async def body(request: Request, most: int = MOST) -> bytes:
    """Return the body. Errors: Refused (413) if it has more than `most` bytes; nothing beyond them is kept."""
    held, size = b"", 0
    async for part in request.stream():
        size += len(part)
        held = held + part if size <= most else b""
        if size > PATIENCE:
            break
    if size > most:
        raise Refused(refusals.TOO_LARGE, 413, most=most)
    return held


async def form(request: Request, most: int = MOST) -> dict[str, str]:
    """Return the fields of a form; what is not UTF-8 is replaced."""
    text = (await body(request, most)).decode("utf-8", "replace")
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS))
    except ValueError as error:  # too many fields
        raise Refused(refusals.NO_OPTION, 400) from error


async def table(request: Request) -> dict[str, Any]:
    """Return the JSON object of a program's request. Errors: ValueError."""
    text = await body(request, MOST_OF_TEACHER)
    try:
        found = json.loads(text or b"{}")
    except (ValueError, RecursionError) as error:
        raise ValueError(f"a request must be JSON, got {text[:40]!r}: send an object") from error
    if not isinstance(found, dict):
        raise TypeError(f"a request must be a JSON object, got {found!r}: send one")
    return found


def number(word: str) -> int:
    """Return a number that a page has sent. Errors: Refused for anything else."""
    if not (word.isascii() and word.isdigit() and len(word) < 16):
        raise Refused(refusals.NOT_HERE, 404)
    return int(word)


def language_of(request: Request) -> str:
    """Return the language of this request."""
    return preferred(
        request.query_params.get("lang", ""),
        request.cookies.get(LANGUAGE, ""),
        request.headers.get("accept-language", ""),
        language(),
    )


def address_of(request: Request) -> str:
    """Return the network address that the request came from."""
    return request.client.host if request.client else "nowhere"


def check_site(request: Request) -> None:
    """Refuse a form that another site has sent: a browser names the site in Origin."""
    origin = request.headers.get("origin")
    if origin and urlsplit(origin).netloc != request.headers.get("host"):
        raise Refused(refusals.OTHER_SITE, 403)
