"""Texts as token ids: hashed words without a file, a model's word pieces, and one sentence for each text or tokenizer that does not fit."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from cases import text_package

import tltutor as tl
from tltutor.domains.tokens import PADDING, START, VOCABULARY, token_ids
from tltutor.files import MINILM, find_model

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "good", "bad", "film", "##s", "the"]


def made_model(folder: Path, words: list[str] = WORDS, **config: object) -> Path:
    """A folder with a tokenizer of a few word pieces and a configuration of that size."""
    tokenizers = text_package("tokenizers")
    made = tokenizers.Tokenizer(
        tokenizers.models.WordPiece({word: i for i, word in enumerate(words)}, unk_token="[UNK]")  # noqa: S106 - no password
    )
    made.normalizer = tokenizers.normalizers.BertNormalizer()
    made.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    made.post_processor = tokenizers.processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    folder.mkdir(parents=True, exist_ok=True)
    made.save(str(folder / "tokenizer.json"))
    config = {"model_type": "bert", "vocab_size": len(words)} | config
    (folder / "config.json").write_text(json.dumps(config), "utf-8")
    return folder


def test_hashed_words_have_one_id_each_wherever_they_stand() -> None:
    x, mask, _ = token_ids(["Good films", "films, GOOD films!"], length=5)
    good, films = x[0, 1:3]
    assert x.tolist() == [
        [START, good, films, PADDING, PADDING],
        [START, films, good, films, PADDING],
    ]
    assert good != films
    assert (mask == (x != PADDING)).all()
    assert x[mask & (x != START)].min() > START
    assert x.max() < VOCABULARY


def test_a_domain_of_tokens_keeps_its_texts_and_its_mask_through_a_pair() -> None:
    texts = [f"the film number{k} was fine" for k in range(8)]
    domain = tl.Domain.from_texts("a", texts, np.arange(8) % 2, tokenizer="words", length=8)
    assert (domain.kind, domain.shape, domain.texts) == ("tokens", (8,), tuple(texts))
    taken = tl.DomainPair(domain, domain.take(np.array([5, 2]))).target
    assert taken.texts == (texts[5], texts[2])
    assert (taken.x == domain.x[[5, 2]]).all()
    assert (taken.mask == (taken.x != PADDING)).all()


def test_word_pieces_are_those_of_the_models_tokenizer(tmp_path: Path) -> None:
    folder = made_model(tmp_path / "m")
    x = token_ids(["The films", "bad"], folder, length=6).x
    assert x.tolist() == [[2, 8, 6, 7, 3, 0], [2, 5, 3, 0, 0, 0]]


def test_a_longer_text_is_cut_keeps_its_end_mark_and_is_counted(tmp_path: Path) -> None:
    folder = made_model(tmp_path / "m")
    long = " ".join(["film"] * 600)
    with pytest.warns(UserWarning, match=r"1 of 2 texts have more than 6 tokens.*longest has 602"):
        x = token_ids([long, "bad"], folder, length=6).x
    assert x[0].tolist() == [2, 6, 6, 6, 6, 3]
    with pytest.warns(UserWarning, match="1 of 1 texts .* give a larger length"):
        assert token_ids([long], length=5).x.tolist()[0][0] == START
    assert token_ids([" ".join(["film"] * 500)], folder, length=512).mask.sum() == 502  # the remedy


@pytest.mark.parametrize("text", ["", "  ", "\n"])
def test_an_empty_text_is_named(text: str, tmp_path: Path) -> None:
    folder = made_model(tmp_path / "m")
    for tokenizer in ("words", folder):
        with pytest.warns(UserWarning, match="1 of 2 texts have no words, the first is number 1"):
            assert token_ids(["good film", text], tokenizer, length=6).mask[1].any()


def test_another_language_is_said_by_the_share_of_unknown_tokens(tmp_path: Path) -> None:
    folder = made_model(tmp_path / "m")
    with pytest.warns(UserWarning, match="75% of the tokens are unknown"):
        token_ids(["sehr schöner film", "гут"], folder, length=8)
    token_ids(["the good film", "the bad films"], folder, length=8)  # no warning


@pytest.mark.parametrize("length", [3, 513, 6.5, True, "8"])
def test_a_length_out_of_bounds_is_refused(length: object) -> None:
    with pytest.raises(ValueError, match=rf"between 4 and 512 tokens, got {length!r}"):
        token_ids(["good"], length=length)  # type: ignore[arg-type]


def test_a_tokenizer_larger_than_its_model_is_refused(tmp_path: Path) -> None:
    folder = made_model(tmp_path / "m", vocab_size=5)
    with pytest.raises(ValueError, match=r"got 9 and 5 in .*put the tokenizer.json there"):
        token_ids(["good"], folder)
    token_ids(["good"], made_model(folder))  # the remedy


def test_a_damaged_tokenizer_is_named(tmp_path: Path) -> None:
    folder = made_model(tmp_path / "m")
    (folder / "tokenizer.json").write_text("{", "utf-8")
    with pytest.raises(ValueError, match=r"tokenizer.json cannot be read as a tokenizer .*copy it"):
        token_ids(["good"], folder)


def test_a_missing_model_says_file_places_and_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TLTUTOR_DATA", str(tmp_path))
    place = tmp_path / "text_models" / "mine"
    with pytest.raises(FileNotFoundError, match=r"needs the file config.json") as told:
        find_model("mine")
    assert str(place) in str(told.value)
    assert find_model(made_model(place)) == find_model("mine") == place  # the remedy
    with pytest.raises(FileNotFoundError, match="all-MiniLM-L6-v2"):
        find_model(MINILM, tmp_path / "empty")
    (place / "tokenizer.json").unlink()
    with pytest.raises(FileNotFoundError, match=r"needs the file tokenizer.json, .*copy"):
        token_ids(["good"], "mine")


def test_a_hub_out_of_reach_is_said_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise OSError("no route to host")

    monkeypatch.setattr(text_package("huggingface_hub"), "snapshot_download", unreachable)
    with pytest.raises(ConnectionError, match=r"'a/b' must be fetched once.*no route to host"):
        find_model("a/b")


def test_a_missing_package_is_one_sentence_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = made_model(tmp_path / "m")
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(ModuleNotFoundError, match=r"tokenizers.*pip install 'tltutor\[text\]'"):
        token_ids(["good"], folder)
