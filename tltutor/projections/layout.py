"""The engine of the live maps: points that descend a gradient, keep their state between calls and anneal after a change.

It knows no method: t-SNE and UMAP give it their affinities, their gradient and a `Schedule`.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from types import ModuleType
from typing import NamedTuple, Protocol, TypeAlias

import torch
from torch import Tensor

from tltutor.projections.backend import compiled_loops
from tltutor.projections.beside import Beside
from tltutor.projections.descent import Moving
from tltutor.projections.distances import squared_distances
from tltutor.projections.leash import EVERY, Leash
from tltutor.projections.pca import principal_axes

WHOLE_CHANGE = 0.01  # share of the affinities; a change as large brings steps of full size and a whole annealing
COOLING = 0.98  # factor of the temperature in each step at rest
STILL = 0.05  # temperature under which the map of features that did not change stands still
REST = 1e-3  # of the map's standard deviation: at rest the median point moves less in a step of full size
COOLING_DOWN = 150  # steps that end a cold start
MANY = 2000  # points that are laid out; of more, the others stand beside these
PARTS = 5  # a frame's steps over those of a move that glides: many small moves look smoother than a few large ones
ON_LEASH = 4  # times a frame's steps that points on a leash need to find their places, in a call that is not followed by others

Affinities: TypeAlias = Callable[
    [Tensor, ModuleType | None], Tensor
]  # (d2 (n, n), loops) to p (n, n) that sums to 1


class Gradient(Protocol):
    """A method's gradient (n, 2) at the places y (n, 2), for affinities p (n, n) that sum to 1 and their row sums (n,).

    `repulsion` is the share of the repulsion that acts, `loops` the compiled loops or None (see backend.py).
    """

    def __call__(
        self, y: Tensor, p: Tensor, rows: Tensor, /, *, repulsion: float, loops: ModuleType | None
    ) -> Tensor: ...


class Annealing(NamedTuple):
    """Anneal after a change: weaken the repulsion so that points can pass each other, then restore it.

    Two domains that merge on the map must pass through each other, and each point blocks the others. The idea is simulated
    annealing's (Kirkpatrick, Gelatt & Vecchi, 1983).
    Both lengths are in frames (of the setting `steps`), and are added to the frame's own steps.
    """

    repulsion: float  # the share that acts while it is weakened
    weakened: int
    restored: int


class Schedule(NamedTuple):
    """How a method's map starts and how large its steps are; tsne.py and umap.py say where each value comes from."""

    start_std: float  # standard deviation of the start, a PCA, along its first axis
    learning_rate: float  # step size for n points is n times this
    early_repulsion: (
        float  # the share that acts early in a cold start, so that neighbors find each other
    )
    early_steps: int
    full_steps: int  # steps with all of the repulsion that follow, before the map cools down
    annealing: Annealing


