"""What a lesson needs besides the board: questions, exercises, broken labs, comparison of runs, and the learner's progress."""

from __future__ import annotations

from tltutor.language import language, speak
from tltutor.lessons.between import Between
from tltutor.lessons.bound import bound
from tltutor.lessons.broken import BrokenLab
from tltutor.lessons.exercises import Exercise
from tltutor.lessons.grading import grade
from tltutor.lessons.lesson import Lesson, begin
from tltutor.lessons.progress import Progress
from tltutor.lessons.runs import autoplay, curve, effective, in_test_run, side_by_side

__all__ = [
    "Between",
    "BrokenLab",
    "Exercise",
    "Lesson",
    "Progress",
    "autoplay",
    "begin",
    "bound",
    "curve",
    "effective",
    "grade",
    "in_test_run",
    "language",
    "side_by_side",
    "speak",
]
