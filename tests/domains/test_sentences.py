"""Sentences as domains: hashed words, texts that stay beside their points, the products->films pair made and real."""

import re
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from tltutor.domains import BrokenSetError, Domain, DomainPair, MissingSetError, load_pair, sets
from tltutor.domains.hashing import hashed_words
from tltutor.files import data_roots

LIKED = ["good", "fine", "great", "loved", "solid"]
HATED = ["bad", "poor", "awful", "hated", "broken"]


def made_sentences(noun, n=40):
    """n different sentences about the noun, every other one liked."""
    return [f"{noun} {k} was {(LIKED if k % 2 else HATED)[k // 2 % 5]}." for k in range(n)]


def write_sentences(root, folder="sentiment_sentences"):
    (root / folder).mkdir(parents=True)
    for file, noun in (("amazon_cells", "phone"), ("imdb", "film"), ("yelp", "soup")):
        lines = [f"{text}\t{k % 2}" for k, text in enumerate(made_sentences(noun))]
        (root / folder / f"{file}_labelled.txt").write_text(
            "\n".join([*lines, lines[0], ""]), "utf-8"
        )  # one of them twice


# Texts beside their points


def test_own_texts_make_a_domain():
    domain = Domain.from_texts("mine", ["Good.", "Bad."], [1, 0], class_names=("no", "yes"), bits=7)
    assert domain.shape == (128,)
    assert domain.texts == ("Good.", "Bad.")
    assert domain.y.tolist() == [1, 0]
    assert domain.class_names == ("no", "yes")
    assert Domain.from_texts("mine", ["Good."]).y is None


def test_texts_follow_their_points_through_every_part_of_a_pair():
    s, t = (
        Domain.from_texts(noun, made_sentences(noun), np.arange(40) % 2, bits=8)
        for noun in ("phone", "film")
    )
    pair = DomainPair(s, t, target_test=t.take(np.arange(40) < 10)).with_target_labels(3, seed=1)
    assert pair.target_test.texts == tuple(made_sentences("film")[:10])
    assert len(pair.target.texts) == 34
    for part in (
        *pair.domains(),
        pair.blind().target,
        pair.target_only().source,
        Domain.joined(s, t),
        s.take(np.array([7, 2])),
    ):
        assert hashed_words(part.texts, bits=8) == pytest.approx(part.x)
    assert s.take(np.array([-1, 0])).texts == (
        made_sentences("phone")[-1],
        made_sentences("phone")[0],
    )


def test_a_domain_without_texts_has_none_afterward():
    plain = Domain("a", np.zeros((4, 2)), [0, 1, 0, 1])
    text = Domain.from_texts("b", ["aa", "bb"], [0, 1], bits=1)
    assert plain.take(np.array([1])).texts == ()
    assert Domain.joined(plain, text).texts == ()


def test_as_many_texts_as_points():
    for texts, got in ((("a",), "1 for 2 examples"), ("ab", "one string")):
        with pytest.raises(
            (TypeError, ValueError), match=f"texts of domain 'a' must be .*got {got}"
        ):
            Domain("a", np.zeros((2, 3)), texts=texts)


# The pair, on made files


@pytest.mark.parametrize("folder", ["sentiment_sentences", "sentiment labelled sentences"])
def test_the_pair_holds_different_sentences_with_their_labels(tmp_path, folder):
    write_sentences(tmp_path, folder)
    pair = load_pair("products->films", data_dir=tmp_path, bits=9)
    assert pair.name == "products->films"
    assert pair.class_names == ("negative", "positive")
    assert [len(part) for part in pair.domains()] == [28, 28, 12, 12]
    for part, noun in (
        (pair.source, "phone"),
        (pair.source_test, "phone"),
        (pair.target, "film"),
        (pair.target_test, "film"),
    ):
        made = dict(zip(made_sentences(noun), np.arange(40) % 2, strict=True))
        assert [made[text] for text in part.texts] == part.y.tolist()
        assert part.x == pytest.approx(hashed_words(part.texts, bits=9))
    for train, test in ((pair.source, pair.source_test), (pair.target, pair.target_test)):
        assert set(train.texts).isdisjoint(test.texts)
        assert len({*train.texts, *test.texts}) == 40


