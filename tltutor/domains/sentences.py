"""Sentences as domains: hashed words as vectors, each beside its sentence; product and film reviews from a data root, or own texts."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from tltutor.domains.domain import Domain, DomainPair
from tltutor.domains.sets import SENTENCES, find_set, layout_of, unreadable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

OPINIONS = ("negative", "positive")
JUDGED = 0.3  # share of each side that is held out
MOST_BITS, MOST_WORDS = 16, 5


def domain_from_texts(
    name: str,
    texts: Sequence[str],
    y: np.ndarray | Sequence[int] | None = None,
    *,
    class_names: Sequence[str] = (),
    bits: int = 11,
    ngrams: int = 1,
) -> Domain:
    """Texts as vectors (n, 2^bits) float32 with their texts kept: `domain.texts`; y (n,) labels 0..k-1 or None.

    Errors: TypeError for one string or for anything else than strings, ValueError as for every Domain.
    """
    labels = None if y is None else np.asarray(y)
    return Domain(name, hashed_words(texts, bits=bits, ngrams=ngrams), labels, tuple(class_names), texts=tuple(texts))


def hashed_words(texts: Sequence[str], *, bits: int = 11, ngrams: int = 1) -> np.ndarray:
    """Words and runs of up to `ngrams` words, counted in 2^bits places with signs by hash (Weinberger et al., 2009): (n, 2^bits).

    Rows have length 1, or 0 for a text without words. No vocabulary is learnt, so new texts need no fitting.
    """
    if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
        raise TypeError(
            f"texts must be several strings, one a point, got {_first_other(texts)}: give a list, such as ['Good.', 'Bad.']"
        )
    _check_whole("bits", bits, MOST_BITS)
    _check_whole("ngrams", ngrams, MOST_WORDS)
    if not len(texts):
        return np.empty((0, 2**bits), np.float32)
    from sklearn.feature_extraction.text import HashingVectorizer

    words = HashingVectorizer(n_features=2**bits, ngram_range=(1, ngrams), dtype=np.float32)
    return np.asarray(words.transform(texts).toarray())


def _check_whole(option: str, value: Any, most: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or not 1 <= value <= most:
        raise ValueError(f"{option} must be a whole number between 1 and {most}, got {value!r}")


def _first_other(texts: Any) -> str:
    return "one string" if isinstance(texts, str) else next(type(text).__name__ for text in texts if not isinstance(text, str))


def products_to_films(*, data_dir: str | Path | None, seed: int, bits: int, ngrams: int) -> DomainPair:
    """Sentences about products, and about films, each with an opinion (Kotzias et al., 2015); 30 % of each side judge."""
    rng = np.random.default_rng(seed)
    parts = [
        part
        for name, file in (("products", "amazon_cells_labeled.txt"), ("films", "imdb_labeled.txt"))
        for part in _drawn(name, read_sentences(find_set("sentences", data_dir), file), rng, (bits, ngrams))
    ]
    return DomainPair(parts[0], parts[2], source_test=parts[1], target_test=parts[3])


def _drawn(
    name: str, read: tuple[tuple[str, ...], np.ndarray], rng: np.random.Generator, size: tuple[int, int]
) -> tuple[Domain, Domain]:
    """The part to learn from and the part that judges, drawn by `rng`."""
    texts, y = read
    whole = domain_from_texts(name, texts, y, class_names=OPINIONS, bits=size[0], ngrams=size[1])
    order, judged = rng.permutation(len(texts)), round(JUDGED * len(texts))
    return whole.take(order[judged:]), whole.take(order[:judged])


@lru_cache(maxsize=4)
def read_sentences(root: Path, file: str) -> tuple[tuple[str, ...], np.ndarray]:
    """The different sentences of one file, and their labels (n,), 0 negative and 1 positive: lines of sentence, tab, label."""
    path = root / layout_of(SENTENCES, root, file)
    try:
        lines = path.read_text("utf-8").split("\n")  # not splitlines: a sentence may hold other line breaks
        told = dict(line.rstrip("\r").rsplit("\t", 1) for line in lines if line.strip())
        y = np.array([("0", "1").index(label) for label in told.values()])
        if len(set(y)) < len(OPINIONS):
            raise ValueError("it must hold sentences of both labels, 0 and 1")
    except ValueError as error:  # no UTF-8, no tab, no label
        raise unreadable("sentences", path, error) from error
    y.flags.writeable = False
    return tuple(text.strip() for text in told), y
