"""Exercises: the learner's function held to the package's own, with a reason where it is wrong."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from tltutor.views.cards import Note


def check(
    mine: Callable[..., float],
    *,
    oracle: Callable[..., float],
    cases: Sequence[tuple[float, ...]],
    mistakes: Mapping[str, Callable[..., float]] | None = None,
) -> Note:
    """Compare `mine` with `oracle` on all cases; `mistakes` are known wrong functions, by what is wrong about them."""
    try:
        given = [float(mine(*case)) for case in cases]
    except Exception as error:  # noqa: BLE001 - whatever a learner writes, the answer is a sentence
        return _stopped(error)
    wanted = [float(oracle(*case)) for case in cases]
    if _equal(given, wanted):
        return Note("The same numbers as the package's own function, on every case.", "right")
    for reason, wrong in (mistakes or {}).items():
        if _equal(given, [float(wrong(*case)) for case in cases]):
            return Note(reason, "wrong")
    case, yours, ours = next(row for row in zip(cases, given, wanted, strict=True) if not _close(row[1], row[2]))
    return Note(f"For {case} yours gives {yours:.4g}, the package's {ours:.4g}.", "wrong")


def _stopped(error: Exception) -> Note:
    if "ellipsis" in str(error):
        return Note("There is still a blank to fill: put something in the place of the three dots, and run the cell again.")
    if "NoneType" in str(error):
        return Note("It gives back nothing: does it end with return?", "wrong")
    return Note(f"It stops with {type(error).__name__}: {error}", "wrong")


def _equal(some: Sequence[float], others: Sequence[float]) -> bool:
    return all(_close(a, b) for a, b in zip(some, others, strict=True))


def _close(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-6)


def gradient_through_reversal(gradient: float, weight: float) -> float:
    """What `reverse_gradient` hands back to the features when `gradient` arrives at it; autograd says so."""
    import torch

    from tltutor.objectives.dann import reverse_gradient

    x = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    reverse_gradient(x, weight).backward(torch.tensor([gradient], dtype=torch.float64))
    assert x.grad is not None  # noqa: S101 - backward has just filled it; said for the type checker
    return x.grad.item()
