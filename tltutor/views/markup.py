"""HTML for pages where no kernel answers: every text in it is escaped, whoever wrote it."""

from __future__ import annotations

from html import escape


class Markup(str):
    """HTML that `tag` has made; any other text is escaped when it is put into a tag."""

    __slots__ = ()


def tag(name: str, *inside: str, **attributes: str) -> Markup:
    """An element with these texts and elements inside; class_="x" is an attribute whose name Python keeps for itself."""
    about = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for key, value in attributes.items()
        if value
    )
    return Markup(f"<{name}{about}>{joined(inside)}</{name}>")


def joined(parts: tuple[str, ...]) -> Markup:
    """These texts and elements, one after another."""
    return Markup("".join(p if isinstance(p, Markup) else escape(p) for p in parts))
