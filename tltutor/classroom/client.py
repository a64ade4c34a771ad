"""Ask the service from a notebook, with the standard library alone; every failure is one sentence."""

from __future__ import annotations

import json
import os
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

from tltutor.classroom.running import Running, found

PATIENCE = 5.0  # seconds
ADDRESS = "TLTUTOR_CLASS_ADDRESS"  # of a service elsewhere, such as a Hub's; its key is HUB_TOKEN
HUB_TOKEN = "JUPYTERHUB_API_TOKEN"  # noqa: S105 - the name of a variable
START = "start `tltutor class serve` in a terminal, then run this cell again"


def service() -> Running:
    """Return where the service is. Errors: RuntimeError if none has been started here."""
    address = os.environ.get(ADDRESS, "")
    running = Running(address, os.environ.get(HUB_TOKEN, "")) if address else found()
    if running is None:
        raise RuntimeError(f"a vote needs the service of the class, and none runs here: {START}")
    return running


def ask(path: str, content: Any = None, *, running: Running | None = None) -> dict[str, Any]:
    """Return the service's answer: to a question, or to `content` if there is any.

    Errors: RuntimeError in one sentence: the service's own, or that it does not answer.
    """
    to = running or service()
    if not to.address.startswith(("http://", "https://")):
        raise RuntimeError(
            f"{ADDRESS} must be an address http://…, got {to.address!r}: set it anew"
        )
    request = Request(  # noqa: S310 - the scheme was checked above
        f"{to.address.rstrip('/')}/api/{path}",
        data=None if content is None else json.dumps(content).encode(),
        headers={"authorization": f"Bearer {to.key}", "content-type": "application/json"},
    )
    opener = build_opener(ProxyHandler({}))  # a class's network has no proxy
    try:
        with opener.open(request, timeout=PATIENCE) as answer:
            return dict(json.loads(answer.read()))
    except HTTPError as error:
        raise RuntimeError(_reason(error)) from error
    except (URLError, OSError, ValueError) as error:
        raise RuntimeError(
            f"the class's service at {to.address} does not answer: {START}"
        ) from error


def _reason(error: HTTPError) -> str:
    try:
        return str(json.loads(error.read())["error"])
    except (ValueError, KeyError, TypeError):
        return f"the class's service refused it with status {error.code}"
