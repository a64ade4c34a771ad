"""Save networks as plain numbers, strings and tensors, as a whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from tltutor.files import replacing

if TYPE_CHECKING:
    from tltutor.networks.network import Network

FORMAT = 1
_KINDS = {"name": str, "shape": tuple, "class_names": tuple, "options": dict, "state": dict}


def is_saved_network(held: Any) -> bool:
    """Return True if a file's content was written by `save_network`."""
    if not isinstance(held, dict) or held.get("tltutor_network") != FORMAT:
        return False
    return all(isinstance(held.get(key), kind) for key, kind in _KINDS.items())


def save_network(network: Network, path: str | Path) -> None:
    """Write the network for `torch.load(weights_only=True)`; on an error (OSError) an older file stays unchanged."""
    record = {
        "tltutor_network": FORMAT,
        "name": network.name,
        "shape": network.shape,
        "class_names": network.class_names,
        "options": network.options,
        "pretrained": network.defaults.trunk_frozen,
        "state": {key: value.detach().cpu() for key, value in network.state_dict().items()},
    }
    with replacing(path, "network") as part, part.open("wb") as file:
        try:
            torch.save(record, file)
        except RuntimeError as error:  # torch raises it for a failed write
            raise OSError(str(error).partition("\n")[0]) from error
