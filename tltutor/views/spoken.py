"""A view whose page speaks the language in use: the words of its script travel translated, and again when the language changes."""

from __future__ import annotations

from typing import Any

import anywidget
from traitlets import Dict

from tltutor.language import dictionary, follow
from tltutor.views.modules import said


class Spoken(anywidget.AnyWidget):
    """Its script says words by `t(…)` of language.js and draws itself anew, with `retold`, when they become others."""

    words = Dict().tag(
        sync=True
    )  # English -> the language in use, of the script's words; empty for English
    told: tuple[str, ...] = ()  # words that the script does not know beforehand

    def __init__(self, **about: Any) -> None:
        super().__init__(words=self._translated, **about)
        follow(self.retell)

    def retell(self) -> None:
        """The page's words, in the language in use."""
        self.words = self._translated

    @property
    def _translated(self) -> dict[str, str]:
        return dictionary((*said(str(self._esm)), *self.told))
