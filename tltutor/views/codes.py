"""Two pieces of code side by side, and a switch that says which of them runs; it runs neither."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from traitlets import Bool, List, Unicode

from tltutor.views.cards import CardView
from tltutor.views.markup import Markup, tag


class CodesView(CardView):
    """The broken code and the right one; `on_switch(mistake)` hears what the learner chooses.

    codes: the lines of each, and whether the other one lacks the line. titles: of the two, and of the buttons.
    """

    codes: List[Any] = List().tag(sync=True)
    titles: List[Any] = List(["", ""]).tag(sync=True)
    question = Unicode("").tag(sync=True)
    mistake = Bool().tag(sync=True)

    def __init__(
        self, codes: tuple[str, str], *, mistake: bool, on_switch: Callable[[bool], None]
    ) -> None:
        broken, right = codes
        super().__init__(codes=[marked(broken, right), marked(right, broken)], mistake=mistake)
        self.observe(lambda change: on_switch(change["new"]), "mistake")

    def tell(self, titles: tuple[str, str], question: str) -> None:
        """Titles of the two, and what the switch is for."""
        with self.hold_sync():
            self.titles, self.question = list(titles), question

    @property
    def html(self) -> Markup:
        columns = [
            tag("div", tag("b", title), tag("pre", *(_line(*line) for line in code)))
            for title, code in zip(self.titles, self.codes, strict=True)
        ]
        return tag("div", tag("div", *columns, class_="tlt-codes"), class_="tlt-card")

    @property
    def line(self) -> str:
        return " | ".join(self.titles)


def marked(code: str, other: str) -> list[list[Any]]:
    """Each line of a code, and whether the other one lacks it; a function's name is no difference."""
    known = set(other.splitlines())
    return [[line, line not in known and not line.startswith("def ")] for line in code.splitlines()]


def _line(text: str, differs: bool) -> str:
    return tag("span", tag("mark", text) if differs else text, "\n")
