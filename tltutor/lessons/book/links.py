"""Check a folder of pages: every link has an existing target, and nothing is loaded from the network."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Reader(HTMLParser):
    """Collect what a page links to, what it loads, and its anchors."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.places: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect href, src and id."""
        given = {name: value or "" for name, value in attrs}
        self.places.update(given[name] for name in ("id", "name") if name in given)
        if "href" in given:
            (self.loads if tag == "link" else self.links).append(given["href"])
        if "src" in given:
            self.loads.append(given["src"])


@cache
def read(page: Path) -> Reader:
    """Parse the page."""
    reader = Reader()
    reader.feed(page.read_text("utf-8"))
    return reader


def broken_links(folder: Path) -> Iterator[str]:
    """Yield a sentence for each link without a target and each resource that would be loaded from the network."""
    read.cache_clear()
    for page in sorted(folder.rglob("*.html")):
        reader, name = read(page), page.relative_to(folder)
        yield from (
            f"{name}: loads {load}"
            for load in reader.loads
            if urlsplit(load).scheme not in ("", "data")
        )
        near = [to for to in (*reader.links, *reader.loads) if not urlsplit(to).scheme]
        yield from (f"{name}: {to} leads nowhere" for to in near if not leads(page, to))


def leads(page: Path, to: str) -> bool:
    """Return True if this link of the page has an existing file, and anchor if it names one."""
    parts = urlsplit(to)
    file = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if not file.is_file():
        return False
    return (
        not parts.fragment or file.suffix != ".html" or unquote(parts.fragment) in read(file).places
    )
