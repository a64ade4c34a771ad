"""Keeps a long run small: once there is too much, frames and steps are let go evenly over the whole run; changes all stay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tltutor.events import Embedded, Fact, Snapshot

MOST_FRAMES = 2000
MOST_STEPS = 20_000


def evenly(steps: Sequence[int], most: int) -> list[int]:
    """Which of the facts at these rising steps stay, at most half of `most` and the first: the last in every 1, 2, 4, … steps."""
    stride = 1
    while len({step // stride for step in steps}) > most // 2:
        stride *= 2
    return sorted({0, *{step // stride: i for i, step in enumerate(steps)}.values()})


def thinned(facts: Sequence[Fact], kind: type[Fact], most: int) -> list[Fact]:
    """The facts with this kind thinned; where these are places, looks that nothing shows any more go with them."""
    places = [i for i, fact in enumerate(facts) if isinstance(fact, kind)]
    stay = {places[k] for k in evenly([facts[i].step for i in places], most)}
    rest = [fact for i, fact in enumerate(facts) if not isinstance(fact, kind) or i in stay]
    return list(_shown(rest)) if kind is Embedded else rest


def _shown(facts: Sequence[Fact]) -> Iterator[Fact]:
    """Without the looks that another one follows before there is a place."""
    shown: set[int] = set()
    coming: type | None = None
    for i in reversed(range(len(facts))):
        if isinstance(facts[i], Snapshot) and coming is not Snapshot:
            shown.add(i)
        coming = type(facts[i]) if isinstance(facts[i], Snapshot | Embedded) else coming
    return (fact for i, fact in enumerate(facts) if not isinstance(fact, Snapshot) or i in shown)
