"""Texts as token ids: by a text model's own tokenizer, or by a hash of each word, which needs no file."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tltutor.checks import as_texts, warn
from tltutor.domains.hashing import places_of_words, words
from tltutor.files import CONFIG, TOKENIZER, find_model, model_file, needs

WORDS = "words"  # the tokenizer that hashes
PADDING, START = (
    0,
    1,
)  # ids of padding, and of what begins a hashed text; a model's tokenizer has its own
VOCABULARY = 8192  # ids of hashed words, with these two
MANY = 0.1  # share of unknown tokens from which on it is said
LONGEST = 512  # tokens: BERT has no more positions


class Tokens(NamedTuple):
    """Texts as ids (n, length) int64, and a mask of the same shape: True where there is a token. Padding has the id 0.

    spans: (n, length, 2) int32, where the word that a token is of begins and ends in its text; 0, 0 for none.
    """

    x: np.ndarray
    mask: np.ndarray
    spans: np.ndarray


Span = tuple[int, int]
NOWHERE = (0, 0)


def token_ids(
    texts: Any,
    tokenizer: str | Path = WORDS,
    *,
    length: int = 64,
    data_dir: str | Path | None = None,
    known: bool = False,
) -> Tokens:
    """Turn n texts into token ids (n, length), padded with 0.

    tokenizer: "words", or a text model for `tltutor.files.find_model`. length: longer texts are cut. known: whether the texts
    are those of a published set, about which nothing has to be said.
    Errors: those of `find_model`; ValueError for a length out of bounds and a tokenizer that does not fit its model;
    ModuleNotFoundError without the package tokenizers.
    Warns (UserWarning) with counts about texts that are cut, texts without words, and many unknown tokens.
    """
    texts = as_texts(texts)
    if isinstance(length, bool) or length not in range(4, LONGEST + 1):
        raise ValueError(
            f"length must be a whole number between 4 and {LONGEST} tokens, got {length!r}"
        )
    hashed = tokenizer == WORDS
    whole, spans, unknown = (
        _hashed(texts) if hashed else _pieces(texts, find_model(tokenizer, data_dir))
    )
    if not known:
        _warn(texts, whole, unknown, length=length, marks=1 if hashed else 2)
    x = np.full((len(texts), length), PADDING, np.int64)
    where = np.zeros((len(texts), length, 2), np.int32)
    for row, (ids, of) in enumerate(zip(whole, spans, strict=True)):
        kept = [*range(min(len(ids), length))]
        if len(ids) > length and not hashed:
            kept[-1] = len(ids) - 1  # the end mark
        x[row, : len(kept)] = [ids[place] for place in kept]
        where[row, : len(kept)] = [of[place] for place in kept]
    return Tokens(x, x != PADDING, where)


def _hashed(texts: tuple[str, ...]) -> tuple[list[list[int]], list[list[Span]], int]:
    """Return the ids of each text, whole: START, then one for each word; the words' spans; and that none is unknown."""
    ids = [[START, *(_place(word) for word in words(text))] for text in texts]
    return ids, [[NOWHERE, *places_of_words(text)] for text in texts], 0


def _place(word: str) -> int:
    return START + 1 + zlib.crc32(word.encode()) % (VOCABULARY - START - 1)


def _pieces(texts: tuple[str, ...], folder: Path) -> tuple[list[list[int]], list[list[Span]], int]:
    """Return the ids of each text, whole, the spans of their words, and the number of unknown tokens in all."""
    path = model_file(folder, TOKENIZER)
    try:
        tokenizer = needs("tokenizers").Tokenizer.from_file(str(path))
    except ModuleNotFoundError:
        raise
    except Exception as error:  # noqa: BLE001 - the reader raises plain Exceptions
        raise ValueError(
            f"{path} cannot be read as a tokenizer ({error}): copy it again from where the model came from"
        ) from None
    _check_size(tokenizer.get_vocab_size(), folder)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    encoded = tokenizer.encode_batch(list(texts))
    id_of_unknown = tokenizer.token_to_id("[UNK]")
    unknown = sum(one.ids.count(id_of_unknown) for one in encoded)
    return [one.ids for one in encoded], [_of_whole_words(one) for one in encoded], unknown


def _of_whole_words(encoded: Any) -> list[Span]:
    """Return for each token where its word begins and ends: a word may be of several pieces."""
    begins: dict[int, int] = {}
    ends: dict[int, int] = {}
    for word, (start, end) in zip(encoded.word_ids, encoded.offsets, strict=True):
        if word is not None:
            begins[word], ends[word] = min(start, begins.get(word, start)), end
    return [NOWHERE if word is None else (begins[word], ends[word]) for word in encoded.word_ids]


def _check_size(ids: int, folder: Path) -> None:
    """Refuse a tokenizer with more ids than its model has word vectors, and one whose padding is not 0."""
    config = json.loads(model_file(folder, CONFIG).read_text("utf-8"))
    known = config.get("vocab_size", ids)
    if ids > known:
        raise ValueError(
            f"a tokenizer must have no more tokens than its model has word vectors, got {ids} and {known} in {folder}:"
            f" put the {TOKENIZER} there that came with the model"
        )


def _warn(
    texts: tuple[str, ...], whole: list[list[int]], unknown: int, *, length: int, marks: int
) -> None:
    long = [len(ids) for ids in whole if len(ids) > length]
    if long:
        warn(
            f"{len(long)} of {len(texts)} texts have more than {length} tokens and are cut (the longest has {max(long)}):"
            f" give a larger length, at most {LONGEST}, or shorter texts"
        )
    empty = [place for place, ids in enumerate(whole) if len(ids) <= marks]
    if empty:
        warn(
            f"{len(empty)} of {len(texts)} texts have no words, the first is number {empty[0]}, {texts[empty[0]][:40]!r}:"
            " leave them out"
        )
    tokens = sum(len(ids) - marks for ids in whole)
    if unknown > MANY * tokens:
        warn(
            f"{unknown / tokens:.0%} of the tokens are unknown to the tokenizer, as of another language: use a text model of"
            " the language that the texts are in"
        )
