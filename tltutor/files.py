"""Write a file as a whole or not at all: to a temporary file in the same folder, then by a rename; it knows no format."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def replacing(path: str | os.PathLike[str], what: str) -> Iterator[Path]:
    """Yield a temporary path in the folder of `path`; after the block, that file replaces `path`.

    If the block fails, an existing file at `path` does not change, and the temporary one is removed.
    The data are synced to disk before the rename, so a power failure leaves the old file or the new
    one. The suffix stays: some libraries infer the format from it. A pipe or a device is written to
    directly. Errors: OSError in one sentence that names `what` ("recording").
    """
    path = Path(path).expanduser()
    check_place(path, what)
    if path.exists() and not path.is_file():
        yield path
        return
    name = f".{path.stem}.{os.getpid()}.{threading.get_ident()}.part{path.suffix}"
    part = path.with_name(name)
    try:
        yield part
        _sync(part)
        part.replace(path)
    except OSError as error:
        raise OSError(_sentence(path, what, error.strerror or str(error))) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def check_place(path: Path, what: str) -> None:
    """Raise an OSError if `path` has no folder that can be written to; create nothing."""
    folder = path.parent
    if not folder.is_dir():
        reason = f"there is no folder {folder}: create it first"
        raise FileNotFoundError(_sentence(path, what, reason))
    if not os.access(folder, os.W_OK):
        reason = f"the folder {folder} may not be written to: choose another one"
        raise PermissionError(_sentence(path, what, reason))
    if path.is_dir():
        reason = "a folder has this name: choose another name"
        raise IsADirectoryError(_sentence(path, what, reason))


def _sentence(path: Path, what: str, reason: str) -> str:
    return f"the {what} could not be saved as {path} ({reason}); an older file there is unchanged"


def _sync(part: Path) -> None:
    with part.open("r+b") as file:
        os.fsync(file.fileno())
