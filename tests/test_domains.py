"""Domain and DomainPair: what they accept, what they refuse and with which sentence, and that target labels stay hidden."""

import re
import warnings

import numpy as np
import pytest

from tltutor.domains import Domain, DomainPair

RNG = np.random.default_rng(0)


def vectors(n=6, *, y=(0, 1, 2, 0, 1, 2), name="a", **more):
    return Domain(name, np.arange(2 * n, dtype=np.float32).reshape(n, 2), y, **more)


def pair(**more):
    return DomainPair(vectors(), vectors(60, y=np.arange(60) % 3, name="b"), **more)


def says(sentence):
    return re.escape(sentence)


@pytest.mark.parametrize(
    ("x", "kind", "sentence"),
    [
        (np.zeros((3, 28, 28)), ValueError, ("x of domain 'a' must have shape (n, d) or (n, channels, height, width),"
         " got (3, 28, 28): add a channel axis to grey images with x[:, None]")),
        (np.zeros((0, 2)), ValueError, "domain 'a' must hold at least one example, got none"),
        (np.zeros((3, 28, 28, 3)), ValueError, ("images of domain 'a' must have 1 or 3 channels, got shape (3, 28, 28, 3):"
         " move the channels to the second axis with x.transpose(0, 3, 1, 2)")),
        ([[1.0, np.nan], [0, 0], [np.inf, 1]], ValueError, ("x of domain 'a' must be finite, got NaN or infinity in 2 of 3"
         " examples (the first is number 0): remove or mend them")),
        (np.full((2, 1, 4, 4), 255.0), ValueError, ("float images of domain 'a' must lie in 0..1, got 255..255:"
         " divide by 255 or pass uint8")),
        (np.array([["x", "y"]]), TypeError, "x of domain 'a' must be numbers (uint8 or float), got dtype <U1"),
        ([[1, 2], [3]], ValueError, "x of domain 'a' must be one array with examples of one shape"),
    ],
)  # fmt: skip
def test_bad_x_gets_one_sentence(x, kind, sentence):
    with pytest.raises(kind, match=says(sentence)):
        Domain("a", x)


@pytest.mark.parametrize(
    ("y", "names", "kind", "sentence"),
    [
        ([0, 1], (), ValueError, "y of domain 'a' must have shape (3,), one label an example, got (2,)"),
        ([0, 1, -1], (), ValueError, "labels of domain 'a' must be 0 or more, got -1: use y=None for unlabeled examples"),
        ([0, 1, 2], ("cat", "dog"), ValueError, ("labels of domain 'a' must lie between 0 and 1 (2 class names), got 2:"
         " add the missing class names or mend the labels")),
        (["cat", "dog", "cat"], (), TypeError, ("y of domain 'a' must be integers 0..k-1, got dtype <U3:"
         " number the classes, for example with np.unique(y, return_inverse=True)")),
        ([0.0, 0.5, 1.0], (), TypeError, "y of domain 'a' must be integers 0..k-1, got dtype float64"),
        ([0.0, np.nan, 1.0], (), TypeError, "y of domain 'a' must be integers 0..k-1, got dtype float64"),
    ],
)  # fmt: skip
def test_bad_y_gets_one_sentence(y, names, kind, sentence):
    with pytest.raises(kind, match=says(sentence)):
        Domain("a", np.zeros((3, 2)), y, names)


@pytest.mark.parametrize("dtype", [np.uint8, np.int32, np.float16, np.float64, bool])
def test_vectors_of_any_number_type_become_float32(dtype):
    assert Domain("a", np.ones((2, 3), dtype=dtype)).x.dtype == np.float32


def test_images_keep_uint8_and_become_float32_else():
    assert Domain("a", np.full((2, 1, 4, 4), 200, np.uint8)).x.dtype == np.uint8
    assert Domain("a", np.ones((2, 1, 4, 4))).x.dtype == np.float32


def test_whole_float_labels_are_taken_as_integers():
    y = Domain("a", np.zeros((3, 2)), np.array([0.0, 2.0, 1.0])).y
    assert y.dtype == np.int64
    assert y.tolist() == [0, 2, 1]


def test_arrays_are_read_only():
    domain = vectors()
    for array in (domain.x, domain.y):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_take_keeps_order_and_labels():
    taken = vectors().take(np.array([4, 0]))
    assert taken.x[:, 0].tolist() == [8, 0]
    assert taken.y.tolist() == [1, 0]
    assert taken.class_names == ("0", "1", "2")


def test_a_pair_needs_a_labeled_source():
    with pytest.raises(ValueError, match=says("the source 'a' must be labeled, got y=None")):
        DomainPair(vectors(y=None), vectors())


def test_shapes_must_agree():
    sentence = "all domains of a pair must have examples of one shape, got (2,) in 'a' and (3,) in 'b': resize one side"
    with pytest.raises(ValueError, match=says(sentence)):
        DomainPair(vectors(), Domain("b", np.zeros((4, 3))))


