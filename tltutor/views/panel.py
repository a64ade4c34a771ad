"""What stands at a lesson's beginning: its title, goals with their ticks, words with explanations, the language; it keeps no progress."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets as w
import traitlets

from tltutor.language import LANGUAGES, follow, language, mark, tr
from tltutor.views.closing import close_tree
from tltutor.views.modules import bundled

_HERE = Path(__file__).parent
KEYS = mark(
    "By keyboard: Shift+Enter runs a cell and goes on, and Shift+Tab leads back into what it shows; "
    "or Ctrl+Enter runs it and stays, and Tab leads in. Escape leads out again, Shift+Enter on to the next cell."
)


class WordList(anywidget.AnyWidget):
    """Unseen: explains each link to `#word-…` in its notebook when the pointer or the keyboard's focus rests on it."""

    _esm = bundled(_HERE / "words.js")
    _css = (_HERE / "panel.css").read_text("utf-8")
    words = traitlets.Dict().tag(sync=True)  # id -> [name, sentence]


@dataclass(frozen=True)
class PanelText:
    """All that the panel shows, in the language in use: goals with whether they are reached, words by id, a remark."""

    title: str
    goals: Sequence[tuple[str, bool]]
    words: Mapping[str, tuple[str, str]]
    remark: str = ""

    @property
    def html(self) -> str:
        """Title, goals and words, escaped; the words have places that links lead to."""
        reached = sum(done for _, done in self.goals)
        count = tr("{reached} of {all} goals reached", reached=reached, all=len(self.goals))
        goals = "".join(_goal(text, done=done) for text, done in self.goals)
        words = "".join(_word(name, *told) for name, told in self.words.items())
        folded = (
            f"<details><summary>{escape(tr('Words'))}</summary><dl>{words}</dl></details>"
            if words
            else ""
        )
        remark = (
            f'<p class="tlt-note tlt-note-plain">{escape(self.remark)}</p>' if self.remark else ""
        )
        head = f'<div class="tlt-question">{escape(self.title)}</div><div class="tlt-kind">{escape(count)}</div>'
        return f'{head}<ul class="tlt-goals">{goals}</ul>{remark}{folded}<p class="tlt-keyboard">{escape(tr(KEYS))}</p>'


def _goal(text: str, *, done: bool) -> str:
    mark, said = ("✓", tr("reached")) if done else ("○", tr("not yet"))
    return f'<li class="{"tlt-reached" if done else ""}"><span aria-label="{escape(said)}">{mark}</span> {escape(text)}</li>'


def _word(name: str, title: str, text: str) -> str:
    return f'<dt id="word-{escape(name)}">{escape(title)}</dt><dd>{escape(text)}</dd>'


class LessonPanel:
    """The panel; `on_language(name)` hears which language the learner chooses."""

    def __init__(self, text: PanelText, on_language: Callable[[str], object]) -> None:
        self.text, self._told = w.HTML(), w.HTML()
        self.words = WordList()
        choices = [(title, name) for name, title in LANGUAGES.items()]
        self.languages = w.ToggleButtons(
            options=choices, value=language(), style={"button_width": "auto"}
        )
        self.widget = w.Box([self.words, self.text, self.languages])
        for part, name in ((self.widget, "lesson"), (self.languages, "languages")):
            part.add_class(f"tlt-{name}")
        self.show(text)
        self.languages.observe(lambda change: on_language(change["new"]), "value")
        follow(self.retell)

    def retell(self) -> None:
        """The language that is chosen, wherever it was."""
        self.languages.value = language()

    def show(self, text: PanelText) -> None:
        """Other words, or other ticks."""
        if self.text.value != text.html:
            self.text.value = text.html
        self.words.words = {name: list(told) for name, told in text.words.items()}

    @property
    def html(self) -> str:
        """The panel where no kernel answers."""
        return f'<div class="tlt-lesson">{self.text.value}</div>'

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.widget._repr_mimebundle_(**options)

    def close(self) -> None:
        """Close its widgets."""
        close_tree(self.widget)
