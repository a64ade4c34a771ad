"""Cut one of torchvision's networks into stages by its own graph, so that it needs no code of its own here.

torch.fx follows one call of the network. Where a single tensor is all that goes on, the graph can be cut. A stage is what works at
one resolution, as the layers of a ResNet do; a network that works on tokens, such as a vision transformer, is cut into equal parts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

import torch
from torch import fx, nn

from tltutor.networks.batchnorm import DomainBatchNorm1d, DomainBatchNorm2d

FEWEST = 3  # stages; a network of fewer is looked into more deeply
OF_TOKENS = 5  # stages of a network that works on tokens
DEEPEST = 6  # levels of modules inside modules


class Cut(NamedTuple):
    """A network without its last linear layer: stages in order, which return (n, width), and that layer's name."""

    stages: dict[str, nn.Module]
    width: int
    head: str


class _Place(NamedTuple):
    """A place at which the graph can be cut: after `node`, which puts out `shape`, `depth` modules deep."""

    node: fx.Node
    shape: tuple[int, ...]
    depth: int


def cut(model: nn.Module, size: int) -> Cut:
    """Cut a classifier of images into stages that share its weights; dropout before its head is left out.

    size: side of the images, in pixels, whose resolutions tell where a stage ends; smaller ones have fewer.
    Errors: ValueError for a network that does not end in a linear layer, or that cannot be cut at least twice.
    """
    graph, paths = _traced(model, size)
    head, features = _head(model, graph)
    nodes = [node for node in graph.nodes if node.op != "output"]
    x, *nodes = nodes[: nodes.index(features) + 1]
    ends = [*_ends(list(_places([x, *nodes], paths))), features]
    stages: dict[str, nn.Module] = {}
    for k, end in enumerate(ends, 1):
        inside, nodes = nodes[: nodes.index(end) + 1], nodes[nodes.index(end) + 1 :]
        stages[f"stage{k}"] = _stage(model, x, inside)
        x = end
    return Cut(stages, features.meta["shape"][1], f"{head.target}.")


def _traced(model: nn.Module, size: int) -> tuple[fx.Graph, dict[fx.Node, str]]:
    """Return the graph, whose nodes know the shapes of what they put out, and the module that each node belongs to."""
    from torchvision.models.feature_extraction import NodePathTracer
    from torchvision.ops import StochasticDepth

    model.eval()  # in training mode some networks have a second head
    whole = [DomainBatchNorm1d, DomainBatchNorm2d, StochasticDepth]
    tracer = NodePathTracer(leaf_modules=whole)
    graph = tracer.trace(model)
    with torch.no_grad():
        _Shapes(fx.GraphModule(model, graph)).run(torch.zeros(2, 3, size, size))
    model.train()
    return graph, {
        node: str(tracer.node_to_qualname.get(node, node.target)) for node in graph.nodes
    }


class _Shapes(fx.Interpreter):
    """Run the graph, and note the shape of each tensor at its node."""

    def run_node(self, n: fx.Node) -> object:
        value = super().run_node(n)
        if isinstance(value, torch.Tensor):
            n.meta["shape"] = tuple(value.shape)
        return value


def _head(model: nn.Module, graph: fx.Graph) -> tuple[fx.Node, fx.Node]:
    """Return the last linear layer, and what it reads."""
    (output,) = (node for node in graph.nodes if node.op == "output")
    head = output.args[0]
    if not isinstance(_module(model, head), nn.Linear):
        raise ValueError(  # noqa: TRY004 - no argument's type is wrong
            f"a network must end in a linear layer to get another head, and {type(model).__name__} does not:"
            " use one that does, such as resnet18"
        )
    features = head.args[0]
    while isinstance(_module(model, features), nn.Dropout):
        features = features.args[0]
    return head, features


def _module(model: nn.Module, node: fx.Node) -> nn.Module | None:
    return model.get_submodule(str(node.target)) if node.op == "call_module" else None


def _places(nodes: Sequence[fx.Node], paths: dict[fx.Node, str]) -> Iterator[_Place]:
    """Find where the graph can be cut: whatever is read later, nothing but the node right before the cut is read."""
    order = {node: i for i, node in enumerate(nodes)}
    last = {node: max((order.get(user, -1) for user in node.users), default=-1) for node in nodes}
    read_until = -1  # by whatever comes before the node
    for node, following in pairwise(nodes):
        if read_until <= order[node] and node.op != "placeholder" and "shape" in node.meta:
            yield _Place(node, node.meta["shape"], _shared(paths[node], paths[following]))
        read_until = max(read_until, last[node])


def _shared(path: str, other: str) -> int:
    """Return how many modules both are inside of: features.2.conv and features.3.conv share one."""
    both = zip(path.split("."), other.split("."), strict=False)
    return next((i for i, (a, b) in enumerate(both) if a != b), len(path.split(".")))


def _ends(places: list[_Place]) -> list[fx.Node]:
    """Choose where stages end, the last one apart: at the fewest modules deep that give enough of them."""
    for depth in range(DEEPEST):
        outer = [place for place in places if place.depth <= depth]
        maps = [place for place in outer if len(place.shape) == 4 and place.shape[2] > 1]
        # the third number is a side of maps (n, c, h, w), and of maps (n, h, w, c) too
        ends = [list(same)[-1].node for _, same in groupby(maps, lambda place: place.shape[2])][:-1]
        if len(ends) >= FEWEST - 1:
            return ends
        tokens = [place.node for place in outer if len(place.shape) == 3]
        if len(tokens) >= 2 * OF_TOKENS:
            return [tokens[len(tokens) * k // OF_TOKENS - 1] for k in range(1, OF_TOKENS)]
    raise ValueError(
        f"a network must consist of at least {FEWEST} stages that follow each other, and none were found in this one:"
        " use another, such as resnet18"
    )


def _stage(model: nn.Module, x: fx.Node, nodes: Sequence[fx.Node]) -> fx.GraphModule:
    """Return these nodes as a module of its own, which takes x and shares the model's weights."""
    graph = fx.Graph()
    copies = {x: graph.placeholder("x")}
    for node in nodes:
        copies[node] = graph.node_copy(node, copies.__getitem__)
    graph.output(copies[nodes[-1]])
    return fx.GraphModule(model, graph)
