"""Splits keep classes and groups as they say; leaks are found by plain loops, on altered copies and on real photographs."""

import io
from dataclasses import replace

import numpy as np
import pytest
from cases import for_each
from PIL import Image
from sklearn.datasets import load_digits

from tltutor.domains import (
    Domain,
    find_leaks,
    load_pair,
    pair_leaks,
    split_domain,
    split_pair,
    split_rows,
)
from tltutor.domains.leaks import _averaged

RNG = np.random.default_rng(0)


def photos(n=40, *, seed=0, size=64, name="a"):
    """Images (n, 3, size, size) uint8 of soft random shapes, as different as photographs are."""
    rng = np.random.default_rng(seed)
    small = rng.uniform(0, 255, size=(n, 8, 8, 3)).astype(np.uint8)
    large = [np.asarray(Image.fromarray(i).resize((size, size), Image.BICUBIC)) for i in small]
    return Domain(name, np.stack(large).transpose(0, 3, 1, 2), np.arange(n) % 2)


def altered(x, how):
    """Copies of images (n, 3, h, w) uint8 as files are altered on their way."""
    if how == "noise":
        return (x + RNG.normal(scale=10, size=x.shape)).clip(0, 255).astype(np.uint8)
    if how == "faint":
        return (x * 0.6 + 40).astype(np.uint8)
    found = []
    for image in x:
        picture, file = Image.fromarray(image.transpose(1, 2, 0)), io.BytesIO()
        if how == "jpeg":
            picture.save(file, "JPEG", quality=30)
            picture = Image.open(file)
        else:
            half = picture.width // 2
            picture = picture.resize((half, half), Image.BILINEAR).resize(picture.size)
        found.append(np.asarray(picture).transpose(2, 0, 1))
    return np.stack(found)


# --- splits


def test_both_parts_hold_all_rows_once_and_the_shares_of_the_classes():
    y = np.repeat([0, 1, 2], [100, 50, 10])
    rest, held = split_rows(160, 0.2, y=y)
    np.testing.assert_array_equal(np.sort(np.r_[rest, held]), np.arange(160))
    assert np.bincount(y[held]).tolist() == [20, 10, 2]
    assert (np.diff(held) > 0).all()
    assert (np.diff(rest) > 0).all()
    assert len(split_rows(10, 0.3)[1]) == 3


def test_a_seed_decides():
    first, again, other = (split_rows(50, seed=seed)[1].tolist() for seed in (1, 1, 2))
    assert first == again != other


def test_no_group_is_in_both_parts():
    rng = np.random.default_rng(0)
    groups = np.array([f"speaker {g}" for g in rng.integers(20, size=200)])
    y = rng.integers(3, size=200)
    for labels in (None, y):
        for seed in range(5):
            rest, held = split_rows(200, 0.25, y=labels, groups=groups, seed=seed)
            assert not set(groups[rest]) & set(groups[held])
            assert len(rest) + len(held) == 200
            assert 0.1 < len(held) / 200 < 0.45
            if labels is not None:
                shares = np.bincount(y[held], minlength=3) / np.bincount(y)
                assert np.ptp(shares) < 0.2


def test_with_groups_the_best_shared_part_is_held_out():
    """Of the groups only one has class 1 and class 0 in the shares of all: it is the one."""
    y = np.array([0] * 6 + [1] * 6 + [0, 1] * 3)
    groups = np.repeat([0, 1, 2], 6)
    for seed in range(4):
        assert split_rows(18, 1 / 3, y=y, groups=groups, seed=seed)[1].tolist() == list(
            range(12, 18)
        )


def test_a_pair_has_a_part_for_each_purpose():
    source, target = photos(50), photos(40, seed=1, name="b")
    pair = split_pair(source, target, validation=0.2, test=0.25)
    assert [len(d) for d in (pair.source, pair.source_test, pair.target, pair.target_test)] == [
        40,
        10,
        30,
        10,
    ]
    assert np.bincount(pair.source_test.y).tolist() == [5, 5]
    assert pair.blind().target.y is None
    assert pair_leaks(pair) == {}
    whole = split_pair(source, target.without_labels(), test=0)
    assert whole.target_test is None
    assert len(whole.target) == 40


def test_target_labels_decide_nothing():
    source, target = photos(50), photos(40, seed=1, name="b")
    shuffled = replace(target, y=np.roll(target.y, 3))
    parts = [split_pair(source, d) for d in (target, shuffled)]
    np.testing.assert_array_equal(parts[0].target.x, parts[1].target.x)
    np.testing.assert_array_equal(parts[0].source.x, parts[1].source.x)


def test_what_cannot_be_split_is_said_in_a_sentence():
    cases = {
        "between 0 and 1, got 1.5": lambda: split_rows(10, 1.5),
        "leaves one empty": lambda: split_rows(3, 0.2),
        "got 1 of class 1 and": lambda: split_rows(10, 0.3, y=[0] * 9 + [1]),
        "each of 3 classes in both parts, got 2": lambda: split_rows(6, 0.2, y=[0, 0, 1, 1, 2, 2]),
        r"shape \(4,\), got \(2,\)": lambda: split_rows(4, groups=[0, 1]),
        "at least 2 groups, got 1": lambda: split_rows(4, groups=[7, 7, 7, 7]),
        "at least 5 groups, got 4": lambda: split_rows(4, y=[0, 0, 1, 1], groups=[1, 2, 3, 4]),
        "at least 5 examples to be split into 5 parts, got 2": lambda: split_rows(
            10, y=[0] * 8 + [1] * 2, groups=np.arange(10)
        ),
        "target_test must be labeled": lambda: split_pair(photos(), photos().without_labels()),
    }

    def check(case):
        words, call = case
        with pytest.raises(ValueError, match=words):
            call()

    for_each(cases.items(), check)


