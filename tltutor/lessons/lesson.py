"""One lesson: its cards by id, and the learner's progress in it."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from tltutor.language import language, mark, tr
from tltutor.lessons.broken import BrokenLab
from tltutor.lessons.by_hand import StepByHand, step_of
from tltutor.lessons.cards import HANDED_IN, Card, Choice, ExitTicket, Prediction
from tltutor.lessons.exercises import Exercise, ExerciseResult, check
from tltutor.lessons.folders import find_folder
from tltutor.lessons.measured import Measured
from tltutor.lessons.order import explain_order
from tltutor.lessons.playing import OwnObjective, Played, experiment_of, held
from tltutor.lessons.progress import Entry, Progress
from tltutor.lessons.sandbox import shared_sandbox
from tltutor.lessons.voting import ClassVote
from tltutor.lessons.watching import watched
from tltutor.lessons.wording import Question, Script, explained, localized, script
from tltutor.settings import check_name
from tltutor.views.cards import Note
from tltutor.views.panel import LessonView

if TYPE_CHECKING:
    from tltutor.lab import Compare, Lab
    from tltutor.objectives import Objective

T = TypeVar("T")
WARM_AFTER = 15.0  # seconds after which the exercises' worker starts, while the learner reads
HOMEWORK = "homework_{number}.jsonl"  # the file of answers that a learner hands in


class Lesson(Card):
    """The lesson that `begin` returns: a card with title, goals and glossary; its methods return the script's cards by id.

    The options of a question come in an order of the learner's own. homework: cards take answers and say nothing of them.
    """

    again = mark("To go on, run this cell.")

    def __init__(self, words: Script, progress: Progress, *, homework: bool = False) -> None:
        self.script, self.progress, self.homework = words, progress, homework
        self._words = explained(words)
        self.panel = LessonView(language)
        super().__init__(f"{words.number}/panel", {"lesson": self.panel})
        self.retranslate()

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
        done = set[str]() if self.homework else self.done
        goals = [(localized(goal.text), done.issuperset(goal.needs)) for goal in self.script.goals]
        words = {
            name: (localized(word.name), localized(word.text)) for name, word in self._words.items()
        }
        self.panel.show(localized(self.script.title), goals, words, self.progress.note)

    def _write(self, task: str, did: str, **facts: Any) -> Entry:
        entry = self.progress.add(self.script.number, task, did, **facts)
        self.retranslate()
        return entry

    def _known(self, task: str) -> tuple[Entry, ...]:
        return self.progress.entries(self.script.number, task)

    def _answered(self, question: Question) -> tuple[Entry, ...]:
        """Return the question's entries with each answer as an option's id, however the file stores it."""
        return tuple(_by_id(entry, question) for entry in self._known(question.id))

    def _shown(self, question: Question) -> Question:
        """Return the question with its options in this learner's order."""
        return question.shuffled(f"{self.progress.learner}/{self.script.number}")

    def _key(self, task: str) -> str:
        return f"{self.script.number}/{task}"

    # --- the cards of a lesson's cells

    def predict(self, name: str) -> Prediction:
        """Ask for the prediction of this id; `unlocks` makes boards wait for it, `check` compares it with a run."""
        question = self.script.predict[check_name(name, self.script.predict, what="prediction")]
        return Prediction(
            self._shown(question),
            self._key(name),
            self._write,
            self._answered(question),
            quiet=self.homework,
        )

    def vote(self, name: str) -> ClassVote:
        """Ask the class for this prediction, through the service that `tltutor class serve` runs; else as `predict`.

        Errors: ValueError for a prediction without options.
        """
        known = [key for key, question in self.script.predict.items() if question.options]
        question = self.script.predict[check_name(name, known, what="prediction with options")]
        return ClassVote(question, self._key(f"{name}/vote"))

    def explain(self, name: str) -> Choice:
        """Ask the question of this id; each wrong option names its misconception."""
        question = self.script.explain[check_name(name, self.script.explain, what="question")]
        return self._choice(question)

    def _choice(self, question: Question, **shown: Any) -> Choice:
        known = self._answered(question)
        return Choice(
            self._shown(question),
            self._key(question.id),
            self._write,
            known,
            quiet=self.homework,
            **shown,
        )

    def exercise(self, name: str, function: Callable[..., Any]) -> ExerciseResult | Note:
        """Compare the learner's function with the package's own; show feedback, hints and the solution."""
        task = self._task(name, Exercise)
        return self._result(name, check(function, task, self.script.exercises[name]))

    def play_objective(
        self,
        name: str,
        objective: type[Objective],
        *,
        made_with: Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> OwnObjective:
        """Hold the learner's class to the package's own objective, and show the board of this exercise with it.

        The class is tried in another process first: one that fails there gets a sentence and no board.
        made_with: arguments of the class itself, such as a teacher. changes: arguments of the board in place of its own.
        """
        from tltutor.lab import Lab

        task, words = self._task(name, Played), self.script.exercises[name]
        board = {"name": task.board, **self.preset(task.board), **changes}
        note, plays = held(objective, task, experiment_of(board), words, made_with)
        lab = (
            Lab(**{**board, "objective": watched(objective(**(made_with or {})))})
            if plays
            else None
        )
        return OwnObjective(self._result(name, note), note, lab)

    def _task(self, name: str, kind: type[T]) -> T:
        """Return the exercise of this id. Errors: ValueError for an unknown one, or one of another kind."""
        own = exercises(self.script.number)
        known = [n for n in self.script.exercises if isinstance(own[n], kind)]
        return own[check_name(name, known, what="exercise")]  # type: ignore[return-value]

    def _result(self, name: str, note: Note) -> ExerciseResult | Note:
        if self.homework:
            return self._take(name, note)
        words, known = self.script.exercises[name], self._known(name)
        key, write = self._key(name), self._write
        return ExerciseResult(name, key, words, note=note, write=write, known=known)

    def step_by_hand(self, lab: Lab | BrokenLab, step: int | None = None) -> StepByHand:
        """Return a step of this board, ready to be taken by hand on a copy; by default the one at a tenth of the run."""
        return step_of((lab.lab if isinstance(lab, BrokenLab) else lab).run, step)

    def _take(self, name: str, note: Note) -> Note:
        """Store whether the function is right, and say only that it was stored, or that a blank is left."""
        if note.mood == "plain":
            return note
        self._write(name, "tried", right=note.mood == "right")
        return Note(tr(HANDED_IN), "noted")

    def exit_ticket(self) -> ExitTicket:
        """Ask the questions at the lesson's end, all at once."""
        return ExitTicket(
            [self._exit(i, question) for i, question in enumerate(self.script.exit, 1)],
            self._key("exit"),
        )

    def _exit(self, number: int, question: Question) -> Choice:
        kind = mark("Exit question {number} of {all}")
        return self._choice(
            question, kind=kind, counts={"number": number, "all": len(self.script.exit)}
        )

    # --- boards

    def board(self, name: str, **changes: Any) -> Lab | BrokenLab:
        """Return the board that the lesson's script has under this name; changes: arguments in place of its own."""
        from tltutor.lab import Lab

        lab = {"name": name, **self.preset(name), **changes}
        fault = self.script.boards[name].fault
        return BrokenLab(fault, **lab) if fault else Lab(**lab)

    def compare(self, first: str, second: str, **changes: Any) -> Compare:
        """Return two boards of the lesson's script side by side, under one Play; changes: arguments of both."""
        from tltutor.lab import Compare, Lab

        one, other = (
            Lab(**{"name": name, **self.preset(name), **changes}) for name in (first, second)
        )
        return Compare(one, other, name=f"{first}-{second}")

    def ours(self, figure: str, seed: int = 0) -> float:
        """Return what our own run of this seed gave, for a machine that lacks what the run needs.

        Errors: ValueError for an unknown figure or seed.
        """
        (value,) = Measured(self.script.folder.path).values(figure, (seed,))
        return value

    def preset(self, name: str) -> dict[str, Any]:
        """Return the arguments for `tl.Lab` that the lesson's script has under this name, for use in a class."""
        known = self.script.boards
        return copy.deepcopy(dict(known[check_name(name, known, what="board")].lab))

    def broken_lab(self, fault: str, **lab: Any) -> BrokenLab:
        """Return a board with a mistake, which `reveal` shows and can switch; other arguments are the lab's."""
        return BrokenLab(fault, **lab)


def _by_id(entry: Entry, question: Question) -> Entry:
    """Return the entry with its answer as an option's id; older files hold the option's text or place."""
    answer = entry.facts.get("answer")
    option = question.option(answer) if question.options and isinstance(answer, str | int) else None
    return replace(entry, facts={**entry.facts, "answer": option.id}) if option else entry


def begin(number: str, *, homework: bool = False) -> Lesson:
    """Begin the lesson of this number, with the learner's stored progress. Errors: ValueError for an unknown lesson.

    homework: no feedback; answers go to a file of their own beside the notebook, to be handed in.
    """
    words = script(number)
    progress = Progress(Path(HOMEWORK.format(number=number))) if homework else Progress()
    lesson = Lesson(words, progress, homework=homework)
    explain_order()
    if words.exercises:
        timer = threading.Timer(WARM_AFTER, shared_sandbox().warm)
        timer.daemon = True
        timer.start()
    return lesson


def exercises(number: str) -> Mapping[str, Exercise | Played]:
    """Return the exercises of a lesson by id, from EXERCISES of its exercises.py."""
    module = find_folder(number).python("exercises")
    found: Mapping[str, Exercise | Played] = module.EXERCISES if module else {}
    return found