class Layout:
    """Points that move down a gradient, a few small steps a frame.

    The first features get a whole layout (a cold start). From then on the size of the steps (the temperature, 0..1) rises
    with the change of the affinities and falls while the points rest, so that a map whose features do not change stands
    still. Features that are all equal define no neighborhoods: the map then keeps its last state. Of more than MANY points,
    MANY are laid out, and the others stand beside them: a layout of all n would take (n / MANY)^2 times as long.
    """

    _moving: Moving
    _p: Tensor
    _rows: Tensor
    _loops: ModuleType | None

    def __init__(self, gradient: Gradient, schedule: Schedule) -> None:
        self._gradient, self._schedule = gradient, schedule
        self._started = False
        self._all_equal = False
        self._same = True  # whether the latest features are those before
        self._change = 0.0  # 0..1, since the last move
        self._x: Tensor | None = None  # the features before, as they came
        self._leash: Leash | None = None
        self._tugged = True  # whether the leash was tried since the latest features
        self._beside: Beside | None = None
        self._annealing: list[
            float
        ] = []  # the repulsion of each annealing step that is still to be taken

    def aim(self, x: Tensor, affinities: Affinities) -> None:
        """Move toward the neighborhoods of the features x (n, d) from now on; the first time, find a whole layout."""
        if len(x) > MANY:
            self._beside = self._beside or Beside(len(x), MANY)
            x = self._beside.look(x)
        if self._started and self._x is not None:
            self._leash, self._tugged = Leash.between(self._x, x, self.y), False
        self._x = x
        x = x / x.abs().amax().clamp_min(
            torch.finfo(x.dtype).tiny
        )  # huge features would overflow when squared
        self._loops = compiled_loops(x)
        d2 = squared_distances(x)
        self._all_equal = not bool(d2.any())
        if not self._all_equal:
            p = affinities(d2, self._loops)
            if self._started:
                change = float((p - self._p).abs_().sum()) / 2
                self._same = change == 0
                self._change = min(1.0, self._change + change / WHOLE_CHANGE)
            self._p, self._rows = p, p.sum(1)
        if not self._started:
            self._start(x)

    @property
    def y(self) -> Tensor:
        """The places of the points that are laid out: (m, 2)."""
        return self._moving.y

    def laid_out(self, n: int) -> int:
        """Return how many of n points are laid out."""
        return min(n, MANY)

    @property
    def places(self) -> Tensor:
        """The places of all points: (n, 2)."""
        if self._beside is None:
            return self.y
        return self._beside.places(self.y, held=self._leash is not None)

    def reheat(self) -> None:
        """Take steps of full size again, because a setting of the method changed; no leash holds the points."""
        self._temperature = 1.0
        self._leash = None

    @property
    def annealing(self) -> bool:
        """Whether the annealing after the latest features is still to be done, wholly or in part."""
        return not self._all_equal and bool(self._change or self._annealing)

    def move(self, steps: int, *, budgeted: bool = False, gliding: bool = False) -> None:
        """Take `steps` steps, and those of the annealing: more of them the more the features changed.

        budgeted: take at most `steps` of the annealing's steps in this call, and the rest in the next ones, so that no
        frame takes long. gliding: take a small part of `steps`.
        """
        if self._all_equal:
            return
        self._begin_annealing(steps)
        if gliding:
            steps = max(EVERY, steps // PARTS)
        now = self._annealing[:steps] if budgeted else self._annealing
        self._annealing = self._annealing[len(now) :]
        for repulsion, alike in groupby(now):
            self._descend(len(list(alike)), repulsion=repulsion)
        if not budgeted or not now:
            self._go_on(steps)
        if self._leash is not None and not self._tugged:
            self._tug()
            if not budgeted and self._leash is not None:
                self._descend(ON_LEASH * steps)

    def _tug(self) -> None:
        """After the first move toward new features, in which the points are free: let them go, or pull back what went too far."""
        self._tugged = True
        if self._leash is not None and self._leash.gives_way(self.y):
            self._leash = None
        elif self._leash is not None:
            self._moving = self._leash.pull(self._moving)

    def _begin_annealing(self, steps: int) -> None:
        if not self._change:
            return
        change, self._change = self._change, 0.0
        self._temperature = max(self._temperature, change)
        amount = (
            change**2
        )  # a small change anneals next to nothing, so a map that hardly changes is not shaken
        plan = self._schedule.annealing
        weakened, restored = (
            round(amount * frames * steps) for frames in (plan.weakened, plan.restored)
        )
        self._annealing = [1 - amount * (1 - plan.repulsion)] * weakened + [1.0] * restored

    def _go_on(self, steps: int) -> None:
        """Take steps of the size that the temperature allows, and cool where the points rest."""
        if self._same and self._temperature < STILL:
            return
        before = self.y
        self._descend(steps)
        moved = (self.y - before).norm(dim=1).median() / self.y.std().clamp_min(1e-12)
        if moved < REST * steps * self._temperature:
            self._temperature *= COOLING**steps

    def _start(self, x: Tensor) -> None:
        y = (x - x.mean(0)) @ principal_axes(x).to(x)
        if self._all_equal:
            self._place(torch.zeros_like(y))
            return
        self._started = True
        y = y * (self._schedule.start_std / y[:, 0].std())
        self._place(y)
        self._descend(self._schedule.early_steps, repulsion=self._schedule.early_repulsion)
        self._descend(self._schedule.full_steps)
        for _ in range(COOLING_DOWN):
            self._descend(1)
            self._temperature *= COOLING

    def _place(self, y: Tensor) -> None:
        """Put the points at y (n, 2), at rest, with steps of full size ahead."""
        self._moving, self._temperature = Moving.at_rest(y), 1.0

    def _descend(self, steps: int, repulsion: float = 1.0) -> None:
        for step in range(steps):
            slope = self._gradient(
                self.y, self._p, self._rows, repulsion=repulsion, loops=self._loops
            )
            rate = self._schedule.learning_rate * len(self.y) * self._temperature
            self._moving = self._moving.advance(slope, rate, self._loops)
            if self._leash is not None and self._tugged and step % EVERY == EVERY - 1:
                self._moving = self._leash.pull(self._moving)
        self._moving = self._moving.centered()


def springs(y: Tensor, m: Tensor) -> Tensor:
    """Return 4 sum_j m_ij (y_i - y_j): (n, 2), for y (n, 2) and symmetric m (n, n)."""
    pulled = torch.stack([y[:, 0], y[:, 1], torch.ones_like(y[:, 0])]) @ m  # (3, n)
    return (4 * (pulled[2] * y.T - pulled[:2])).T
