"""Pairs of real digits from a data root: MNIST, USPS and MNIST-M, through torchvision's loaders where they exist."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from tltutor.domains.domain import Domain
from tltutor.domains.pair import DomainPair
from tltutor.domains.printed import DIGITS
from tltutor.domains.sets import BrokenSetError, find_set, unreadable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

Labeled: TypeAlias = tuple[np.ndarray, np.ndarray]  # images (n, c, 28, 28) uint8, labels (n,)
Rows: TypeAlias = tuple[
    np.ndarray, np.ndarray, np.ndarray
]  # images uint8, labels (n,), the row of MNIST that each is made from (n,)

SIDE = 28
BOX = (
    20  # the side of the box that a digit fills in MNIST, and so the size to which USPS is brought
)
SOURCE_DIGITS = 30000  # of MNIST's 60000: MNIST-M images made from these are left out of the target


def mnist_to_usps(*, data_dir: str | Path | None, seed: int, n_samples: int) -> DomainPair:
    """MNIST's training digits, and USPS's; the test sets judge. 1 x 28 x 28 on both sides."""
    return _pair(
        ("mnist", *_mnist_and_usps(data_dir)[0]),
        ("usps", *_mnist_and_usps(data_dir)[1]),
        seed=seed,
        n_samples=n_samples,
    )


def usps_to_mnist(*, data_dir: str | Path | None, seed: int, n_samples: int) -> DomainPair:
    """USPS's training digits, and MNIST's; the test sets judge. 1 x 28 x 28 on both sides."""
    return _pair(
        ("usps", *_mnist_and_usps(data_dir)[1]),
        ("mnist", *_mnist_and_usps(data_dir)[0]),
        seed=seed,
        n_samples=n_samples,
    )


def mnist_to_mnist_m(*, data_dir: str | Path | None, seed: int, n_samples: int) -> DomainPair:
    """MNIST's first 30000 training digits, and MNIST-M images of others; 3 x 28 x 28 on both sides.

    No digit is on both sides: the target is made from MNIST's training rows from 30000 on, and the source is
    judged on those MNIST test digits from which no target test image is made.
    """
    mnist = find_set("mnist", data_dir)
    (xs, ys), (xs_test, ys_test) = (mnist_arrays(mnist, train=train) for train in (True, False))
    target, target_test = mnist_m_arrays(find_set("mnist-m", data_dir), (ys, ys_test))
    kept = np.setdiff1d(np.arange(len(ys_test)), target_test[2])
    source = (np.repeat(xs[:SOURCE_DIGITS], 3, axis=1), ys[:SOURCE_DIGITS])
    source_test = (np.repeat(xs_test[kept], 3, axis=1), ys_test[kept])
    return _pair(
        ("mnist", source, source_test),
        ("mnist-m", target[:2], target_test[:2]),
        seed=seed,
        n_samples=n_samples,
    )


def _mnist_and_usps(
    data_dir: str | Path | None,
) -> tuple[tuple[Labeled, Labeled], tuple[Labeled, Labeled]]:
    """(train, test) of MNIST and of USPS."""
    mnist, usps = find_set("mnist", data_dir), find_set("usps", data_dir)
    return (
        (mnist_arrays(mnist, train=True), mnist_arrays(mnist, train=False)),
        (usps_arrays(usps, train=True), usps_arrays(usps, train=False)),
    )


def _pair(
    source: tuple[str, Labeled, Labeled],
    target: tuple[str, Labeled, Labeled],
    *,
    seed: int,
    n_samples: int,
) -> DomainPair:
    """Both sides as domains; `n_samples` > 0 draws that many from each training part, by seed."""
    rng = np.random.default_rng(seed)
    (s, s_train, s_test), (t, t_train, t_test) = source, target
    return DomainPair(
        _drawn(s, s_train, n_samples, rng),
        _drawn(t, t_train, n_samples, rng),
        source_test=Domain(s, *s_test, DIGITS),
        target_test=Domain(t, *t_test, DIGITS),
    )


def _drawn(name: str, labeled: Labeled, n_samples: int, rng: np.random.Generator) -> Domain:
    x, y = labeled
    if 0 < n_samples < len(y):
        order = rng.permutation(len(y))
        first = np.unique(y[order], return_index=True)[
            1
        ]  # one of every class, so that none is missing
        rows = np.sort(np.concatenate([order[first], np.delete(order, first)])[:n_samples])
        x, y = x[rows], y[rows]
    return Domain(name, x, y, DIGITS)


@lru_cache(maxsize=4)
def mnist_arrays(root: Path, *, train: bool) -> Labeled:
    """MNIST (LeCun et al., 1998): images (n, 1, 28, 28) uint8, labels (n,)."""
    from torchvision.datasets import MNIST

    try:
        data = MNIST(root, train=train)
    except Exception as error:
        raise unreadable("mnist", root / "MNIST" / "raw", error) from error
    return _kept(data.data.numpy()[:, None]), _kept(data.targets.numpy())


@lru_cache(maxsize=4)
def usps_arrays(root: Path, *, train: bool) -> Labeled:
    """USPS (Hull, 1994): images (n, 1, 28, 28) uint8, enlarged from 16 x 16 to 20 x 20 and a rim, labels (n,)."""
    from torchvision.datasets import USPS

    try:
        data = USPS(root / "USPS", train=train)
    except Exception as error:
        raise unreadable(
            "usps", root / "USPS" / USPS.split_list["train" if train else "test"][1], error
        ) from error
    return _kept(_enlarged(np.asarray(data.data))[:, None]), _kept(np.asarray(data.targets))


def _enlarged(images: np.ndarray) -> np.ndarray:
    """(n, 16, 16) uint8 -> (n, 28, 28) uint8: linear between pixels, in a black rim, as MNIST places its digits."""
    from PIL import Image

    resized = [
        Image.fromarray(image).resize((BOX, BOX), Image.Resampling.BILINEAR) for image in images
    ]
    rim = (SIDE - BOX) // 2
    return np.pad(
        np.stack([np.asarray(image) for image in resized]), ((0, 0), (rim, rim), (rim, rim))
    )


def mnist_m_arrays(root: Path, mnist_labels: tuple[np.ndarray, np.ndarray]) -> tuple[Rows, Rows]:
    """MNIST-M (Ganin & Lempitsky, 2015), train and test, images (n, 3, 28, 28).

    Training images are those made from MNIST's rows from 30000 on. Where every test digit has an image, the odd rows
    are kept and the even ones may judge the source; halves would not do, the two of MNIST's test set are not alike.
    """
    (x, y, i), (x_test, y_test, i_test) = _mnist_m_rows(root)
    for part, labels, rows, wanted in (
        ("train", y, i, mnist_labels[0]),
        ("test", y_test, i_test, mnist_labels[1]),
    ):
        _check_rows(part, labels, rows, wanted)
    late = i >= SOURCE_DIGITS
    judged = (
        i_test % 2 == 1 if len(i_test) == len(mnist_labels[1]) else np.ones(len(i_test), dtype=bool)
    )
    return (_center(x[late]), y[late], i[late]), (
        _center(x_test[judged]),
        y_test[judged],
        i_test[judged],
    )


@lru_cache(maxsize=1)
def _mnist_m_rows(root: Path) -> tuple[Rows, Rows]:
    """Train and test as they lie on disk, images (n, side, side, 3)."""
    folder = root / "MNIST-M"
    subset = folder / "mnist_m_subset.npz"
    whole = [folder / f"mnist_m_{part}.pt" for part in ("train", "test")]
    try:
        if all(file.is_file() for file in whole):
            return _from_pt(whole[0]), _from_pt(whole[1])
        with subset.open("rb") as file, np.load(file) as arrays:
            return _from_npz(arrays, "train"), _from_npz(arrays, "test")
    except Exception as error:
        raise unreadable("mnist-m", folder, error) from error


def _from_npz(arrays: Mapping[str, np.ndarray], part: str) -> Rows:
    x, y, i = (_kept(arrays[f"{key}_{part}"]) for key in "xyi")
    return x, y, i


def _from_pt(file: Path) -> Rows:
    import torch

    x, y = (torch.as_tensor(part).numpy() for part in torch.load(file, weights_only=True))
    return _kept(x), _kept(y.astype(np.int64)), _kept(np.arange(len(y)))


def _check_rows(part: str, labels: np.ndarray, rows: np.ndarray, mnist_labels: np.ndarray) -> None:
    """That the images stand in MNIST's order shows in the labels; only then is "no digit on both sides" known."""
    wanted = mnist_labels[rows]
    if not np.array_equal(labels, wanted):
        wrong = int(np.argmax(labels != wanted))
        raise BrokenSetError(
            f"the labels of MNIST-M ({part}) must be those of the MNIST digits they are made from, and number {wrong}"
            f" is {labels[wrong]} where MNIST has {wanted[wrong]}: this is another edition, move it away"
            " and get the right one with `tltutor data fetch mnist-m`"
        )


def _center(images: np.ndarray) -> np.ndarray:
    """(n, side, side, 3) -> (n, 3, 28, 28): a 32-pixel edition is the 28-pixel digit and a rim of 2, so it is cut."""
    rim = (images.shape[1] - SIDE) // 2
    cut = images[:, rim : rim + SIDE, rim : rim + SIDE]
    return np.ascontiguousarray(cut.transpose(0, 3, 1, 2))


def _kept(array: np.ndarray) -> np.ndarray:
    """The array, made read-only, because it is kept for the next call."""
    array.flags.writeable = False
    return array
