"""Tensors in a file without a name, for what memory has no room for; the file goes when the tensor does."""

from __future__ import annotations

import os
import shutil
import tempfile
from math import prod
from pathlib import Path
from typing import IO

import numpy as np
import platformdirs
import torch
from torch import Tensor

SPARE = 2  # of the free space, at most one part in so many is taken
BLOCK = 2**24  # bytes


def folder() -> Path:
    """Return where the files lie: the user's cache folder, since a system's temporary folder may be memory."""
    return platformdirs.user_cache_path("tltutor", appauthor=False)


def has_room(size: int) -> bool:
    """Return True if a file of so many bytes leaves the disk at least as much again."""
    place = folder()
    while not place.exists():
        place = place.parent
    try:
        return size * SPARE <= shutil.disk_usage(place).free
    except OSError:
        return False


def on_disk(like: Tensor, n: int) -> Tensor:
    """Return room for n examples like `like` (k, ...), on the CPU, of its type; images lie channels last.

    Errors: OSError if the disk has no room: it is reserved here, since a full disk at a later write would end the process.
    """
    shape = tuple(like.shape[1:])
    image = len(shape) == 3
    lies = (*shape[1:], shape[0]) if image else shape
    size = n * prod(shape) * like.element_size()
    with _reserved(size) as file:
        numbers = np.memmap(file, np.uint8, "r+", shape=(size,))
    found = torch.from_numpy(numbers).view(like.dtype).reshape(n, *lies)
    return found.permute(0, 3, 1, 2) if image else found


def _reserved(size: int) -> IO[bytes]:
    folder().mkdir(parents=True, exist_ok=True)
    file = tempfile.TemporaryFile(dir=folder())  # noqa: SIM115 - the caller closes it
    try:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, size)
        else:
            for _ in range(0, size, BLOCK):
                file.write(bytes(BLOCK))
            file.flush()
    except OSError:
        file.close()
        raise
    return file
