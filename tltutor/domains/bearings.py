"""Bearing faults: spectra of a motor's vibration at one load, and at another."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from tltutor.domains.by_hand import BEARINGS_MINI, FAULTS, FIRST_FILE, LOADS
from tltutor.domains.domain import Domain
from tltutor.domains.formats import read_mat, read_npz
from tltutor.domains.pair import DomainPair
from tltutor.domains.sets import find_set, unreadable
from tltutor.domains.tables import standardized
from tltutor.settings import Setting

if TYPE_CHECKING:
    from pathlib import Path

RATE = 12000  # samples in a second
SAMPLES = 1024  # of a window, 85 ms: about 2.5 turns of the shaft
WINDOWS = 56  # of each recording, at equal distances
HELD_OUT = 17  # windows of each recording that judge, one after another
COLUMNS = tuple(f"{k * RATE / SAMPLES:.0f} Hz" for k in range(1, SAMPLES // 2 + 1))

OPTIONS = tuple(
    Setting(
        side,
        load,
        LOADS[0],
        LOADS[-1],
        "int",
        "hp",
        f"Load of the motor in the {side}.",
        live=False,
    )
    for side, load in (("source", 0), ("target", 3))
)


def load_to_load(*, data_dir: str | Path | None, seed: int, source: int, target: int) -> DomainPair:
    """Build spectra of nine faults at two loads; 30 % of each recording judge, windows that follow one another.

    Neighbors in time look alike, so windows are not held out at random; `seed` says where the held-out stretch begins.
    The scale is that of the source's training part. (Smith & Randall, 2015, on the recordings.)
    Errors: ValueError for one load on both sides.
    """
    if source == target:
        rest = ", ".join(str(load) for load in LOADS if load != source)
        raise ValueError(
            f"source and target must be different loads, got {source} hp twice: choose another target, one of {rest}"
        )
    root = find_set("bearing-faults", data_dir)
    rng = np.random.default_rng(seed)
    parts = [part for load in (source, target) for part in _split(read_windows(root, load), rng)]
    spectra = standardized(*(log_spectrum(x) for x, _ in (parts[0], *parts)))
    domains = [
        Domain(f"{load} hp", x, y, FAULTS, columns=COLUMNS)
        for load, x, (_, y) in zip((source,) * 2 + (target,) * 2, spectra, parts, strict=True)
    ]
    return DomainPair(domains[0], domains[2], source_test=domains[1], target_test=domains[3])


def log_spectrum(windows: np.ndarray) -> np.ndarray:
    """Return log10 |Fourier transform|^2 (n, 512) of Hann windows (n, 1024), from 12 to 6000 Hz."""
    power = np.abs(np.fft.rfft(windows * np.hanning(windows.shape[1]), axis=1)[:, 1:]) ** 2
    return np.asarray(np.log10(power + 1e-12))


Labeled = tuple[np.ndarray, np.ndarray]


def _split(windows: np.ndarray, rng: np.random.Generator) -> tuple[Labeled, Labeled]:
    """The windows (faults, WINDOWS, n) to learn from, and those that judge: one stretch of each recording, the rest around it."""
    turn = (np.arange(WINDOWS) - rng.integers(WINDOWS)) % WINDOWS
    y = np.repeat(np.arange(len(windows))[:, None], WINDOWS, axis=1)
    train, held = turn >= HELD_OUT, turn < HELD_OUT
    return _flat(windows[:, train], y[:, train]), _flat(windows[:, held], y[:, held])


def _flat(windows: np.ndarray, y: np.ndarray) -> Labeled:
    return windows.reshape(-1, windows.shape[-1]), y.ravel()


@lru_cache(maxsize=4)
def read_windows(root: Path, load: int) -> np.ndarray:
    """Read windows (9 faults, 56, 1024) of the recordings at a load: of the published .mat files, or of the smaller edition."""
    folder, path = root / "bearing_faults", root / BEARINGS_MINI
    try:
        if (folder / f"{FIRST_FILE[0] + load}.mat").is_file():
            found = []
            for first in FIRST_FILE:
                path = folder / f"{first + load}.mat"
                found.append(_windows_of(read_mat(path, "DE_time")))
            windows = np.stack(found)
        else:
            windows = _from_npz(path, load)
    except Exception as error:
        raise unreadable("bearing-faults", path, error) from error
    windows.flags.writeable = False
    return windows


def _windows_of(recording: np.ndarray) -> np.ndarray:
    if len(recording) < WINDOWS * SAMPLES:
        raise ValueError(f"it must hold {WINDOWS * SAMPLES} samples, got {len(recording)}")
    starts = np.linspace(0, len(recording) - SAMPLES, WINDOWS).astype(int)
    return np.stack([recording[start : start + SAMPLES] for start in starts])


def _from_npz(path: Path, load: int) -> np.ndarray:
    x, y, at, scale, classes = read_npz(path, "x", "y", "load", "scale", "classes")
    if tuple(classes) != FAULTS:
        raise ValueError(f"its classes must be {', '.join(FAULTS)}, got {', '.join(classes)}")
    return np.stack([x[(at == load) & (y == k)] * scale for k in range(len(FAULTS))])
