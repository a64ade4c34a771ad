"""Make the site: prepare the pages, let Sphinx draw them, and check every link; `make site` calls it.

What a person writes lies in README.md, CONTRIBUTING.md, CHANGELOG.md, data/ and docs/; `pages.py` makes the rest from the code.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import pages
from board import BUILD, publish
from sphinx.cmd.build import main as sphinx

from tltutor.lessons.book.links import broken_links

HERE = Path(__file__).parent
ROOT = HERE.parent
TABLES = ("measured", "results", "finetune", "classical", "judges", "expected", "sources")
TABLES += ("photos", "heterogeneous", "sureness", "texts", "mnist_m", "steps")
WRITTEN: Mapping[str, str] = {  # file of the repository -> page of the site
    "README.md": "index",
    "docs/use.md": "use",
    "docs/course.md": "course",
    "tutorials/README.md": "lessons",
    "CONTRIBUTING.md": "contributing",
    "docs/built.md": "built",
    "data/README.md": "data",
    "CHANGELOG.md": "changes",
    **{f"docs/{name}.md": name for name in TABLES},
}
LINK = re.compile(r"(\]\()([^)#:\s]*)(#[^)\s]*)?(\))")
PICTURE = re.compile(r"<img.*?>\n\n(?=# )|<picture>.*?</picture>", re.DOTALL)
BOARD = (
    '```{raw} html\n<iframe class="board" src="board.html#replay" title="The board"></iframe>\n```'
)
CONTENTS = (
    "use",
    "lessons",
    "course",
    "methods",
    "measured",
    "api/index",
    "contributing",
    "built",
    "data",
)


def main() -> int:
    """Make the site, and return how it went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="the folder to write to; its index.html is the site")
    parser.add_argument(
        "--board", type=Path, help="a page that `tltutor publish` wrote, to open with"
    )
    parser.add_argument("--book", type=Path, help="the folder that `tltutor book` wrote to")
    given = parser.parse_args()
    source = BUILD / "site-source"
    shutil.rmtree(source, ignore_errors=True)
    shutil.rmtree(given.out, ignore_errors=True)
    prepare(source, given.book)
    if sphinx(["-W", "--keep-going", "-q", "-c", str(HERE), str(source), str(given.out)]):
        return 1
    board = given.board or publish("board.html", (0, 0.1, 1, 10), seeds=2)
    shutil.copyfile(board, given.out / "board.html")
    if given.book:
        shutil.copytree(given.book, given.out / "lessons")
    found = list(broken_links(given.out))
    print("\n".join(found), file=sys.stderr, end="\n" if found else "")  # noqa: T201
    print(f"written to {given.out / 'index.html'}: {len(found)} broken links")  # noqa: T201
    return 1 if found else 0


def prepare(source: Path, book: Path | None) -> None:
    """Write what Sphinx reads."""
    made = {
        "methods": pages.gallery(),
        "lessons": pages.lessons(book),
        **pages.reference(),
    }
    written = {page: relinked(file) for file, page in WRITTEN.items() if page not in made}
    written["index"] = start_page(written["index"])
    written["measured"] += contents("Every table", [name for name in TABLES if name != "measured"])
    for page, text in (written | made).items():
        place = source / f"{page}.md"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text.rstrip() + "\n", "utf-8")
    for picture in (*HERE.glob("*.png"), HERE / "logo.svg"):
        shutil.copyfile(picture, source / picture.name)


def start_page(readme: str) -> str:
    """Return the README with the moving board in place of its picture."""
    text = PICTURE.sub("", readme, count=1)
    return (
        "---\nhide-toc: true\n---\n\n"
        + PICTURE.sub(BOARD, text)
        + contents("", [*CONTENTS, "changes"])
    )


def contents(title: str, names: list[str]) -> str:
    """Return the list of the pages below a page; without a title it stands in the side bar alone."""
    kind = f":caption: {title}" if title else ":hidden:"
    return "\n".join(["", "", "```{toctree}", kind, "", *names, "```", ""])


def relinked(file: str) -> str:
    """Return a file of the repository whose links lead to pages of the site, or to the repository."""
    urls = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["urls"]
    folder = PurePosixPath(file).parent

    def to(match: re.Match[str]) -> str:
        begin, path, anchor, end = match.groups()
        if not path:
            return match[0]
        place = (ROOT / folder / path).resolve().relative_to(ROOT).as_posix()
        if place.endswith(".png"):
            return f"{begin}{PurePosixPath(place).name}{end}"
        page = WRITTEN.get(place)
        target = f"{page}.md" if page else f"{urls['Repository']}/blob/main/{place}"
        return f"{begin}{target}{anchor or ''}{end}"

    return LINK.sub(to, (ROOT / file).read_text("utf-8"))


if __name__ == "__main__":
    sys.exit(main())
