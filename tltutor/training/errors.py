"""What a run says when it cannot go on: which term, at which step, and what to try."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch

from tltutor.checks import LARGE


def diverged(
    step: int,
    losses: Mapping[str, float],
    effective: Mapping[str, float],
    *,
    weighted: bool,
    largest_feature: float,
) -> FloatingPointError:
    """Build the error of a step whose loss is not finite.

    effective: "lr" and "weight" (lambda) of that step. weighted: whether lambda does anything. largest_feature: max |x|.
    """
    bad = " and ".join(
        f"{name!r} became {value}" for name, value in losses.items() if not math.isfinite(value)
    )
    acted = f"learning rate {effective['lr']:.2g}" + (
        f", lambda {effective['weight']:.2g}" if weighted else ""
    )
    return FloatingPointError(
        f"every loss must be finite, but {bad} in step {step} ({acted}): {_remedy(step, weighted, largest_feature)}"
    )


def _remedy(step: int, weighted: bool, largest_feature: float) -> str:
    if largest_feature > LARGE:
        return f"standardize the features to a scale of about 1 (they reach {largest_feature:.0e})"
    if step == 1:
        return "nothing has moved yet, so look in the formula for a division by 0, or a logarithm or square root of 0"
    return "start again with a smaller learning rate" + (" or a smaller lambda" if weighted else "")


def finished(steps: int) -> RuntimeError:
    """Build the error of a step after the last one."""
    return RuntimeError(
        f"a run of {steps} steps ends with step {steps}, and it is done: start a new session with more steps"
    )


@contextmanager
def remedies(batch_size: int) -> Iterator[None]:
    """Say what to change where the device runs out of memory, or BatchNorm gets a single example."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise MemoryError(
            f"batch_size {batch_size} does not fit into the device's memory: take a smaller batch_size (or snapshot_size),"
            " or device='cpu'"
        ) from error
    except ValueError as error:
        if "more than 1 value per channel" not in str(error):
            raise
        raise ValueError(
            "BatchNorm needs at least 2 examples of a domain in a batch, got 1: give more examples (or target labels), or build"
            " the network with batchnorm=False"
        ) from error