def test_a_class_missing_in_the_source_is_an_error():
    sentence = (
        "every class must have an example in the source 'a', got none of ['dog']: add examples or drop the class from class_names"
    )
    names = ("cat", "dog", "bird")
    with pytest.raises(ValueError, match=says(sentence)):
        DomainPair(vectors(y=[0, 0, 0, 2, 2, 2], class_names=names), vectors(class_names=names))


def test_a_class_missing_in_the_target_is_a_warning_and_the_pair_stays_usable():
    sentence = "the target 'b' shows none of the classes ['2']: aligning the whole source to it can do harm"
    with pytest.warns(UserWarning, match=says(sentence)) as caught:
        partial = DomainPair(vectors(), vectors(y=[0, 1, 0, 1, 0, 1], name="b"))
    assert caught[0].filename == __file__
    assert partial.target.class_names == ("0", "1", "2")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        partial.blind()  # without the labels nothing is known to be missing
        assert partial.target_only().source is partial.target
    with pytest.warns(UserWarning, match="shows none"):
        few = partial.with_target_labels(2)
    assert np.bincount(few.target_labeled.y).tolist() == [2, 2]


def test_a_class_only_in_the_target_is_an_error():
    sentence = "all domains of a pair must name the same classes in the same order, got ['0', '1'] in 'a'"
    with pytest.raises(ValueError, match=says(sentence)):
        DomainPair(vectors(y=[0, 1, 0, 1, 0, 1]), vectors(name="b"))


def test_other_class_names_are_an_error_and_none_are_taken_over():
    names = ("x", "y", "z")
    with pytest.raises(ValueError, match="give both the same class_names"):
        DomainPair(vectors(class_names=names), vectors(name="b", class_names=("z", "y", "x")))
    assert DomainPair(vectors(class_names=names), vectors(name="b")).target.class_names == names
    assert DomainPair(vectors(class_names=names), vectors(name="b", y=None)).target.class_names == names


@pytest.mark.parametrize("part", ["target_test", "source_test", "target_labeled"])
def test_what_judges_must_be_labeled(part):
    sentence = f"{part} must be labeled, got y=None in 'c': give Domain(..., y), or leave {part} out"
    with pytest.raises(ValueError, match=says(sentence)):
        pair(**{part: vectors(y=None, name="c")})


def test_blind_hides_every_label_that_only_judges():
    seen = pair(target_test=vectors(), source_test=vectors()).blind()
    assert seen.target.y is None
    assert seen.target_test is None
    assert seen.source_test is None
    assert seen.source.y is not None


def test_blind_keeps_the_labels_that_may_be_used():
    assert pair().with_target_labels(2).blind().target_labeled.y is not None


def test_target_labels_are_k_a_class_and_taken_out_of_the_target():
    full = pair()
    few = full.with_target_labels(5, seed=1)
    assert np.bincount(few.target_labeled.y).tolist() == [5, 5, 5]
    both = np.concatenate([few.target.x, few.target_labeled.x])[:, 0]
    assert sorted(both) == sorted(full.target.x[:, 0])


def test_target_labels_are_drawn_by_seed():
    def drawn(seed):
        return pair().with_target_labels(5, seed=seed).target_labeled.x[:, 0].tolist()

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)


@pytest.mark.parametrize("k", [0, 20, -1, 2.5, "3"])
def test_target_labels_need_a_sensible_k(k):
    sentence = f"k must be a whole number between 1 and 19, the smallest target class less one, got {k!r}"
    with pytest.raises(ValueError, match=says(sentence)):
        pair().with_target_labels(k)


def test_target_labels_and_the_ceiling_need_a_labeled_target():
    unlabeled = DomainPair(vectors(), vectors(name="b", y=None))
    with pytest.raises(ValueError, match=says("k labels a class need a target with labels, and 'b' has none")):
        unlabeled.with_target_labels(1)
    with pytest.raises(ValueError, match=says("the target-only ceiling needs a target with labels, and 'b' has none")):
        unlabeled.target_only()


def test_the_ceiling_trains_on_the_target_and_is_judged_as_before():
    judged = pair(target_test=vectors(name="b"))
    ceiling = judged.target_only()
    assert ceiling.source is judged.target
    assert ceiling.target_test is judged.target_test


def test_a_pair_prints_as_what_it_holds_not_as_its_numbers():
    x, y = np.zeros((4, 1, 8, 8), np.uint8), np.array([0, 1, 0, 1])
    pair = DomainPair(Domain("a", x, y), Domain("b", x))
    assert repr(pair) == (
        "DomainPair('a->b',\n  source = Domain('a': 4 images 1 x 8 x 8 uint8, 2 classes),\n"
        "  target = Domain('b': 4 images 1 x 8 x 8 uint8, no labels),\n)"
    )
