"""Texts as vectors: words, and pairs of characters where a script has no spaces, counted in places that a hash chooses."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby, pairwise
from typing import Any

import numpy as np

from tltutor.checks import as_texts, warn

MAX_BITS, MAX_NGRAMS = 16, 5
SYLLABIC = 0x0900  # one character can be a word in the scripts from here on; before, it is a letter
PICTURES = 0x2190  # symbols from here on are arrows, stars and emoji: words by themselves
UNSPACED = (  # first and last code point of the scripts that put no space between words
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x3005, 0x3007),  # iteration mark and zero of Chinese and Japanese
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x31F0, 0x31FF),  # Katakana
    (0x3400, 0x9FFF),  # Chinese characters
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)


def hashed_words(texts: Iterable[str], *, bits: int = 11, ngrams: int = 1) -> np.ndarray:
    """Count the words of n texts, and runs of up to `ngrams` words, in 2^bits places with signs: (n, 2^bits) float32.

    A hash gives each word its place and its sign (Weinberger et al., 2009), so that no vocabulary is learned and new texts
    need no fitting. `words` says what a word is. Rows have length 1, or 0 for a text without words.
    Errors: TypeError for one string or for anything else than strings, ValueError for bits or ngrams out of bounds.
    Warns (UserWarning) about texts without words.
    """
    texts = as_texts(texts)
    _check_whole("bits", bits, MAX_BITS)
    _check_whole("ngrams", ngrams, MAX_NGRAMS)
    if not texts:
        return np.empty((0, 2**bits), np.float32)
    from sklearn.feature_extraction.text import HashingVectorizer

    counter = HashingVectorizer(
        n_features=2**bits,
        ngram_range=(1, ngrams),
        tokenizer=words,
        token_pattern=None,
        dtype=np.float32,
    )
    _warn_of_texts_without_words(texts)
    return np.asarray(counter.transform(texts).toarray())


def words(text: str) -> list[str]:
    """The words of a text, in lower case and in order.

    A word is a run of two or more letters or digits (with their accents and vowel signs), or one from a script of
    syllables. Where a script has no spaces, such as Chinese, Japanese or Thai, overlapping pairs of characters stand in for words.
    Emoji and other pictures are words; punctuation is not.
    """
    return [word for word, _ in _words_in(_plain(text))]


def places_of_words(text: str) -> list[tuple[int, int]]:
    """Return where each of the `words` begins and ends in the text; (0, 0) for all where plain spelling has another length."""
    plain = _plain(text)
    found = [(start, start + len(word)) for word, start in _words_in(plain)]
    return found if len(plain) == len(text) else [(0, 0)] * len(found)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text.lower())


def _words_in(plain: str) -> Iterator[tuple[str, int]]:
    """Yield the words, and where each begins."""
    start = 0
    for kind, run in groupby(plain, _kind):
        characters = "".join(run)
        if kind == "letter" and (len(characters) > 1 or ord(characters) >= SYLLABIC):
            yield characters, start
        elif kind == "unspaced":
            pairs = [a + b for a, b in pairwise(characters)] or [characters]
            yield from ((pair, start + k) for k, pair in enumerate(pairs))
        elif kind == "picture":
            yield from ((picture, start + k) for k, picture in enumerate(characters))
        start += len(characters)


@lru_cache(maxsize=4096)
def _kind(character: str) -> str:
    """What a character is to `words`: "letter", "unspaced", "picture" or "", which parts words."""
    category, code = unicodedata.category(character), ord(character)
    marks = (
        category[0] == "M" and not 0xFE00 <= code <= 0xFE0F
    )  # those choose how a picture is drawn
    if not (character.isalnum() or character == "_" or marks):
        return "picture" if category == "So" and code >= PICTURES else ""
    return "unspaced" if any(low <= code <= high for low, high in UNSPACED) else "letter"


def _warn_of_texts_without_words(texts: tuple[str, ...]) -> None:
    empty = [place for place, text in enumerate(texts) if not words(text)]
    if empty:
        warn(
            f"{len(empty)} of {len(texts)} texts have no words (of two letters or more) and become vectors of zeros,"
            f" the first is number {empty[0]}, {texts[empty[0]][:40]!r}: leave them out"
        )


def _check_whole(option: str, value: Any, most: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not 1 <= value <= most:
        raise ValueError(f"{option} must be a whole number between 1 and {most}, got {value!r}")
