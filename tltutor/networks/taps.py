"""Tap a network: keep what its stages put out while it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from torch import Tensor, nn

if TYPE_CHECKING:
    from tltutor.networks.network import Network


@contextmanager
def tapped(network: Network, keep: Callable[[Tensor], Tensor]) -> Iterator[dict[str, list[Tensor]]]:
    """Inside, keep `keep(output)` of each stage, by its name, once for each forward pass; the outputs do not change."""
    kept: dict[str, list[Tensor]] = {name: [] for name in network.stages}
    hooks = [
        stage.register_forward_hook(_keeping(kept[name], keep))
        for name, stage in network.stages.items()
    ]
    try:
        yield kept
    finally:
        for hook in hooks:
            hook.remove()


def _keeping(
    kept: list[Tensor], keep: Callable[[Tensor], Tensor]
) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], None]:
    def hook(_stage: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor) -> None:
        kept.append(keep(output))

    return hook
