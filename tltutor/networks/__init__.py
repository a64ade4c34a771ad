"""Networks of named stages and a head, so that freeze depth means the same for all of them; built by name."""

from __future__ import annotations

from tltutor.networks.adabn import adapt_batchnorm
from tltutor.networks.batchnorm import DomainBatchNorm1d, DomainBatchNorm2d
from tltutor.networks.defaults import Defaults
from tltutor.networks.network import Network
from tltutor.networks.registry import (
    NETWORKS,
    PUBLISHED,
    build_network,
    load_network,
    network_names,
    network_record,
)

__all__ = [
    "NETWORKS",
    "PUBLISHED",
    "Defaults",
    "DomainBatchNorm1d",
    "DomainBatchNorm2d",
    "Network",
    "adapt_batchnorm",
    "build_network",
    "load_network",
    "network_names",
    "network_record",
]
