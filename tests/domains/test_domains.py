"""Domain and DomainPair: what they accept, what they refuse and with which sentence, and that target labels stay hidden."""

import re
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tltutor.domains import Domain, DomainPair

RNG = np.random.default_rng(0)


def vectors(n=6, *, y=(0, 1, 2, 0, 1, 2), name="a", **more):
    return Domain(name, np.arange(2 * n, dtype=np.float32).reshape(n, 2) / 2, y, **more)


def pair(**more):
    return DomainPair(vectors(), vectors(60, y=np.arange(60) % 3, name="b"), **more)


def says(sentence):
    return re.escape(sentence)


def test_vectors_of_any_number_type_become_float32():
    for dtype in (np.uint8, np.int32, np.float16, np.float64, bool):
        assert Domain("a", np.ones((2, 3), dtype=dtype), kind="vector").x.dtype == np.float32


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
    assert taken.x[:, 0].tolist() == [4, 0]
    assert taken.y.tolist() == [1, 0]
    assert taken.class_names == ("0", "1", "2")


def test_a_pair_needs_a_labeled_source():
    with pytest.raises(ValueError, match=says("the source 'a' must be labeled, got y=None")):
        DomainPair(vectors(y=None), vectors())


def test_shapes_must_agree():
    sentence = "all domains of a pair must have examples of one shape, got (2,) in 'a' and (3,) in 'b': give both the same features"
    with pytest.raises(ValueError, match=says(sentence)):
        DomainPair(vectors(), Domain("b", np.zeros((4, 3))))


def test_a_class_missing_in_the_source_is_an_error_and_can_be_dropped():
    names = ("cat", "dog", "bird")
    source, target = (
        vectors(y=[0, 0, 0, 2, 2, 2], class_names=names),
        vectors(y=[0, 2] * 3, class_names=names, name="b"),
    )
    with pytest.raises(
        ValueError,
        match=says(
            "got none of ['dog']: add examples, or drop the class with source.keep_classes("
        ),
    ):
        DomainPair(source, target)
    dropped = DomainPair(source.keep_classes(["cat", "bird"]), target)
    assert dropped.class_names == ("cat", "bird")
    assert dropped.target.y.tolist() == [0, 1] * 3


def test_a_class_missing_in_the_target_is_a_warning_and_the_pair_stays_usable():
    sentence = "the target 'b' shows none of the classes ['2']: aligning the whole source to it can do harm"
    with pytest.warns(UserWarning, match=says(sentence)) as caught:
        partial = DomainPair(vectors(), vectors(y=[0, 1, 0, 1, 0, 1], name="b"))
    assert caught[0].filename == __file__
    assert partial.target.class_names == ("0", "1", "2")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # said once, where the pair is made
        partial.blind()
        assert partial.target_only().source is partial.target
        few = partial.with_target_labels(2)
        DomainPair(
            partial.source.keep_classes(["0", "1"]), partial.target
        )  # the remedy in the warning
    assert np.bincount(few.target_labeled.y).tolist() == [2, 2]


def test_a_class_only_in_the_target_has_no_source_example_and_both_remedies_work():
    source = vectors(y=[0, 1, 0, 1, 0, 1])
    named = vectors(y=[0, 1, 0, 1, 0, 1], class_names=("0", "1", "2"))
    words = vectors(y=[0, 1, 0, 1, 0, 1], class_names=("A", "B"))
    for ours, theirs in (
        (source, vectors(name="b")),
        (named, vectors(name="b")),
        (words, vectors(name="b", class_names=("A", "B", "D"))),
    ):
        extra, kept = theirs.class_names[2], theirs.class_names[:2]
        with pytest.raises(
            ValueError,
            match=says(f"['{extra}'] in 'b' have none in 'a': leave these examples out with"),
        ) as caught:
            DomainPair(ours, theirs)
        assert f"domain.keep_classes({list(kept)})" in str(caught.value)
        assert "y=None" in str(caught.value)
        if ours is not named:
            assert DomainPair(ours, theirs.keep_classes(kept)).target.y.tolist() == [0, 1, 0, 1]
            assert DomainPair(ours, theirs.without_labels()).target.y is None
            assert DomainPair(ours, Domain("b", theirs.x)).target.class_names == ours.class_names
    both = named.keep_classes(["0", "1"])  # a source that names a class without an example drops it
    assert DomainPair(both, vectors(name="b").keep_classes(["0", "1"])).class_names == ("0", "1")


def test_a_class_only_in_what_judges_is_refused_too():
    source, target = vectors(y=[0, 1] * 3), vectors(y=[0, 1] * 3, name="b")
    with pytest.raises(ValueError, match=says("['2'] in 'c' have none in 'a'")):
        DomainPair(source, target, target_test=vectors(name="c"))


