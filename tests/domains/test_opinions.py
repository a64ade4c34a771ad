"""Pairs of reviews and of news: both editions are read alike, halves are positive, and files that do not fit are named."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tltutor.domains import BrokenSetError, MissingSetError, load_pair, verify
from tltutor.domains.by_hand import CATEGORIES, NEWS, NEWS_MINI, REVIEWS_FOLDERS, REVIEWS_MINI

N = 20  # texts of each opinion


def texts(noun: str, opinion: str) -> list[str]:
    return [f"this {noun} number{k} is {opinion}, " + "really " * 130 for k in range(N)]


def write_published(root: Path) -> None:
    for folder, noun in zip(REVIEWS_FOLDERS, CATEGORIES, strict=True):
        (root / folder).mkdir(parents=True)
        for opinion in ("negative", "positive"):
            reviews = "".join(
                f"<review>\n<title>\nno\n</title>\n<review_text>\n{text}\n</review_text>\n</review>\n"
                for text in texts(noun, opinion)
            )
            (root / folder / f"{opinion}.review").write_text(reviews, "latin-1")
    news = [f"profit{k} rose@positive" for k in range(3 * N)]
    news += [f"profit{k} fell@negative" for k in range(N)] + ["no news@neutral"]
    (root / NEWS).parent.mkdir(parents=True)
    (root / NEWS).write_text("\n".join(news), "latin-1")


def write_mini(root: Path) -> None:
    (root / "amazon_reviews").mkdir(parents=True)
    for file, noun in zip(REVIEWS_MINI, CATEGORIES, strict=True):
        lines = [
            json.dumps({"label": y, "text": text})
            for y, opinion in enumerate(("negative", "positive"))
            for text in texts(noun, opinion)
        ]
        (root / file).write_text("\n".join(lines), "utf-8")
    news = [f"positive\tprofit{k} rose" for k in range(3 * N)]
    news += [f"negative\tprofit{k} fell" for k in range(N)] + ["neutral\tno news"]
    (root / NEWS_MINI).parent.mkdir(parents=True)
    (root / NEWS_MINI).write_text("\n".join(news), "utf-8")


def write_sentences(root: Path) -> None:
    (root / "sentiment_sentences").mkdir()
    for file in ("amazon_cells", "imdb", "yelp"):
        lines = [f"the {file} {'good' if k % 2 else 'bad'} {k}\t{k % 2}" for k in range(2 * N)]
        (root / "sentiment_sentences" / f"{file}_labelled.txt").write_text("\n".join(lines))


EDITIONS = pytest.mark.parametrize("write", [write_published, write_mini])


@EDITIONS
def test_reviews_of_any_two_kinds_are_a_pair(tmp_path: Path, write) -> None:
    write(tmp_path)
    for source, target in ((a, b) for a in CATEGORIES for b in CATEGORIES if a != b):
        pair = load_pair("reviews->reviews", data_dir=tmp_path, source=source, target=target)
        assert (pair.source.name, pair.target.name) == (source, target)
        assert (len(pair.target), len(pair.target_test)) == (28, 12)
    for text, y in zip(pair.target.texts, pair.target.y, strict=True):
        assert text.startswith(f"this {target} number")
        assert ("positive" in text) == (y == 1)
        assert len(text.split()) == 120
    assert {check.state for check in verify("amazon-reviews", tmp_path)} == {"readable"}
    assert {check.text for check in verify("amazon-reviews", tmp_path)} <= {
        f"{N} examples",
        f"{2 * N} examples",
    }


def test_one_kind_twice_makes_two_halves_without_a_common_text(tmp_path: Path) -> None:
    write_mini(tmp_path)
    pair = load_pair("reviews->reviews", data_dir=tmp_path, source="dvd", target="dvd")
    parts = [set(part.texts) for part in pair.domains()]
    assert sum(map(len, parts)) == len(set().union(*parts)) == 2 * N
    assert pair.target.name == "dvd again"


@EDITIONS
def test_half_of_the_news_are_good_and_none_neutral(tmp_path: Path, write) -> None:
    write(tmp_path)
    write_sentences(tmp_path)
    pair = load_pair("products->news", data_dir=tmp_path)
    whole = (*pair.target.texts, *pair.target_test.texts)
    y = np.concatenate([pair.target.y, pair.target_test.y])
    assert (len(whole), y.sum()) == (2 * N, N)
    assert all(("rose" in text) == (label == 1) for text, label in zip(whole, y, strict=True))
    other = load_pair("products->news", data_dir=tmp_path, seed=1)
    assert set(whole) != {*other.target.texts, *other.target_test.texts}
    assert [check.text for check in verify("financial-phrasebank", tmp_path)] == ["81 examples"]


def test_what_is_missing_or_damaged_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingSetError, match=r"amazon_reviews/.*books.*Blitzer"):
        load_pair("reviews->reviews", data_dir=tmp_path)
    write_sentences(tmp_path)
    with pytest.raises(MissingSetError, match=r"Sentences_50Agree.txt.*Malo"):
        load_pair("products->news", data_dir=tmp_path)
    write_mini(tmp_path)
    (tmp_path / REVIEWS_MINI[2]).write_text('{"label": 1, "text": "good"}', "utf-8")
    with pytest.raises(BrokenSetError, match=r"electronics.jsonl.*texts of both labels"):
        load_pair("reviews->reviews", data_dir=tmp_path)
    (tmp_path / NEWS_MINI).write_text("glad\tprofit rose", "utf-8")
    with pytest.raises(BrokenSetError, match=r"sentences_50agree.tsv.*failed"):
        load_pair("products->news", data_dir=tmp_path)


@pytest.mark.slow
def test_the_real_sets_are_as_known(data_root: Path) -> None:
    if not (data_root / REVIEWS_MINI[0]).is_file() or not (data_root / NEWS_MINI).is_file():
        pytest.skip("no real data: reviews or news are not in TLTUTOR_DATA")
    pair = load_pair("products->news", data_dir=data_root)
    assert len(pair.target) + len(pair.target_test) == 2 * 604
    reviews = load_pair("reviews->reviews", data_dir=data_root, target="books")
    assert 1950 <= len(reviews.target) + len(reviews.target_test) <= 2000
