"""The outputs of frozen stages, computed once: as long as the first stages are frozen, they make the same of an example at every step.

They are in evaluation mode, so that an output hangs on nothing but the example, the weights and the domain's statistics. It is
computed when it is first asked for, with the few examples that lie beside it, always the same ones: whoever asks first, the
numbers come out the same. Freezing one more stage goes on from what is there. What memory has no room for lies on the disk.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Literal, NamedTuple

import torch
from torch import Tensor, nn

from tltutor.metrics.separation import channel_means
from tltutor.networks.batchnorm import DomainName
from tltutor.networks.inputs import at_full_length
from tltutor.training import spill

if TYPE_CHECKING:
    from tltutor.networks import Network

TOGETHER = 4  # examples that go through the stages at a time
MOST = 2**30  # bytes of outputs that are kept in memory
MOST_ON_DISK = (
    2**34
)  # bytes; where they would take more, or the disk has no room for them, none are kept
Place = Literal["memory", "disk"]
LARGE = 64 * 64  # pixels of an image whose outputs are kept: smaller ones go through quickly


def is_worth_it(shape: tuple[int, ...], kind: str = "image") -> bool:
    """Return whether examples of this shape are texts, or images large enough, for their stages' outputs to be kept."""
    return kind == "tokens" or (len(shape) == 3 and shape[1] * shape[2] >= LARGE)


