"""The downloadable sets: where they may lie, what they hold, what to say when one is missing. Downloads nothing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tltutor.domains.by_hand import BY_HAND, ByHand, count_examples
from tltutor.files import data_roots
from tltutor.settings import check_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

State = Literal["published", "readable", "missing", "broken"]


class MissingSetError(FileNotFoundError):
    """A data set is not where it was looked for."""


class BrokenSetError(OSError):
    """A file of a data set is there but cannot be read."""


@dataclass(frozen=True)
class Remote:
    """A file on the net: its addresses in the order to try, its place below the root, its checksum, what it unpacks to.

    `digest` is "md5:…" or "sha256:…" as its publisher (or the loader of torchvision) states it.
    """

    addresses: tuple[str, ...]
    path: str
    digest: str
    unpack: Literal["", "gz", "tar", "zip"] = ""
    gives: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """What one file turned out to be; published: with its publisher's checksum; readable: none known, but it reads."""

    path: str
    state: State
    text: str

    @property
    def ok(self) -> bool:
        return self.state in {"published", "readable"}


@dataclass(frozen=True)
class DataSet:
    """A known set: any one whole layout makes it present; `remotes` bring the first of `layouts`.

    origin: for a set without remotes, where a person gets its first layout and where to put it.
    """

    name: str
    title: str
    size: str
    layouts: tuple[tuple[str, ...], ...]
    remotes: Callable[[], tuple[Remote, ...]]
    examine: Callable[[Path, str], Check]
    origin: str = ""

    @property
    def remedy(self) -> str:
        """How to get it: a command, or an address and a place."""
        return f"from {self.origin}" if self.origin else f"with `tltutor data fetch {self.name}`"

    def layout_in(self, root: Path) -> tuple[str, ...] | None:
        """The layout that lies complete in `root`."""
        whole = (files for files in self.layouts if all((root / f).exists() for f in files))
        return next(whole, None)


@dataclass(frozen=True)
class SetStatus:
    """Whether a set is there, and where; else which files are missing from the places it was looked for in."""

    name: str
    title: str
    size: str
    where: Path | None
    missing: tuple[str, ...]
    looked_in: tuple[Path, ...]
    remedy: str

    @property
    def present(self) -> bool:
        return self.where is not None


def find_set(name: str, data_dir: str | Path | None = None) -> Path:
    """The first data root that holds the set, or a MissingSetError with the file, the places and the remedy."""
    status = _status(SETS[check_name(name, SETS, what="data set")], data_dir)
    if status.where is not None:
        return status.where
    raise MissingSetError(
        f"the data set {name!r} needs the file {status.missing[0]}, and it is not in"
        f" {' or '.join(map(str, status.looked_in))}: get it ({status.size}) {status.remedy}"
    )


def layout_of(data_set: DataSet, root: Path, file: str) -> str:
    """The path below `root` of the file called `file`, in the layout that lies there."""
    return next(
        path for path in data_set.layout_in(root) or data_set.layouts[0] if Path(path).name == file
    )


def list_sets(data_dir: str | Path | None = None) -> tuple[SetStatus, ...]:
    """Every set that is known, present or missing, and where."""
    return tuple(_status(data_set, data_dir) for data_set in SETS.values())


def _status(data_set: DataSet, data_dir: str | Path | None) -> SetStatus:
    roots = data_roots(data_dir)
    where = next((root for root in roots if data_set.layout_in(root)), None)
    nearest = max(
        data_set.layouts, key=lambda files: sum((roots[0] / f).exists() for f in files)
    )  # the first one, where none is begun
    missing = () if where else tuple(f for f in nearest if not (roots[0] / f).exists())
    about = (data_set.name, data_set.title, data_set.size)
    return SetStatus(*about, where, missing, roots, data_set.remedy)


def root_of(data_set: DataSet, data_dir: str | Path | None = None) -> Path:
    """The first root that holds the set, else the first root of all."""
    roots = data_roots(data_dir)
    return next((root for root in roots if data_set.layout_in(root)), roots[0])


def verify(name: str, data_dir: str | Path | None = None) -> tuple[Check, ...]:
    """Every file of a set read again: checksums where they are known, else counts. Nothing is changed."""
    data_set = SETS[check_name(name, SETS, what="data set")]
    root = root_of(data_set, data_dir)
    return tuple(
        check_file(data_set, root, f) for f in data_set.layout_in(root) or data_set.layouts[0]
    )


def check_file(data_set: DataSet, root: Path, path: str) -> Check:
    """One file (or folder) of a set, examined."""
    if not (root / path).exists():
        return Check(path, "missing", f"not in {root}")
    try:
        return data_set.examine(root, path)
    except Exception as error:  # noqa: BLE001 - whatever a broken file makes its reader raise, it is broken
        return Check(path, "broken", f"cannot be read: {error}")


