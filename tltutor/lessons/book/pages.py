"""A page for each executed lesson, and one that leads to them: plain HTML without scripts; it executes nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import nbformat

from tltutor import views
from tltutor.language import LANGUAGES
from tltutor.lessons.book.running import BOARDS
from tltutor.lessons.wording import script

VIEWS = Path(views.__file__).parent
WIDGET = "application/vnd.jupyter.widget-view+json"
NOT_TO_READ = re.compile(r'<script\b.*?</script>|<a class="anchor-link".*?</a>', re.DOTALL)
OTHER_PAGE = re.compile(r'href="((?:\.\./|zh/)?\d\d_[\w-]+)\.(?:ipynb|md)')
TITLES = {"en": "tltutor: the lessons", "zh": "tltutor：课程"}
ABOUT = {
    "en": "Each lesson as a page to read, its boards as pictures that can be replayed. To do lesson 01 yourself: tltutor lab 01.",
    "zh": "每一课都是可以阅读的一页，实验板是可以回放的图片。想亲自做第 01 课：tltutor lab 01。",
}
REPLAY = {"en": "Replay this run", "zh": "回放这次运行"}
ALL = {"en": "All lessons", "zh": "全部课程"}
STYLE = """
body { max-width: 860px; margin: 0 auto; padding: 1em 1.2em 4em; font: 17px/1.6 system-ui, sans-serif; color: #1c1c1c; background: #fff; }
nav { display: flex; gap: 1.4em; flex-wrap: wrap; padding: .4em 0 1em; border-bottom: 1px solid #ddd; }
pre { padding: .7em .9em; overflow-x: auto; background: #f5f5f5; border-radius: 6px; font-size: 14px; line-height: 1.45; }
table { border-collapse: collapse; } th, td { padding: .3em .8em; border-bottom: 1px solid #ddd; text-align: left; }
figure { margin: 1em 0; } figure img { max-width: min(100%, 600px); border: 1px solid #ddd; border-radius: 6px; }
.jp-InputPrompt, .jp-OutputPrompt, .prompt, .anchor-link { display: none; }
.languages { display: grid; grid-template-columns: repeat(auto-fit, minmax(340px, 1fr)); gap: 0 3em; }
.languages h1 { font-size: 26px; } .languages ol { padding: 0; list-style: none; } .languages li { padding: .25em 0; }
a { color: #0b57a4; } summary { cursor: pointer; }
"""


@dataclass(frozen=True)
class Lesson:
    """A lesson of the book: its file, the language, and the other lessons of that language beside it."""

    path: Path
    language: str

    @property
    def page(self) -> str:
        """Where its page lies in the book."""
        return f"{self.folder}{self.path.stem}.html"

    @property
    def folder(self) -> str:
        """The language's folder in the book."""
        return "" if self.language == "en" else f"{self.language}/"

    @property
    def boards(self) -> str:
        """Where its boards' pictures and replays lie, seen from its page."""
        return f"boards/{self.path.stem}"

    @property
    def title(self) -> str:
        """Its title in its language."""
        return script(self.path.stem[:2]).title[self.language]


def lesson_page(lesson: Lesson, notebook: Any, others: Sequence[Lesson]) -> str:
    """The page of an executed lesson."""
    from nbconvert import HTMLExporter
    from pygments.formatters import HtmlFormatter

    exporter = HTMLExporter(template_name="basic", exclude_input_prompt=True, exclude_output_prompt=True)
    body, _ = exporter.from_notebook_node(without_widgets(lesson, notebook))
    body = OTHER_PAGE.sub(r'href="\1.html', NOT_TO_READ.sub("", body))
    style = "".join((VIEWS / name).read_text("utf-8") for name in ("cards.css", "panel.css"))
    style += HtmlFormatter().get_style_defs(".highlight") + STYLE
    return page(lesson.title, f"{navigation(lesson, others)}{body}", style=style, language=lesson.language)


def without_widgets(lesson: Lesson, notebook: Any) -> Any:
    """A copy in which a board's output is its picture with a replay, and a card's is what it shows where no kernel answers."""
    copy = nbformat.from_dict(dict(notebook))
    boards = copy.metadata.pop(BOARDS, {})
    for output in (output for cell in copy.cells if cell.cell_type == "code" for output in cell.outputs):
        data = output.get("data", {})
        names = boards.get(data.pop(WIDGET, {}).get("model_id"), ())
        if names:
            output.data = {"text/html": "".join(figure(lesson, name) for name in names)}
    copy.metadata.pop("widgets", None)
    return copy


def figure(lesson: Lesson, name: str) -> str:
    """A board's last frame, and the way to its replay."""
    at, said = f"{lesson.boards}/{name}", REPLAY[lesson.language]
    picture = f'<img src="{at}.svg" alt="{escape(lesson.title)}: {escape(name)}">'
    return f'<figure><a href="{at}.html">{picture}</a><figcaption><a href="{at}.html">{said}</a></figcaption></figure>'


def navigation(lesson: Lesson, others: Sequence[Lesson]) -> str:
    """Back to all lessons, the ones before and after, and the same in the other languages."""
    mine = [other for other in others if other.language == lesson.language]
    at = mine.index(lesson)
    up = "../" if lesson.folder else ""
    links = [(f"{up}index.html", ALL[lesson.language])]
    links += [(f"{mine[i].path.stem}.html", mine[i].title) for i in (at - 1, at + 1) if 0 <= i < len(mine)]
    same = (other for other in others if other.path.stem == lesson.path.stem and other is not lesson)
    links += [(f"{up}{other.page}", LANGUAGES[other.language]) for other in same]
    shown = "".join(f'<a href="{escape(to)}">{escape(text)}</a>' for to, text in links)
    return f"<nav>{shown}</nav>"


def index_page(lessons: Sequence[Lesson]) -> str:
    """All lessons, language by language."""
    parts = []
    for language in dict.fromkeys(lesson.language for lesson in lessons):
        own = "".join(f'<li><a href="{le.page}">{escape(le.title)}</a></li>' for le in lessons if le.language == language)
        head = f"<h1>{escape(TITLES[language])}</h1><p>{escape(ABOUT[language])}</p>"
        parts.append(f'<section lang="{language}">{head}<ol>{own}</ol></section>')
    return page(TITLES["en"], f'<div class="languages">{"".join(parts)}</div>', style=STYLE, language="en")


def page(title: str, body: str, *, style: str, language: str) -> str:
    """A whole page."""
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
    return f'<!doctype html><html lang="{language}"><head>{head}<style>{style}</style></head><body>{body}</body></html>'
