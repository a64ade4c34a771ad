"""Shows the very code that runs, so that what a learner reads beside the picture is what moves it."""

from __future__ import annotations

import html
import inspect
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Source:
    """Source text that a notebook shows with colours and a terminal shows plain."""

    text: str
    where: str

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return f"# {self.where}\n{self.text}"

    def _repr_html_(self) -> str:
        from pygments import highlight
        from pygments.formatters import HtmlFormatter
        from pygments.lexers import PythonLexer

        code = highlight(self.text, PythonLexer(), HtmlFormatter(nowrap=True, cssclass="highlight"))
        return (
            f'<div class="jp-RenderedHTMLCommon"><small>{html.escape(self.where)}</small>'
            f'<div class="highlight"><pre>{code}</pre></div></div>'
        )


def show_source(thing: Any) -> Source:
    """The source of a class, function or object of this package: exactly what runs, read from its file."""
    if not (inspect.isclass(thing) or inspect.isroutine(thing) or inspect.ismodule(thing)):
        thing = type(thing)
    module = inspect.getmodule(thing)
    return Source(inspect.getsource(thing), f"{module.__name__ if module else '?'}")