def unreadable(name: str, path: Path, error: Exception) -> BrokenSetError:
    """The error for a file of set `name` that is there but does not read."""
    rule = (
        f"the file {path} of the data set {name!r} must be whole, and reading it failed ({error}):"
    )
    if SETS[name].origin:
        return BrokenSetError(f"{rule} move it away and get it again from {SETS[name].origin}")
    return BrokenSetError(
        f"{rule} run `tltutor data fetch {name}`, which keeps the broken file aside and gets it anew"
    )


def digest_of(path: Path, kind: str) -> str:
    """The checksum of a file, as "kind:hex"."""
    with path.open("rb") as file:
        return f"{kind}:{hashlib.file_digest(file, kind).hexdigest()}"


# MNIST. The four checksums are those of the unpacked files, the archives' own stand in torchvision.
_MNIST = {
    "MNIST/raw/train-images-idx3-ubyte": "md5:6bbc9ace898e44ae57da46a324031adb",
    "MNIST/raw/train-labels-idx1-ubyte": "md5:a25bea736e30d166cdddb491f175f624",
    "MNIST/raw/t10k-images-idx3-ubyte": "md5:2646ac647ad5339dbf082846283269ea",
    "MNIST/raw/t10k-labels-idx1-ubyte": "md5:27ae3e4e09519cfbb04c329615203637",
}


def _mnist_remotes() -> tuple[Remote, ...]:
    from torchvision.datasets import MNIST

    return tuple(
        Remote(
            tuple(mirror + file for mirror in MNIST.mirrors),
            f"MNIST/raw/{file}",
            f"md5:{md5}",
            "gz",
            (f"MNIST/raw/{file.removesuffix('.gz')}",),
        )
        for file, md5 in MNIST.resources
    )


def _examine_mnist(root: Path, path: str) -> Check:
    if digest_of(root / path, "md5") == _MNIST[path]:
        return Check(path, "published", "checksum as published")
    return Check(
        path, "broken", f"its checksum must be {_MNIST[path]}, got {digest_of(root / path, 'md5')}"
    )


def _usps_remotes() -> tuple[Remote, ...]:
    from torchvision.datasets import USPS

    return tuple(
        Remote((url,), f"USPS/{file}", f"md5:{md5}", "", (f"USPS/{file}",))
        for url, file, md5 in USPS.split_list.values()
    )


def _examine_usps(root: Path, path: str) -> Check:
    """The published checksum, or a file that reads to the same number of rows (bz2 carries its own check)."""
    import bz2

    known = {remote.path: remote.digest for remote in _usps_remotes()}
    if digest_of(root / path, "md5") == known[path]:
        return Check(path, "published", "checksum as published")
    with bz2.open(root / path) as lines:
        rows = sum(1 for _ in lines)
    return _counted(path, rows, {"USPS/usps.bz2": 7291, "USPS/usps.t.bz2": 2007}[path])


_MNIST_M_SITE = "https://github.com/liyxi/mnist-m/releases/download/data/"
_MNIST_M_SUBSET = "MNIST-M/mnist_m_subset.npz"


def _mnist_m_remotes() -> tuple[Remote, ...]:
    md5 = {"train": "191ed53db9933bd85cc9700558847391", "test": "e11cb4d7fff76d7ec588b1134907db59"}
    return tuple(
        Remote(
            (f"{_MNIST_M_SITE}mnist_m_{part}.pt.tar.gz",),
            f"MNIST-M/mnist_m_{part}.pt.tar.gz",
            f"md5:{md5[part]}",
            "tar",
            (f"MNIST-M/mnist_m_{part}.pt",),
        )
        for part in ("train", "test")
    )


def _examine_mnist_m(root: Path, path: str) -> Check:
    import numpy as np

    if path == _MNIST_M_SUBSET:
        with (root / path).open("rb") as file, np.load(file) as arrays:
            rows = {key: len(arrays[key]) for key in arrays}
        sizes = [[rows[f"{array}_{part}"] for array in "xyi"] for part in ("train", "test")]
        good = all(len(set(size)) == 1 for size in sizes)
        return Check(
            path, "readable" if good else "broken", f"{sizes[0][0]} and {sizes[1][0]} images"
        )
    import torch

    x, y = torch.load(root / path, weights_only=True)
    return _counted(path, min(len(x), len(y)), 60000 if "train" in path else 10000)


