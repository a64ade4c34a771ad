"""Lesson 22's exercises: three oracles of one line, each held against right and wrong code's own numbers."""

from __future__ import annotations

import torch
from torch import Tensor

from tltutor.lessons.exercises import Exercise

State = dict[str, Tensor]


def moved_only(before: State, after: State, wanted: set[str]) -> bool:
    """Tensors by name before and after a step: exactly those of these names differ."""
    return all(torch.equal(before[name], after[name]) == (name not in wanted) for name in before)


def opposes(plain: Tensor, found: Tensor, weight: float) -> bool:
    """Gradients (n, d) for the features: what arrives is -weight times the one without reversal (Ganin et al., 2016, eq. 17)."""
    return bool((found + weight * plain).abs().max() <= 1e-5)


def probabilities(p: Tensor) -> bool:
    """Rows (n, k) that sum to 1 and are not all alike."""
    sums = bool((p.sum(1) - 1).abs().max() <= 1e-5)
    return sums and bool((p - p[0]).abs().max() > 1e-5)


def names_moved(before: State, after: State) -> set[str]:
    return {name for name in after if not torch.equal(before[name], after[name])}


def state(**values: float) -> State:
    return {name: torch.tensor([value]) for name, value in values.items()}


BEFORE = state(body=1.0, mean=0.0, head=2.0, bias=0.5)
HEAD = {"head", "bias"}
G = torch.tensor([[0.4, -0.2], [0.1, 0.3], [-0.5, 0.2], [0.6, 0.1]])
SOURCE_ROWS = torch.tensor([[1.0], [1.0], [0.0], [0.0]])
V = torch.tensor([[2.0, 0.0, -1.0], [0.5, 1.5, 0.0], [-1.0, 0.0, 3.0]])
P = V.softmax(1)

EXERCISES = {
    "moved_only": Exercise(
        oracle=moved_only,
        cases=[
            (BEFORE, state(body=1.0, mean=0.0, head=2.1, bias=0.4), HEAD),
            (BEFORE, dict(BEFORE), HEAD),  # nothing trains
            (BEFORE, state(body=1.0, mean=0.3, head=2.1, bias=0.4), HEAD),  # statistics move
            (BEFORE, state(body=1.0, mean=0.0, head=2.1, bias=0.5), HEAD),  # a part of the head
            (BEFORE, state(body=1.2, mean=0.3, head=2.0, bias=0.5), HEAD),  # all but the head
        ],
        mistakes={
            "still": lambda before, after, wanted: (
                set(after) - names_moved(before, after) == wanted
            ),
            "at-least": lambda before, after, wanted: wanted <= names_moved(before, after),
            "at-most": lambda before, after, wanted: names_moved(before, after) <= wanted,
            "any": lambda before, after, wanted: bool(names_moved(before, after) & wanted),
        },
    ),
    "opposes": Exercise(
        oracle=opposes,
        cases=[
            (G, -0.5 * G, 0.5),
            (G, 0.5 * G, 0.5),  # no reversal
            (G, -G, 0.5),  # a reversal without lambda
            (G, -G, 1.0),
            (G, -0.5 * G * SOURCE_ROWS, 0.5),  # the source alone
        ],
        mistakes={
            "same": lambda plain, found, weight: torch.allclose(found, weight * plain),
            "unscaled": lambda plain, found, weight: torch.allclose(found, -plain),  # noqa: ARG005 - called like the others
            "sign": lambda plain, found, weight: bool((plain * found <= 0).all()),  # noqa: ARG005 - called like the others
        },
    ),
    "probabilities": Exercise(
        oracle=probabilities,
        cases=[
            (P,),
            (torch.full_like(P, 1 / 3),),  # no class index
            (V,),  # logits
            (P * torch.eye(3),),  # label times teacher
            (P[:1].repeat(3, 1),),
            (P.T.contiguous(),),
        ],
        mistakes={
            "sums": lambda p: bool(torch.allclose(p.sum(1), torch.ones(len(p)))),
            "differ": lambda p: not torch.allclose(p, p[:1].expand_as(p)),
            "columns": lambda p: (
                bool(torch.allclose(p.sum(0), torch.ones(p.shape[1])))
                and not torch.allclose(p, p[:1].expand_as(p))
            ),
        },
    ),
}
