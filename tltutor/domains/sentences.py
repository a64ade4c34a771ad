"""Pairs of review sentences from a data root: about products, films and restaurants; as hashed words or as token ids."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from tltutor.domains.domain import Domain
from tltutor.domains.pair import DomainPair
from tltutor.domains.sets import SENTENCES, find_set, layout_of, unreadable
from tltutor.domains.tokens import token_ids
from tltutor.files import MINILM, find_model

if TYPE_CHECKING:
    from pathlib import Path

OPINIONS = ("negative", "positive")
INPUTS = ("counts", "words", "wordpieces")
HELD_OUT = 0.3  # share of each side that judges


def products_to_films(*, data_dir: str | Path | None, seed: int, **how: Any) -> DomainPair:
    """Build sentences about products and about films, each with an opinion (Kotzias et al., 2015); 30 % of each side judge."""
    return _pair("films", "imdb_labelled.txt", data_dir, seed=seed, **how)


def products_to_restaurants(*, data_dir: str | Path | None, seed: int, **how: Any) -> DomainPair:
    """Build sentences about products and about restaurants, as `products_to_films` does."""
    return _pair("restaurants", "yelp_labelled.txt", data_dir, seed=seed, **how)


def _pair(
    target: str, file: str, data_dir: str | Path | None, *, seed: int, **how: Any
) -> DomainPair:
    rng, root = np.random.default_rng(seed), find_set("sentences", data_dir)
    files = {"products": "amazon_cells_labelled.txt", target: file}
    parts = [
        part
        for name, of in files.items()
        for part in drawn(as_domain(name, *read_sentences(root, of), data_dir=data_dir, **how), rng)
    ]
    return DomainPair(parts[0], parts[2], source_test=parts[1], target_test=parts[3])


def as_domain(
    name: str,
    texts: tuple[str, ...],
    y: np.ndarray,
    *,
    data_dir: str | Path | None,
    inputs: str,
    length: int,
    bits: int = 11,
    ngrams: int = 1,
) -> Domain:
    """Return texts with opinions as the `inputs` that were chosen: one of INPUTS."""
    if inputs == "counts":
        return Domain.from_texts(name, texts, y, class_names=OPINIONS, bits=bits, ngrams=ngrams)
    tokenizer = "words" if inputs == "words" else find_model(MINILM, data_dir)
    x, mask, spans = token_ids(texts, tokenizer, length=length, known=True)
    return Domain(name, x, y, OPINIONS, texts=texts, kind="tokens", mask=mask, spans=spans)


def drawn(whole: Domain, rng: np.random.Generator) -> tuple[Domain, Domain]:
    """The part to learn from and the part that judges, drawn by `rng`."""
    order, judged = rng.permutation(len(whole)), round(HELD_OUT * len(whole))
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
