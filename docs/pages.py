"""The pages of the site that are made from the code: methods, lessons and the reference."""

from __future__ import annotations

import importlib
import inspect
import json
import re
import sys
from collections.abc import Iterator
from html import escape
from pathlib import Path
from types import ModuleType
from typing import Any

import tltutor as tl
from tltutor.classical import METHODS
from tltutor.language import LANGUAGES
from tltutor.lessons.folders import lesson_folders
from tltutor.lessons.wording import script
from tltutor.objectives import find_objective, objective_groups

RESULTS = Path(__file__).with_name("results.json")
CODE = re.compile(r"`([^`]+)`")


def as_html(text: str) -> str:
    """Return a docstring's sentence as HTML: what stands between backticks is code."""
    return CODE.sub(r"<code>\1</code>", escape(text, quote=False))


def raw(lines: Iterator[str]) -> str:
    """Return lines of HTML as a block that MyST passes on."""
    return "\n".join(["```{raw} html", *lines, "```"])


# --- the methods


def gallery() -> str:
    """Return the page of all methods: a card for each, by family."""
    parts = ["# The methods", GALLERY]
    for group in objective_groups():
        parts += [f"## {group.title}", group.text]
        parts += [raw(cards([objective_card(name) for name in group.names]))]
    parts += ["## Without a network", CLASSICAL]
    parts += [raw(cards([classical_card(name) for name in METHODS]))]
    return "\n\n".join(parts)


GALLERY = """Each card is made from the method's own file: what it minimizes, the lines that compute it, and where it was below its
baseline on [the measured pairs](results.md): means over seeds, at the last step, chosen by no target label. A method with no such line
was not below on these few pairs; that does not say that it never fails."""
CLASSICAL = "Estimators like scikit-learn's, with `fit(X, y, target=Xt)`; [measured on four toy shifts](classical.md)."


def cards(found: list[str]) -> Iterator[str]:
    """Yield the cards as one grid."""
    yield '<div class="gallery">'
    yield from found
    yield "</div>"


def objective_card(name: str) -> str:
    """Return the card of an objective."""
    cls = find_objective(name)
    paper = (sys.modules[cls.__module__].__doc__ or "").strip().splitlines()[0]
    formula = " ".join((inspect.getdoc(cls) or "").split("\n\n")[0].split())
    code = tl.show_formula(cls).text
    own = [setting for setting in cls.declared() if setting.name != "weight"]
    moves = ", ".join(f"<code>{setting.name}</code>" for setting in own)
    lines = [
        f'<div class="card" id="method-{name}"><h4>{escape(cls.title)}</h4>',
        f"<p>{as_html(paper)}</p>",
        f"<p><code>{name}</code>: {as_html(formula)}</p>",
        f"<p>It has {moves}.</p>" if moves else "",
        *(f'<p class="below">{line}</p>' for line in below(name)),
        f"<details><summary>The lines that run</summary><pre>{blank_free(code)}</pre></details></div>",
    ]
    return "\n".join(line for line in lines if line)


def classical_card(name: str) -> str:
    """Return the card of a method without a network."""
    cls = METHODS[name]
    about = " ".join((inspect.getdoc(cls) or "").split("\n\n")[0].split())
    paper = (sys.modules[cls.__module__].__doc__ or "").strip().splitlines()[0]
    head = f'<div class="card" id="classical-{name}"><h4>{cls.__name__}</h4>'
    return f"{head}<p>{as_html(paper)}</p><p><code>{name}</code>: {as_html(about)}</p></div>"


def blank_free(code: str) -> str:
    """Return code as HTML without empty lines, at which Markdown would end a block."""
    return escape(code, quote=False).replace("\n\n", "\n&#8203;\n")


def below(name: str) -> Iterator[str]:
    """Yield a sentence for each measured pair on which the method was below its baseline."""
    for case in json.loads(RESULTS.read_text("utf-8"))["cases"]:
        row = next((row for row in case["rows"] if row["method"] == name), {})
        against = row.get("against") or {}
        if "below" in (against.get("mark") or ""):
            seeds = len(against["seeds"])
            lost = f"{-against['difference']:.3f}".removeprefix("0")
            yield f"Below its baseline by {lost} on {as_html(case['name'])} ({seeds} seeds)."


# --- the lessons


