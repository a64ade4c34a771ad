"""Define what a projection is: called at every snapshot with features (n, d), it returns places (n, 2) and keeps its state."""

from __future__ import annotations

from typing import Any, ClassVar, TypeAlias

import numpy as np
import torch
from torch import Tensor

from tltutor.projections.checks import Array, as_features, shifted
from tltutor.settings import Setting, check_name

Features: TypeAlias = Array


class Projection:
    """Base of all projections: declare `name`, `title`, `settings` and write `_look`, `_move`, `_place`, `reset`.

    `projection(features)` takes new features and returns places (n, 2) float32, in the order of the rows; `projection()`
    moves on toward the latest features. `labels` (n,) with -1 for none and `is_target` (n,) are for projections that need
    them; the others ignore them. Another number of points n (or another device) is another map: it starts over. The work
    is done on `device` if one is given, else where the features are. `seed` is for projections that draw at random; none
    of ours does.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    settings: ClassVar[tuple[Setting, ...]] = ()
    moves: bool = False  # whether a call without features moves on toward the latest ones
    _latest: tuple[Tensor, Features | None, Features | None] | None = (
        None  # the latest features, labels, is_target
    )
    _latest_device: torch.device
    _origin: Tensor | None = None  # the first row of the first features, subtracted from all
    _retuned: bool = False  # whether a setting changed since the last call

    def __init__(
        self, seed: int = 0, device: str | torch.device | None = None, **settings: Any
    ) -> None:
        self.seed, self.device = seed, device
        for setting in self.settings:
            setattr(self, setting.name, setting.default)
        for name, value in settings.items():
            self.set(name, value)
        self.reset()

    def set(self, name: str, value: Any) -> None:
        """Change a setting; it acts from the next call on, with or without new features.

        Raises ValueError for an unknown name or a value out of range, TypeError for a value of another type.
        """
        known = {s.name: s for s in self.settings}
        setattr(
            self, check_name(name, known, what=f"setting of {self.name}"), known[name].check(value)
        )
        self._retuned = True

    @torch.no_grad()
    def __call__(
        self,
        features: Features | None = None,
        *,
        steps: int | None = None,
        labels: Features | None = None,
        is_target: Features | None = None,
        budgeted: bool = False,
        gliding: bool = False,
    ) -> np.ndarray:
        """Return places (n, 2) float32 of the features (n, d); `steps` sets how far a live map moves in this call.

        budgeted: a live map may spread the work that new features need over this call and the next ones; it is
        `annealing` until that is done. gliding: a call without features moves a live map by a small part of a frame, since
        others follow soon. Raises ValueError or TypeError for features that cannot be drawn, and keeps its map.
        """
        if features is not None:
            x = self._checked(features)
            device = x.device if self.device is None else torch.device(self.device)
            if self._latest is not None and (len(x), device) != (
                len(self._latest[0]),
                self._latest_device,
            ):
                self.reset()
            self._latest, self._latest_device = (
                (self._shifted(x).to(device), labels, is_target),
                device,
            )
        elif self._latest is None:
            raise ValueError(
                f"the first call of {self.name} needs features (n, d), got None: pass those of a snapshot"
            )
        if features is not None or self._retuned:
            self._look(*self._latest)
        self._retuned = False
        self._move(steps, budgeted=budgeted, gliding=gliding and features is None)
        return self._place().cpu().numpy().astype(np.float32, copy=True)

    @property
    def annealing(self) -> bool:
        """Whether the map is still on its way to where the latest features send it."""
        return False

    @property
    def axes(self) -> np.ndarray | None:
        """Tips (k, 2) float32 of the axes to draw, in the map's units; None where there are none."""
        return None

    def laid_out(self, n: int) -> int:
        """Return how many of n points are laid out; the others stand beside these."""
        return n

    def reset(self) -> None:
        """Forget the map; the next features start a new one."""
        self._latest, self._origin, self._retuned = None, None, False

    def _look(self, x: Tensor, labels: Features | None, is_target: Features | None) -> None:
        """Take in checked features x (n, d) on their device: for the first time, again, or because a setting changed."""
        raise NotImplementedError

    def _move(self, steps: int | None, *, budgeted: bool, gliding: bool) -> None:
        """Move the points. Most projections stand still between snapshots."""

    def _place(self) -> Tensor:
        """Return where the points are: (n, 2)."""
        raise NotImplementedError

    def _checked(self, features: Features) -> Tensor:
        x = as_features(features)
        if len(x) < 3:
            raise ValueError(
                f"features must have shape (n, d) with at least 3 points, got {tuple(x.shape)}: draw more points"
            )
        return x

    def _shifted(self, x: Tensor) -> Tensor:
        """Return the features about the first row of the first ones, in float32, so that far from 0 no digit is lost."""
        if self._origin is None or len(self._origin) != x.shape[1]:
            self._origin = x[0].clone()
        return shifted(x, self._origin)
