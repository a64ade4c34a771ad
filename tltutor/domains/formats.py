"""Read the files of published sets as arrays: .npz, tables, .arff, sounds and .mat; an error says what a file lacks."""

from __future__ import annotations

import csv
import wave
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

UNKNOWN = ("", "?")  # how tables write a missing value


def read_npz(path: Path, *names: str) -> tuple[np.ndarray, ...]:
    """Return these arrays of an .npz file of plain arrays. Errors: ValueError for a missing array, and what NumPy raises."""
    with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
        missing = [name for name in names if name not in stored.files]
        if missing:
            raise ValueError(f"it must hold an array {missing[0]!r}, got {', '.join(stored.files)}")
        return tuple(stored[name] for name in names)


def read_csv(path: Path, columns: Sequence[str], *, header: bool = True) -> np.ndarray:
    """Return columns of numbers (n, d) float64, NaN where a value is missing; without a header they are all, in order.

    Errors: ValueError for a missing column, a line of another length, and a word that is no number.
    """
    rows = [row for row in csv.reader(path.read_text("utf-8").splitlines()) if row]
    names = [name.strip() for name in rows.pop(0)] if header and rows else list(columns)
    missing = [name for name in columns if name not in names]
    if missing:
        raise ValueError(f"it must have a column {missing[0]!r}, got {', '.join(names)}")
    wrong = [number for number, row in enumerate(rows, 1 + header) if len(row) != len(names)]
    if wrong or not rows:
        where = f"another number in line {wrong[0]}" if wrong else "no line at all"
        raise ValueError(f"it must have {len(names)} values in each line, got {where}")
    places = [names.index(name) for name in columns]
    return np.array([[_number(row[place]) for place in places] for row in rows])


def read_arff(path: Path, width: int) -> np.ndarray:
    """Return the numbers below @data of an .arff file: (n, width) float64, NaN where a value is missing."""
    lines = path.read_text("utf-8").splitlines()
    begins = next((k for k, line in enumerate(lines) if line.strip().lower() == "@data"), None)
    rows = [line.split(",") for line in lines[begins + 1 :] if line.strip()] if begins else []
    if not rows or any(len(row) != width for row in rows):
        raise ValueError(f"it must have lines of {width} values below @data")
    return np.array([[_number(word) for word in row] for row in rows])


def _number(word: str) -> float:
    return np.nan if word.strip() in UNKNOWN else float(word)


def read_wav(path: Path) -> tuple[np.ndarray, int]:
    """Return the samples (n,) int16 of one channel, and their number in a second."""
    with wave.open(str(path), "rb") as sound:
        if sound.getsampwidth() != 2 or sound.getnchannels() != 1:
            raise ValueError(
                f"it must hold one channel of 16 bits, got {sound.getnchannels()} of {8 * sound.getsampwidth()}"
            )
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2"), sound.getframerate()


def read_mat(path: Path, ending: str) -> np.ndarray:
    """Return the numbers (n,) float64 of the one array of a .mat file whose name ends so."""
    from scipy.io import loadmat

    arrays = loadmat(path)
    names = [name for name in arrays if name.endswith(ending)]
    if len(names) != 1:
        raise ValueError(
            f"it must hold one array whose name ends with {ending}, got {', '.join(names) or 'none'}"
        )
    return np.asarray(arrays[names[0]], np.float64).ravel()
