"""MNIST, USPS and MNIST-M: read from made files of the same layouts, and, where a data root has them, from the real ones."""

import bz2
import re
import struct

import numpy as np
import pytest

from tltutor.domains import BrokenSetError, MissingSetError, load_pair, real, sets
from tltutor.files import data_roots

TRAIN, TEST = 60, 20
RNG = np.random.default_rng(0)


def labels(n):
    return (np.arange(n) * 7 % 10).astype(np.uint8)


def digits_like(n, side, y):
    """Images whose top left pixel tells the row and whose middle tells the label."""
    x = RNG.integers(0, 256, (n, side, side)).astype(np.uint8)
    x[:, 2, 2], x[:, side // 2, side // 2] = np.arange(n), 20 * y
    return x


def write_mnist(root):
    folder = root / "MNIST" / "raw"
    folder.mkdir(parents=True)
    for part, n in (("train", TRAIN), ("t10k", TEST)):
        x = digits_like(n, 28, labels(n))
        (folder / f"{part}-images-idx3-ubyte").write_bytes(
            struct.pack(">IIII", 2051, n, 28, 28) + x.tobytes()
        )
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(
            struct.pack(">II", 2049, n) + labels(n).tobytes()
        )


def write_usps(root):
    (root / "USPS").mkdir()
    for file, n in (("usps.bz2", TRAIN), ("usps.t.bz2", TEST)):
        x = digits_like(n, 16, labels(n)).reshape(n, -1) / 127.5 - 1
        rows = [
            f"{k + 1} " + " ".join(f"{j + 1}:{v:.4f}" for j, v in enumerate(row))
            for k, row in zip(labels(n), x, strict=True)
        ]
        (root / "USPS" / file).write_bytes(bz2.compress(("\n".join(rows) + "\n").encode()))


def colored(rows, side, y):
    x = np.zeros((len(rows), side, side, 3), np.uint8)
    rim = (side - 28) // 2
    x[:, rim, rim, 0], x[:, rim + 1, rim, 1], x[:, rim, rim + 2, 2] = rows, y, 255
    return x


def write_mnist_m_subset(root):
    (root / "MNIST-M").mkdir()
    parts = {}
    for part, rows, n in (
        ("train", np.arange(20, TRAIN), TRAIN),
        ("test", np.arange(0, TEST, 3), TEST),
    ):
        y = labels(n)[rows]
        parts |= {
            f"x_{part}": colored(rows, 32, y),
            f"y_{part}": y,
            f"i_{part}": rows.astype(np.int32),
        }
    np.savez(root / "MNIST-M" / "mnist_m_subset.npz", **parts)


def write_mnist_m_public(root, *, roll=0):
    import torch

    (root / "MNIST-M").mkdir()
    for part, n in (("train", TRAIN), ("test", TEST)):
        x, y = colored(np.arange(n), 28, labels(n)), np.roll(labels(n), roll).astype(np.int64)
        torch.save(
            (torch.from_numpy(x), torch.from_numpy(y)), root / "MNIST-M" / f"mnist_m_{part}.pt"
        )


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setattr(real, "SOURCE_DIGITS", 30)
    write_mnist(tmp_path)
    write_usps(tmp_path)
    return tmp_path


def test_mnist_and_usps_have_one_shape_and_their_own_labels(root):
    for name, order in (("mnist->usps", ("mnist", "usps")), ("usps->mnist", ("usps", "mnist"))):
        pair = load_pair(name, data_dir=root)
        assert (pair.source.name, pair.target.name) == order
        assert pair.shape == (1, 28, 28)
        assert [len(part) for part in pair.domains()] == [TRAIN, TRAIN, TEST, TEST]
        for part in pair.domains():
            assert part.x.dtype == np.uint8
            assert part.y.tolist() == labels(len(part)).tolist()
            assert part.class_names == tuple("0123456789")


def test_mnist_is_read_as_it_lies(root):
    x = load_pair("mnist->usps", data_dir=root).source.x
    assert x[:, 0, 2, 2].tolist() == list(range(TRAIN))
    assert (x[:, 0, 14, 14] == 20 * labels(TRAIN)).all()


def test_usps_is_enlarged_into_mnists_box():
    image = np.zeros((1, 16, 16), np.uint8)
    image[0, :, 8:] = 200
    large = real._enlarged(image)[0]
    assert large.shape == (28, 28)
    assert (large[4:24, 16:24] == 200).all()
    assert (large[4:24, :13] == 0).all()
    assert large.sum() == large[4:24, 4:24].sum()


def test_examples_draws_from_the_training_parts_by_seed(root):
    few = load_pair("mnist->usps", data_dir=root, n_samples=25, seed=1)
    assert [len(part) for part in few.domains()] == [25, 25, TEST, TEST]
    assert np.array_equal(
        few.source.x, load_pair("mnist->usps", data_dir=root, n_samples=25, seed=1).source.x
    )
    assert not np.array_equal(
        few.source.x, load_pair("mnist->usps", data_dir=root, n_samples=25, seed=2).source.x
    )
    rows = few.source.x[:, 0, 2, 2]
    assert few.source.y.tolist() == labels(TRAIN)[rows].tolist()


@pytest.mark.parametrize("edition", [write_mnist_m_subset, write_mnist_m_public])
def test_no_digit_is_on_both_sides_of_mnist_m(root, edition):
    edition(root)
    pair = load_pair("mnist->mnist-m", data_dir=root)
    assert pair.shape == (3, 28, 28)
    mnist = {"train": pair.source.x[:, 0, 2, 2], "test": pair.source_test.x[:, 0, 2, 2]}
    mnist_m = {"train": pair.target.x[:, 0, 0, 0], "test": pair.target_test.x[:, 0, 0, 0]}
    for part, n in (("train", TRAIN), ("test", TEST)):
        assert not set(mnist[part]) & set(mnist_m[part])
        assert len(mnist_m[part]) > n // 4
        assert len(set(mnist[part])) == len(mnist[part]) > n // 4
    assert mnist["train"].max() < 30 <= mnist_m["train"].min()
    for part in pair.domains():
        rows = part.x[:, 0, 2, 2] if part.name == "mnist" else part.x[:, 0, 0, 0]
        assert part.y.tolist() == labels(TRAIN)[rows].tolist()


@pytest.mark.parametrize("edition", [write_mnist_m_subset, write_mnist_m_public])
def test_mnist_m_keeps_its_colors_upright(root, edition):
    edition(root)
    x = load_pair("mnist->mnist-m", data_dir=root).target.x
    y = load_pair("mnist->mnist-m", data_dir=root).target.y
    assert x[:, 1, 1, 0].tolist() == y.tolist()  # green, second row, first column
    assert (x[:, 2, 0, 2] == 255).all()  # blue, first row, third column


def test_mnist_as_a_source_for_mnist_m_is_gray_in_three_channels(root):
    write_mnist_m_subset(root)
    x = load_pair("mnist->mnist-m", data_dir=root).source.x
    assert (x == x[:, :1]).all()


def test_another_edition_of_mnist_m_is_refused(root):
    write_mnist_m_public(root, roll=1)
    sentence = "the labels of MNIST-M (train) must be those of the MNIST digits they are made from, and number 0 is 3 where MNIST has 0"
    with pytest.raises(BrokenSetError, match=re.escape(sentence)):
        load_pair("mnist->mnist-m", data_dir=root)


def test_mnist_m_is_missed_by_its_public_name(root):
    with pytest.raises(
        MissingSetError,
        match=r"'mnist-m' needs the file MNIST-M/mnist_m_train\.pt.*tltutor data fetch mnist-m",
    ):
        load_pair("mnist->mnist-m", data_dir=root)


def cut(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("MNIST/raw/train-images-idx3-ubyte", "mnist"),
        ("USPS/usps.bz2", "usps"),
        ("USPS/usps.t.bz2", "usps"),
        ("MNIST-M/mnist_m_subset.npz", "mnist-m"),
    ],
)
def test_a_cut_off_file_gets_one_sentence_with_the_remedy(root, file, name):
    write_mnist_m_subset(root)
    cut(root / file)
    with pytest.raises(
        BrokenSetError,
        match=rf"of the data set '{name}' must be whole.*`tltutor data fetch {name}`",
    ):
        load_pair("mnist->mnist-m" if name == "mnist-m" else "mnist->usps", data_dir=root)
    assert (root / file).exists()


