"""The embedded digit pairs: scikit-learn's 1797 handwritten digits against photographs, print and composed shifts."""

from __future__ import annotations

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from tltutor.domains.domain import Domain
from tltutor.domains.pair import DomainPair
from tltutor.domains.path import DomainPath
from tltutor.domains.printed import DIGITS, printed_digits
from tltutor.domains.shifts import apply_shifts

PARTS = (600, 600, 197, 400)  # source, target, source_test, target_test: no digit is in two of them


@lru_cache(maxsize=4)
def handwritten(size: int = 28) -> tuple[np.ndarray, np.ndarray]:
    """Load all digits of scikit-learn, bright on black: x (1797, 1, size, size) float32 in 0..1, y (1797,).

    The 8 x 8 originals (Alpaydin & Kaynak, 1998) are enlarged smoothly to 6/7 of the image; the rest is a black rim.
    """
    images, y = _originals()
    inner = round(size * 6 / 7)
    x = np.zeros((len(images), 1, size, size), dtype=np.float32)
    low = (size - inner) // 2
    x[:, 0, low : low + inner, low : low + inner] = resize(images, inner)
    x.flags.writeable = False
    return x, y


def _originals() -> tuple[np.ndarray, np.ndarray]:
    """The digits as scikit-learn stores them: (1797, 8, 8) float32 in 0..1, labels (1797,)."""
    file = _beside_sklearn("data/digits.csv.gz")
    if file is None:
        from sklearn.datasets import load_digits

        x, y = load_digits(return_X_y=True)
    else:
        table = np.loadtxt(file, delimiter=",")
        x, y = table[:, :-1], table[:, -1]
    return (x / 16).astype(np.float32).reshape(-1, 8, 8), y.astype(np.int64)


def _beside_sklearn(name: str) -> Path | None:
    """Find a data file of scikit-learn; reading it directly saves the second that importing sklearn.datasets takes."""
    spec = find_spec("sklearn")
    file = Path(spec.origin).parent / "datasets" / name if spec and spec.origin else None
    return file if file and file.is_file() else None


def resize(images: np.ndarray, size: int) -> np.ndarray:
    """Images (n, h, w) float32 in 0..1 -> (n, size, size), cubic between pixels, averaged when shrunk."""
    from PIL import Image

    side = (size, size)
    out = [
        np.asarray(Image.fromarray(image, mode="F").resize(side, Image.Resampling.BICUBIC))
        for image in images
    ]
    clipped: np.ndarray = np.clip(np.stack(out), 0, 1)
    return clipped


def photo_digits(*, seed: int, severity: float, size: int) -> DomainPair:
    """Build digits, and other digits blended into photographs as in MNIST-M; both sides have three channels."""
    source, target, source_test, target_test = _parts(
        "digits", "photo-digits", size=size, seed=seed
    )
    rng = np.random.default_rng([seed, 1])
    target, target_test = (_with_photos(d, severity, rng) for d in (target, target_test))
    return DomainPair(
        _color(source), target, source_test=_color(source_test), target_test=target_test
    )


def shifted_digits(*, seed: int, severity: float, size: int, **shifts: float) -> DomainPair:
    """Build digits, and other digits after every shift in `shifts`, each multiplied by `severity`."""
    source, target, source_test, target_test = _parts(
        "digits", "shifted-digits", size=size, seed=seed
    )
    acting = {name: severity * value for name, value in shifts.items()}
    target = _replaced(target, apply_shifts(target.x, acting, seed=seed))
    target_test = _replaced(target_test, apply_shifts(target_test.x, acting, seed=seed + 1))
    return DomainPair(
        _bytes(source),
        _bytes(target),
        source_test=_bytes(source_test),
        target_test=_bytes(target_test),
    )


