"""Makes widgets that share one layout and one style a kind: each would otherwise bring two more models for the page to build."""

from __future__ import annotations

from typing import Any, TypeVar

import ipywidgets as w

Kind = TypeVar("Kind", bound=w.DOMWidget)


class Sparing:
    """Call it with a widget's class and arguments; what it made is to be closed together, since layout and styles are shared."""

    def __init__(self) -> None:
        self._layout = w.Layout()
        self._styles: dict[type, Any] = {}

    def __call__(self, kind: type[Kind], *arguments: Any, names: str = "", **about: Any) -> Kind:
        """A `kind` with the CSS classes of `names`."""
        given = {"layout": self._layout, "_dom_classes": tuple(names.split()), **about}
        if kind in self._styles:
            given["style"] = self._styles[kind]
        widget: Kind = kind(*arguments, **given)
        if hasattr(widget, "style"):
            self._styles[kind] = widget.style
        return widget
