"""Networks as files: plain numbers, strings and tensors, written whole or not at all."""

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
    """Whether a file's content is what `save_network` writes."""
    if not isinstance(held, dict) or held.get("tltutor_network") != FORMAT:
        return False
    return all(isinstance(held.get(key), kind) for key, kind in _KINDS.items())


def save_network(network: Network, path: str | Path) -> None:
    """Write the network so that `torch.load(weights_only=True)` reads it; on an error an older file stays as it was."""
    record = {
        "tltutor_network": FORMAT,
        "name": network.name,
        "shape": network.shape,
        "class_names": network.class_names,
        "options": network.options,
        "state": {key: value.detach().cpu() for key, value in network.state_dict().items()},
    }
    with replacing(path, "network") as part, part.open("wb") as file:
        try:
            torch.save(record, file)
        except RuntimeError as error:  # torch's word for a failed write
            raise OSError(str(error).partition("\n")[0]) from error
