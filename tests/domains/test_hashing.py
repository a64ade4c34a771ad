"""Texts as vectors: what a word is in scripts with and without spaces, and how words are counted."""

import re
import unicodedata

import numpy as np
import pytest
from sklearn.feature_extraction.text import HashingVectorizer

from tltutor.domains import Domain, hashed_words
from tltutor.domains.hashing import words


def nearness(one, other):
    a, b = hashed_words([one, other], bits=14)
    return float(a @ b)


def test_words_are_counted_in_places_and_rows_have_length_one():
    x = hashed_words(["good phone", "good good phone", "phone good"], bits=8)
    assert x.shape == (3, 256)
    assert x.dtype == np.float32
    assert np.linalg.norm(x, axis=1) == pytest.approx([1, 1, 1])
    assert x[0] == pytest.approx(x[2])  # a bag knows no order
    assert np.abs(x[0][x[0] != 0]) == pytest.approx(np.full(2, 2**-0.5))
    assert sorted(np.abs(x[1][x[1] != 0])) == pytest.approx(np.array([1, 2]) / 5**0.5)


def test_runs_of_words_know_the_order():
    one, other = hashed_words(["not good but cheap", "good but not cheap"], bits=12, ngrams=2)
    assert not np.allclose(one, other)
    assert one @ other == pytest.approx(5 / 7)  # 4 words and "good but" of 7 counts each


def test_a_text_alone_is_as_in_company():
    together = hashed_words(["good", "bad phone"], bits=9)
    assert hashed_words(["bad phone"], bits=9)[0] == pytest.approx(together[1])
    assert hashed_words([], bits=9).shape == (0, 512)


def test_english_is_cut_as_scikit_learn_cuts_it():
    texts = [
        "It isn't 100% GOOD, is it? I'd say 7/10_x.",
        "naïve café; e-mail me\x85at 5",
        "Don't--buy... a b cd",
    ]
    plain = HashingVectorizer(n_features=2**9, dtype=np.float32).transform(texts).toarray()
    np.testing.assert_array_equal(hashed_words(texts, bits=9), plain)


def test_a_script_without_spaces_is_cut_into_pairs_of_characters():
    assert words("这部电影 好看!") == ["这部", "部电", "电影", "好看"]
    assert words("我爱iPhone手机") == ["我爱", "iphone", "手机"]
    assert words("好。") == ["好"]
    rows = (  # nearly alike, and another
        ("这部电影很好看", "这部电影真的很好看", "这家餐厅的服务很差"),
        ("この映画はとても良い", "この映画はとても良かった", "料理は冷めていた"),
        ("ภาพยนตร์เรื่องนี้ดีมาก", "ภาพยนตร์เรื่องนี้ดีมากๆ", "อาหารเย็นชืด"),
        ("ဒီရုပ်ရှင်ကောင်းတယ်", "ဒီရုပ်ရှင်မကောင်းဘူး", "အစားအစာ"),
    )
    for text, near, far in rows:
        assert nearness(text, near) > 0.5 > nearness(text, far)
    # five of six and of eight pairs of characters agree
    assert nearness(*rows[0][:2]) == pytest.approx(5 / 48**0.5, abs=0.01)


def test_vowel_signs_accents_and_wide_letters_keep_a_word_whole():
    assert words("हिन्दी फिल्म है") == ["हिन्दी", "फिल्म", "है"]
    assert words("책 을") == ["책", "을"]
    assert words("ＧＯＯＤ ﬁlm") == ["good", "film"]
    for form in ("NFC", "NFD"):
        assert words(unicodedata.normalize(form, "Café")) == ["café"]


def test_emoji_are_words():
    assert words("good 👍👍🏽 ☺️ ★") == ["good", "👍", "👍", "☺", "★"]
    assert nearness("👍", "👍👍") == pytest.approx(1)


def test_texts_without_words_are_counted_and_the_first_is_shown():
    with pytest.warns(UserWarning, match=re.escape("2 of 4 texts have no words")) as caught:
        domain = Domain.from_texts("t", ["good film", "I", "5", "👍"], [1, 0, 1, 1])
    assert "number 1, 'I'" in str(caught[0].message)
    assert caught[0].filename == __file__
    assert (~domain.x.any(axis=1)).tolist() == [False, True, True, False]
    Domain.from_texts(
        "t", [text for text in domain.texts if words(text)]
    )  # "leave them out": no warning is left


def test_wrong_texts_and_sizes_get_one_sentence():
    rows = (
        ("good", {}, TypeError, "['Good.', 'Bad.']"),
        (["good", 3], {}, TypeError, "3 (int) at place 1"),
        (["good"], {"bits": 17}, ValueError, "between 1 and 16, got 17"),
        (["good"], {"ngrams": 0}, ValueError, "between 1 and 5, got 0"),
        (["good"], {"bits": True}, ValueError, "got True"),
        ([], {}, ValueError, "at least one example, got none"),
    )
    for texts, more, kind, said in rows:
        with pytest.raises(kind, match=re.escape(said)):
            Domain.from_texts("mine", texts, **more)
    assert len(Domain.from_texts("mine", (text for text in ("good film", "bad film")), [1, 0])) == 2
