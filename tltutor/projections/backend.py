"""Choose how a live map computes: compiled loops over pairs of points, or torch's whole matrices."""

from __future__ import annotations

from types import ModuleType

import torch
from torch import Tensor


def compiled_loops(x: Tensor) -> ModuleType | None:
    """Return the module of compiled loops where it is the faster way, None where torch's matrices are.

    The loops are for float32 on the CPU; matrices suit a GPU, and float64 in the tests. A `Layout` asks once per
    snapshot and passes the answer on as `loops`. Both ways compute the same formulas.
    """
    if x.device.type != "cpu" or x.dtype != torch.float32:
        return None
    from tltutor.projections import _numba

    return _numba
