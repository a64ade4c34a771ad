"""A page to print or to show: the test, its key for the teacher, or the questionnaire."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from tltutor.language import language, tr
from tltutor.lessons.course.questions import LETTERS, questions, statements
from tltutor.lessons.course.usability import CHOICES
from tltutor.settings import check_name
from tltutor.templates import rendered

TEMPLATE = Path(__file__).with_name("sheet.html.j2")
KINDS = ("test", "key", "usability")


def sheet(kind: Literal["test", "key", "usability"]) -> str:
    """Return the page, in the current language. It needs no network, and fits A4 and letter paper. Errors: ValueError for another kind."""
    spoken = language()
    titles = {
        "test": tr("Twelve questions on transfer learning"),
        "key": tr("Twelve questions on transfer learning: the key"),
        "usability": tr("Ten statements on tltutor"),
    }
    return rendered(
        TEMPLATE,
        language=spoken,
        kind=check_name(kind, KINDS, what="sheet"),
        title=titles[kind],
        items=[
            (item.text[spoken], [(a, o[spoken], a == item.right) for a, o in zip(LETTERS, item.options, strict=True)])
            for item in questions()
        ],
        statements=[text[spoken] for text in statements()],
        scale=CHOICES,
        t={
            "name": tr("Name or number:"),
            "choose": tr("Choose one answer for each question. If you do not know, leave it empty."),
            "agree": tr("1: I disagree strongly … 5: I agree strongly. If undecided, choose 3."),
            "statement": tr("Statement"),
        },
    )  # fmt: skip
