"""One lesson: its cards by id, and the learner's progress in it."""

from __future__ import annotations

import copy
import importlib
import threading
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from tltutor.language import language, mark
from tltutor.lessons.broken import BrokenLab
from tltutor.lessons.cards import Card, Choice, ExitTicket, Prediction
from tltutor.lessons.exercises import Exercise, ExerciseResult, check
from tltutor.lessons.order import explain_order
from tltutor.lessons.progress import Entry, Progress
from tltutor.lessons.sandbox import shared_sandbox
from tltutor.lessons.wording import Question, Script, glossary, localized, script
from tltutor.settings import check_name
from tltutor.views.panel import LessonPanel, PanelText

WARM_AFTER = 15.0  # seconds after which the exercises' worker starts, while the learner reads


class Lesson(Card):
    """The lesson that `begin` returns: a card with title, goals and glossary; its methods return the script's cards by id."""

    def __init__(self, words: Script, progress: Progress) -> None:
        self.script, self.progress = words, progress
        self.panel = LessonPanel(self._text, language)
        super().__init__(f"{words.number}/panel", self.panel)

    @property
    def _text(self) -> PanelText:
        done = self.done
        goals = [(localized(goal.text), done.issuperset(goal.needs)) for goal in self.script.goals]
        words = {
            name: (localized(glossary()[name].name), localized(glossary()[name].text))
            for name in self.script.words
        }
        return PanelText(localized(self.script.title), goals, words, self.progress.note)

    @property
    def done(self) -> set[str]:
        """Ids of finished tasks: predictions compared with a run, questions answered correctly, exercises passed, "exit"."""
        entries = self.progress.entries(self.script.number)
        found = {
            e.task
            for e in entries
            if e.did == "scored" or (e.did in ("answered", "tried") and e.facts.get("right"))
        }
        return found | (
            {"exit"} if {question.id for question in self.script.exit} <= found else set()
        )

    def retranslate(self) -> None:
        """Update goals and words after progress or a change of language."""
        self.panel.show(self._text)

    def _write(self, task: str, did: str, **facts: Any) -> Entry:
        entry = self.progress.add(self.script.number, task, did, **facts)
        self.retranslate()
        return entry

    def _known(self, task: str) -> tuple[Entry, ...]:
        return self.progress.entries(self.script.number, task)

    def _key(self, task: str) -> str:
        return f"{self.script.number}/{task}"

    # --- the cards of a lesson's cells

    def predict(self, name: str) -> Prediction:
        """Ask for the prediction of this id; `unlocks` makes boards wait for it, `check` compares it with a run."""
        question = self.script.predict[check_name(name, self.script.predict, what="prediction")]
        return Prediction(question, self._key(name), self._write, self._known(name))

    def explain(self, name: str) -> Choice:
        """Ask the question of this id; each wrong option names its misconception."""
        question = self.script.explain[check_name(name, self.script.explain, what="question")]
        return Choice(question, self._key(name), self._write, self._known(name))

    def exercise(self, name: str, function: Callable[..., Any]) -> ExerciseResult:
        """Compare the learner's function with the package's own; show feedback, hints and the solution."""
        words = self.script.exercises[check_name(name, self.script.exercises, what="exercise")]
        note = check(function, exercises(self.script.number)[name], words)
        return ExerciseResult(
            name, self._key(name), words, note=note, write=self._write, known=self._known(name)
        )

    def exit_ticket(self) -> ExitTicket:
        """Ask the questions at the lesson's end, all at once."""
        return ExitTicket(
            [self._exit(i, question) for i, question in enumerate(self.script.exit, 1)],
            self._key("exit"),
        )

    def _exit(self, number: int, question: Question) -> Choice:
        shown = {
            "kind": mark("Exit question {number} of {all}"),
            "counts": {"number": number, "all": len(self.script.exit)},
        }
        return Choice(
            question, self._key(question.id), self._write, self._known(question.id), **shown
        )

    def preset(self, name: str) -> dict[str, Any]:
        """Return the arguments for `tl.Lab` that the lesson's script has under this name, for use in a class."""
        known = self.script.presets
        return copy.deepcopy(dict(known[check_name(name, known, what="preset")].lab))

    def broken_lab(self, fault: str, **lab: Any) -> BrokenLab:
        """Return a board with a mistake, which `reveal` shows and can switch; other arguments are the lab's."""
        return BrokenLab(fault, **lab)


def begin(number: str) -> Lesson:
    """Begin the lesson of this number, with the learner's stored progress. Errors: ValueError for an unknown lesson."""
    words = script(number)
    lesson = Lesson(words, Progress())
    explain_order()
    if words.exercises:
        timer = threading.Timer(WARM_AFTER, shared_sandbox().warm)
        timer.daemon = True
        timer.start()
    return lesson


@cache
def exercises(number: str) -> Mapping[str, Exercise]:
    """Return the exercises of a lesson by id."""
    found: Mapping[str, Exercise] = importlib.import_module(
        f"tltutor.lessons.tasks.lesson_{number}"
    ).EXERCISES
    return found
