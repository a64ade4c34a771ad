"""Token ids for methods that change or measure a network's inputs: tokens hidden at random, and counts of them."""

from __future__ import annotations

import torch
from torch import Tensor

PADDING = 0
PLACES = 256  # of the counts: ids that are alike modulo this share one


def are_tokens(x: object) -> bool:
    """Return whether inputs x are token ids (n, length); what is no tensor is none, and left to the next check."""
    return isinstance(x, Tensor) and x.ndim == 2 and x.dtype == torch.int64


def hide(x: Tensor, share: float) -> Tensor:
    """Return token ids x (n, length) of which each is padding with this probability, but for the first of a text."""
    hidden = torch.rand(x.shape, device=x.device) < share
    hidden[:, 0] = False
    return x.masked_fill(hidden, PADDING)


def counts(x: Tensor) -> Tensor:
    """Return how often each id occurs in texts x (n, length), ids modulo PLACES, divided by the text's length: (n, PLACES)."""
    is_token = (x != PADDING).float()
    found = torch.zeros(len(x), PLACES, device=x.device).scatter_add_(1, x % PLACES, is_token)
    return found / is_token.sum(1, keepdim=True).clamp(min=1)
