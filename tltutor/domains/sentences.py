"""The pair of product and film reviews: sentences from a data root as vectors of hashed words."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from tltutor.domains.domain import Domain
from tltutor.domains.pair import DomainPair
from tltutor.domains.sets import SENTENCES, find_set, layout_of, unreadable

if TYPE_CHECKING:
    from pathlib import Path

OPINIONS = ("negative", "positive")
HELD_OUT = 0.3  # share of each side that judges


def products_to_films(
    *, data_dir: str | Path | None, seed: int, bits: int, ngrams: int
) -> DomainPair:
    """Build sentences about products and about films, each with an opinion (Kotzias et al., 2015); 30 % of each side judge."""
    rng = np.random.default_rng(seed)
    parts = [
        part
        for name, file in (
            ("products", "amazon_cells_labelled.txt"),
            ("films", "imdb_labelled.txt"),
        )
        for part in _drawn(
            name, read_sentences(find_set("sentences", data_dir), file), rng, (bits, ngrams)
        )
    ]
    return DomainPair(parts[0], parts[2], source_test=parts[1], target_test=parts[3])


def _drawn(
    name: str,
    read: tuple[tuple[str, ...], np.ndarray],
    rng: np.random.Generator,
    size: tuple[int, int],
) -> tuple[Domain, Domain]:
    """The part to learn from and the part that judges, drawn by `rng`."""
    texts, y = read
    whole = Domain.from_texts(name, texts, y, class_names=OPINIONS, bits=size[0], ngrams=size[1])
    order, judged = rng.permutation(len(texts)), round(HELD_OUT * len(texts))
    return whole.take(order[judged:]), whole.take(order[:judged])


@lru_cache(maxsize=4)
def read_sentences(root: Path, file: str) -> tuple[tuple[str, ...], np.ndarray]:
    """The different sentences of one file, and their labels (n,), 0 negative and 1 positive: lines of sentence, tab, label."""
    path = root / layout_of(SENTENCES, root, file)
    try:
        lines = path.read_text("utf-8").split(
            "\n"
        )  # not splitlines: a sentence may hold other line breaks
        labels = dict(line.rstrip("\r").rsplit("\t", 1) for line in lines if line.strip())
        y = np.array([("0", "1").index(label) for label in labels.values()])
        if len(set(y)) < len(OPINIONS):
            raise ValueError("it must hold sentences of both labels, 0 and 1")
    except ValueError as error:  # no UTF-8, no tab, no label
        raise unreadable("sentences", path, error) from error
    y.flags.writeable = False
    return tuple(text.strip() for text in labels), y