def test_one_class_is_refused_where_a_classifier_would_be_trained():
    for source in (
        vectors(y=[0] * 6),
        vectors(y=[1] * 6, class_names=("x", "y")).keep_classes(["y"]),
    ):
        with pytest.raises(
            ValueError,
            match="2 classes or more, got 1 class in the source 'a': add examples of the others",
        ):
            DomainPair(source, vectors(y=None, name="b"))
    with pytest.warns(UserWarning, match="shows none"):
        lone = DomainPair(vectors(y=[0, 1] * 3), vectors(y=[0] * 6, name="b"))
    with pytest.raises(ValueError, match="2 classes or more, got 1 class in the target 'b'"):
        lone.target_only()


# Names of classes, matched by name


def test_names_without_numbers_are_matched_by_name_and_order():
    names = ("x", "y", "z")
    with pytest.raises(ValueError, match=says("keep_classes(['x', 'y', 'z'])")):
        DomainPair(vectors(class_names=names), vectors(name="b", class_names=("z", "y", "x")))
    turned = vectors(name="b", class_names=("z", "y", "x")).keep_classes(names)
    assert turned.y.tolist() == [2, 1, 0, 2, 1, 0]
    assert DomainPair(vectors(class_names=names), turned).target.class_names == names
    assert DomainPair(vectors(class_names=names), vectors(name="b")).target.class_names == names
    assert (
        DomainPair(vectors(class_names=names), vectors(name="b", y=None)).target.class_names
        == names
    )
    unlabeled = vectors(name="b", y=None, class_names=("z", "y", "x"))  # its order means nothing
    assert DomainPair(vectors(class_names=names), unlabeled).target.class_names == names


def test_labels_that_are_names_are_matched_by_name():
    source = vectors(y=["cat", "bee", "ant"] * 2)
    other_order = vectors(y=["ant", "ant", "bee", "cat", "cat", "bee"], name="b")
    pair = DomainPair(source, other_order)
    assert pair.class_names == ("ant", "bee", "cat")
    assert pair.source.y.tolist() == [2, 1, 0] * 2
    assert pair.target.y.tolist() == [0, 0, 1, 2, 2, 1]
    with pytest.warns(UserWarning, match="shows none of the classes \\['bee'\\]"):
        fewer = DomainPair(source, vectors(y=["cat", "ant", "ant"] * 2, name="b"))
    assert fewer.target.class_names == ("ant", "bee", "cat")
    assert fewer.target.y.tolist() == [2, 0, 0] * 2
    with pytest.raises(ValueError, match=says("['dog'] in 'b' have none in 'a'")):
        DomainPair(source, vectors(y=["cat", "ant", "dog"] * 2, name="b"))


def test_names_of_classes_as_labels_follow_the_order_that_is_given():
    names = ("low", "middle", "high")  # sorted they would begin with high
    source = vectors(y=["high", "low", "middle"] * 2, class_names=names)
    assert source.y.tolist() == [2, 0, 1] * 2
    target = vectors(y=["low", "middle", "high"] * 2, name="b")
    assert target.class_names == ("high", "low", "middle")
    with pytest.raises(ValueError, match=says(f"keep_classes({list(names)})")):
        DomainPair(source, target)
    assert DomainPair(source, target.keep_classes(names)).target.y.tolist() == [0, 1, 2] * 2
    again = vectors(y=["low", "middle", "high"] * 2, name="b", class_names=names)
    assert DomainPair(source, again).target.y.tolist() == [0, 1, 2] * 2


def test_numbers_that_are_names_are_matched_by_name():
    n = 12
    text_order = tuple(sorted(map(str, range(n))))  # 0, 1, 10, 11, 2, ...
    x = np.arange(n, dtype=np.float32)[:, None]
    source = Domain("s", x, np.arange(n), text_order)
    target = Domain("t", x, np.arange(n))
    pair = DomainPair(source, target)
    assert [pair.target.class_names[k] for k in pair.target.y] == list(map(str, range(n)))
    back = DomainPair(target, source)
    assert [back.target.class_names[k] for k in back.target.y] == list(text_order)
    padded = Domain("s", x, np.arange(n), tuple(f"{k:02}" for k in range(n)))
    assert DomainPair(padded, target).target.y.tolist() == list(range(n))
    from_one = Domain("s", x, np.arange(n), tuple(str(k + 1) for k in range(n)))
    with pytest.raises(ValueError, match="give both the same class_names"):
        DomainPair(from_one, target)  # is label 1 the first class, or the class "1"?
    assert (
        len(DomainPair(from_one, Domain("t", x, np.arange(n), from_one.class_names)).class_names)
        == n
    )


