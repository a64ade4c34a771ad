"""Spoken digits as log-mel pictures: one speaker, or all others, and another speaker; a picture leads back to its sound."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tltutor.domains.by_hand import SPEAKERS, SPEECH_MINI, TAKES
from tltutor.domains.domain import Domain
from tltutor.domains.formats import read_npz, read_wav
from tltutor.domains.mel import log_mel
from tltutor.domains.pair import DomainPair
from tltutor.domains.printed import DIGITS
from tltutor.domains.sets import find_set, unreadable
from tltutor.domains.splits import split_pair
from tltutor.settings import Setting

if TYPE_CHECKING:
    from pathlib import Path

OTHERS = "others"  # as a source: all speakers but the target's
HELD_OUT = 0.3  # share of each side that judges

OPTIONS = (
    Setting(
        "source",
        OTHERS,
        scale="choice",
        choices=(*SPEAKERS, OTHERS),
        text="Who says the source's digits.",
        live=False,
    ),
    Setting(
        "target",
        "lucas",
        scale="choice",
        choices=SPEAKERS,
        text="Who says the target's digits.",
        live=False,
    ),
)


class Spoken(NamedTuple):
    """All recordings: sounds, their samples in a second, digit (n,), speaker (n,) and pictures (n, 1, 32, 24)."""

    sounds: tuple[np.ndarray, ...]
    rate: int
    digit: np.ndarray
    speaker: np.ndarray
    pictures: np.ndarray


def speaker_to_speaker(
    *, data_dir: str | Path | None, seed: int, source: str, target: str
) -> DomainPair:
    """Build digits by one speaker (or by all others) and by another; 30 % of each side judge. (Jackson et al., 2018, FSDD.)

    Errors: ValueError for one speaker on both sides.
    """
    if source == target:
        rest = ", ".join(name for name in (*SPEAKERS, OTHERS) if name != source)
        raise ValueError(
            f"source and target must be different speakers, got {source!r} twice: choose another source, one of {rest}"
        )
    spoken = read_spoken(find_set("spoken-digits", data_dir))
    return split_pair(
        _domain(spoken, source, np.isin(spoken.speaker, _names(source, target))),
        _domain(spoken, target, spoken.speaker == target),
        validation=HELD_OUT,
        test=HELD_OUT,
        seed=seed,
    )


def _names(source: str, target: str) -> list[str]:
    return [name for name in SPEAKERS if name != target] if source == OTHERS else [source]


def _domain(spoken: Spoken, name: str, rows: np.ndarray) -> Domain:
    return Domain(name, spoken.pictures[rows], spoken.digit[rows], DIGITS)


def sound_of(picture: np.ndarray, data_dir: str | Path | None = None) -> tuple[np.ndarray, int]:
    """Return the sound (n,) int16 that a picture (1, 32, 24) of this pair was made from, and its samples in a second.

    Errors: ValueError for a picture that is none of this set.
    """
    spoken = read_spoken(find_set("spoken-digits", data_dir))
    given = np.asarray(picture, np.float32).reshape(-1)
    found = np.flatnonzero((spoken.pictures.reshape(len(spoken.digit), -1) == given).all(1))
    if not len(found):
        raise ValueError(
            "a picture must be one of this pair's, got another: take one from pair.target_test.x"
        )
    return spoken.sounds[found[0]], spoken.rate


@lru_cache(maxsize=2)
def read_spoken(root: Path) -> Spoken:
    """Read the published recordings DIGIT_SPEAKER_TAKE.wav, the first takes of each, or the smaller edition."""
    path = root / SPEECH_MINI
    folder = root / "spoken_digits" / "recordings"
    path = folder if folder.is_dir() else path
    try:
        sounds, rate, digit, speaker = _from_wav(path) if path == folder else _from_npz(path)
        missing = [name for name in SPEAKERS if name not in speaker]
        if missing:
            raise ValueError(f"it must hold recordings of {missing[0]}, got none")
    except Exception as error:
        raise unreadable("spoken-digits", path, error) from error
    pictures = np.stack([log_mel(sound, rate) for sound in sounds])[:, None]
    pictures.flags.writeable = False
    return Spoken(sounds, rate, digit, speaker, pictures)


Read = tuple[tuple[np.ndarray, ...], int, np.ndarray, np.ndarray]


def _from_wav(folder: Path) -> Read:
    sounds, digits, speakers, rate = [], [], [], 0
    for file in sorted(folder.glob("?_*_*.wav")):
        digit, speaker, take = file.stem.split("_")
        if int(take) < TAKES:
            sound, rate = read_wav(file)
            sounds.append(sound)
            digits.append(int(digit))
            speakers.append(speaker)
    return tuple(sounds), rate, np.array(digits), np.array(speakers)


def _from_npz(path: Path) -> Read:
    names = ("audio", "length", "digit", "speaker", "speaker_names", "rate")
    audio, length, digit, speaker, speaker_names, rate = read_npz(path, *names)
    if length.sum() != len(audio):
        raise ValueError(f"audio must have {length.sum()} samples, got {len(audio)}")
    sounds = tuple(np.split(audio, np.cumsum(length)[:-1]))
    return sounds, int(rate), digit.astype(np.int64), speaker_names[speaker]
