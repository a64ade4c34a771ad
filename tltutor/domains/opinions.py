"""Pairs of texts with an opinion from a data root: reviews of two kinds of goods; sentences about products, and news of companies."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from tltutor.domains.by_hand import (
    CATEGORIES,
    NEWS,
    NEWS_MINI,
    REVIEWS_FOLDERS,
    REVIEWS_MINI,
    WORDS_KEPT,
)
from tltutor.domains.pair import DomainPair
from tltutor.domains.sentences import OPINIONS, as_domain, drawn, read_sentences
from tltutor.domains.sets import find_set, unreadable
from tltutor.domains.splits import split_domain
from tltutor.settings import Setting

if TYPE_CHECKING:
    from pathlib import Path

_FIRST = Setting(
    "source",
    "electronics",
    scale="choice",
    choices=CATEGORIES,
    text="What the reviews with known opinions are about.",
    live=False,
)
CHOICES = (
    _FIRST,
    replace(
        _FIRST,
        name="target",
        default="kitchen",
        text="What the others are about; the source itself makes two halves of it.",
    ),
)
REVIEW = re.compile(r"<review_text>(.*?)</review_text>", re.DOTALL)


def reviews_to_reviews(
    *, data_dir: str | Path | None, seed: int, source: str, target: str, **how: Any
) -> DomainPair:
    """Build reviews of two kinds of goods, each with an opinion (Blitzer et al., 2007); 30 % of each side judge.

    The same kind twice is split in two halves: between these there is no shift (an A/A test).
    """
    root = find_set("amazon-reviews", data_dir)
    ours = as_domain(source, *read_reviews(root, source), data_dir=data_dir, **how)
    if source == target:
        ours, half = split_domain(ours, 0.5, seed=seed)
        theirs = replace(half, name=f"{target} again")
    else:
        theirs = as_domain(target, *read_reviews(root, target), data_dir=data_dir, **how)
    rng = np.random.default_rng(seed)
    (train, judged), (other, other_judged) = drawn(ours, rng), drawn(theirs, rng)
    return DomainPair(train, other, source_test=judged, target_test=other_judged)


def products_to_news(*, data_dir: str | Path | None, seed: int, **how: Any) -> DomainPair:
    """Build sentences about products and news about companies, bad or good (Malo et al., 2014); 30 % of each side judge.

    Neutral news are left out, and so many good ones, drawn by `seed`, that half of the news are good, as among the products.
    """
    rng = np.random.default_rng(seed)
    opinions = read_sentences(find_set("sentences", data_dir), "amazon_cells_labelled.txt")
    texts, y = read_news(find_set("financial-phrasebank", data_dir))
    bad, good = np.flatnonzero(y == 0), np.flatnonzero(y == 1)
    rows = np.sort(np.concatenate([bad, rng.choice(good, min(len(bad), len(good)), replace=False)]))
    ours = as_domain("products", *opinions, data_dir=data_dir, **how)
    theirs = as_domain("news", tuple(texts[i] for i in rows), y[rows], data_dir=data_dir, **how)
    (train, judged), (other, other_judged) = drawn(ours, rng), drawn(theirs, rng)
    return DomainPair(train, other, source_test=judged, target_test=other_judged)


@lru_cache(maxsize=4)
def read_reviews(root: Path, category: str) -> tuple[tuple[str, ...], np.ndarray]:
    """Read the first WORDS_KEPT words of each different review, and its label (n,), 0 negative and 1 positive."""
    place = CATEGORIES.index(category)
    folder, mini = root / REVIEWS_FOLDERS[place], root / REVIEWS_MINI[place]
    published = all((folder / f"{opinion}.review").is_file() for opinion in OPINIONS)
    path = folder if published else mini
    try:
        found = (
            [(text, y) for y, of in enumerate(OPINIONS) for text in _published(folder, of)]
            if published
            else [(one["text"], int(one["label"])) for one in map(json.loads, _lines(mini))]
        )
        return _checked(found)
    except Exception as error:  # no JSON, no such name, no text, another label
        raise unreadable("amazon-reviews", path, error) from error


def _published(folder: Path, opinion: str) -> list[str]:
    return REVIEW.findall((folder / f"{opinion}.review").read_text("latin-1"))


@lru_cache(maxsize=1)
def read_news(root: Path) -> tuple[tuple[str, ...], np.ndarray]:
    """Read the different sentences that are not neutral, and their labels (n,), 0 negative and 1 positive."""
    published = (root / NEWS).is_file()
    path = root / (NEWS if published else NEWS_MINI)
    try:
        if published:  # "sentence@opinion", Latin-1
            pairs = [line.rsplit("@", 1) for line in _lines(path, "latin-1")]
        else:
            pairs = [line.split("\t", 1)[::-1] for line in _lines(path)]
        found = [(text, OPINIONS.index(of)) for text, of in pairs if of != "neutral"]
        return _checked(found)
    except Exception as error:
        raise unreadable("financial-phrasebank", path, error) from error


def _lines(path: Path, encoding: str = "utf-8") -> list[str]:
    return [line for line in path.read_text(encoding).split("\n") if line.strip()]


def _checked(found: list[tuple[str, int]]) -> tuple[tuple[str, ...], np.ndarray]:
    """Return different texts and their labels, read-only. Errors: ValueError unless both labels 0 and 1 are there, and no other."""
    labels = {" ".join(text.split()[:WORDS_KEPT]): y for text, y in found}
    if set(labels.values()) != {0, 1}:
        raise ValueError("it must hold texts of both labels, 0 and 1, and no others")
    y = np.array(list(labels.values()))
    y.flags.writeable = False
    return tuple(labels), y
