"""Fetches data sets: stream aside, check the checksum, then rename; what arrives broken is kept, no archive trusted."""

from __future__ import annotations

import errno
import gzip
import http.client
import os
import shutil
import stat
import tarfile
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, TypeAlias, cast

from tltutor.domains.sets import SETS, DataSet, Remote, check_file, digest_of, root_of
from tltutor.settings import check_name

Progress: TypeAlias = Callable[[str, int, int | None], None]  # file name, bytes so far, bytes in all (None: not told)

CHUNK = 1 << 16  # bytes
PATIENCE = 30.0  # seconds without a byte before a server is given up
MB = 1e6


class DownloadError(OSError):
    """A file could not be fetched, or did not arrive whole."""


class DiskFullError(OSError):
    """There is no room for a file."""


class UnsafeArchiveError(ValueError):
    """An archive wants to write outside its folder, or holds links."""


def fetch(name: str, data_dir: str | Path | None = None, *, progress: Progress | None = None) -> Path:
    """Make the set `name` present and whole, and return its data root: where it lies, else the first of `data_roots`.

    What is there and whole stays; a broken file is kept aside as NAME.broken and fetched anew.
    Errors: DownloadError (no network, or twice a wrong checksum), DiskFullError, UnsafeArchiveError, PermissionError.
    """
    data_set = SETS[check_name(name, SETS, what="data set")]
    root = root_of(data_set, data_dir)
    layout = data_set.layout_in(root)
    if layout is None or layout == data_set.layouts[0] or _set_aside_broken(data_set, root, layout):
        for remote in data_set.remotes():
            if _set_aside_broken(data_set, root, remote.gives) or not all((root / f).exists() for f in remote.gives):
                fetch_remote(remote, root, progress=progress)
    return root


def _set_aside_broken(data_set: DataSet, root: Path, files: tuple[str, ...]) -> bool:
    """Rename the files that are there but broken; whether there were any."""
    broken = [f for f in files if check_file(data_set, root, f).state == "broken"]
    for file in broken:
        with _clear_faults(root / file):
            _set_aside_below(root, Path(file))
    return bool(broken)


def set_aside(path: Path) -> Path:
    """Rename a broken file to NAME.broken, or NAME.broken2 … if that is taken."""
    number = 1
    while (aside := path.with_name(f"{path.name}.broken{number if number > 1 else ''}")).exists():
        number += 1
    return path.rename(aside)


def _set_aside_below(root: Path, path: Path) -> Path:
    """As `set_aside`, but a folder goes to ROOT/FIRST.broken/REST: beside its old place it would look like one more class."""
    if (root / path).is_file():
        return set_aside(root / path)
    number = 1
    while (aside := root.joinpath(f"{path.parts[0]}.broken{number if number > 1 else ''}", *path.parts[1:])).exists():
        number += 1
    aside.parent.mkdir(parents=True, exist_ok=True)
    return (root / path).rename(aside)


