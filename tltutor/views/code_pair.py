"""Two pieces of code side by side, and a switch that says which of them runs; it runs neither."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import ipywidgets as w

from tltutor.views.cards import CardFrame, Words
from tltutor.views.closing import close_tree


class CodePair:
    """codes: the broken and the right one. `on_switch(mistake)` hears what the learner chooses."""

    def __init__(
        self, codes: tuple[str, str], *, mistake: bool, on_switch: Callable[[bool], None]
    ) -> None:
        self.codes, self._titles, self._question = codes, ("", ""), ""
        self._asked, self._code, self._feedback = w.HTML(), w.HTML(), w.HTML()
        self.switch = w.ToggleButtons(
            options=[("x", True), ("y", False)], value=mistake, style={"button_width": "auto"}
        )
        self.widget = w.Box([CardFrame(), self._code, self._asked, self.switch, self._feedback])
        for part, name in (
            (self.widget, "card"),
            (self.switch, "languages"),
            (self._feedback, "feedback"),
        ):
            part.add_class(f"tlt-{name}")
        self.widget.add_class("tlt-code-pair")
        self.switch.observe(lambda change: on_switch(change["new"]), "value")

    def tell(self, broken: str, right: str, question: str) -> None:
        """Titles of the two, and what the switch is for."""
        self._titles, self._question = (broken, right), question
        mistake = self.switch.value
        with self.switch.hold_trait_notifications():
            self.switch.options = [(broken, True), (right, False)]
            self.switch.value = mistake
        self._code.value = self._columns
        self._asked.value = Words("", question, "").html

    @property
    def _columns(self) -> str:
        """Both codes under their titles, escaped; the lines that the other one lacks stand out."""
        return '<div class="tlt-codes">' + "".join(self._column(i) for i in (0, 1)) + "</div>"

    def _column(self, i: int) -> str:
        mine, other = self.codes[i].splitlines(), set(self.codes[1 - i].splitlines())
        lines = "\n".join(
            escape(line)
            if line in other or line.startswith("def ")
            else f"<mark>{escape(line)}</mark>"
            for line in mine
        )
        return f"<div><b>{escape(self._titles[i])}</b><pre>{lines}</pre></div>"

    @property
    def html(self) -> str:
        """The codes where no kernel answers."""
        return f'<div class="tlt-card">{self._columns}</div>'

    def close(self) -> None:
        """Close its widgets."""
        close_tree(self.widget)
