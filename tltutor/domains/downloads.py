"""Fetches data sets by pooch: stream aside, check the checksum, then rename; what arrives broken is kept, no archive trusted."""

from __future__ import annotations

import errno
import logging
import shutil
import stat
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TypeAlias

from tltutor.domains.sets import SETS, DataSet, Remote, check_file, digest_of, root_of
from tltutor.settings import check_name

Progress: TypeAlias = Callable[
    [str, int, int | None], None
]  # file name, bytes so far, bytes in all (None: not told)

CHUNK = 1 << 16  # bytes
PATIENCE = 30.0  # seconds without a byte before a server is given up
MB = 1e6
HEADERS = {
    "User-Agent": "tltutor",
    "Accept-Encoding": "identity",
}  # an archive must not be unpacked on its way


class DownloadError(OSError):
    """A file could not be fetched, or did not arrive whole."""


class _BrokenError(Exception):
    """What arrived has another checksum; it was kept aside."""


class DiskFullError(OSError):
    """There is no room for a file."""


class UnsafeArchiveError(ValueError):
    """An archive wants to write outside its folder, or holds links."""


def fetch(
    name: str, data_dir: str | Path | None = None, *, progress: Progress | None = None
) -> Path:
    """Make the set `name` present and whole, and return its data root: where it lies, else the first of `data_roots`.

    What is there and whole stays; a broken file is kept aside as NAME.broken and fetched anew.
    Errors: DownloadError (no network, or twice a wrong checksum), DiskFullError, UnsafeArchiveError, PermissionError.
    """
    data_set = SETS[check_name(name, SETS, what="data set")]
    root = root_of(data_set, data_dir)
    layout = data_set.layout_in(root)
    if data_set.origin:
        _refuse(data_set, root, layout)
        return root
    if layout is None or layout == data_set.layouts[0] or _set_aside_broken(data_set, root, layout):
        for remote in data_set.remotes():
            if _set_aside_broken(data_set, root, remote.gives) or not all(
                (root / f).exists() for f in remote.gives
            ):
                fetch_remote(remote, root, progress=progress)
    return root


def _refuse(data_set: DataSet, root: Path, layout: tuple[str, ...] | None) -> None:
    """Raise a DownloadError for a set without checksums, unless it lies there whole."""
    if layout is None or not all(check_file(data_set, root, f).ok for f in layout):
        raise DownloadError(
            f"the data set {data_set.name!r} must be got by hand, because its publisher states no checksum, and it is not whole in"
            f" {root}: get it ({data_set.size}) {data_set.remedy}"
        )


def _set_aside_broken(data_set: DataSet, root: Path, files: tuple[str, ...]) -> bool:
    """Rename the files that are there but broken; whether there were any."""
    broken = [f for f in files if check_file(data_set, root, f).state == "broken"]
    for file in broken:
        with _clear_faults(root / file):
            _set_aside_below(root, Path(file))
    return bool(broken)


def set_aside(path: Path, name: str | None = None) -> Path:
    """Rename a broken file to NAME.broken, or NAME.broken2 … if that is taken; NAME is its own unless given."""
    number = 1
    while (
        aside := path.with_name(f"{name or path.name}.broken{number if number > 1 else ''}")
    ).exists():
        number += 1
    return path.rename(aside)


def _set_aside_below(root: Path, path: Path) -> Path:
    """As `set_aside`, but a folder goes to ROOT/FIRST.broken/REST: beside its old place it would look like one more class."""
    if (root / path).is_file():
        return set_aside(root / path)
    number = 1
    while (
        aside := root.joinpath(
            f"{path.parts[0]}.broken{number if number > 1 else ''}", *path.parts[1:]
        )
    ).exists():
        number += 1
    aside.parent.mkdir(parents=True, exist_ok=True)
    return (root / path).rename(aside)


