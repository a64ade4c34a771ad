"""A part of a board: named values that the page shows, and messages both ways, all through the board's one widget."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from traitlets import HasTraits

if TYPE_CHECKING:
    from tltutor.views.front import Front

Hear = Callable[[Any, dict[str, Any], list[Any]], None]


class _Said(threading.local):
    """What a page is saying on this thread: through which front, and which trait."""

    front: Front | None = None
    name = ""


class Channel(HasTraits):
    """Traits that are tagged sync=True are the part's state, as an ipywidget's are: the page draws them.

    Several fronts may show one channel; without one nothing is sent, and a page that opens later gets the state as it is.
    `on_msg(hear)`: hear(channel, content, buffers) gets what a page sends by name. Any thread may set a trait.
    """

    told: tuple[str, ...] = ()  # words that the page's script does not know beforehand

    def __init__(self, **values: Any) -> None:
        self._fronts: list[tuple[Front, str]] = []
        self._hearers: list[Hear] = []
        self._order = threading.RLock()
        self._depth, self._pending = 0, dict[str, None]()
        self._said = _Said()
        super().__init__(**values)
        self._synced = tuple(self.traits(sync=True))
        self.observe(self._changed, self._synced)

    @property
    def state(self) -> dict[str, Any]:
        """All values that the page shows, by name."""
        return {name: getattr(self, name) for name in self._synced}

    def attach(self, front: Front, name: str) -> None:
        """Be shown by this front, under this name."""
        with self._order:
            self._fronts.append((front, name))

    def detach(self, front: Front) -> None:
        """Be shown by this front no more."""
        with self._order:
            self._fronts = [shown for shown in self._fronts if shown[0] is not front]

    @contextmanager
    def hold_sync(self) -> Iterator[None]:
        """Send what is set inside as one message at the end."""
        with self._order:
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
                if self._depth == 0 and self._pending:
                    names, self._pending = self._pending, {}
                    self._push(names)

    def say(self, content: Mapping[str, Any], buffers: Sequence[bytes] = ()) -> None:
        """Send a message to the page's part."""
        for front, name in list(self._fronts):
            front.tell(name, "message", content, buffers)

    def on_msg(self, hear: Hear) -> None:
        """Let this function hear the page's messages, too."""
        self._hearers.append(hear)

    def receive(self, kind: str, content: dict[str, Any], front: Front | None = None) -> None:
        """What a page sent through this front: new values ("set") or a message ("message")."""
        self._said.front = front
        try:
            self._take(kind, content)
        finally:
            self._said.front = None

    def _take(self, kind: str, content: dict[str, Any]) -> None:
        if kind == "message":
            for hear in self._hearers:
                hear(self, content, [])
            return
        for name, value in content.items():
            if name in self._synced:
                with self.from_page(name):
                    setattr(self, name, value)

    @contextmanager
    def from_page(self, name: str) -> Iterator[None]:
        """Set this trait to what the page said: that page is not told it again, all others are."""
        self._said.name = name
        try:
            yield
        finally:
            self._said.name = ""

    def _changed(self, change: Any) -> None:
        name, said = change["name"], self._said.name == change["name"]
        with self._order:
            if self._depth and not said:
                self._pending[name] = None
            else:
                self._push({name: None}, but=self._said.front if said else None)

    def _push(self, names: Mapping[str, None], but: Front | None = None) -> None:
        values = {name: getattr(self, name) for name in names}
        for front, name in self._fronts:
            if front is not but:
                front.tell(name, "set", values)
            else:
                front.tell_others(name, values)

    def tell_words(self) -> None:
        """The words that are `told` have become others: let the pages know them."""
        for front, _ in list(self._fronts):
            front.retell()

    def close(self) -> None:
        """Let go of all fronts and observers."""
        with self._order:
            self._fronts, self._hearers = [], []
        self.unobserve_all()
