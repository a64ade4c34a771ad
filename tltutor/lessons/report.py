"""Summarize a progress file by task and lesson: tries, hints, whether it is done; as text and as a teacher's CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tltutor.language import tr
from tltutor.lessons.progress import Entry, Progress
from tltutor.lessons.wording import Script, lesson_numbers, localized, script

COLUMNS = (
    "lesson",
    "task",
    "kind",
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
        flags = (str(int(flag)) for flag in (self.done, self.right_at_once))
        answer = str(self.tries[-1].facts.get("answer", "")) if self.tries else ""
        times = (self.entries[0].at, self.entries[-1].at)
        return (
            self.lesson,
            self.task,
            self.kind,
            str(len(self.tries)),
            *flags,
            str(self.hints),
            str(int(solution)),
            *times,
            answer,
        )


def task_reports(progress: Progress, lesson: str | None = None) -> list[TaskReport]:
    """Return every task with an entry, in the order of the lessons' scripts; tasks that no script has are omitted."""
    numbers = [number for number in lesson_numbers() if lesson in (None, number)]
    made = (
        TaskReport(number, task, kind, progress.entries(number, task))
        for number in numbers
        for task, kind in kinds(script(number))
    )
    return [report for report in made if report.entries]


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
    return [*lines, f"  {tr('answers: {tries}, hints: {hints}', tries=tries, hints=hints)}"]


def as_csv(progress: Progress, lesson: str | None = None) -> str:
    """Return a CSV with one line per task, for a teacher."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(report.row for report in task_reports(progress, lesson))
    return text.getvalue()