def fetch_remote(remote: Remote, root: Path, *, progress: Progress | None = None) -> None:
    """Get one file below `root`, checked and, if an archive, unpacked; a good file that lies there already is used."""
    target = root / remote.path
    with _clear_faults(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_file() and not _is_whole(target, remote):
            set_aside(target)
        if not target.is_file():
            _get_whole(remote, target, progress)
        if remote.unpack:
            unpack(target, remote.unpack)
            target.unlink()


def _is_whole(file: Path, remote: Remote) -> bool:
    return digest_of(file, remote.digest.partition(":")[0]) == remote.digest


def _get_whole(remote: Remote, target: Path, progress: Progress | None) -> None:
    """Twice at most; only what has the right checksum gets the file's name."""
    for _ in range(2):
        try:
            return _retrieve_any(remote, target, progress)
        except _BrokenError:
            continue
    raise DownloadError(
        f"{target.name} must have the checksum {remote.digest}, and twice something else came"
        f" from {' or '.join(remote.addresses)}: the last one is kept in {target.parent} as {target.name}.broken;"
        f" try later, or place a good copy at {target}"
    )


def _retrieve_any(remote: Remote, target: Path, progress: Progress | None) -> None:
    """From the first address that answers."""
    from requests import RequestException

    faults = []
    for address in remote.addresses:
        try:
            return _retrieve(address, remote, target, progress)
        except RequestException as fault:
            faults.append(f"{address} ({_reason(fault)})")
    raise DownloadError(
        f"no answer from {' or '.join(faults)}: check the network,"
        f" or get that file elsewhere, place it at {target} and run this again"
    )


def _reason(fault: BaseException) -> str:
    """What the server said, else what the system said: requests and urllib3 wrap it several times."""
    if (response := getattr(fault, "response", None)) is not None:
        return str(response.reason)
    inner: BaseException | None = fault
    while inner is not None:
        if isinstance(inner, OSError) and inner.strerror:
            return inner.strerror
        inner = inner.__cause__ or inner.__context__
    return str(fault)


def _retrieve(address: str, remote: Remote, target: Path, progress: Progress | None) -> None:
    """Have pooch stream what `address` sends to a file aside, check it, and rename it to `target`."""
    import pooch

    if not address.startswith(("https://", "http://")):
        raise ValueError(f"an address must begin with https:// or http://, got {address!r}")
    pooch.get_logger().setLevel(logging.WARNING)  # the progress says it already

    def download(address: str, part: str, _: object) -> None:
        Path(
            part
        ).unlink()  # pooch's is for this user's eyes only; the next one has the usual rights
        _stream(address, Path(part), _Meter(Path(part), target, progress))
        if not _is_whole(Path(part), remote):
            set_aside(Path(part), target.name)
            raise _BrokenError

    with _room_for(target):
        pooch.retrieve(address, remote.digest, target.name, target.parent, downloader=download)


def _stream(address: str, part: Path, meter: _Meter) -> None:
    """Write what comes. If the connection breaks off, the file is short, and its checksum wrong."""
    from pooch import HTTPDownloader
    from requests import RequestException

    try:
        HTTPDownloader(progressbar=meter, chunk_size=CHUNK, timeout=PATIENCE, headers=HEADERS)(
            address, str(part), None
        )
    except RequestException:
        if not meter.began:
            raise


class _Meter:
    """What pooch takes for a progress bar: checks for room at the start, then tells how much lies on the disk."""

    def __init__(self, part: Path, target: Path, progress: Progress | None) -> None:
        self._part, self._target, self._progress = part, target, progress
        self._total, self.began = 0, False

    @property
    def total(self) -> int:
        """Bytes that will come; 0 if the server does not say."""
        return self._total

    @total.setter
    def total(self, size: int) -> None:
        self._total, self.began = size, True
        _check_room(self._target, size)

    def update(self, _: int) -> None:
        """Some more bytes are written: how many in all, the disk knows best."""
        if self._progress is not None:
            self._progress(self._target.name, self._part.stat().st_size, self._total or None)

    def reset(self) -> None:
        """Nothing: `update` never counts twice."""

    def close(self) -> None:
        """Nothing: who gave `progress` closes it."""


def _check_room(file: Path, size: int) -> None:
    free = shutil.disk_usage(file.parent).free
    if size > free:
        raise _no_room(file, f"{size / MB:.1f} MB")


def _no_room(file: Path, size: str) -> DiskFullError:
    free = shutil.disk_usage(file.parent).free
    return DiskFullError(
        f"{file.name} needs {size}, and {file.parent} has {free / MB:.1f} MB free:"
        " make room, or name another data folder in TLTUTOR_DATA"
    )


@contextmanager
def _room_for(file: Path) -> Iterator[None]:
    """Turns "no space left" while writing into one sentence."""
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise _no_room(file, "more") from None


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
    import pooch

    _check_members(archive, kind)
    side = Path(tempfile.mkdtemp(prefix=f".{archive.name}.", dir=archive.parent))
    into = {
        "gz": lambda: pooch.Decompress("gzip", f"{side.name}/{archive.stem}"),
        "tar": lambda: pooch.Untar(extract_dir=side.name),
        "zip": lambda: pooch.Unzip(extract_dir=side.name),
    }
    try:
        with _room_for(archive):
            into[kind]()(str(archive), "download", None)
        for file in sorted(p for p in side.rglob("*") if p.is_file()):
            file.chmod(0o644)  # data, whatever the archive says
            place = archive.parent / file.relative_to(side)
            place.parent.mkdir(parents=True, exist_ok=True)
            file.replace(place)
    finally:
        shutil.rmtree(side)


def _check_members(archive: Path, kind: str) -> None:
    """Before anything is written: plain files and folders only, none outside the archive's folder, and room for all."""
    members = list(_members(archive, kind))
    for name, plain, _ in members:
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in "".join(path.parts[:1]) or not plain:
            raise UnsafeArchiveError(
                f"an archive must hold plain files below its own folder, and {archive.name} holds {name!r}:"
                " nothing was unpacked; do not use this archive"
            )
    _check_room(archive, sum(size for _, _, size in members))


def _members(archive: Path, kind: str) -> Iterator[tuple[str, bool, int]]:
    """Each member's name, whether it is a plain file or a folder, and its size unpacked."""
    if kind == "tar":
        with tarfile.open(archive) as tar:
            yield from (
                (member.name, member.isfile() or member.isdir(), member.size) for member in tar
            )
    if kind == "zip":
        with zipfile.ZipFile(archive) as packed:
            for member in packed.infolist():
                yield (
                    member.filename,
                    not stat.S_ISLNK(member.external_attr >> 16),
                    member.file_size,
                )
