"""Load initial weights into a network: torchvision's ImageNet ones or a checkpoint's."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from tltutor.files import data_roots
from tltutor.networks import bert
from tltutor.networks.checkpoint import check_fit, find_state, read_checkpoint
from tltutor.networks.files import is_saved_network
from tltutor.networks.network import Body, Network, Original


def load_weights(network: Network, body: Body, weights: str | Path) -> None:
    """Load "imagenet" weights or a checkpoint into the network, with the head if the classes are the same.

    A checkpoint is torchvision's state dict of the same backbone, a file that `network.save` wrote, or the network's
    own state dict. Everything is checked before the first weight changes.
    Errors: TypeError, ValueError, FileNotFoundError, ConnectionError, each with a remedy.
    """
    if not isinstance(weights, str | os.PathLike):
        raise TypeError(_not_a_path(weights))
    path = imagenet_file(network.name, body) if weights == "imagenet" else weights
    published = network.name == "bert" and not Path(path).expanduser().is_file()
    held = bert.read_state(path) if published else read_checkpoint(path)
    saved = is_saved_network(held)
    if saved and held["name"] != network.name:
        raise ValueError(
            f"the weights must fit the body of {network.name}, and {path} was saved from {held['name']!r}"
        )
    state = find_state(held["state"] if saved else held, path)
    own = saved or any(key.startswith("stages.") for key in state)
    original = body.original if body.original and not own else Original(network, head="head.")
    _load(
        network, original, state, keep_head=not saved or held["class_names"] == network.class_names
    )


def _not_a_path(weights: object) -> str:
    """Return the message for weights that name no file."""
    if isinstance(weights, Mapping):
        return (
            "weights must be None, 'imagenet' or the path of a file, got a state dict: torch.save it and give the path,"
            " or build the network without weights and call network.load_state_dict(state)"
        )
    return f"weights must be None, 'imagenet' or the path of a file, got {weights!r}: use weights='imagenet' for torchvision's"


def _load(
    network: Network, original: Original, state: Mapping[str, Tensor], *, keep_head: bool
) -> None:
    without = (original.head, *original.extras)
    check_fit(original.model, state, without=without, what=f"the body of {network.name}")
    original.model.load_state_dict(
        {k: v for k, v in state.items() if not k.startswith(without)}, strict=False
    )
    head = {name: state.get(original.head + name) for name in ("weight", "bias")}
    if keep_head and all(
        v is not None and v.shape == getattr(network.head, name).shape for name, v in head.items()
    ):
        network.head.load_state_dict(head)


def imagenet_file(name: str, body: Body) -> Path:
    """Return the path of torchvision's first ImageNet weights of this network: torch's own folder, then checkpoints/ in the data roots.

    They are downloaded to torch's folder if they lie nowhere.
    """
    if body.original is None:
        raise ValueError(
            f"ImageNet weights exist for torchvision's networks only, got {name!r}: use weights=None or a checkpoint's path"
        )
    url = _imagenet_url(name)
    path = find_imagenet(name)
    if path is None:
        path = _places(url)[0]
        _fetch(url, path, name)
    return path


def find_imagenet(name: str) -> Path | None:
    """Return where torchvision's first ImageNet weights of this network lie on this machine; None if nowhere. Downloads nothing."""
    return next((path for path in _places(_imagenet_url(name)) if path.is_file()), None)


def _imagenet_url(name: str) -> str:
    from torchvision import models

    return str(next(iter(models.get_model_weights(name))).url)


def _places(url: str) -> list[Path]:
    roots = (Path(torch.hub.get_dir()), *data_roots())
    return [root / "checkpoints" / url.rpartition("/")[2] for root in roots]


def _fetch(url: str, path: Path, name: str) -> None:
    """Download to `path`; torch checks the SHA-256 prefix in the file's name."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.hub.download_url_to_file(
            url, str(path), hash_prefix=path.stem.rpartition("-")[2], progress=False
        )
    except (OSError, RuntimeError) as error:
        raise ConnectionError(
            f"the ImageNet weights of {name} must be fetched once, and that failed ({error}): download {url} elsewhere"
            f" and put it at {path}, or into checkpoints/ of a data root ($TLTUTOR_DATA), or give weights= the path of a checkpoint"
        ) from None
