"""The line under the sliders: it folds the map's settings away, and shares the run as a link or a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from traitlets import Bool, Dict, Unicode

from tltutor.views.channel import Channel

FILES = ("svg", "png", "gif", "html")  # what a run can be shared as


class FootView(Channel):
    """`link` is what "Copy link" copies; where it is empty, `reason` says why. folds, links: which of the two chips there are.

    unfolded: whether the map's settings are unfolded, which the page says and a page that opens again takes over.
    making: {"kind", "done", "total"} of the file that is being made, {} while there is none. `on_share(kind)` hears that one
    of FILES is wanted.
    """

    link = Unicode("").tag(sync=True)
    reason = Unicode("").tag(sync=True)
    unfolded = Bool(False).tag(sync=True)
    folds = Bool(True).tag(sync=True)
    links = Bool(True).tag(sync=True)
    making = Dict().tag(sync=True)

    def __init__(self, **values: Any) -> None:
        self.on_share: Callable[[str], None] = lambda _: None
        super().__init__(**values)
        self.on_msg(self._heard)

    def show(self, link: str, reason: str = "") -> None:
        """The link as it is now, or why there is none."""
        with self.hold_sync():
            self.link, self.reason = link, reason

    def show_progress(self, kind: str, done: int, total: int) -> None:
        """How far the file of this kind is; "" for none."""
        self.making = {"kind": kind, "done": done, "total": total} if kind else {}

    def hand_over(self, name: str, data: bytes) -> None:
        """Give the page a file to save."""
        self.say({"kind": "file", "name": name}, [data])

    def _heard(self, _: Any, content: dict[str, Any], buffers: list[memoryview]) -> None:
        if content.get("kind") == "share" and content.get("as") in FILES:
            self.on_share(content["as"])