def _hymenoptera_remotes() -> tuple[Remote, ...]:
    # The checksum is that of PyTorch's own tutorials repository, .jenkins/download_data.py.
    digest = "sha256:fbc41b31d544714d18dd1230b1e2b455e1557766e13e67f9f5a7a23af7c02209"
    address = "https://download.pytorch.org/tutorial/hymenoptera_data.zip"
    return (Remote((address,), "hymenoptera_data.zip", digest, "zip", tuple(_HYMENOPTERA)),)


_HYMENOPTERA = {
    "hymenoptera_data/train/ants": 123,
    "hymenoptera_data/train/bees": 121,
    "hymenoptera_data/val/ants": 70,
    "hymenoptera_data/val/bees": 83,
}


def _examine_hymenoptera(root: Path, path: str) -> Check:
    from PIL import Image

    photographs = sorted((root / path).glob("*.jpg"))
    for photograph in photographs:
        with Image.open(photograph) as image:
            image.verify()
    return _counted(path, len(photographs), _HYMENOPTERA[path])


# The checksums of the unpacked files are those of copies with the stated thousand sentences each.
_SENTENCES = {
    "amazon_cells_labelled.txt": "sha256:47003fc0a0d4840b00e96e715b6189bad09e7443a3da41c4cbe12ffc79f86ae3",
    "imdb_labelled.txt": "sha256:c662b9360c1652babb990d164835af12aa105db7991f1fdb19038115f0e93de8",
    "yelp_labelled.txt": "sha256:b565b1eeb864d76842588c3a256731b08bcdd9faf6de507bfe211a96f8b81912",
}


def _sentences_remotes() -> tuple[Remote, ...]:
    # The publisher states no checksum; this is the one that several loaders of this archive pin.
    address = "https://archive.ics.uci.edu/static/public/331/sentiment+labelled+sentences.zip"
    digest = "sha256:afc26626d710899948693e1a61405dce197f57ffa719fa1130d346b4cc095343"
    return (
        Remote((address,), "sentiment_labelled_sentences.zip", digest, "zip", _SENTENCES_FILES[0]),
    )


def _examine_sentences(root: Path, path: str) -> Check:
    if digest_of(root / path, "sha256") == _SENTENCES[Path(path).name]:
        return Check(path, "published", "checksum as known")
    lines = (root / path).read_text("utf-8").split("\n")
    return _counted(path, sum(line.rstrip("\r").endswith(("\t0", "\t1")) for line in lines), 1000)


def _made_by_hand(by_hand: ByHand) -> DataSet:
    about = (by_hand.name, by_hand.title, by_hand.size, by_hand.layouts)
    return DataSet(*about, lambda: (), _examine_by_hand, by_hand.origin)


def _examine_by_hand(root: Path, path: str) -> Check:
    return Check(path, "readable", f"{count_examples(root / path)} examples")


def _counted(path: str, got: int, wanted: int) -> Check:
    if got == wanted:
        return Check(path, "readable", f"{got} examples")
    return Check(path, "broken", f"must hold {wanted} examples, got {got}")


_USPS_FILES = ("USPS/usps.bz2", "USPS/usps.t.bz2")
_MNIST_M_FILES = ("MNIST-M/mnist_m_train.pt", "MNIST-M/mnist_m_test.pt")
_SENTENCES_FILES = tuple(  # as the publisher packs them, and in a folder without blanks
    tuple(f"{folder}/{file}" for file in _SENTENCES)
    for folder in ("sentiment labelled sentences", "sentiment_sentences")
)
SENTENCES = DataSet(
    "sentences", "3000 sentences of reviews of products, films and restaurants", "about 0.1 MB",
    _SENTENCES_FILES, _sentences_remotes, _examine_sentences,
)  # fmt: skip
_ALL = (
    DataSet("mnist", "MNIST: 70000 handwritten digits", "12 MB", (tuple(_MNIST),), _mnist_remotes, _examine_mnist),
    DataSet("usps", "USPS: 9298 digits from envelopes", "about 8 MB", (_USPS_FILES,), _usps_remotes, _examine_usps),
    DataSet(
        "mnist-m", "MNIST-M: MNIST's digits blended into photographs", "about 165 MB unpacked",
        (_MNIST_M_FILES, (_MNIST_M_SUBSET,)), _mnist_m_remotes, _examine_mnist_m,
    ),
    DataSet(
        "hymenoptera", "397 photographs of ants and bees", "about 47 MB", (tuple(_HYMENOPTERA),),
        _hymenoptera_remotes, _examine_hymenoptera,
    ),
    SENTENCES,
    *map(_made_by_hand, BY_HAND),
)  # fmt: skip

SETS: Mapping[str, DataSet] = {data_set.name: data_set for data_set in _ALL}
