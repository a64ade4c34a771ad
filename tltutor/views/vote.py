"""A vote of the class on a card: where to answer, how many have, then the votes as bars; it counts nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from traitlets import Bool, Dict, Int, List, Unicode

from tltutor.views.cards import CardView, card_html, note_html
from tltutor.views.markup import Markup, tag


class VoteView(CardView):
    """`on_press(action)` hears each button, and "look" once a second as long as the vote is `live`.

    options: the texts, before there are votes to see. join: the address and its QR code while answers are taken.
    buttons: (action, words). lines: (text, whether it came true, (words, share in percent) of each round), once the vote is
    closed; fold: what opens them; unfolded: they stand open. looked: how often the class was looked at.
    """

    kind = Unicode("").tag(sync=True)
    question = Unicode("").tag(sync=True)
    options: List[Any] = List().tag(sync=True)
    count = Unicode("").tag(sync=True)
    join = Dict().tag(sync=True)
    buttons: List[Any] = List().tag(sync=True)
    lines: List[Any] = List().tag(sync=True)
    fold = Unicode("").tag(sync=True)
    unfolded = Bool(False).tag(sync=True)
    remarks: List[Any] = List().tag(sync=True)
    note = Dict().tag(sync=True)
    live = Bool(False).tag(sync=True)
    looked = Int(0).tag(sync=True)

    def __init__(self, on_press: Callable[[str], None]) -> None:
        self._on_press = on_press
        super().__init__()
        self.on_msg(self._heard)

    def _heard(self, _: Any, content: dict[str, Any], buffers: list[memoryview]) -> None:
        action = content.get("kind")
        if (action == "look" and self.live) or action in [name for name, _ in self.buttons]:
            try:
                self._on_press(str(action))
            finally:
                self.looked += 1

    @property
    def html(self) -> Markup:
        texts = [text for text, *_ in self.lines] if self.unfolded else self.options
        items = tag("ul", *(tag("li", text) for text in texts))
        parts = (items, tag("p", self.count), *(tag("p", said) for said in self._spoken))
        return card_html(self.kind, self.question, *parts, note_html(self.note))

    @property
    def line(self) -> str:
        return " ".join(filter(None, (f"{self.kind}: {self.question}", self.count, *self._spoken)))

    @property
    def _spoken(self) -> list[str]:
        return self.remarks if self.unfolded else []