# --- leaks


def test_exact_copies_are_those_of_a_double_loop():
    rng = np.random.default_rng(0)
    a, b = rng.integers(3, size=(60, 3)), rng.integers(3, size=(30, 3))
    for kind in ("vector", "tokens"):
        found = find_leaks(Domain("a", a, kind=kind), Domain("b", b, kind=kind))
        twins = {j: [i for i in range(60) if (a[i] == b[j]).all()] for j in range(30)}
        assert found.held_rows.tolist() == [j for j in twins if twins[j]]
        assert found.trained_rows.tolist() == [twins[j][0] for j in twins if twins[j]]
        assert found.exact.all()
        assert 0 < found.count < 30
    zero = find_leaks(Domain("a", [[0.0, 1.0]]), Domain("b", [[-0.0, 1.0]]))
    assert zero.count == 1


def test_images_of_both_types_are_compared_at_one_scale():
    d = photos(6)
    found = find_leaks(d, replace(d, x=d.x.astype(np.float32) / np.float32(255)))
    assert found.exact.all()
    assert found.trained_rows.tolist() == list(range(6))


def test_altered_copies_are_found_and_other_pictures_are_not():
    d, others = photos(40), photos(60, seed=1)
    for how in ("jpeg", "half", "noise", "faint"):
        copies = altered(d.x[:20], how)
        held = Domain("b", np.concatenate([others.x, copies]))
        found = find_leaks(d, held)
        assert sorted(zip(found.held_rows, found.trained_rows, strict=True)) == [
            (60 + i, i) for i in range(20)
        ], how
        assert not found.exact.any()
        assert (np.diff(found.similarity) <= 0).all()
        assert find_leaks(d, held, alike=None).count == 0


def test_copies_come_first_and_flat_images_are_no_twins_unless_equal():
    d = photos(5)
    flat = np.stack([np.full((3, 64, 64), v, np.uint8) for v in (0, 128, 200)])
    trained = Domain("a", np.concatenate([d.x, flat[:2]]))
    shifted = d.x[:1] // 2 * 2 // 2 + 9  # a correlation of almost exactly 1
    held = Domain("b", np.concatenate([shifted, flat[1:], d.x[3:4]]))
    found = find_leaks(trained, held)
    assert found.held_rows.tolist() == [1, 3, 0]
    assert found.trained_rows.tolist() == [6, 3, 0]
    assert found.exact.tolist() == [True, True, False]
    assert found.similarity.max() == 1 > found.similarity[2] > 0.999


def test_similarity_is_the_correlation_of_averaged_images():
    a, b = photos(4, size=48).x, photos(4, seed=1, size=48).x
    blocks = [x.reshape(4, 3, 24, 2, 24, 2).mean((3, 5)).reshape(4, -1) for x in (a, b)]
    wanted = np.corrcoef(np.concatenate(blocks))[:4, 4:]
    np.testing.assert_allclose(_averaged(a) @ _averaged(b).T, wanted, atol=1e-5)
    uneven = _averaged(photos(4, size=31).x)  # 31 pixels in 24 cells
    assert uneven.shape == (4, 3 * 24 * 24)
    np.testing.assert_allclose(np.linalg.norm(uneven, axis=1), 1, atol=1e-5)


def test_a_pair_names_the_parts_that_share_examples():
    pair = load_pair("digits->shifted-digits")
    source = pair.source
    leaky = replace(pair, source_test=source.take(np.arange(3)), target_test=pair.target.take([5]))
    found = pair_leaks(leaky)
    assert found["source", "source_test"].exact.tolist() == [True] * 3
    assert found["target", "target_test"].trained_rows.tolist() == [5]
    assert ("target", "source_test") not in found


def test_digits_that_many_people_wrote_have_few_twins():
    x = load_digits().images[:, None] / 16
    halves = Domain("a", x[:900]), Domain("b", x[900:])
    assert find_leaks(*halves).count <= 3


def test_bad_input_is_said():
    with pytest.raises(ValueError, match="one shape"):
        find_leaks(photos(4), photos(4, size=32))
    with pytest.raises(ValueError, match="alike must be above 0 and at most 1, got 2"):
        find_leaks(photos(4), photos(4), alike=2)


def test_real_photographs_leak_where_shops_show_one_picture_twice(data_root):
    """Office-Caltech's product pictures have copies, and recolored ones; PACS's and the ants and bees have none."""

    def halves(path):
        return find_leaks(*split_domain(Domain.from_folder(data_root / path, size=128), 0.5))

    shop = halves("office_caltech10_mini/amazon")
    assert 5 <= shop.exact.sum() < shop.count < 50
    for path in ("PACS-mini/photo", "PACS-mini/art_painting", "hymenoptera_data/train"):
        assert halves(path).count == 0, path
