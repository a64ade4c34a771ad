"""Prepare examples for the first stage: scaling, channels, size, normalization; on the tensor's device."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Inputs(nn.Module):
    """Prepare a batch for the first stage.

    x: images (n, c, h, w), uint8 0..255 or float 0..1, or vectors (n, d).
    shape: of one example, as the first stage expects it; gray images are repeated to its channels.
    size: images are resized to this side if given, else they must have `shape`.
    mean, std: those that the weights were trained with, one per channel or one for all.
    Returns float32 (x - mean) / std; vectors are not changed. Errors: ValueError for another shape.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        shape: Sequence[int],
        *,
        size: int | None = None,
        mean: Sequence[float] = (0.5,),
        std: Sequence[float] = (0.5,),
    ) -> None:
        super().__init__()
        self.shape, self.size = tuple(shape), size
        self.register_buffer("mean", torch.tensor(mean).view(-1, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(-1, 1, 1), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        self._check(x)
        if len(self.shape) == 1:
            return x.to(self.mean.dtype)
        x = x.to(self.mean.dtype) / 255 if x.dtype == torch.uint8 else x.to(self.mean.dtype)
        x = x if self.size is None else resize(x, self.size)
        return (x.expand(-1, self.shape[0], -1, -1) - self.mean) / self.std

    def _check(self, x: Tensor) -> None:
        given, wanted = tuple(x.shape[1:]), self.shape
        sides_fit = self.size is not None or given[1:] == wanted[1:]
        channels_fit = given[:1] == wanted[:1] or (len(given) == 3 and given[0] == 1)
        if len(given) != len(wanted) or not sides_fit or not channels_fit:
            raise ValueError(
                f"examples must have shape {_format_shape(wanted, self.size)} for this network, got {given}:"
                " bring them to that shape, or build a network for these with build_network(name, pair)"
            )


class TokenInputs(Inputs):
    """Cut a batch of token ids (n, length) int64 to its longest text: ids (n, t). Padding has the id 0, and no token has.

    vocabulary: number of different ids. Errors: ValueError for another length, an id out of bounds or a text without a token.
    """

    PADDING: ClassVar[int] = 0

    def __init__(self, shape: Sequence[int], vocabulary: int) -> None:
        super().__init__(shape)
        self.vocabulary = vocabulary

    def forward(self, x: Tensor) -> Tensor:
        self._check(x)
        if x.device.type == "cpu":  # elsewhere it would wait for the device
            self.check_ids(x)
        return cut(x)

    def check_ids(self, x: Tensor) -> None:
        """Refuse ids that the network has no vector for, and texts of padding alone."""
        if x.is_floating_point() or not len(x):
            return
        if int(x.max()) >= self.vocabulary or int(x.min()) < 0:
            wrong = int(x.max()) if int(x.max()) >= self.vocabulary else int(x.min())
            raise ValueError(
                f"token ids must lie in 0..{self.vocabulary - 1} for this network, got {wrong}: make the domain with the"
                " tokenizer that came with the network's weights"
            )
        empty = (x == self.PADDING).all(1)
        if empty.any():
            raise ValueError(
                f"every text must have a token, got {int(empty.sum())} of padding (id {self.PADDING}) alone, the first is"
                f" number {int(empty.int().argmax())}: leave them out"
            )


def cut(x: Tensor) -> Tensor:
    """Return texts (n, length, ...) without the places at the end where all are 0; one place stays."""
    used = (x != 0).flatten(2).any(2).any(0) if x.ndim > 2 else (x != 0).any(0)
    places = used.nonzero()
    return x[:, : int(places[-1]) + 1] if len(places) else x[:, :1]


def at_full_length(h: Tensor, x: Tensor) -> Tensor:
    """Return outputs h (n, t, d) for texts x (n, length) or (n, length, d) with zeros up to that length; others as they are."""
    texts = h.ndim == 3 and (x.ndim == 3 or (x.ndim == 2 and not x.is_floating_point()))
    missing = x.shape[1] - h.shape[1] if texts else 0
    return F.pad(h, (0, 0, 0, missing)) if missing > 0 else h


def _format_shape(shape: tuple[int, ...], size: int | None) -> str:
    return str(shape) if size is None else f"({shape[0]}, height, width)"


def resize(x: Tensor, size: int) -> Tensor:
    """Resize images (n, c, h, w) to (n, c, size, size): bilinear, with antialiasing when shrunk."""
    if x.shape[-2:] == (size, size):
        return x
    shrinks = x.shape[-2] > size or x.shape[-1] > size
    return F.interpolate(
        x, size=(size, size), mode="bilinear", align_corners=False, antialias=shrinks
    )
