"""Read files of weights without running any code in them, and check them before any weight changes."""

from __future__ import annotations

import pickle
import re
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

HOLDERS = (
    "state_dict",
    "model_state_dict",
    "model",
)  # where training scripts put the state dict in a checkpoint
PREFIXES = ("module.", "_orig_mod.")
# What a state may lack: BatchNorm fills it in.
STATISTICS = ("num_batches_tracked", "target_mean", "target_var")


def read_checkpoint(path: str | Path) -> Any:
    """Return the file's content on the CPU, read with torch's `weights_only`.

    Errors: FileNotFoundError; ValueError for a file that is damaged, is not a checkpoint, or holds more than plain data.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        raise FileNotFoundError(
            f"weights must be None, 'imagenet' or the path of a file, got {str(path)!r}, and no file is there"
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # torch's remarks on unusual files; the error below says what matters
            return torch.load(path, map_location="cpu", weights_only=True)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  (a damaged file may break the reader anywhere)
        raise ValueError(_unreadable_message(path, error)) from None


def _unreadable_message(path: Path, error: Exception) -> str:
    if isinstance(error, pickle.UnpicklingError) and re.search(
        "unsupported (global|class)", str(error), re.IGNORECASE
    ):
        return (
            f"a checkpoint must hold plain weights, and {path} holds objects that could run code when loaded:"
            " it was refused and nothing was run; save just model.state_dict() with torch.save"
        )
    return (
        f"{path} cannot be read as a checkpoint ({path.stat().st_size} bytes, nothing in it was run):"
        " it is damaged, cut short or another kind of file; fetch or save it again"
    )


def find_state(held: Any, path: str | Path) -> dict[str, Tensor]:
    """Return the state dict in a file's content: the content itself, or its entry under one of HOLDERS.

    The prefixes of DataParallel ("module.") and torch.compile ("_orig_mod.") are removed.
    """
    holder = next(
        (name for name in HOLDERS if isinstance(held, dict) and isinstance(held.get(name), dict)),
        None,
    )
    state = held if holder is None else held[holder]
    if (
        not isinstance(state, dict)
        or not state
        or not all(isinstance(v, Tensor) for v in state.values())
    ):
        raise ValueError(
            f"a checkpoint must hold a state dict, names with tensors, and {path} does not: save model.state_dict()"
        )
    while prefix := next((p for p in PREFIXES if all(name.startswith(p) for name in state)), None):
        state = {name.removeprefix(prefix): value for name, value in state.items()}
    return dict(state)


def check_fit(
    module: nn.Module, state: Mapping[str, Tensor], *, without: Iterable[str] = (), what: str
) -> None:
    """Raise a ValueError that names the keys unless `state` fits `module`; keys that start with one of `without` are ignored."""
    skip = tuple(without)
    own = {key: value for key, value in module.state_dict().items() if not key.startswith(skip)}
    missing = [key for key in own if key not in state and not key.endswith(STATISTICS)]
    unknown = [key for key in state if key not in own and not key.startswith(skip)]
    reshaped = [key for key in own if key in state and own[key].shape != state[key].shape]
    problems = {"missing": missing, "unknown": unknown, "of another shape": reshaped}
    listed = "; ".join(
        f"{len(keys)} {problem} ({_first(keys)})" for problem, keys in problems.items() if keys
    )
    if listed:
        raise ValueError(
            f"the weights must fit {what}, got names with {listed}: give a checkpoint of the same network"
        )
    broken = [key for key, value in state.items() if key in own and not value.isfinite().all()]
    if broken:
        raise ValueError(
            f"weights must be finite, got NaN or infinity in {_first(broken)}: give a checkpoint of a run that did not diverge"
        )


def _first(keys: list[str]) -> str:
    return ", ".join(keys[:3]) + (", …" if len(keys) > 3 else "")
