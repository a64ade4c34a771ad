"""Show the code that runs, so that learners read exactly what moves the picture."""

from __future__ import annotations

import html
import inspect
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Source:
    """Source text; a notebook highlights it, a terminal prints it."""

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
    """Return the source of a class, function, module or object, read from its file.

    Errors: TypeError or OSError if Python has no source for it.
    """
    if not (inspect.isclass(thing) or inspect.isroutine(thing) or inspect.ismodule(thing)):
        thing = type(thing)
    module = inspect.getmodule(thing)
    return Source(inspect.getsource(thing), f"{module.__name__ if module else '?'}")
