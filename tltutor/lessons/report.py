"""Summarize a progress file by task and lesson: tries, hints, whether it is done; as text and as a teacher's CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from tltutor.language import tr
from tltutor.lessons.folders import lesson_numbers
from tltutor.lessons.progress import Entry, Progress
from tltutor.lessons.wording import Script, localized, script

COLUMNS = (
    "lesson",
    "task",
    "kind",
    "state",
    "tries",
    "done",
    "right_at_once",
    "hints",
    "solution",
    "first_at",
    "last_at",
    "last_answer",
)


@dataclass(frozen=True)
class TaskReport:
    """One task of a lesson. done: a prediction compared with a run, a question answered correctly, an exercise passed."""

    lesson: str
    task: str
    kind: str  # predict, explain, exercise, exit
    entries: tuple[Entry, ...]

    @property
    def tries(self) -> list[Entry]:
        """Answers and checked functions, in order."""
        return [e for e in self.entries if e.did in ("answered", "tried")]

    @property
    def done(self) -> bool:
        """True if it counts for a goal."""
        scored = any(e.did == "scored" for e in self.entries)
        return scored if self.kind == "predict" else any(e.facts.get("right") for e in self.tries)

    @property
    def state(self) -> str:
        """Done, attempted, or unattempted: a task that nobody answered counts neither as right nor as wrong."""
        return "done" if self.done else "attempted" if self.tries else "unattempted"

    @property
    def right_at_once(self) -> bool:
        """True if the first try was right (of a prediction: the first comparison with a run)."""
        judged = (
            [e for e in self.entries if e.did == "scored"] if self.kind == "predict" else self.tries
        )
        return bool(judged and judged[0].facts.get("right"))

    @property
    def hints(self) -> int:
        """Number of opened hints."""
        return sum(e.did == "hint" for e in self.entries)

    @property
    def row(self) -> tuple[str, ...]:
        """The task's line of the CSV, in the order of COLUMNS."""
        solution = any(e.did == "solution" for e in self.entries)
        at_once = str(int(self.right_at_once)) if self.tries else ""
        answer = str(self.tries[-1].facts.get("answer", "")) if self.tries else ""
        times = (self.entries[0].at, self.entries[-1].at) if self.entries else ("", "")
        return (
            self.lesson,
            self.task,
            self.kind,
            self.state,
            str(len(self.tries)),
            str(int(self.done)),
            at_once,
            str(self.hints),
            str(int(solution)),
            *times,
            answer,
        )


class Kept(Protocol):
    """Somebody's entries: a `Progress`, or a learner of a class."""

    def entries(self, lesson: str | None = None, task: str | None = None) -> tuple[Entry, ...]:
        """Return those of a lesson, or of one of its tasks."""
        ...


def task_reports(progress: Kept, lesson: str | None = None) -> list[TaskReport]:
    """Return every task of each lesson that was begun, in the order of the scripts; tasks that no script has are omitted."""
    numbers = [number for number in lesson_numbers() if lesson in (None, number)]
    lessons = (
        [
            TaskReport(number, task, kind, progress.entries(number, task))
            for task, kind in kinds(script(number))
        ]
        for number in numbers
    )
    return [report for reports in lessons if any(r.entries for r in reports) for report in reports]


def kinds(words: Script) -> Iterable[tuple[str, str]]:
    """Yield each task of a lesson with its kind."""
    yield from ((name, "predict") for name in words.predict)
    yield from ((name, "explain") for name in words.explain)
    yield from ((name, "exercise") for name in words.exercises)
    yield from ((question.id, "exit") for question in words.exit)


def lesson_lines(progress: Progress, lesson: str | None = None) -> list[str]:
    """Return text on each lesson that was begun: its goals, and the missing tasks of those that are not reached."""
    lines: list[str] = []
    reports = task_reports(progress, lesson)
    for number in dict.fromkeys(report.lesson for report in reports):
        lines += _lesson(script(number), [report for report in reports if report.lesson == number])
    return lines


def _lesson(words: Script, reports: Sequence[TaskReport]) -> list[str]:
    done = {report.task for report in reports if report.done}
    done |= {"exit"} if {question.id for question in words.exit} <= done else set()
    reached = [done.issuperset(goal.needs) for goal in words.goals]
    head = f"{localized(words.title)}: {tr('{reached} of {all} goals reached', reached=sum(reached), all=len(reached))}"
    lines = [head]
    calls = {task: f'{kind}("{task}")' for task, kind in kinds(words)}  # as written in the cell
    calls |= {
        report.task: f"{calls[report.task]}.check"
        for report in reports
        if report.kind == "predict" and report.tries
    }
    for goal, met in zip(words.goals, reached, strict=True):
        left = ", ".join(
            calls.get(task, "exit_ticket()") for task in goal.needs if task not in done
        )
        missing = "" if met else f"  ({tr('missing: {tasks}', tasks=left)})"
        lines.append(f"  {'✓' if met else '○'} {localized(goal.text)}{missing}")
    tries, hints = (
        sum(len(report.tries) for report in reports),
        sum(report.hints for report in reports),
    )
    untried = sum(report.state == "unattempted" for report in reports)
    text = "answers: {tries}, hints: {hints}, not attempted: {left}"
    return [*lines, f"  {tr(text, tries=tries, hints=hints, left=untried)}"]


def as_csv(progress: Progress, lesson: str | None = None) -> str:
    """Return a CSV with one line per task, for a teacher."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(report.row for report in task_reports(progress, lesson))
    return text.getvalue()