def turning_digits(*, seed: int, angle: float, domains: int, size: int) -> DomainPair:
    """Build digits, and a path on which other digits turn: all of them in each domain, by the same angle more, up to `angle`."""
    source, target, source_test, target_test = _parts(
        "digits", "turning-digits", size=size, seed=seed
    )
    turns = [angle * (k + 1) / domains for k in range(domains)]
    steps = [_turned(target, turn) for turn in turns]
    held, last = _bytes(source_test), _turned(target_test, angle)
    return DomainPath(_bytes(source), steps, last, held).pair("turning-digits")


def printed_to_handwritten(*, seed: int, size: int) -> DomainPair:
    """Build printed digits and handwritten ones: 1300 on each side to train on, 497 to judge."""
    x, y = handwritten(size)
    order = np.random.default_rng(seed).permutation(len(x))
    hand = _bytes(Domain("digits", x, y, DIGITS))
    printed = printed_digits(1797, size=size, seed=seed)
    rows = np.arange(len(x))
    return DomainPair(
        printed.take(rows[:1300]),
        hand.take(order[:1300]),
        source_test=printed.take(rows[1300:]),
        target_test=hand.take(order[1300:]),
    )


def _parts(source: str, target: str, *, size: int, seed: int) -> list[Domain]:
    """Four disjoint parts of the digits, drawn by seed: source, target, source_test, target_test."""
    x, y = handwritten(size)
    whole = Domain(source, x, y, DIGITS)
    order = np.random.default_rng(seed).permutation(len(x))
    rows = np.split(order, np.cumsum(PARTS)[:-1])
    return [
        whole.take(r, name) for r, name in zip(rows, (source, target, source, target), strict=True)
    ]


def _with_photos(domain: Domain, severity: float, rng: np.random.Generator) -> Domain:
    """|severity * patch - digit|: MNIST-M's recipe (Ganin & Lempitsky, 2015) at 1, the plain digit at 0."""
    patches = photo_patches(len(domain), size=domain.shape[-1], rng=rng)
    return _bytes(_replaced(domain, np.abs(np.float32(severity) * patches - domain.x)))


def photo_patches(n: int, *, size: int, rng: np.random.Generator) -> np.ndarray:
    """Crop random squares from the two photographs, half of them mirrored: (n, 3, size, size) float32 in 0..1."""
    photos = _photos()  # (2, 3, height, width)
    which = rng.integers(len(photos), size=n)
    top = rng.integers(photos.shape[2] - size + 1, size=n)
    left = rng.integers(photos.shape[3] - size + 1, size=n)
    mirror = rng.integers(2, size=n) * 2 - 1
    corners = zip(which, top, left, mirror, strict=True)
    return np.stack([photos[p, :, t : t + size, c : c + size][..., ::m] for p, t, c, m in corners])


@lru_cache(maxsize=1)
def _photos() -> np.ndarray:
    """scikit-learn's two sample photographs, a temple and a flower: (2, 3, 427, 640) float32 in 0..1."""
    files = [_beside_sklearn(f"images/{name}.jpg") for name in ("china", "flower")]
    if all(files):
        from PIL import Image

        images = [np.asarray(Image.open(file)) for file in files if file]
    else:
        from sklearn.datasets import load_sample_images

        images = load_sample_images().images
    photos = np.ascontiguousarray(np.stack(images).transpose(0, 3, 1, 2), dtype=np.float32) / 255
    photos.flags.writeable = False
    return photos


def _turned(domain: Domain, angle: float) -> Domain:
    return _bytes(_replaced(domain, apply_shifts(domain.x, {"rotation": angle})))


def _replaced(domain: Domain, x: np.ndarray) -> Domain:
    return Domain(domain.name, x, domain.y, domain.class_names)


def _bytes(domain: Domain) -> Domain:
    return _replaced(domain, np.round(domain.x * 255).astype(np.uint8))


def _color(domain: Domain) -> Domain:
    return _replaced(_bytes(domain), np.repeat(_bytes(domain).x, 3, axis=1))
