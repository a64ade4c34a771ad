"""Thin a long run: drop frames and steps evenly over the whole run; all changes stay."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tltutor.events import Embedded, Fact, Snapshot

MOST_FRAMES = 2000
MOST_STEPS = 20_000


def evenly(steps: Sequence[int], most: int) -> list[int]:
    """Return the indices to keep: the first fact, and the last one of every 1, 2, 4, … steps, at most `most // 2 + 1`."""
    stride = 1
    while len({step // stride for step in steps}) > most // 2:
        stride *= 2
    return sorted({0, *{step // stride: i for i, step in enumerate(steps)}.values()})


def thinned(facts: Sequence[Fact], kind: type[Fact], most: int) -> list[Fact]:
    """Return the facts with this kind thinned; snapshots that no embedding shows any more are dropped too."""
    rows = [i for i, fact in enumerate(facts) if isinstance(fact, kind)]
    keep = {rows[k] for k in evenly([facts[i].step for i in rows], most)}
    rest = [fact for i, fact in enumerate(facts) if not isinstance(fact, kind) or i in keep]
    return list(_shown(rest)) if kind is Embedded else rest


def _shown(facts: Sequence[Fact]) -> Iterator[Fact]:
    """Drop each snapshot that another one follows before any embedding."""
    shown: set[int] = set()
    following: type | None = None
    for i in reversed(range(len(facts))):
        if isinstance(facts[i], Snapshot) and following is not Snapshot:
            shown.add(i)
        following = type(facts[i]) if isinstance(facts[i], Snapshot | Embedded) else following
    return (fact for i, fact in enumerate(facts) if not isinstance(fact, Snapshot) or i in shown)
