"""A class for a test: the service on a free port of this process, its teacher, and as many voters as are needed."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any

import requests
import uvicorn

from tltutor.classroom.app import Classroom
from tltutor.classroom.door import Door
from tltutor.classroom.serving import bound
from tltutor.classroom.store import Store

QUESTION, OPTIONS = "Does λ help?", ["It gains", "About the same", "It loses"]


class Browser(requests.Session):
    """Keeps cookies and follows redirects, as a browser does; asks for paths."""

    def __init__(self, home: str, **headers: str) -> None:
        super().__init__()
        self.trust_env = False  # no proxy
        self.home = home
        self.headers.update({"accept-language": "en", **headers})

    def request(self, method: str, url: str, *args: Any, **about: Any) -> Any:
        url = url if url.startswith("http") else f"{self.home}{url}"
        answer = super().request(method, url, *args, timeout=30, **about)
        answer.encoding = "utf-8"
        return answer


class Class:
    """A class whose teacher has the key."""

    def __init__(self, classroom: Classroom, home: str) -> None:
        self.classroom, self.store, self.home = classroom, classroom.store, home
        self.room = f"/r/{self.store.room.code}"
        self.teacher = self.client(authorization=f"Bearer {self.store.room.key}")

    def client(self, **headers: str) -> Browser:
        return Browser(self.home, **headers)

    def open(self, question: Any = QUESTION, options: Any = OPTIONS) -> dict[str, Any]:
        answer = self.teacher.post("/api/polls", json={"question": question, "options": options})
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def tell(self, action: str, **content: str) -> dict[str, Any]:
        """Do this with the vote that was opened last."""
        poll = self.store.current()
        assert poll is not None
        found: dict[str, Any] = self.teacher.post(
            f"/api/polls/{poll.id}/{action}", json=content
        ).json()
        return found

    def voter(self) -> Browser:
        """A phone that has opened the room."""
        phone = self.client()
        assert phone.get(self.room).status_code == 200
        return phone

    def seen(self, phone: Browser) -> str:
        """What the form of the phone's page says it is about."""
        found = re.search(r'name="seen" value="([^"]*)"', phone.get(self.room).text)
        return found[1] if found else ""

    def vote(self, phone: Browser, choice: str, seen: str | None = None) -> Any:
        """Send the form as the phone's page would, or as an older page."""
        seen = self.seen(phone) if seen is None else seen
        return phone.post(self.room, data={"seen": seen, "choice": choice})


def sentence(answer: Any) -> str:
    """The one sentence that a page says."""
    (found,) = re.findall(r'<p class="note[^"]*" role="\w+">(.*?)</p>', answer.text)
    return unescape(re.sub(r"<[^>]*>", "", found))


@contextmanager
def a_class(file: Path, door: Callable[[Store], Door] | None = None) -> Iterator[Class]:
    """Serve the class of this file in a thread."""
    with bound("127.0.0.1", 0) as listening:
        home = f"http://127.0.0.1:{listening.getsockname()[1]}"
        store = Store(file)
        classroom = Classroom(store, home, door=door(store) if door else None)
        config = uvicorn.Config(
            classroom.application(),
            log_level="warning",
            access_log=False,
            ws="none",
            timeout_graceful_shutdown=1,
        )
        server, started = uvicorn.Server(config), threading.Event()
        classroom._on = (started.set, lambda: None)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            assert started.wait(30)
            yield Class(classroom, home)
        finally:
            server.should_exit = True
            thread.join(30)
