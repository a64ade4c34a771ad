"""A cache of networks that were pretrained for a method; it does not know what an experiment is."""

from __future__ import annotations

import copy
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tltutor.networks import Network

Key = tuple[str, ...]


class PretrainedCache:
    """The last `capacity` pretrained networks by key; several threads may put and get.

    owner: an object whose id is part of the key (a pair of arrays); the cache references it, so that its id is not reused.
    """

    def __init__(self, capacity: int = 4) -> None:
        self.capacity = capacity
        self._networks: dict[Key, tuple[Network, Any]] = {}
        self._lock = threading.Lock()

    def __contains__(self, key: Key) -> bool:
        with self._lock:
            return key in self._networks

    def get(self, key: Key) -> Network | None:
        """Return a copy of the network with this key, or None."""
        with self._lock:
            found = self._networks.get(key)
            return None if found is None else copy.deepcopy(found[0])

    def put(self, key: Key, network: Network, owner: Any) -> None:
        """Store a network; drop the oldest one beyond `capacity`."""
        with self._lock:
            self._networks[key] = network, owner
            while len(self._networks) > self.capacity:
                del self._networks[next(iter(self._networks))]

    def clear(self) -> None:
        """Drop all networks."""
        with self._lock:
            self._networks.clear()
