"""A course's test before and after, and its usability questionnaire: sheets to print or read out, and what the answers say."""

from __future__ import annotations

from tltutor.lessons.course.answers import read_answers
from tltutor.lessons.course.gain import Gain, gain_of
from tltutor.lessons.course.questions import questions, statements
from tltutor.lessons.course.sheet import KINDS, sheet
from tltutor.lessons.course.usability import Usability, usability_of

__all__ = [
    "KINDS",
    "Gain",
    "Usability",
    "gain_of",
    "questions",
    "read_answers",
    "sheet",
    "statements",
    "usability_of",
]