class Part:
    """What the first `depth` stages make of the examples x (n, ...), which come one after another as they are asked for.

    before: the same for fewer stages, from which these go on. spilled: whether the outputs lie on the disk.
    """

    def __init__(
        self,
        network: Network,
        x: Tensor,
        domain: DomainName,
        depth: int,
        before: Part | None,
        *,
        spilled: bool = False,
    ) -> None:
        self.network, self.x, self.domain = network, x, domain
        self.depth, self.before, self._spilled = depth, before, spilled
        self.means: dict[str, Tensor] = {}  # each stage's channel means (n, c)
        self.done = 0  # examples whose outputs are known
        self.on_progress: Callable[[], None] = lambda: None
        self._h = torch.empty(0)
        self._known = torch.zeros(-(-len(x) // TOGETHER), dtype=torch.bool)

    def take(self, rows: Tensor) -> Tensor:
        """Return the outputs for these rows of x, after computing those that are not known yet."""
        if self.done < len(self.x):  # else a GPU need not wait for the rows
            asked = torch.unique(rows.cpu() // TOGETHER)
            for place in asked[~self._known[asked]].tolist():
                self._compute(place)
        if self._spilled:
            return self._h.index_select(0, rows.cpu()).to(self.x.device)
        return self._h.index_select(0, rows)

    def _compute(self, place: int) -> None:
        rows = slice(place * TOGETHER, (place + 1) * TOGETHER)
        network, begun = self.network, 0 if self.before is None else self.before.depth
        held = network.domain
        with torch.no_grad():
            network.on(self.domain)
            if self.before is None:
                h = network.inputs(self.x[rows])
            else:
                h = self.before.take(
                    torch.arange(rows.start, min(rows.stop, len(self.x)), device=self.x.device)
                )
            for name, stage in list(network.stages.items())[begun : self.depth]:
                h = stage(h)
                _put(self.means, name, channel_means(h), rows, len(self.x))
            network.on(held)
        h = at_full_length(h, self.x)
        if not len(self._h):
            self._h = (spill.on_disk if self._spilled else _in_memory)(h, len(self.x))
        self._h[rows] = h.to(self._h.device)
        self._known[place] = True
        self.done += len(h)
        self.on_progress()
        if self.before is not None:
            self._take_over()

    def _take_over(self) -> None:
        """Copy the earlier stages' means, and let go of what this went on from once all is known."""
        if self.before is not None and bool(self._known.all()):
            self.means = {**self.before.means, **self.means}
            self.before = None

    def every_mean(self) -> dict[str, Tensor]:
        """Return the channel means of each of the stages, once all of x was asked for."""
        return {**(self.before.every_mean() if self.before else {}), **self.means}


def _in_memory(like: Tensor, n: int) -> Tensor:
    """Return room for n examples like `like` (k, ...) beside it; images lie channels last."""
    found = like.new_empty((n, *like.shape[1:]))
    return found.contiguous(memory_format=torch.channels_last) if like.ndim == 4 else found


def _put(into: dict[str, Tensor], name: str, means: Tensor, rows: slice, n: int) -> None:
    """Write the means of these rows; a place for all n is made at the first."""
    if name not in into:
        into[name] = _in_memory(means, n)
    into[name][rows] = means


class Begun(NamedTuple):
    """Examples that have been through the first `after` stages: the outputs x (n, ...), and each of the stages' channel means (n, c)."""

    x: Tensor
    after: int
    means: Mapping[str, Tensor]


class Prefix:
    """The frozen stages of a network before its features, and what they make of the examples of each part.

    parts: x (n, ...) by name. statistics_of: the domain whose statistics a part takes. enabled: whether to keep outputs.
    on_progress(done, n) is called as outputs are computed, with the number of examples that are done, and of all. seconds:
    what computing them has taken so far; it is not taken again.
    """

    def __init__(
        self,
        network: Network,
        parts: Mapping[str, Tensor],
        statistics_of: Callable[[str], DomainName],
        *,
        enabled: bool,
    ) -> None:
        self.network, self.enabled = network, enabled
        self._x, self._statistics_of = dict(parts), statistics_of
        self._parts: dict[str, Part] = {}
        self._depth = 0
        self._seen: tuple[int, ...] = ()
        self._places: dict[
            int, Place | None
        ] = {}  # where the outputs of each depth lie; None: nowhere
        self.seconds = 0.0
        self.on_progress: Callable[[int, int], None] = lambda _done, _n: None

    @property
    def depth(self) -> int:
        """The number of stages whose outputs are kept now, counted from the input; 0 for none."""
        depth = min(self.network.frozen, len(self.network.feature_stages)) if self.enabled else 0
        return depth if depth and self._place(depth) else 0

    def _place(self, depth: int) -> Place | None:
        if depth not in self._places:
            self._places[depth] = place_of(self._bytes(depth))
        return self._places[depth]

    def take(self, name: str, rows: Tensor) -> Tensor:
        """Return the outputs of the first `depth` stages for these rows of a part."""
        return self._taken(self._part(name), rows)

    def begun(self, name: str) -> Begun:
        """Return the whole of a part as it enters the first stage whose outputs are not kept."""
        if not self.depth:
            return Begun(self._x[name], 0, {})
        part = self._part(name)
        every = torch.arange(len(part.x), device=part.x.device)
        return Begun(self._taken(part, every), part.depth, part.every_mean())

    def _taken(self, part: Part, rows: Tensor) -> Tensor:
        start, done = time.perf_counter(), part.done
        h = part.take(rows)
        if part.done > done:
            self.seconds += time.perf_counter() - start
        return h

    def _part(self, name: str) -> Part:
        depth = self.depth
        seen = tuple(_versions(list(self.network.stages.values())[:depth]))
        if depth < self._depth or seen[: len(self._seen)] != self._seen:
            self._parts = {}  # fewer stages, or other weights or statistics
        self._depth, self._seen = depth, seen
        part = self._parts.get(name)
        if part is None or part.depth < depth:
            domain = self._statistics_of(name)
            spilled = self._place(depth) == "disk"
            self._parts[name] = Part(
                self.network, self._x[name], domain, depth, part, spilled=spilled
            )
            self._parts[name].on_progress = self._tell
        return self._parts[name]

    def _tell(self) -> None:
        done = sum(part.done for part in self._parts.values() if part.depth == self._depth)
        self.on_progress(done, sum(map(len, self._x.values())))

    def _bytes(self, depth: int) -> int:
        """Return what the outputs of so many stages take for all parts."""
        x = next(iter(self._x.values()))[:1]
        with torch.no_grad():
            h = self.network.inputs(x)
            for stage in list(self.network.stages.values())[:depth]:
                h = stage(h)
        h = at_full_length(h, x)
        return int(h.numel() * h.element_size() * sum(map(len, self._x.values())))


def place_of(size: int) -> Place | None:
    """Return where outputs of so many bytes are kept, or None where they are not."""
    if size <= MOST:
        return "memory"
    return "disk" if size <= MOST_ON_DISK and spill.has_room(size) else None


def _versions(stages: list[nn.Module]) -> Iterator[int]:
    """Count how often each weight and each statistic of the stages was written."""
    return (t._version for stage in stages for t in chain(stage.parameters(), stage.buffers()))  # noqa: SLF001
