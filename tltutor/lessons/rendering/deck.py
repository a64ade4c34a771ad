"""Render a lesson's slides as one HTML file that needs no network and no kernel: text, code, questions, and which board to play."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tltutor.lessons.book.formulas import with_pictures
from tltutor.lessons.rendering.notebooks import NotebookCell, slides
from tltutor.lessons.wording import BoardData, Question, Script
from tltutor.templates import rendered
from tltutor.views.markup import Markup, joined, tag

HERE = Path(__file__).parent
SAID = {
    "en": {
        "hint": "→ next   ← back   N notes",
        "on": "Next",
        "back": "Back",
        "predict": "Predict",
        "explain": "Explain",
        "exit": "Exit question",
        "right": "Right: {text}. {why}",
        "solution": "One solution",
        "play": "Play it in the notebook: {board}",
        "number": "A number",
        "sketch": "Draw the curve",
    },
    "zh": {
        "hint": "→ 下一张   ← 上一张   N 备注",
        "on": "下一张",
        "back": "上一张",
        "predict": "预测",
        "explain": "解释",
        "exit": "课后小测",
        "right": "正确：{text}。{why}",
        "solution": "一种解法",
        "play": "在 notebook 里播放：{board}",
        "number": "一个数",
        "sketch": "画出曲线",
    },
}
CARD = re.compile(r'lesson\.(predict|explain|vote)\("([\w-]+)"')
TASK = re.compile(r'lesson\.(?:exercise|play_objective)\("([\w-]+)"')
BOARD = re.compile(r'lesson\.(?:board|compare)\("([\w-]+)"(?:, "([\w-]+)")?')
ARGUMENTS = ("pair", "objective", "weight", "lr", "freeze_depth", "steps", "seed")
HEADING = re.compile(r"^(?=## )", re.MULTILINE)
NEAR = re.compile(r"\[([^\]]*)\]\((?!https?:)[^)\s]*\)")  # a link to a word or another notebook
NOTES = re.compile(r"<details>.*?</details>", re.DOTALL)
SUMMARY = re.compile(r"</?details>|<summary>.*?</summary>")
ANCHOR = re.compile(r'<a class="anchor-link".*?</a>')
WIRING = re.compile(r"lesson\.(?:board|compare)\(|\.check\(|side_by_side\(|\.reveal\(")
FILLS = 'class="highlight"', 'class="ask"'  # a slide with code or a question takes no more code
SHORT = 240  # characters of a text that needs no slide of its own
ORDER = "slides"  # what the order of the options depends on


@dataclass(frozen=True)
class Part:
    """What a slide shows at once; later: only when the speaker goes on."""

    html: Markup
    later: bool = False


@dataclass(frozen=True)
class Slide:
    """One slide, and the speaker's notes on it."""

    parts: list[Part] = field(default_factory=list)
    notes: list[Markup] = field(default_factory=list)

    def takes(self, kind: str, part: Part) -> bool:
        """Whether the part belongs here: an answer, the first code below a text, or what a short text ("Press Play:") is about."""
        if kind == "fragment":
            return part.later or not any(word in one.html for one in self.parts for word in FILLS)
        (first, *others) = self.parts
        leads_on = not others and first.html.startswith("<p>") and len(first.html) <= SHORT
        return leads_on and not part.html.startswith("<h")


def deck(words: Script, language: str) -> str:
    """Return the slides as a page of its own. Errors: ValueError for a formula that cannot be drawn."""
    from pygments.formatters import HtmlFormatter

    style = HtmlFormatter().get_style_defs(".highlight") + (HERE / "deck.css").read_text("utf-8")
    return rendered(
        HERE / "deck.html.j2",
        title=words.title[language],
        language=language,
        style=style,
        script=(HERE / "deck.js").read_text("utf-8"),
        slides=_slides(words, language),
        said=SAID[language],
    )


