"""What a projection is: called once a look with features (n, d), it gives (n, 2) and carries its state from call to call."""

from __future__ import annotations

from typing import Any, ClassVar, TypeAlias

import numpy as np
import torch
from torch import Tensor

from tltutor.settings import Setting, check_name

Features: TypeAlias = np.ndarray | Tensor


class Projection:
    """Base of all projections: declare `name`, `title`, `settings` and write `_look`, `_move`, `_place`, `reset`.

    `projection(features)` takes a new look and gives (n, 2) float32, rows in order; `projection()` goes on moving towards the
    latest look. `labels` (n,) with -1 for none and `is_target` (n,) are for projections that need them; the others ignore
    them. Another number of points n (or device) is another map: it starts over. Work is done on `device`, if one is named,
    else where the features are. `seed` is there for projections that draw at random; none of ours does.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    settings: ClassVar[tuple[Setting, ...]] = ()
    moves: bool = False  # whether a call without features goes on towards the latest look
    _latest: tuple[Tensor, Features | None, Features | None] | None = None  # the latest look
    _retuned: bool = False  # whether a setting changed since the last call

    def __init__(self, seed: int = 0, device: str | torch.device | None = None, **settings: Any) -> None:
        self.seed, self.device = seed, device
        for setting in self.settings:
            setattr(self, setting.name, setting.default)
        for name, value in settings.items():
            self.set(name, value)
        self.reset()

    def set(self, name: str, value: Any) -> None:
        """Change a setting; it acts from the next call on, with or without a new look."""
        known = {s.name: s for s in self.settings}
        setattr(self, check_name(name, known, what=f"setting of {self.name}"), known[name].check(value))
        self._retuned = True

    @torch.no_grad()
    def __call__(
        self,
        features: Features | None = None,
        *,
        steps: int | None = None,
        labels: Features | None = None,
        is_target: Features | None = None,
        whole: bool = True,
    ) -> np.ndarray:
        """Coordinates (n, 2) float32 of the features (n, d); `steps` overrides how far a live map moves on in this call.

        whole=False: what a look asks of a live map may be spread over this call and the next ones, as long as `melting`.
        """
        if features is not None:
            x = self._checked(features)
            if self._latest is not None and (len(x), x.device) != (len(self._latest[0]), self._latest[0].device):
                self.reset()
            self._latest = (x, labels, is_target)
        elif self._latest is None:
            raise ValueError(f"the first call of {self.name} needs features (n, d), got None: pass those of a look")
        if features is not None or self._retuned:
            self._look(*self._latest)
        self._retuned = False
        self._move(steps, whole=whole)
        return self._place().cpu().numpy().astype(np.float32, copy=True)

    @property
    def melting(self) -> bool:
        """Whether the map has not yet come to where the latest look sends it."""
        return False

    @property
    def axes(self) -> np.ndarray | None:
        """Tips (k, 2) float32 of the axes to draw, in the map's units; None where there are none."""
        return None

    def reset(self) -> None:
        """Forget the map; the next look starts a new one."""
        self._latest, self._retuned = None, False

    def _look(self, x: Tensor, labels: Features | None, is_target: Features | None) -> None:
        """Take in checked features x (n, d) on their device, for the first time, again, or because a setting changed."""
        raise NotImplementedError

    def _move(self, steps: int | None, *, whole: bool) -> None:
        """Most projections stand still between looks."""

    def _place(self) -> Tensor:
        """Where the points are: (n, 2)."""
        raise NotImplementedError

    def _checked(self, features: Features) -> Tensor:
        x = features.detach() if isinstance(features, Tensor) else torch.as_tensor(np.array(features))
        if x.ndim != 2 or len(x) < 3 or x.shape[1] == 0:
            raise ValueError(f"features must have shape (n, d) with at least 3 points, got {tuple(x.shape)}")
        x = x.to(device=self.device, dtype=torch.float32)
        broken = ~x.isfinite().all(1)
        if broken.any():
            raise ValueError(
                f"features must be finite, got NaN or infinity in {int(broken.sum())} of {len(x)} points (the first is number"
                f" {int(broken.nonzero()[0])}): nothing is drawn; lower the learning rate or the weight and start again"
            )
        return x
