"""What a lesson needs besides the board: questions, runs held side by side, exercises with an instant check."""

from __future__ import annotations

from tltutor.lessons.cards import Question, choose, exit_questions, predict
from tltutor.lessons.exercises import check, gradient_through_reversal
from tltutor.lessons.runs import acted, autoplay, in_test_run, side_by_side

__all__ = [
    "Question",
    "acted",
    "autoplay",
    "check",
    "choose",
    "exit_questions",
    "gradient_through_reversal",
    "in_test_run",
    "predict",
    "side_by_side",
]