def _slides(words: Script, language: str) -> list[Slide]:
    """Return the slides; a short text without a heading shares one with what follows it."""
    found: list[Slide] = []
    for cell in slides(words, language):
        for kind, part in _parts(words, cell, language):
            if kind == "notes":
                found[-1].notes.append(part.html)
            elif found and found[-1].takes(kind, part):
                found[-1].parts.append(part)
            else:
                found.append(Slide([part]))
    return found


def _parts(words: Script, cell: NotebookCell, language: str) -> Iterator[tuple[str, Part]]:
    """Yield what the cell gives, each with its type of slide; "fragment" stays on the slide before."""
    source, kind = cell["source"], cell["metadata"]["slideshow"]["slide_type"]
    if kind == "skip":
        return
    if cell["cell_type"] == "markdown":
        for text in filter(str.strip, HEADING.split(NOTES.sub("", source))):
            yield "slide", Part(_prose(text))
        for note in NOTES.findall(source):
            yield "notes", Part(_prose(SUMMARY.sub("", note)))
    elif card := CARD.search(source):
        named = words.explain if card[1] == "explain" else words.predict
        yield from _question(
            named[card[2]], "predict" if named is words.predict else "explain", words, language
        )
    elif "lesson.exit_ticket(" in source:
        for question in words.exit:
            yield from _question(question, "exit", words, language)
    else:
        yield from _code(words, cell, kind, language)


def _code(
    words: Script, cell: NotebookCell, kind: str, language: str
) -> Iterator[tuple[str, Part]]:
    """Yield the code to read, the boards that it plays, and an exercise's solution, which is told later."""
    source = cell["source"]
    if not WIRING.search(source) and not cell["metadata"].get("jupyter"):
        yield kind, Part(_highlighted(source))
    if made := BOARD.search(source):
        for name in filter(None, made.groups()):
            yield kind, Part(_board(words.boards[name], name, language))
            kind = "fragment"
    if task := TASK.search(source):
        solution = _highlighted(words.exercises[task[1]].solution)
        title = tag("p", SAID[language]["solution"], class_="kind")
        yield "fragment", Part(joined((title, solution)), later=True)


def _board(board: BoardData, name: str, language: str) -> Markup:
    """Return what to play and what matters of its arguments, without what learners are to find out."""
    hidden = board.lab.get("diagnose", ())
    shown = [key for key in ARGUMENTS if key in board.lab and key not in hidden]
    text = SAID[language]["play"].format(board=name)
    arguments = ", ".join(f"{key} = {board.lab[key]}" for key in shown)
    return tag("div", tag("b", text), tag("br"), arguments, class_="board")


def _question(
    question: Question, kind: str, words: Script, language: str
) -> Iterator[tuple[str, Part]]:
    """Yield the question with its options, as a new slide, then the right one, which is told later."""
    said = SAID[language]
    options = question.shuffled(f"{ORDER}/{words.number}").options
    shown = (
        tag("ol", *(tag("li", option.text[language]) for option in options), class_="options")
        if options
        else tag("p", said[question.answer])
    )
    asked = tag("p", question.text[language], class_="ask")
    yield "slide", Part(joined((tag("p", said[kind], class_="kind"), asked, shown)))
    if question.right_id:
        text = question.right.text[language].rstrip(".。")
        told = said["right"].format(text=text, why=question.right.feedback[language])
        yield "fragment", Part(tag("p", told, class_="right"), later=True)


def _prose(text: str) -> Markup:
    """Return the Markdown as HTML: formulas as pictures, links to what lies elsewhere as their words alone."""
    from nbconvert.filters.markdown_mistune import markdown2html_mistune

    html = markdown2html_mistune(with_pictures(NEAR.sub(r"\1", text)))
    return Markup(ANCHOR.sub("", html).strip())


def _highlighted(code: str) -> Markup:
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    return Markup(highlight(code, PythonLexer(), HtmlFormatter()))
