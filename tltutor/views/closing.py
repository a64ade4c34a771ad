"""Close a widget with all that hangs on it, so that a cell run again leaves no widget behind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipywidgets import Widget

if TYPE_CHECKING:
    from collections.abc import Iterator


def tree(widget: Widget) -> Iterator[Widget]:
    """The widget, its children and theirs, and the layout and style of each."""
    for child in getattr(widget, "children", ()):
        yield from tree(child)
    for part in ("layout", "style"):
        owned = getattr(widget, part, None)
        if isinstance(owned, Widget):
            yield owned
    yield widget


def close_tree(widget: Widget) -> None:
    """Close the widget, its children, layouts and styles."""
    for part in list(tree(widget)):
        part.close()
