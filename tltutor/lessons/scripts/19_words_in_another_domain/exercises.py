"""Lesson 19's exercises: the mean over a text's tokens, and the share of words that the source never had."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from tltutor.lessons.exercises import Exercise

Texts = Sequence[Sequence[str]]


def pooled(h: Tensor, mask: Tensor) -> Tensor:
    """Means (n, d) of outputs h (n, t, d) over the tokens that mask (n, t) bool names: text by text."""
    return torch.stack([one[of].mean(0) for one, of in zip(h, mask, strict=True)])


def unseen(source: Texts, target: Texts) -> float:
    """Share of the target's words, each as often as it is said, that no source text has."""
    said = np.array([word for text in target for word in text])
    return float(np.isin(said, [word for text in source for word in text], invert=True).mean())


def outputs(seed: int, lengths: Sequence[int]) -> tuple[Tensor, Tensor]:
    """Outputs of texts of these lengths, which are not 0 at padding either, and their mask."""
    rng = torch.Generator().manual_seed(seed)
    t = max(lengths)
    return torch.randn(len(lengths), t, 3, generator=rng), torch.arange(t) < torch.tensor(
        lengths
    ).unsqueeze(1)


PRODUCTS = [["the", "battery", "is", "bad"], ["works", "well"], ["the", "case", "is", "great"]]
FILMS = [["the", "plot", "is", "bad"], ["the", "cast", "is", "the", "best", "cast"]]
DISHES = [["great", "soup"], ["the", "soup", "is", "cold", "soup"], ["bad", "bread"]]

EXERCISES = {
    "pooled": Exercise(
        oracle=pooled,
        cases=[outputs(0, (5, 2)), outputs(1, (1, 4, 3))],
        mistakes={
            "padding": lambda h, mask: h.mean(1),  # noqa: ARG005 - called like the others
            "length": lambda h, mask: (h * mask.unsqueeze(-1)).mean(1),
        },
    ),
    "unseen": Exercise(
        oracle=unseen,
        cases=[(PRODUCTS, FILMS), (PRODUCTS, DISHES), (FILMS, DISHES)],
        mistakes={
            "once": lambda source, target: unseen(source, [sorted({w for t in target for w in t})]),
            "reversed": lambda source, target: unseen(target, source),
            "seen": lambda source, target: 1 - unseen(source, target),
        },
    ),
}
