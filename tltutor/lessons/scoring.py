"""Score a prediction: which option came true, how far off a number or a curve was."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tltutor.language import mark
from tltutor.lessons.wording import Question, localized

RIGHT = mark("You said: “{answer}”. Your own run says {number}, as you predicted.")
WRONG = mark(
    "You said: “{answer}”. Your own run says {number}, so it was: “{true}”. Which of your assumptions did the runs contradict?"
)
WRONG_NAME = mark(
    "You said: “{answer}”. Your own run says {number}. Which of your assumptions did the runs contradict?"
)
SAID = mark("You said: “{answer}”. Your own run says {number}, so it was: “{true}”. {say}")
SAID_NAME = mark("You said: “{answer}”. Your own run says {number}. {say}")
NONE = mark("You said: “{answer}”. Your own run says {number}: none of the options predicted that.")
NEAR = mark("You said {answer}, your own run says {number}: within {tolerance}.")
FAR = mark(
    "You said {answer}, your own run says {number}: {off} off. Which of your assumptions was wrong?"
)
CLOSE = mark("Your curve and your run's are {off} apart on average, near enough ({tolerance}).")
DISTANT = mark(
    "Your curve and your run's are {off} apart on average, most at {where}: you drew {drawn}, it was {was}."
)


@dataclass(frozen=True)
class Score:
    """True or false, the feedback with its values, and the run's curve if one was drawn."""

    right: bool
    text: str
    values: Mapping[str, Any] = field(default_factory=dict)
    curve: Sequence[tuple[float, float]] = ()


def judged(question: Question, answer: Any, outcome: Any) -> Score:
    """Compare the answer with the outcome: a number, a word, or a curve as ys at the question's xs or as pairs (x, y)."""
    if question.answer == "sketch":
        return _curve(question, answer, outcome)
    if question.answer == "number":
        return _number(question, float(answer), float(outcome))
    return _option(question, answer, outcome)


def _option(question: Question, answer: str, outcome: float | str) -> Score:
    signed = "+" if any(option.low < 0 for option in question.options) else ""
    number = (
        f"“{outcome}”" if isinstance(outcome, str) else f"{outcome:{signed}.3f}".replace("-", "−")
    )
    true = next((option for option in question.options if option.fits(outcome)), None)
    if true is None:
        return Score(False, NONE, {"number": number})
    wrong = WRONG
    if isinstance(outcome, str):  # the run names the option itself
        number, wrong = f"“{localized(true.text)}”", WRONG_NAME
    chosen = question.option(answer)
    values = {"number": number, "true": localized(true.text)}
    if true.id != answer and chosen is not None and chosen.feedback:
        wrong = SAID_NAME if isinstance(outcome, str) else SAID
        values["say"] = localized(chosen.feedback)
    return Score(true.id == answer, RIGHT if true.id == answer else wrong, values)


def _number(question: Question, answer: float, outcome: float) -> Score:
    off = abs(answer - outcome)
    values = {
        "number": f"{outcome:.3g}",
        "off": f"{off:.2g}",
        "tolerance": f"{question.tolerance:g}",
    }
    near = off <= question.tolerance * (1 + 1e-9)
    return Score(near, NEAR if near else FAR, values)


def _curve(question: Question, drawn: Sequence[float], outcome: Sequence[Any]) -> Score:
    """Score by the mean distance at the drawn xs, as a share of the y axis; the run's curve is interpolated linearly."""
    if question.x is None or question.y is None:
        raise ValueError(f"a sketch needs x and y, got none in {question.id!r}")
    xs = np.linspace(question.x.low, question.x.high, question.points)
    truth = np.asarray(outcome, float)
    ys = np.interp(xs, truth[:, 0], truth[:, 1]) if truth.ndim == 2 else truth
    if ys.shape != xs.shape:
        raise ValueError(
            f"a curve must have {question.points} values or be pairs (x, y), got an array of shape {truth.shape}"
        )
    distance = np.abs(np.asarray(drawn) - ys)
    worst, off = int(distance.argmax()), float(distance.mean()) / (question.y.high - question.y.low)
    values = {
        "off": _share(off),
        "tolerance": _share(question.tolerance),
        "where": f"{xs[worst]:.2g}",
    }
    values |= {"drawn": f"{drawn[worst]:.2g}", "was": f"{ys[worst]:.2g}"}
    near = math.isfinite(off) and off <= question.tolerance * (1 + 1e-9)
    curve = truth.tolist() if truth.ndim == 2 else list(zip(xs.tolist(), ys.tolist(), strict=True))
    return Score(near, CLOSE if near else DISTANT, values, [(x, y) for x, y in curve])


def _share(value: float) -> str:
    return f"{100 * value:.0f} %"
