"""The engine of the live maps: moving points, carried from call to call, melted a little by news; it knows no method."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from tltutor.projections.descent import Moving
from tltutor.projections.distances import squared_distances
from tltutor.projections.linear import principal_axes

NEWS = 0.01  # share of the affinities that must have changed for steps of full size and a whole melt
COOLING = 0.98  # of the step size in each step at rest
REST = 1e-3  # of the map's spread: at rest the median point moves less in a step of full size
COOLING_DOWN = 150  # steps that end a cold start
MANY = 2000  # points, beyond which so many of them start alone and the others join them
JOINING = 40  # steps with all of them


class Gradient(Protocol):
    """A method's gradient (n, 2) at the places y (n, 2) for affinities p (n, n) that sum to 1, and their row sums (n,).

    `push` is the share of the repulsion that acts.
    """

    def __call__(self, y: Tensor, p: Tensor, rows: Tensor, /, *, push: float) -> Tensor: ...


def springs(y: Tensor, m: Tensor) -> Tensor:
    """4 sum_j m_ij (y_i - y_j): (n, 2), for symmetric m (n, n)."""
    pulled = torch.stack([y[:, 0], y[:, 1], torch.ones_like(y[:, 0])]) @ m  # (3, n)
    return (4 * (pulled[2] * y.T - pulled[:2])).T


class Melt(NamedTuple):
    """How a map gets over the ridges between where it is and where a fresh one would be: by less repulsion for a while.

    Two domains that merge on the map must pass through each other, and every point is in the others' way. So a look with
    news first melts the map (steps with `push` of the repulsion, as in a cold start but milder), then sorts it anew (steps
    with all of it): simulated annealing's idea (Kirkpatrick, Gelatt & Vecchi, 1983). `melting` and `sorting` are in units
    of a frame's steps, and come on top of them.
    """

    push: float
    melting: int
    sorting: int


class Layout:
    """Points that move down a gradient, a few small steps a frame.

    spread: standard deviation of the start, a PCA; rate: step size, in units of n; early: (push, steps), a first part of
    the cold start with less repulsion, so that neighbours find each other; settle: its further steps, before it cools down.
    Later the steps' size (the heat, 0..1) rises with the news and falls when the points rest, so a map without news stands
    still. Points whose features are all the same say nothing, and the map holds.
    """

    _moving: Moving
    _p: Tensor
    _rows: Tensor

    def __init__(
        self, gradient: Gradient, *, spread: float, rate: float, early: tuple[float, int], settle: int, melt: Melt
    ) -> None:
        self._gradient, self._spread, self._rate, self._early, self._settle = gradient, spread, rate, early, settle
        self._melt, self._started, self._hold, self._news = melt, False, False, 0.0
        self._pending: list[float] = []  # the push of each step that the melt still has to take

    def aim(self, x: Tensor, affinities: Callable[[Tensor], Tensor]) -> None:
        """Move towards the neighbourhoods of the features x (n, d) from now on; the first time, find a whole layout."""
        x = x / x.abs().amax().clamp_min(torch.finfo(x.dtype).tiny)  # huge features would overflow when squared
        d2 = squared_distances(x)
        self._hold = not bool(d2.any())
        if not self._hold:
            p = affinities(d2)
            if self._started:
                self._news = min(1.0, self._news + float((p - self._p).abs_().sum()) / 2 / NEWS)
            self._p, self._rows = p, p.sum(1)
        if not self._started:
            self._start(x, affinities)

    @property
    def y(self) -> Tensor:
        """Where the points are: (n, 2)."""
        return self._moving.y

    def stir(self) -> None:
        """Steps of full size again: the method's own settings changed."""
        self._heat = 1.0

    @property
    def melting(self) -> bool:
        """Whether a look's melt is not yet over."""
        return not self._hold and bool(self._news or self._pending)

    def move(self, steps: int, *, whole: bool = True) -> None:
        """So many steps from here; the first time after a look, more of them the more news it brought.

        whole=False: a melt is taken in portions of `steps`, one a call, so that no frame is long.
        """
        if self._hold:
            return
        self._begin_melt(steps)
        now = self._pending if whole else self._pending[:steps]
        self._pending = self._pending[len(now) :]
        for push, alike in groupby(now):
            self._descend(len(list(alike)), push=push)
        if whole or not now:
            self._go_on(steps)

    def _begin_melt(self, steps: int) -> None:
        if not self._news:
            return
        news, self._news = self._news, 0.0
        self._heat = max(self._heat, news)
        melt = news**2  # little news melts next to nothing, so a map that hardly changes is not shaken
        melting, sorting = (round(melt * share * steps) for share in (self._melt.melting, self._melt.sorting))
        self._pending = [1 - melt * (1 - self._melt.push)] * melting + [1.0] * sorting

    def _go_on(self, steps: int) -> None:
        """Steps of the size that the heat allows; the map cools where the points rest."""
        before = self.y
        self._descend(steps)
        moved = (self.y - before).norm(dim=1).median() / self.y.std().clamp_min(1e-12)
        if moved < REST * steps * self._heat:
            self._heat *= COOLING**steps

    def _start(self, x: Tensor, affinities: Callable[[Tensor], Tensor]) -> None:
        y = (x - x.mean(0)) @ principal_axes(x).to(x)
        y = torch.zeros_like(y) if self._hold else y * (self._spread / y[:, 0].std())
        if self._hold:
            self._place(y)
            return
        self._started = True
        if len(x) > MANY:
            self._place(self._joined(x, y, affinities))
            self._descend(JOINING)
        else:
            self._place(y)
            push, steps = self._early
            self._descend(steps, push=push)
            self._descend(self._settle)
        for _ in range(COOLING_DOWN if len(x) <= MANY else JOINING):
            self._descend(1)
            self._heat *= COOLING

    def _place(self, y: Tensor) -> None:
        """At rest at these places, with steps of full size ahead."""
        self._moving, self._heat = Moving.at_rest(y), 1.0

    def _joined(self, x: Tensor, y: Tensor, affinities: Callable[[Tensor], Tensor]) -> Tensor:
        """Places (n, 2): an even choice of the points gets a whole layout; the others start where their nearest of them is.

        A whole layout of all n would take (n / MANY)^2 times as long. `y`, the start of all of them, keeps like points apart.
        """
        chosen = torch.linspace(0, len(x) - 1, MANY, device=x.device).round().long()
        few = Layout(self._gradient, spread=self._spread, rate=self._rate, early=self._early, settle=self._settle, melt=self._melt)
        few.aim(x[chosen], affinities)
        nearest = torch.cdist(x, x[chosen]).argmin(1)
        return few.y[nearest] + y * (few.y.std() / y.std() / 100)

    def _descend(self, steps: int, push: float = 1.0) -> None:
        for _ in range(steps):
            slope = self._gradient(self.y, self._p, self._rows, push=push)
            self._moving = self._moving.advance(slope, rate=self._rate * len(self.y) * self._heat)
        self._moving = self._moving.centred()
