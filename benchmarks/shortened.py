"""Remove a network's frozen first stages: their output is computed once, because it is the same at every step."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from tltutor.domains import DomainPair
from tltutor.networks.inference import evaluating
from tltutor.networks.inputs import Inputs
from tltutor.networks.network import Body, Network

if TYPE_CHECKING:
    from tltutor.domains import Domain

BATCH = 64


def seen_after(network: Network, pair: DomainPair, depth: int) -> DomainPair:
    """Return the pair as output vectors (n, d) of the network's first `depth` frozen stages; at depth 0, the pair itself.

    Frozen stages are in evaluation mode and use the target's BatchNorm statistics.
    """
    if depth == 0:
        return pair
    shown = {id(domain): _shown(network, domain, depth) for domain in pair.domains()}
    parts = ("source", "target", "target_test", "source_test", "target_labeled")
    return replace(
        pair,
        **{
            part: shown[id(domain)] for part in parts if (domain := getattr(pair, part)) is not None
        },
    )


def without_first(network: Network, pair: DomainPair, depth: int) -> Network:
    """Return a copy of the stages after `depth` and the head, for `seen_after`'s vectors; an identity stage if none is left."""
    whole = copy.deepcopy(network)
    if depth == 0:
        return whole
    shape = _after(network, pair.target.x[:1], depth).shape[1:]
    (name, first), *others = list(whole.stages.items())[depth:] or [("features", nn.Identity())]
    stages = {name: nn.Sequential(nn.Unflatten(1, tuple(shape)), first), **dict(others)}
    body = Body(stages, whole.head.in_features, Inputs((shape.numel(),)))
    rest = Network(
        body, whole.class_names, name=whole.name, shape=(shape.numel(),), options=whole.options
    )
    rest.head = whole.head
    return rest


def _shown(network: Network, domain: Domain, depth: int) -> Domain:
    chunks = [domain.x[i : i + BATCH] for i in range(0, len(domain), BATCH)]
    return replace(
        domain,
        x=np.concatenate([_after(network, x, depth).flatten(1).numpy() for x in chunks]),
        kind="vector",
    )


def _after(network: Network, x: np.ndarray, depth: int) -> Tensor:
    """Return the output (n, ...) of the first `depth` stages."""
    with evaluating(network):
        f: Tensor = network.on("target").inputs(torch.tensor(x))
        for stage in list(network.stages.values())[:depth]:
            f = stage(f)
    return f.contiguous()