def test_a_pickle_in_place_of_mnist_m_is_not_run(root):
    import pickle

    class Bomb:
        def __reduce__(self):
            return (pytest.fail, ("the pickle was run",))

    write_mnist_m_public(root)
    (root / "MNIST-M" / "mnist_m_train.pt").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(BrokenSetError, match="must be whole"):
        load_pair("mnist->mnist-m", data_dir=root)


def present(*names):
    return all(any(sets.SETS[name].layout_in(root) for root in data_roots()) for name in names)


needs_digits = pytest.mark.skipif(
    not present("mnist", "usps"), reason="no real data: MNIST and USPS lie in no data root"
)
needs_mnist_m = pytest.mark.skipif(
    not present("mnist", "mnist-m"), reason="no real data: MNIST and MNIST-M lie in no data root"
)


def neighbor_accuracy(pair, *, train=3000, test=400):
    """Nearest neighbor on gray values in 0..1, trained on the source, judged on the target."""

    def gray(x):
        return x.mean(axis=1).reshape(len(x), -1) / 255

    s, t = gray(pair.source.x[:train]), gray(pair.target_test.x[:test])
    nearest = ((t[:, None] ** 2).sum(-1) + (s**2).sum(-1)[None] - 2 * t @ s.T).argmin(axis=1)
    return (pair.source.y[:train][nearest] == pair.target_test.y[:test]).mean()


