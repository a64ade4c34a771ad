"""The progress of a class as a CSV, one line per learner and task, and as one HTML page that needs no network."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from tltutor.language import language, tr
from tltutor.lessons.desk.files import Group
from tltutor.lessons.desk.found import Found
from tltutor.lessons.report import COLUMNS, task_reports
from tltutor.lessons.wording import localized, script
from tltutor.templates import rendered

TEMPLATE = Path(__file__).with_name("page.html.j2")
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
FORMULAS = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
)  # a spreadsheet takes a cell that begins so for a formula


def table(group: Group) -> str:
    """Return the CSV: the learner's name, then the columns of `tltutor progress --csv`."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("learner", *COLUMNS))
    for learner in group.learners:
        for report in task_reports(learner):
            writer.writerow(map(_cell, (learner.name, *report.row)))
    return text.getvalue()


def _cell(text: str) -> str:
    """Return the text of a cell; a quotation mark before it keeps a spreadsheet from running it."""
    return f"'{text}" if text.startswith(FORMULAS) else text


def page(group: Group, found: Found) -> str:
    """Return the page, in the current language."""
    return rendered(
        TEMPLATE,
        language=language(),
        policy=POLICY,
        t=_labels(len(group.learners)),
        of=lambda n, all_: tr("{n} of {all}", n=n, all=all_),
        complaints=group.complaints,
        found=found,
        titles={number: localized(script(number).title) for number in found.lessons},
    )


def _labels(learners: int) -> dict[str, str]:
    return {
        "title": tr("The class's progress"),
        "learners": tr("{n} learners", n=learners),
        "where": tr("Who is where"),
        "learner": tr("learner"),
        "last": tr("last entry (UTC)"),
        "done": tr("tasks done, of all"),
        "misconceptions": tr("Wrong answers that the class chose first"),
        "question": tr("question"),
        "option": tr("chosen instead"),
        "first": tr("chose it first"),
        "exercises": tr("Exercises, those that take most hints first"),
        "exercise": tr("exercise"),
        "began": tr("began"),
        "finished": tr("finished"),
        "hints": tr("hints a learner"),
        "solutions": tr("opened the solution"),
        "files": tr("Files that need a look"),
        "none": tr("None so far."),
    }
