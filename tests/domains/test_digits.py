"""The embedded digits: real ones, each used once; photographs blended by the formula; printed ones that can be told apart."""

import collections

import numpy as np
import pytest
from sklearn.datasets import load_digits, load_sample_images
from sklearn.neighbors import KNeighborsClassifier

from tltutor.domains import digits, load_pair, printed, printed_digits, printed_letters


def flat(domain):
    return domain.x.reshape(len(domain), -1) / 255


def rows(domain):
    return collections.Counter(image[:1].tobytes() for image in domain.x)


def neighbor_accuracy(train, test):
    return KNeighborsClassifier(1).fit(flat(train), train.y).score(flat(test), test.y)


def test_the_digits_are_scikit_learns():
    x, y = digits._originals()
    bunch = load_digits()
    assert np.array_equal(x * 16, bunch.images)
    assert np.array_equal(y, bunch.target)


def test_the_digits_are_found_without_the_files_of_scikit_learn_too(monkeypatch):
    wanted = digits._originals()
    photos = digits._photos.__wrapped__()
    monkeypatch.setattr(digits, "_beside_sklearn", lambda _: None)
    assert all(map(np.array_equal, digits._originals(), wanted))
    assert np.array_equal(digits._photos.__wrapped__(), photos)


def test_the_photographs_are_scikit_learns():
    wanted = np.stack(load_sample_images().images).transpose(0, 3, 1, 2)
    assert np.array_equal(np.round(digits._photos() * 255), wanted)


@pytest.mark.parametrize("size", [16, 28, 32])
def test_digits_are_enlarged_into_a_black_rim_and_stay_themselves(size):
    x, _ = digits.handwritten(size)
    low, inner = (size - round(size * 6 / 7)) // 2, round(size * 6 / 7)
    assert x.shape == (1797, 1, size, size)
    assert x[:, :, :low].max() == 0
    assert x[:, :, low + inner :].max() == 0
    again = digits.resize(x[:50, 0, low : low + inner, low : low + inner], 8)
    assert np.corrcoef(again.ravel(), digits._originals()[0][:50].ravel())[0, 1] > 0.98


@pytest.mark.parametrize("name", ["digits->photo-digits", "digits->shifted-digits"])
def test_no_digit_is_in_two_parts(name):
    x, _ = digits.handwritten()
    every = collections.Counter(np.round(image * 255).astype(np.uint8).tobytes() for image in x)
    parts = load_pair(name, severity=0).domains()
    assert sum(map(rows, parts), collections.Counter()) == every
    assert sorted(map(len, parts)) == [197, 400, 600, 600]


def test_no_handwritten_digit_is_in_the_target_and_its_test():
    pair = load_pair("printed->digits")
    every = rows(pair.target) + rows(pair.target_test)
    assert every.total() == 1797
    assert every == sum(
        (rows(p) for p in load_pair("digits->shifted-digits", severity=0).domains()),
        collections.Counter(),
    )


def test_photo_digits_follow_the_formula_with_real_patches():
    plain = load_pair("digits->photo-digits", severity=0).target.x / 255
    half = load_pair("digits->photo-digits", severity=0.5).target.x / 255
    patches = digits.photo_patches(600, size=28, rng=np.random.default_rng([0, 1]))
    assert np.abs(np.abs(0.5 * patches - plain) - half).max() < 1.01 / 255


def test_a_patch_is_a_piece_of_a_photograph_or_its_mirror_image():
    patches = np.round(digits.photo_patches(12, size=20, rng=np.random.default_rng(3)) * 255)
    windows = [
        np.lib.stride_tricks.sliding_window_view(np.round(photo[0] * 255), (20, 20))
        for photo in digits._photos()
    ]
    plain = mirrored = 0
    for patch in patches[:, 0]:
        plain += any(_holds(w, patch) for w in windows)
        mirrored += any(_holds(w, patch[:, ::-1]) for w in windows)
    assert plain + mirrored >= 12
    assert plain > 0
    assert mirrored > 0


def _holds(windows, patch):
    places = np.argwhere(
        (windows[:, :, 0, 0] == patch[0, 0]) & (windows[:, :, -1, -1] == patch[-1, -1])
    )
    return any(np.array_equal(windows[i, j], patch) for i, j in places)


def test_severity_makes_the_target_harder_for_its_nearest_source_neighbor():
    def accuracy(severity):
        pair = load_pair("digits->photo-digits", severity=severity)
        return neighbor_accuracy(pair.source, pair.target_test)

    assert accuracy(0.0) > 0.95
    assert accuracy(0.0) > accuracy(0.7) + 0.1


def test_shifted_digits_take_each_shift_times_the_severity():
    half = load_pair("digits->shifted-digits", severity=0.5, rotation=60, noise=0.2)
    same = load_pair("digits->shifted-digits", rotation=30, noise=0.1)
    assert np.array_equal(half.target.x, same.target.x)
    assert not np.array_equal(
        half.target.x, load_pair("digits->shifted-digits", rotation=60, noise=0.2).target.x
    )


def test_a_full_inversion_is_the_negative():
    plain = load_pair("digits->shifted-digits", severity=0)
    negative = load_pair("digits->shifted-digits", rotation=0, inversion=1)
    assert np.abs(255 - plain.target.x.astype(int) - negative.target.x).max() <= 1


@pytest.mark.parametrize("font", printed.FONTS)
def test_every_font_draws_every_character_in_its_own_way(font):
    glyphs = {
        np.asarray(printed._glyph(font, c)).tobytes() for c in printed.DIGITS + printed.LETTERS
    }
    assert len(glyphs) == 36


def test_printed_digits_fill_the_image_and_are_not_cut_off():
    x = np.concatenate([printed_digits(500).x, printed_letters(520).x])
    rim = np.concatenate([x[:, 0, 0], x[:, 0, -1], x[:, 0, :, 0], x[:, 0, :, -1]], axis=1)
    assert rim.max() == 0
    height = (x[:, 0].max(axis=2) > 60).sum(axis=1)
    assert height.min() >= 10
    assert height.mean() > 18


def test_printed_classes_are_even_and_can_be_told_apart():
    for make, classes, n, least in (
        (printed_digits, 10, 1000, 0.8),
        (printed_letters, 26, 2600, 0.75),
    ):
        train, test = make(n, seed=0), make(300, seed=1)
        assert set(np.bincount(train.y)) == {n // classes}
        assert len(train.class_names) == classes
        assert neighbor_accuracy(train, test) > least


def test_printed_images_come_in_color_and_by_seed():
    color = printed_letters(30, channels=3, size=20, seed=4)
    assert color.shape == (3, 20, 20)
    assert np.array_equal(color.x[:, :1], printed_letters(30, size=20, seed=4).x)
    assert not np.array_equal(color.x[:, :1], printed_letters(30, size=20, seed=5).x)


def test_printed_digits_help_with_handwritten_ones_but_leave_a_gap():
    pair = load_pair("printed->digits")
    assert 0.25 < neighbor_accuracy(pair.source, pair.target_test) < 0.9


def test_the_target_and_its_test_have_noise_of_their_own():
    pair = load_pair(
        "digits->shifted-digits", contrast=1, noise=0.2
    )  # nothing but the noise is left
    assert not np.array_equal(pair.target.x[0], pair.target_test.x[0])