@needs_digits
def test_real_mnist_and_usps_are_as_far_apart_as_is_known():
    forth, back = load_pair("mnist->usps"), load_pair("usps->mnist")
    assert [len(part) for part in forth.domains()] == [60000, 7291, 2007, 10000]
    assert [len(part) for part in back.domains()] == [7291, 60000, 10000, 2007]
    assert 0.7 < neighbor_accuracy(forth) < 0.9
    assert 0.6 < neighbor_accuracy(back) < 0.85


@needs_mnist_m
def test_real_mnist_m_shows_other_digits_than_its_source():
    pair = load_pair("mnist->mnist-m")
    assert len(pair.source) == 30000
    assert len(pair.target) >= 12000
    assert 0.25 < neighbor_accuracy(pair) < 0.7


@needs_mnist_m
def test_real_mnist_m_lies_on_its_digits_without_a_shift():
    """The strokes of an image are where those of its digit are: the edges agree best at offset 0."""
    root = next(
        r
        for r in data_roots()
        if sets.SETS["mnist-m"].layout_in(r) and sets.SETS["mnist"].layout_in(r)
    )
    x, y = real.mnist_arrays(root, train=True)
    (images, _, rows), _ = real.mnist_m_arrays(root, (y, real.mnist_arrays(root, train=False)[1]))

    def edges(stack):
        return np.hypot(*np.gradient(stack.astype(float), axis=(1, 2)))[:, 3:-3, 3:-3]

    wanted = edges(images[:150].mean(axis=1))
    fit = {
        shift: np.corrcoef(
            edges(np.roll(x[rows[:150], 0], shift, axis=(1, 2))).ravel(), wanted.ravel()
        )[0, 1]
        for shift in ((0, 0), (1, 0), (0, 1), (-1, 0), (0, -1), (2, 2))
    }
    assert max(fit, key=fit.get) == (0, 0)
