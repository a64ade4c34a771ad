"""The one widget of a board or a card: it carries the state of all parts to the page, and brings back what people do there."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import anywidget
from traitlets import Dict, Unicode

from tltutor.language import dictionary, follow
from tltutor.views.channel import Channel
from tltutor.views.modules import bundled, said

_HERE = Path(__file__).parent
ROUTE = "_reply_subshell_for"  # of the comms of an ipykernel that routes by itself
STYLES = ("views.css", "cards.css", "panel.css")
_HOME = (
    uuid4().hex
)  # this kernel's: its boards and cards share one program in a page, and one language
_open: list[Front] = []  # the first one brings the program; the others find it in the page


@cache
def script() -> str:
    """The page's program, with its style sheets."""
    style = "".join((_HERE / name).read_text("utf-8") for name in STYLES)
    return bundled(_HERE / "app.js").replace("`STYLE`", json.dumps(style))


@cache
def loader() -> str:
    """The module that each widget brings: it finds the program in the page, or takes the one that another brought."""
    version = sha256(script().encode()).hexdigest()[:16]
    return (_HERE / "loader.js").read_text("utf-8").replace("tltutor VERSION", f"tltutor {version}")


class _Speaking(threading.local):
    """The page whose message is being heard on this thread."""

    page = ""


class Front(anywidget.AnyWidget):
    """Shows channels, by name; `plan` says how the page arranges them: "board", "compare" or "cards".

    What is sent is numbered: a page that missed something asks for the whole state.
    """

    _esm = loader()
    program = Unicode("").tag(sync=True)  # the page's program, in the first widget alone
    plan = Unicode("board").tag(sync=True)
    home = Unicode(_HOME).tag(sync=True)
    key = Unicode().tag(sync=True)  # of this widget among all in a page
    state = Dict().tag(sync=True)  # read anew whenever a page opens; see get_state

    def __init__(self, parts: Mapping[str, Channel], plan: str = "board") -> None:
        self.parts = dict(parts)
        self._order = threading.RLock()
        self._speaking = _Speaking()
        self._last, self._words = 0, self.words
        program = "" if _open else script()
        _open.append(self)
        for name, part in self.parts.items():
            part.attach(self, name)
        with self._order:  # what changes meanwhile is told once the widget is open
            super().__init__(plan=plan, key=uuid4().hex, program=program)
        _hear_each_page(self.comm)
        self.on_msg(self._heard)
        follow(self.retell)

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> Any:
        """As every widget's; the state is that of now."""
        found = super().get_state(key, drop_defaults)
        if "state" in found:
            found["state"] = self.whole()
        return found

    def whole(self) -> dict[str, Any]:
        """The state of all parts, the words in the language in use, and the number of the last message that it contains."""
        with self._order:
            parts = {name: part.state for name, part in self.parts.items()}
            return {"parts": parts, "words": self.words, "number": self._last}

    @property
    def words(self) -> dict[str, str]:
        """English -> the language in use, for all that the page says; empty for English."""
        told = [word for part in self.parts.values() for word in part.told]
        return dictionary((*said(script()), *told))

    def tell(
        self,
        name: str,
        kind: str,
        content: Mapping[str, Any],
        buffers: Sequence[bytes] = (),
        *,
        but: str = "",
    ) -> None:
        """Send a part new values ("set") or a message ("message"), in all pages; the page `but` passes the values over."""
        content, buffers = unbuffered(content, buffers)
        with self._order:
            self._last += 1
            told = {"to": name, "kind": kind, "content": content, "number": self._last}
            self.send({**told, "but": but} if but else told, list(buffers))

    def tell_others(self, name: str, values: Mapping[str, Any]) -> None:
        """Send values that a page has said to the others that show this board, as a second tab does."""
        if self._speaking.page:
            self.tell(name, "set", values, but=self._speaking.page)

    def retell(self) -> None:
        """The page's words, in the language in use, where they have become others."""
        words = self.words
        if words != self._words:
            self._words = words
            self.tell("", "words", words)

    def _heard(self, _: Any, content: dict[str, Any], buffers: list[Any]) -> None:
        kind, name = content.get("kind"), content.get("to", "")
        self._speaking.page = str(content.get("page", ""))
        try:
            if kind == "open":
                self._answer(needs_program=bool(content.get("program")))
            elif name in self.parts and kind in ("set", "message"):
                self.parts[name].receive(kind, content.get("content") or {}, self)
        finally:
            self._speaking.page = ""
            if content.get("answer"):
                self.send({"kind": "heard"})  # the page holds back its next values until then

    def _answer(self, *, needs_program: bool) -> None:
        """A page opened: its program, if it has none, and the state as it is now."""
        program = {"program": script()} if needs_program else {}
        with self._order:  # nothing newer overtakes it
            whole = self.whole()
            parts, buffers = unbuffered(whole["parts"], ())
            self.send({"kind": "whole", **program, **whole, "parts": parts}, list(buffers))

    def close(self) -> None:
        """Take the board away; its parts may be shown elsewhere."""
        for part in self.parts.values():
            part.detach(self)
        if self in _open:
            _open.remove(self)
        layout = self.layout
        super().close()
        if layout is not None:
            layout.close()


def _hear_each_page(comm: Any) -> None:
    """Let what a page says go to the subshell that the page names.

    ipykernel sends it to the one that it last spoke for instead. That may be of a page that was there before; it ended with
    the page, and the first clicks in the new page would be lost.
    """
    if hasattr(comm, ROUTE):
        setattr(comm, ROUTE, lambda _, named: named)


def unbuffered(
    content: Mapping[str, Any], buffers: Sequence[bytes]
) -> tuple[dict[str, Any], list[bytes]]:
    """Put the bytes inside a message into its list of buffers; {"buffer": i} says where each one was."""
    found = list(buffers)

    def plain(value: Any) -> Any:
        if isinstance(value, bytes | bytearray | memoryview):
            found.append(bytes(value))
            return {"buffer": len(found) - 1}
        if isinstance(value, Mapping):
            return {key: plain(inner) for key, inner in value.items()}
        return value

    return {key: plain(value) for key, value in content.items()}, found
