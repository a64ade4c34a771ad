"""Networks as files: plain numbers, strings and tensors, written whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

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
    path = Path(path).expanduser()
    record = {
        "tltutor_network": FORMAT,
        "name": network.name,
        "shape": network.shape,
        "class_names": network.class_names,
        "options": network.options,
        "state": {key: value.detach().cpu() for key, value in network.state_dict().items()},
    }
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        _write(record, part)
        part.replace(path)
    except (OSError, RuntimeError) as error:
        raise OSError(f"the network could not be saved as {path} ({_reason(error)}): an older file there is unchanged") from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def _write(record: Mapping[str, Any], part: Path) -> None:
    with part.open("wb") as file:
        torch.save(dict(record), file)
        file.flush()
        os.fsync(file.fileno())


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error).partition("\n")[0]
