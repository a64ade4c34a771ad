"""What stands at a lesson's beginning: its title, goals with their ticks, words with explanations, the language; it keeps no progress."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from traitlets import Dict, List, Unicode

from tltutor.language import LANGUAGES, follow, language, mark, tr
from tltutor.views.cards import CardView, Note
from tltutor.views.markup import Markup, tag

KEYS = mark(
    "By keyboard: Shift+Enter runs a cell and goes on, and Shift+Tab leads back into what it shows; "
    "or Ctrl+Enter runs it and stays, and Tab leads in. Escape leads out again, Shift+Enter on to the next cell."
)


class LessonView(CardView):
    """The panel; `on_language(name)` hears which language the learner chooses.

    goals: each with whether it is reached; words: name and sentence by id, explained at each link to `#word-…` in the notebook.
    says: the panel's own words, by what they are for.
    """

    title = Unicode("").tag(sync=True)
    goals: List[Any] = List().tag(sync=True)
    words = Dict().tag(sync=True)
    remark = Unicode("").tag(sync=True)
    says = Dict().tag(sync=True)
    languages = Dict(dict(LANGUAGES)).tag(sync=True)
    language = Unicode("").tag(sync=True)

    def __init__(self, on_language: Callable[[str], object]) -> None:
        self._on_language = on_language
        super().__init__(language=language())
        self.on_msg(self._heard)
        follow(self.retell)

    def _heard(self, _: Any, content: dict[str, Any], buffers: list[memoryview]) -> None:
        if content.get("kind") == "language" and content.get("name") in LANGUAGES:
            self._on_language(content["name"])

    def retell(self) -> None:
        """The language that is in use, wherever it was chosen."""
        self.language = language()

    def show(
        self,
        title: str,
        goals: Sequence[tuple[str, bool]],
        words: Mapping[str, tuple[str, str]],
        remark: str = "",
    ) -> None:
        """Show these, in the language in use."""
        reached = sum(done for _, done in goals)
        count = tr("{reached} of {all} goals reached", reached=reached, all=len(goals))
        with self.hold_sync():
            self.title, self.remark = title, remark
            self.goals = [[text, done] for text, done in goals]
            self.words = {name: list(told) for name, told in words.items()}
            self.says = {
                "count": count,
                "words": tr("Words"),
                "keys": tr(KEYS),
                "reached": tr("reached"),
                "open": tr("not yet"),
            }

    @property
    def html(self) -> Markup:
        """The panel; its words have places that links lead to."""
        says = self.says
        goals = [
            tag(
                "li",
                tag("span", "✓" if done else "○", aria_label=says["reached" if done else "open"]),
                f" {text}",
                class_="tlt-reached" if done else "",
            )
            for text, done in self.goals
        ]
        words = [
            part
            for name, (title, text) in self.words.items()
            for part in (tag("dt", title, id=f"word-{name}"), tag("dd", text))
        ]
        folded = [tag("details", tag("summary", says["words"]), tag("dl", *words))] if words else []
        return tag(
            "div",
            tag("div", tag("b", self.title), class_="tlt-question"),
            tag("div", says["count"], class_="tlt-kind"),
            tag("ul", *goals, class_="tlt-goals"),
            *([Note(self.remark).html] if self.remark else []),
            *folded,
            tag("p", says["keys"], class_="tlt-keyboard"),
            class_="tlt-lesson",
        )

    @property
    def line(self) -> str:
        return f"{self.title}: {self.says['count']}"