def test_names_that_differ_in_case_or_not_at_all_alike_get_their_own_sentence():
    for names, said in (
        (("cat", "Dog"), "differ in case or spaces only"),
        (("car", "bus"), "give both the same class_names"),
    ):
        with pytest.raises(ValueError, match=said):
            DomainPair(
                vectors(y=[0, 1] * 3, class_names=("cat", "dog")),
                vectors(y=[0, 1] * 3, name="b", class_names=names),
            )
    many = [f"class {k}" for k in range(50)]
    x, y = np.zeros((50, 2)), np.arange(50)
    with pytest.raises(ValueError, match="and 40 more") as caught:
        DomainPair(
            Domain("a", x, y, many),
            Domain("b", x, y, [name.upper() for name in many[:25]] + many[:25]),
        )
    assert len(str(caught.value)) < 700
    nfd = ("cafe\u0301", "the\u0301")
    assert DomainPair(
        vectors(y=[0, 1] * 3, class_names=("caf\u00e9", "th\u00e9")),
        vectors(y=[0, 1] * 3, name="b", class_names=nfd),
    ).target.class_names == ("caf\u00e9", "th\u00e9")


def test_kept_classes_are_renumbered_in_the_order_of_their_names():
    kept = vectors(class_names=("x", "y", "z")).keep_classes(["z", "x"])
    assert kept.class_names == ("z", "x")
    assert kept.y.tolist() == [1, 0, 1, 0]
    assert kept.x[:, 0].tolist() == [0, 2, 3, 5]
    with pytest.raises(ValueError, match="did you mean 'x'"):
        vectors(class_names=("x", "y", "z")).keep_classes(["X"])
    with pytest.raises(ValueError, match=says("give Domain(..., y)")):
        vectors(y=None).keep_classes(["0"])


# What both sides must share


def test_columns_of_two_tables_are_compared():
    a, y = pd.DataFrame(np.eye(3), columns=list("uvw")), [0, 1, 0]
    source = Domain("a", a, y)
    with pytest.raises(ValueError, match=says("df[list(domain.columns)]")):
        DomainPair(source, Domain("b", a[["w", "v", "u"]], y))
    DomainPair(source, Domain("b", a[["w", "v", "u"]][list(source.columns)], y))
    with pytest.raises(ValueError, match=says("lacks ['w']")):
        DomainPair(source, Domain("b", a[["u", "v"]], y))
    assert DomainPair(source, Domain("b", a.to_numpy(), y)).form.columns == ("u", "v", "w")
    assert source.take(np.array([0])).columns == ("u", "v", "w")


def test_both_sides_get_one_dtype():
    x, y = np.arange(0, 256, 2, dtype=np.uint8).reshape(2, 1, 8, 8), np.array([0, 1])
    for given in ((x, x / 255), (x / 255, x), (x, x.astype(int))):
        pair = DomainPair(
            *(Domain(name, part, y) for name, part in zip("st", given, strict=True)),
            source_test=Domain("s", x, y),
        )
        assert len({domain.x.dtype for domain in pair.domains()}) == 1
        np.testing.assert_allclose(pair.source.x, pair.target.x, atol=1e-7)


def test_an_unusual_scale_is_said_once_and_standardizing_ends_it():
    far = Domain("b", vectors().x * 1e4, [0, 1, 2] * 2)
    with pytest.warns(
        UserWarning, match="'b' has an unusual scale.*standardize the features"
    ) as caught:
        pair = DomainPair(vectors(), far)
    assert caught[0].filename == __file__
    pair.blind()  # nothing is said again
    DomainPair(vectors(), replace(far, x=(far.x - far.x.mean(0)) / far.x.std(0)))
    dark = Domain("s", np.tile(np.array([0, 1], np.uint8), (2, 1, 8, 4)), [0, 1])
    with pytest.warns(UserWarning, match="multiply the images by 255"):
        DomainPair(dark, dark)
    DomainPair(*(replace(dark, x=dark.x * 255),) * 2)


def test_parts_of_a_pair_are_domains():
    for given in (
        (vectors(), None),
        (None, vectors()),
        ((vectors().x, [0]), vectors()),
        ("moons", vectors()),
    ):
        with pytest.raises(TypeError, match=says("write Domain('name', x, y)")):
            DomainPair(*given)
    with pytest.raises(TypeError, match=says("write Domain('name', x, y)")):
        Domain(np.zeros((2, 2)), [0, 1])


# Kinds


