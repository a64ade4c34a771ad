"""Write a page for each executed lesson and an index: plain HTML without scripts; it executes nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from tltutor import views
from tltutor.language import LANGUAGES
from tltutor.lessons.book.formulas import with_pictures
from tltutor.lessons.book.running import BOARDS
from tltutor.lessons.wording import script
from tltutor.templates import rendered
from tltutor.views.still import STILL

HERE = Path(__file__).parent
VIEWS = Path(views.__file__).parent
WIDGET = "application/vnd.jupyter.widget-view+json"
NOT_TO_READ = re.compile(r'<script\b.*?</script>|<a class="anchor-link".*?</a>', re.DOTALL)
OTHER_PAGE = re.compile(r'href="((?:\.\./|zh/)?\d\d_[\w-]+)\.(?:ipynb|md)')
TITLES = {"en": "tltutor: the lessons", "zh": "tltutor：课程"}
ABOUT = {
    "en": "Each lesson as a page to read, its boards as pictures that can be replayed. To do lesson 01 yourself: tltutor lab 01.",
    "zh": "每一课都是可以阅读的一页，实验是可以回放的图片。想亲自做第 01 课：tltutor lab 01。",
}
REPLAY = {"en": "Replay this run", "zh": "回放这次运行"}
ALL = {"en": "All lessons", "zh": "全部课程"}
STYLE = (HERE / "book.css").read_text("utf-8")


@dataclass(frozen=True)
class Lesson:
    """A lesson of the book: its file and its language."""

    path: Path
    language: str

    @property
    def page(self) -> str:
        """The path of its page in the book."""
        return f"{self.folder}{self.path.stem}.html"

    @property
    def folder(self) -> str:
        """The language's folder in the book."""
        return "" if self.language == "en" else f"{self.language}/"

    @property
    def boards(self) -> str:
        """The folder of its boards' pictures and replays, relative to its page."""
        return f"boards/{self.path.stem}"

    @property
    def title(self) -> str:
        """Its title in its language."""
        return script(self.path.stem[:2]).title[self.language]


def lesson_page(lesson: Lesson, notebook: Any, others: Sequence[Lesson]) -> str:
    """Return the page of an executed lesson."""
    from nbconvert import HTMLExporter
    from pygments.formatters import HtmlFormatter

    exporter = HTMLExporter(
        template_name="basic", exclude_input_prompt=True, exclude_output_prompt=True
    )
    body, _ = exporter.from_notebook_node(without_widgets(lesson, notebook))
    body = OTHER_PAGE.sub(r'href="\1.html', NOT_TO_READ.sub("", body))
    style = "".join((VIEWS / name).read_text("utf-8") for name in ("cards.css", "panel.css"))
    style += HtmlFormatter().get_style_defs(".highlight") + STYLE
    links = navigation(lesson, others)
    return rendered(
        HERE / "lesson.html.j2",
        title=lesson.title,
        language=lesson.language,
        style=style,
        links=links,
        body=body,
    )


def without_widgets(lesson: Lesson, notebook: Any) -> Any:
    """Return a copy with static output: for a board its picture and replay, for a card its HTML, for a formula its picture."""
    copy = nbformat.from_dict(dict(notebook))
    boards = copy.metadata.pop(BOARDS, {})
    code = [cell for cell in copy.cells if cell.cell_type == "code"]
    for cell in code:
        cell.outputs = [o for o in cell.outputs if STILL not in o.get("metadata", {})]
    for output in (output for cell in code for output in cell.outputs):
        data = output.get("data", {})
        names = boards.get(data.pop(WIDGET, {}).get("model_id"), ())
        if names:
            about = {
                "title": lesson.title,
                "boards": lesson.boards,
                "replay": REPLAY[lesson.language],
            }
            output.data = {"text/html": rendered(HERE / "figures.html.j2", names=names, **about)}
    for cell in copy.cells:
        if cell.cell_type == "markdown":
            cell.source = with_pictures(cell.source)
    copy.metadata.pop("widgets", None)
    return copy


def navigation(lesson: Lesson, others: Sequence[Lesson]) -> list[tuple[str, str]]:
    """Return address and text of each link: the index, the previous and next lesson, the other languages."""
    mine = [other for other in others if other.language == lesson.language]
    at = mine.index(lesson)
    up = "../" if lesson.folder else ""
    links = [(f"{up}index.html", ALL[lesson.language])]
    links += [
        (f"{mine[i].path.stem}.html", mine[i].title) for i in (at - 1, at + 1) if 0 <= i < len(mine)
    ]
    same = (
        other for other in others if other.path.stem == lesson.path.stem and other is not lesson
    )
    return links + [(f"{up}{other.page}", LANGUAGES[other.language]) for other in same]


def index_page(lessons: Sequence[Lesson]) -> str:
    """Return the index page: all lessons by language."""
    languages = {
        language: [le for le in lessons if le.language == language]
        for language in dict.fromkeys(le.language for le in lessons)
    }
    return rendered(
        HERE / "index.html.j2",
        title=TITLES["en"],
        language="en",
        style=STYLE,
        languages=languages,
        titles=TITLES,
        about=ABOUT,
    )