def lessons(book: Path | None) -> str:
    """Return the page of the lessons; where the book lies there, each leads to its page."""
    parts = ["# The lessons", LESSONS if book else NO_BOOK]
    parts += [raw(lesson_cards(book))]
    return "\n\n".join(parts)


LESSONS = "Each lesson was executed to make its page; its boards can be replayed. To do it yourself: `tltutor lab 01`."
NO_BOOK = "To do a lesson: `tltutor lab 01`. `make book` writes each as a page to read."


def lesson_cards(book: Path | None) -> Iterator[str]:
    """Yield the cards of the lessons as one grid."""
    yield '<div class="gallery lessons">'
    for number, folder in lesson_folders().items():
        told = script(number)
        yield f'<div class="card"><h4>{number} · {escape(bare(told.title["en"], number))}</h4>'
        yield f"<p>You move {as_html(told.moves['en'])}; you see {as_html(told.sees['en'])}.</p>"
        pages = {
            name: f"{'' if name == 'en' else f'{name}/'}{folder.name}.html" for name in LANGUAGES
        }
        links = [
            f'<a href="lessons/{page}">{LANGUAGES[name]}</a>'
            for name, page in pages.items()
            if book and (book / page).is_file()
        ]
        yield f"<p>{' · '.join(links)}</p></div>" if links else "</div>"
    yield "</div>"


def bare(title: str, number: str) -> str:
    """Return a lesson's title without its number."""
    return title.removeprefix(number).strip(" ·")


# --- the reference


def reference() -> dict[str, str]:
    """Return the pages of the reference by name: the package's own names, and each room's."""
    rooms = [name for name in tl.__all__ if isinstance(getattr(tl, name), ModuleType)]
    names = [name for name in tl.__all__ if name not in rooms and not name.startswith("_")]
    pages = {"api/tltutor": room_page(tl, names)}
    for name in rooms:
        room = importlib.import_module(f"tltutor.{name}")
        pages[f"api/{name}"] = room_page(room, public_names(room))
    toctree = "\n".join(["```{toctree}", *(page.removeprefix("api/") for page in pages), "```"])
    pages["api/index"] = f"# Reference\n\nFrom the docstrings of the code.\n\n{toctree}"
    return pages


def public_names(room: ModuleType) -> list[str]:
    """Return what this room offers: functions and classes of its own."""
    return [
        name
        for name, value in sorted(vars(room).items())
        if not name.startswith("_")
        and (inspect.isclass(value) or inspect.isfunction(value))
        and str(value.__module__).startswith(room.__name__)
    ]


def room_page(room: ModuleType, names: list[str]) -> str:
    """Return the page of a room."""
    parts = [f"# {room.__name__}", as_text(room.__doc__)]
    for name in names:
        thing = getattr(room, name)
        if inspect.isclass(thing) or inspect.isfunction(thing):
            parts += entry(f"## {name}", name, thing)
            parts += methods_of(thing) if inspect.isclass(thing) else []
    return "\n\n".join(part for part in parts if part)


def methods_of(cls: type) -> list[str]:
    """Return the entries of a class's own public methods that say what they do."""
    own = {name: value for name, value in vars(cls).items() if not name.startswith("_")}
    found = []
    for name, value in own.items():
        thing = value.__func__ if isinstance(value, (classmethod, staticmethod)) else value
        if inspect.isfunction(thing) and thing.__doc__:
            found += entry(f"**{cls.__name__}.{name}**", name, thing)
    return found


def entry(head: str, name: str, thing: Any) -> list[str]:
    """Return heading, signature and docstring of a function or class."""
    try:
        signature = str(inspect.signature(thing))
    except (TypeError, ValueError):
        signature = "(…)"
    signature = re.sub(r" at 0x[0-9a-f]+", "", signature)
    return [head, f"```text\n{name}{signature}\n```", as_text(thing.__doc__)]


def as_text(docstring: str | None) -> str:
    """Return a docstring as Markdown that means nothing else: only its code is marked."""
    pieces = re.split(r"(`[^`]+`)", inspect.cleandoc(docstring or ""))
    plain = [
        piece if piece.startswith("`") else re.sub(r"([\\*_<>\[\]#{}$|^~])", r"\\\1", piece)
        for piece in pieces
    ]
    return re.sub(r"(?m)^([-+]|\d+[.)]|[=:]) ", r"\\\g<0>", "".join(plain))