def test_a_kind_is_inferred_or_given_and_kept():
    images, points = Domain("i", np.zeros((2, 1, 4, 4))), vectors()
    assert (images.kind, points.kind, images.is_image, points.is_image) == (
        "image",
        "vector",
        True,
        False,
    )
    for kind, x in (("image", points.x), ("vector", images.x), ("tokens", images.x)):
        with pytest.raises(ValueError, match="must have shape"):
            Domain("a", x, kind=kind)
    with pytest.raises(ValueError, match="did you mean 'vector'"):
        Domain("a", points.x, kind="vectors")
    with pytest.raises(ValueError, match="kind='tokens'"):
        Domain("a", points.x, mask=points.x > 0)


def test_tokens_are_stored_taken_joined_and_printed():
    ids, mask, y = [[5, 7, 0], [3, 0, 0], [2, 2, 2]], [[1, 1, 0], [1, 0, 0], [1, 1, 1]], [0, 1, 0]
    text = Domain("t", ids, y, kind="tokens", mask=mask)
    assert repr(text) == "Domain('t': 3 texts of tokens 3 int64, 2 classes)"
    assert text.form == ((3,), "tokens", np.dtype(np.int64), ())
    assert text.mask.sum(axis=1).tolist() == [2, 1, 3]
    assert text.take(np.array([1, 0])).mask.sum(axis=1).tolist() == [1, 2]
    both = Domain.joined(text, text.take(np.array([1])))
    assert both.mask.sum(axis=1).tolist() == [2, 1, 3, 1]
    assert both.kind == "tokens"
    assert not both.mask.flags.writeable
    assert DomainPair(text, text.without_labels()).kind == "tokens"
    with pytest.raises(ValueError, match="one kind"):
        DomainPair(text, vectors())
    shorter = Domain("u", [[1, 2]], [0], ("0", "1"), kind="tokens")
    with pytest.raises(ValueError, match="pad the shorter ids"):
        Domain.joined(text, shorter)
    padded = Domain(
        "u", np.pad(shorter.x, ((0, 0), (0, 1))), [0], ("0", "1"), kind="tokens", mask=[[1, 1, 0]]
    )
    assert len(Domain.joined(text, padded)) == 4


# Joined


def test_joined_domains_share_form_and_names():
    x, y = np.arange(0, 128, dtype=np.uint8).reshape(2, 1, 8, 8), [0, 1]
    both = Domain.joined(Domain("a", x, y), Domain("b", x / 255, y))
    np.testing.assert_allclose(both.x[:2], both.x[2:], atol=1e-7)
    three = Domain.joined(both, Domain("c", x, y))
    assert three.domain_id.tolist() == [0, 0, 1, 1, 2, 2]
    named = Domain("a", x, y, ("p", "q"))
    with pytest.raises(ValueError, match=says("domain.keep_classes(first.class_names)")):
        Domain.joined(named, Domain("b", x, y, ("q", "p")))
    turned = Domain("b", x, y, ("q", "p")).keep_classes(named.class_names)
    assert Domain.joined(named, turned).y.tolist() == [0, 1, 1, 0]
    with pytest.raises(ValueError, match="one shape"):
        Domain.joined(Domain("a", x, y), Domain("b", x[:, :, :4], y))
    with pytest.raises(TypeError, match="must be domains"):
        Domain.joined(named, x)


@pytest.mark.parametrize("part", ["target_test", "source_test", "target_labeled"])
def test_what_judges_must_be_labeled(part):
    sentence = (
        f"{part} must be labeled, got y=None in 'c': give Domain(..., y), or leave {part} out"
    )
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


def test_more_target_labels_contain_fewer_ones():
    for seed in range(3):
        drawn = [
            {row.tobytes() for row in pair().with_target_labels(k, seed=seed).target_labeled.x}
            for k in (1, 2, 5)
        ]
        assert drawn[0] < drawn[1] < drawn[2]
    with pytest.raises(ValueError, match="draw from the pair without them"):
        pair().with_target_labels(1).with_target_labels(5)


@pytest.mark.parametrize("k", [0, 20, -1, 2.5, "3"])
def test_target_labels_need_a_sensible_k(k):
    sentence = (
        f"k must be a whole number between 1 and 19, the smallest target class less one, got {k!r}"
    )
    with pytest.raises(ValueError, match=says(sentence)):
        pair().with_target_labels(k)


def test_target_labels_and_the_ceiling_need_a_labeled_target():
    unlabeled = DomainPair(vectors(), vectors(name="b", y=None))
    with pytest.raises(
        ValueError, match=says("k labels a class need a target with labels, and 'b' has none")
    ):
        unlabeled.with_target_labels(1)
    with pytest.raises(
        ValueError,
        match=says("the target-only ceiling needs a target with labels, and 'b' has none"),
    ):
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