def fetch_remote(remote: Remote, root: Path, *, progress: Progress | None = None) -> None:
    """Get one file below `root`, checked and, if an archive, unpacked; a good file that lies there already is used."""
    target = root / remote.path
    with _clear_faults(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        if not (target.is_file() and _whole(target, remote)):
            _get_whole(remote, target, progress)
        if remote.unpack:
            unpack(target, remote.unpack)
            target.unlink()


def _whole(target: Path, remote: Remote) -> bool:
    """Whether the file has the right checksum; if not, it is put aside."""
    good = digest_of(target, remote.digest.partition(":")[0]) == remote.digest
    if not good:
        set_aside(target)
    return good


def _get_whole(remote: Remote, target: Path, progress: Progress | None) -> None:
    """Stream to NAME.part, twice at most; only what has the right checksum gets the file's name."""
    part = target.with_name(f"{target.name}.part")
    for _ in range(2):
        _stream_any(remote, part, progress)
        if _whole(part, remote):
            part.replace(target)
            return
    raise DownloadError(
        f"{target.name} must have the checksum {remote.digest}, and twice something else came"
        f" from {' or '.join(remote.addresses)}: the last one is kept in {target.parent} as {part.name}.broken;"
        f" try later, or place a good copy at {target}"
    )


def _stream_any(remote: Remote, part: Path, progress: Progress | None) -> None:
    """From the first address that answers."""
    faults = []
    for address in remote.addresses:
        try:
            return _stream(address, part, progress)
        except (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError) as fault:
            faults.append(f"{address} ({getattr(fault, 'reason', None) or fault})")
    place = part.with_suffix("")
    raise DownloadError(
        f"no answer from {' or '.join(faults)}: check the network,"
        f" or get that file elsewhere, place it at {place} and run this again"
    )


def _stream(address: str, part: Path, progress: Progress | None) -> None:
    """Write what `address` sends to `part`. If the connection breaks off, the file is short, and its checksum wrong."""
    if not address.startswith(("https://", "http://")):
        raise ValueError(f"an address must begin with https:// or http://, got {address!r}")
    request = urllib.request.Request(address, headers={"User-Agent": "tltutor"})  # noqa: S310 - checked just above
    with _opened(request) as answer, _room_for(part, _length(answer)):
        done, total = 0, _length(answer)
        with part.open("wb") as file:
            for chunk in _chunks(answer):
                file.write(chunk)
                done += len(chunk)
                if progress is not None:
                    progress(part.stem, done, total)


def _opened(request: urllib.request.Request) -> http.client.HTTPResponse:
    return cast("http.client.HTTPResponse", urllib.request.urlopen(request, timeout=PATIENCE))  # noqa: S310 - as above


def _length(answer: http.client.HTTPResponse) -> int | None:
    told = answer.headers.get("Content-Length", "")
    return int(told) if told.isdigit() else None


def _chunks(answer: http.client.HTTPResponse) -> Iterator[bytes]:
    while True:
        try:
            chunk = answer.read(CHUNK)
        except (http.client.HTTPException, ConnectionError, TimeoutError):
            return
        if not chunk:
            return
        yield chunk


@contextmanager
def _room_for(part: Path, needed: int | None) -> Iterator[None]:
    """Checks for room first, and turns "no space left" while writing into one sentence; the partial file is removed."""
    free = shutil.disk_usage(part.parent).free
    try:
        if needed is not None and needed > free:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        yield
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        part.unlink(missing_ok=True)
        size = "more" if needed is None else f"{needed / MB:.1f} MB"
        raise DiskFullError(
            f"{part.stem} needs {size}, and {part.parent} has {free / MB:.1f} MB free:"
            " make room, or name another data folder in TLTUTOR_DATA"
        ) from None


@contextmanager
def _clear_faults(target: Path) -> Iterator[None]:
    try:
        yield
    except PermissionError:
        raise PermissionError(
            f"{target.parent} must be a folder that may be written to, and it is not: name another data folder in TLTUTOR_DATA"
        ) from None


def unpack(archive: Path, kind: str) -> None:
    """Unpack beside the archive, all or nothing: into a side folder first, then each file is renamed into place."""
    readers = {"gz": _gz_members, "tar": _tar_members, "zip": _zip_members}
    folder = archive.parent
    side = Path(tempfile.mkdtemp(prefix=f".{archive.name}.", dir=folder))
    try:
        with _room_for(side / archive.name, None):
            for name, content in readers[kind](archive):
                _write(content, side / name)
        for file in sorted(p for p in side.rglob("*") if p.is_file()):
            place = folder / file.relative_to(side)
            place.parent.mkdir(parents=True, exist_ok=True)
            file.replace(place)
    finally:
        shutil.rmtree(side)


def _write(content: IO[bytes], place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    with content, place.open("wb") as file:
        shutil.copyfileobj(content, file)


def _gz_members(archive: Path) -> Iterator[tuple[str, IO[bytes]]]:
    with gzip.open(archive) as content:
        yield archive.stem, cast("IO[bytes]", content)


def _tar_members(archive: Path) -> Iterator[tuple[str, IO[bytes]]]:
    with tarfile.open(archive) as tar:
        members = tar.getmembers()
        for member in members:
            _check_member(archive, member.name, plain=member.isfile() or member.isdir())
        for member in members:
            if (content := tar.extractfile(member)) is not None:  # None: a folder
                yield member.name, content


def _zip_members(archive: Path) -> Iterator[tuple[str, IO[bytes]]]:
    with zipfile.ZipFile(archive) as packed:
        members = packed.infolist()
        for member in members:
            _check_member(archive, member.filename, plain=not stat.S_ISLNK(member.external_attr >> 16))
        for member in members:
            if not member.is_dir():
                yield member.filename, packed.open(member)


def _check_member(archive: Path, name: str, *, plain: bool) -> None:
    """Before anything is written: plain files and folders only, and none above or outside the archive's folder."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0] or not plain:
        raise UnsafeArchiveError(
            f"an archive must hold plain files below its own folder, and {archive.name} holds {name!r}:"
            " nothing was unpacked; do not use this archive"
        )
