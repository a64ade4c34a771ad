"""What the progress of a class says: who is where, which wrong options the class chose, and which exercises took hints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from tltutor.lessons.desk.files import Group, Learner
from tltutor.lessons.folders import lesson_numbers
from tltutor.lessons.progress import Entry
from tltutor.lessons.report import TaskReport, task_reports
from tltutor.lessons.wording import Question, localized, script


@dataclass(frozen=True)
class Place:
    """How far a learner is in a lesson: tasks that are done, of all."""

    done: int
    all: int


@dataclass(frozen=True)
class Row:
    """A learner: the place in each lesson that was begun, and when the last entry was made."""

    name: str
    places: dict[str, Place]
    last: str


@dataclass(frozen=True)
class Misconception:
    """A wrong option of a question, and how many of those who answered chose it first."""

    lesson: str
    task: str
    question: str
    option: str
    feedback: str
    chosen: int
    answered: int

    @property
    def share(self) -> float:
        """The share of those who answered."""
        return self.chosen / self.answered


@dataclass(frozen=True)
class Hints:
    """An exercise: how many tried and finished it, how many hints those who began it opened on average, and the solution."""

    lesson: str
    task: str
    began: int
    done: int
    hints: float
    solutions: int


@dataclass(frozen=True)
class Found:
    """All that is found."""

    rows: tuple[Row, ...]
    lessons: tuple[str, ...]
    misconceptions: tuple[Misconception, ...]
    exercises: tuple[Hints, ...]


def find(group: Group) -> Found:
    """Look through the files of a class."""
    reports = {learner.name: task_reports(learner) for learner in group.learners}
    rows = tuple(_row(learner, reports[learner.name]) for learner in group.learners)
    begun = {number for row in rows for number in row.places}
    lessons = tuple(number for number in lesson_numbers() if number in begun)
    return Found(rows, lessons, _misconceptions(group, lessons), _exercises(reports.values()))


def _row(learner: Learner, reports: list[TaskReport]) -> Row:
    numbers = dict.fromkeys(report.lesson for report in reports)
    own = {number: [r for r in reports if r.lesson == number] for number in numbers}
    places = {
        number: Place(sum(r.done for r in found), len(found)) for number, found in own.items()
    }
    return Row(learner.name, places, learner.all[-1].at if learner.all else "")


def _misconceptions(group: Group, lessons: Iterable[str]) -> tuple[Misconception, ...]:
    """Return the wrong options that were chosen first, the most frequent ones first."""
    found = [
        misconception
        for number in lessons
        for question in script(number).judged
        for misconception in _of_question(group, number, question)
    ]
    return tuple(sorted(found, key=lambda m: (-m.share, -m.chosen, m.lesson, m.task)))


def _of_question(group: Group, number: str, question: Question) -> Iterable[Misconception]:
    first = [_first_answer(learner.entries(number, question.id)) for learner in group.learners]
    options = [question.option(a) for a in first if isinstance(a, str | int)]
    known = [option for option in options if option is not None]
    for key, chosen in Counter(option.id for option in known).items():
        option = question.option(key)
        if option is not None and not question.is_right(option):
            yield Misconception(
                number,
                question.id,
                localized(question.text),
                localized(option.text),
                localized(option.feedback),
                chosen,
                answered=len(known),
            )


def _first_answer(entries: Iterable[Entry]) -> object:
    return next((e.facts.get("answer") for e in entries if e.did == "answered"), None)


def _exercises(classes: Iterable[list[TaskReport]]) -> tuple[Hints, ...]:
    """Return the exercises that somebody began, those that take most hints first."""
    by_task: dict[tuple[str, str], list[TaskReport]] = {}
    for reports in classes:
        for report in reports:
            if report.kind == "exercise" and report.entries:
                by_task.setdefault((report.lesson, report.task), []).append(report)
    found = [
        Hints(
            *task,
            began=len(reports),
            done=sum(report.done for report in reports),
            hints=sum(report.hints for report in reports) / len(reports),
            solutions=sum(any(e.did == "solution" for e in r.entries) for r in reports),
        )
        for task, reports in by_task.items()
    ]
    return tuple(sorted(found, key=lambda h: (-h.hints, -h.solutions, h.lesson, h.task)))