def test_the_split_is_drawn_by_seed(tmp_path):
    write_sentences(tmp_path)
    one, same, other = (
        load_pair("products->films", data_dir=tmp_path, seed=seed).source.texts
        for seed in (1, 1, 2)
    )
    assert one == same
    assert one != other


def test_a_missing_file_says_which_where_and_what_to_do(tmp_path):
    write_sentences(tmp_path)
    (tmp_path / "sentiment_sentences" / "imdb_labelled.txt").unlink()
    with pytest.raises(
        MissingSetError,
        match="needs the file sentiment labelled sentences/amazon_cells_labelled.txt, and",
    ):
        load_pair("products->films", data_dir=tmp_path / "none")
    with pytest.raises(MissingSetError) as caught:
        load_pair("products->films", data_dir=tmp_path)
    assert str(caught.value) == (
        "the data set 'sentences' needs the file sentiment_sentences/imdb_labelled.txt, and it is not in"
        f" {tmp_path}: get it (about 0.1 MB) with `tltutor data fetch sentences`"
    )


@pytest.mark.parametrize(
    "content",
    [b"no tab here 1\n", b"good\t2\n", b"good\t1\n\xff\xfe\t0\n", b"good\t1\nfine\t1\n", b""],
)
def test_a_broken_file_gets_one_sentence(tmp_path, content):
    write_sentences(tmp_path)
    path = tmp_path / "sentiment_sentences" / "imdb_labelled.txt"
    path.write_bytes(content)
    sentence = f"the file {path} of the data set 'sentences' must be whole, and reading it failed"
    with pytest.raises(BrokenSetError, match=re.escape(sentence)):
        load_pair("products->films", data_dir=tmp_path)


def test_a_sentence_may_hold_any_sign_but_the_line_break(tmp_path):
    write_sentences(tmp_path)
    path = tmp_path / "sentiment_sentences" / "imdb_labelled.txt"
    path.write_bytes("It was\x85 \u2028fine\twith tabs \t1\r\nbad\t0\n".encode())
    from tltutor.domains.sentences import read_sentences

    texts, y = read_sentences(tmp_path, "imdb_labelled.txt")
    assert texts == ("It was\x85 \u2028fine\twith tabs", "bad")
    assert y.tolist() == [1, 0]


def test_verify_counts_sentences_that_are_packed_otherwise(tmp_path):
    write_sentences(tmp_path)
    path = tmp_path / "sentiment_sentences" / "yelp_labelled.txt"
    assert sets.verify("sentences", tmp_path)[2].text == "must hold 1000 examples, got 41"
    path.write_text("".join(f"soup {k}\t{k % 2}\r\n" for k in range(1000)), "utf-8", newline="")
    assert sets.verify("sentences", tmp_path)[2].state == "readable"


# The pair, on the real files

here = any(sets.SENTENCES.layout_in(root) for root in data_roots())
needs_sentences = pytest.mark.skipif(
    not here, reason="no real data: the sentences lie in no data root"
)


@needs_sentences
def test_the_real_files_have_their_checksums():
    assert {check.state for check in sets.verify("sentences")} == {"published"}
    assert {Path(check.path).name for check in sets.verify("sentences")} == set(sets._SENTENCES)


@needs_sentences
def test_real_sentences_are_as_far_apart_as_is_known():
    """Bag of words and logistic regression on all of both sides: about .67 on films, where films themselves would give .75."""
    pairs = [load_pair("products->films", seed=seed) for seed in range(3)]

    def accuracy(train, test):
        return np.mean(
            [
                LogisticRegression(C=10).fit(train(p).x, train(p).y).score(test(p).x, test(p).y)
                for p in pairs
            ]
        )

    assert [len(part) for part in pairs[0].domains()] == [693, 698, 299, 297]
    assert accuracy(lambda p: p.source, lambda p: p.source_test) > 0.75
    assert 0.58 < accuracy(lambda p: p.source, lambda p: p.target_test) < 0.7
    assert accuracy(lambda p: p.target, lambda p: p.target_test) > 0.72
