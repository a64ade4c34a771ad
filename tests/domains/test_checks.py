"""The one door: what becomes examples, labels or names, what is refused, and that each remedy in a sentence works."""

import unicodedata
import warnings
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
import torch
from scipy import sparse
from sklearn.preprocessing import LabelEncoder

from tltutor.checks import (
    Form,
    as_array,
    as_class_names,
    as_examples,
    as_features,
    as_flags,
    as_labels,
    as_mask,
    as_texts,
    check_two_classes,
    column_names,
    listed,
    one_dtype,
    readable,
    scale_advice,
    warn,
)
from tltutor.domains import Domain

X = np.random.default_rng(0).normal(size=(6, 3))
IMAGES = (np.random.default_rng(1).random((6, 3, 8, 8)) * 255).astype(np.uint8)
Y = [0, 1, 2] * 2
FRAME = pd.DataFrame(X, columns=list("uvw"))


def refused(call, *args, **kwargs):
    """The sentence with which a call is refused."""
    with pytest.raises((TypeError, ValueError)) as caught:
        call(*args, **kwargs)
    return str(caught.value)


# Examples of every type


def test_the_same_numbers_in_any_type_are_the_same_vectors():
    wanted = X.astype(np.float32)
    given = {
        "list": X.tolist(),
        "list of arrays": list(X),
        "generator": (row for row in X),
        "float64": X,
        "Fortran order": np.asfortranarray(X),
        "backward": X[::-1].copy()[::-1],
        "big-endian": X.astype(">f8"),
        "long double": X.astype(np.longdouble),
        "object": X.astype(object),
        "masked, nothing hidden": np.ma.masked_array(X),
        "tensor with a graph": torch.tensor(X, requires_grad=True) * 1,
        "list of tensors": [torch.tensor(row, requires_grad=True) for row in X],
        "DataFrame": FRAME,
        "nullable DataFrame": FRAME.astype("Float64"),
        "DataFrame of objects": FRAME.astype(object),
        "sparse DataFrame": FRAME.astype(pd.SparseDtype(float)),
    }
    for name, x in given.items():
        got = Domain("a", x, Y).x
        assert got.dtype == np.float32, name
        assert got.flags.c_contiguous, name
        assert not got.flags.writeable, name
        np.testing.assert_array_equal(got, wanted, err_msg=name)
        torch.tensor(got)  # no strides or byte order that torch refuses
    assert as_examples(torch.tensor(X).bfloat16()) == pytest.approx(X, abs=0.02)
    assert as_examples([[Decimal("1.5"), True]]).tolist() == [[1.5, 1.0]]


def test_a_read_only_array_is_taken_and_the_given_one_stays_writable():
    x = X.copy()
    x.flags.writeable = False
    Domain("a", x)
    own = X.copy()
    Domain("a", own)
    own[0] = 0  # the domain's view alone is read-only


def test_what_holds_no_numbers_is_refused_with_a_remedy_that_works():
    masked = np.ma.masked_array(X, mask=X > 1)
    records = np.array([(1.0, 2.0)], dtype=[("a", float), ("b", float)])
    rows = {
        "to_dense()": (torch.tensor(X).to_sparse(), lambda x: x.to_dense()),
        "toarray()": (sparse.csr_array(X), lambda x: x.toarray()),
        "filled(value)": (masked, lambda x: x.filled(0)),
        "x.astype(float)": (np.array([["1", "2"]]), lambda x: x.astype(float)),
        "np.abs(x)": (X + 1j, np.abs),
        "np.column_stack([x[name] for name in x.dtype.names])": (
            records,
            lambda x: np.column_stack([x[name] for name in x.dtype.names]),
        ),
        "give its x": (Domain("b", X), lambda domain: domain.x),
        "such as np.array([[1.0, 2.0]])": ({"a": 1}, lambda _: np.array([[1.0, 2.0]])),
        "np.reshape(x, (-1, 1))": (FRAME["u"], lambda x: np.reshape(x, (-1, 1))),
        "np.reshape(x, (1, -1))": ([1.0, 2.0], lambda x: np.reshape(x, (1, -1))),
        "x.reshape(len(x), -1)": (np.zeros((2, 3, 4, 5, 6)), lambda x: x.reshape(len(x), -1)),
        "x[:, None]": (IMAGES[:, 0], lambda x: x[:, None]),
        "x.transpose(0, 3, 1, 2)": (
            IMAGES.transpose(0, 2, 3, 1),
            lambda x: x.transpose(0, 3, 1, 2),
        ),
        "x[:, :3]": (np.zeros((2, 4, 8, 8)), lambda x: x[:, :3]),
        "bring all to one size": ([[1.0], [2.0, 3.0]], lambda _: [[1.0, 0.0], [2.0, 3.0]]),
    }
    for remedy, (x, mended) in rows.items():
        said = refused(Domain, "a", x)
        assert remedy in said
        assert "'a'" in said
        Domain("a", mended(x))


def test_text_or_none_among_numbers_is_shown_with_its_place():
    said = refused(Domain, "a", np.array([[1.0, 2.0], [3.0, None]], dtype=object))
    assert "None" in said
    assert "example 1" in said
    assert "(str) in example 1" in refused(as_array, np.array([[1.0], ["cat"]], dtype=object))


def test_a_column_that_holds_no_numbers_is_named_and_the_remedies_work():
    text = FRAME.assign(b=list("123123"))
    said = refused(Domain, "a", text)
    assert "column 'b' is text" in said
    for mended in (
        text.drop(columns=["b"]),
        text.astype({"b": float}),
        pd.get_dummies(text, columns=["b"]),
    ):
        Domain("a", mended)
    for column in (
        pd.Categorical(list("abcabc")),
        pd.array(list("abcabc"), dtype="string"),
        pd.date_range("2020", periods=6),
    ):
        assert "column 'c'" in refused(as_features, FRAME.assign(c=column))
    assert "finite" in refused(Domain, "a", FRAME.astype("Float64").mask(FRAME > 1))
    assert Domain("a", FRAME.assign(yes=[True] * 6)).x[:, 3].tolist() == [1.0] * 6


def test_whole_numbers_are_features_aloud_and_tokens_by_request():
    ids = np.array([[5, 2], [7, 0]])
    with pytest.warns(UserWarning, match="kind='tokens'.*kind='vector'") as caught:
        assert Domain("a", ids).kind == "vector"
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Domain("a", ids, kind="vector").x.dtype == np.float32
        assert Domain("a", ids.astype(np.uint8)).kind == "vector"
        assert Domain("a", pd.DataFrame(ids)).kind == "vector"
        tokens = Domain("a", ids, [0, 1], kind="tokens", mask=[[1, 1], [1, 0]])
    assert tokens.x.dtype == np.int64
    assert tokens.mask.tolist() == [[True, True], [True, False]]


# Scales


def test_images_of_whole_numbers_become_bytes_and_others_lie_in_0_to_1():
    for dtype in (np.int64, np.int32, np.uint16):
        np.testing.assert_array_equal(as_examples(IMAGES.astype(dtype)), IMAGES)
    assert as_examples(IMAGES > 9).dtype == np.float32
    assert as_examples((IMAGES > 9).astype(int)).max() == 1.0
    dark = (IMAGES > 9).astype(int)
    assert as_examples(dark, like=Form((3, 8, 8), "image", np.dtype(np.uint8))).dtype == np.uint8


def test_images_of_another_scale_are_refused_with_a_remedy_that_works():
    unit = IMAGES / 255
    rows = {
        "divide by 255": (IMAGES.astype(float), lambda x: x / 255),
        "pass uint8": (IMAGES.astype(float), lambda x: x.astype(np.uint8)),
        "divide by 65535": (IMAGES.astype(np.uint16) * 257, lambda x: x / 65535),
        "(x + 1) / 2": (unit * 2 - 1, lambda x: (x + 1) / 2),
        "x * std + mean": ((unit - 0.45) / 0.22, lambda x: (x * 0.22 + 0.45).clip(0, 1)),
        "x.clip(0, 1)": (unit * 1.05, lambda x: x.clip(0, 1)),
        "bring them to 0..255": (IMAGES.astype(int) - 128, lambda x: x + 128),
    }
    for remedy, (x, mended) in rows.items():
        said = refused(as_examples, x, what="x of predict")
        assert remedy in said
        assert "x of predict" in said
        as_examples(mended(x))


def test_numbers_beyond_float32_and_numbers_that_are_none_are_refused():
    assert "2e+300" in refused(as_examples, [[1.0, 2e300]])
    said = refused(as_examples, [[1.0, np.nan], [0, 0], [np.inf, 1]])
    assert "2 of 3 examples" in said
    assert "number 0" in said


def test_advice_on_scale_names_the_remedy_and_follows_it():
    far = (X * 1e4).astype(np.float32)
    assert "standardize the features" in scale_advice(far)
    assert scale_advice((far - far.mean(0)) / far.std(0)) == ""
    dark = (IMAGES > 9).astype(np.uint8)
    assert "multiply the images by 255" in scale_advice(dark)
    assert (
        scale_advice(dark * 255)
        == scale_advice(IMAGES)
        == scale_advice(np.zeros_like(IMAGES))
        == ""
    )
    assert "multiply" in scale_advice((IMAGES / 255 / 255).astype(np.float32))
    assert scale_advice(np.full((2, 3), 40000)) == ""  # token ids


def test_arrays_of_unlike_dtype_are_brought_to_one():
    unit = (IMAGES / 255).astype(np.float32)
    a, b = one_dtype(IMAGES, unit)
    assert a.dtype == b.dtype == np.float32
    np.testing.assert_allclose(a, b, atol=1e-7)
    assert one_dtype(IMAGES, IMAGES[:2])[0] is IMAGES
    assert one_dtype(X, X.astype(np.float32))[0] == pytest.approx(X, abs=1e-6)


# Examples like others


def test_examples_must_be_like_those_of_a_domain_and_the_remedies_work():
    rows = {
        "x[None]": (IMAGES[0], IMAGES, lambda x: x[None]),
        "x[:, None]": (IMAGES[:, 0], IMAGES[:, :1], lambda x: x[:, None]),
        "x.transpose(0, 3, 1, 2)": (
            IMAGES.transpose(0, 2, 3, 1),
            IMAGES,
            lambda x: x.transpose(0, 3, 1, 2),
        ),
        "np.repeat(x, 3, axis=1)": (IMAGES[:, :1], IMAGES, lambda x: np.repeat(x, 3, axis=1)),
    }
    for remedy, (x, known, mended) in rows.items():
        form = Domain("a", known).form
        assert remedy in refused(as_examples, x, like=form)
        assert as_examples(mended(x), like=form).shape[1:] == form.shape
    assert "(n, 3)" in refused(as_examples, X[:, :2], like=Domain("a", X).form)


def test_no_examples_at_all_are_an_empty_array_where_their_form_is_known():
    form = Domain("a", IMAGES).form
    for nothing in ([], IMAGES[:0], np.empty((0, 3, 8, 8))):
        assert as_examples(nothing, like=form).shape == (0, 3, 8, 8)
    assert as_examples(IMAGES[:0]).shape == (0, 3, 8, 8)


def test_columns_are_compared_by_name_where_both_have_names():
    domain, turned = Domain("a", FRAME), FRAME[["w", "v", "u"]]
    said = refused(as_examples, turned, like=domain.form)
    assert "df[list(domain.columns)]" in said
    np.testing.assert_array_equal(
        as_examples(turned[list(domain.columns)], like=domain.form), domain.x
    )
    assert "lacks ['w']" in refused(as_examples, FRAME[["u", "v"]], like=domain.form)
    renamed = FRAME.rename(columns={"u": "q"})
    assert "df.to_numpy()" in refused(as_examples, renamed, like=domain.form)
    as_examples(renamed.to_numpy(), like=domain.form)
    assert column_names(pd.DataFrame(X)) == column_names(X) == ()


def test_features_are_rows_of_finite_numbers():
    assert as_features(FRAME, dtype=np.float64).dtype == np.float64
    assert as_features(torch.tensor(X, requires_grad=True)).dtype == np.float32
    for x, remedy in (
        (IMAGES, "x.reshape(len(x), -1)"),
        (X[0], "np.reshape(x, (-1, 1))"),
        (X[:0], "at least one row"),
    ):
        said = refused(as_features, x, what="xs")
        assert remedy in said
        assert said.startswith("xs must")


# Labels


def test_labels_of_any_whole_type_are_taken():
    for y in (
        Y,
        np.array(Y, np.uint8),
        np.array(Y, float),
        torch.tensor(Y),
        pd.Series(Y),
        pd.array(Y, dtype="Int64"),
        iter(Y),
    ):
        got = as_labels(y, n=6)
        assert got.dtype == np.int64
        assert got.tolist() == Y
    assert as_labels([True, False]).tolist() == [1, 0]
    assert as_labels(pd.Categorical(Y)).tolist() == Y


def test_labels_that_number_no_classes_are_refused_and_the_remedies_work():
    for y in (
        np.array(list("abcabc"), "S1"),
        [10**6, 5] * 3,
        [2**63, 5] * 3,
        [1e300, 0] * 3,
        [0.5, 1] * 3,
    ):
        said = refused(Domain, "a", X, y)
        assert "names, y = np.unique(y, return_inverse=True)" in said
        assert len(said) < 300
        names, numbers = np.unique(np.asarray(y), return_inverse=True)
        assert len(Domain("a", X, numbers, names).class_names) == len(names)
    assert "class_names=names" in refused(as_labels, [2_000_000_000, 0])
    assert as_labels([0, 999]).max() == 999
    assert as_labels(np.arange(3000)).max() == 2999
    assert as_labels([0, 4999], class_names=[str(k) for k in range(5000)]).max() == 4999


NAMED = ["wasp", "ant", "bee", "ant", "wasp", "bee"]


def test_names_of_classes_are_labels_in_sorted_order():
    encoder = LabelEncoder()
    expected = encoder.fit_transform(NAMED)
    for y in (
        NAMED,
        tuple(NAMED),
        iter(NAMED),
        np.array(NAMED),
        np.array(NAMED, object),
        np.array(NAMED, np.dtypes.StringDType()),
        pd.Series(NAMED),
        pd.Series(NAMED, dtype="string"),
        pd.Categorical(NAMED, categories=["wasp", "bee", "ant", "fly"]),
        pd.Series(NAMED, dtype="category"),
    ):
        domain = Domain("a", X, y)
        assert domain.y.dtype == np.int64
        np.testing.assert_array_equal(domain.y, expected)
        assert domain.class_names == tuple(encoder.classes_) == ("ant", "bee", "wasp")
    assert Domain.from_texts("a", ["good films"] * 6, NAMED).class_names == ("ant", "bee", "wasp")


def test_given_class_names_give_the_order_and_may_hold_more():
    names = ("wasp", "fly", "ant", "bee")
    domain = Domain("a", X, NAMED, names)
    assert domain.class_names == names
    assert [names[k] for k in domain.y] == NAMED
    spaced = Domain(
        "a", X, [f" {name} " for name in NAMED], names
    )  # names are read without spaces around
    np.testing.assert_array_equal(spaced.y, domain.y)
    said = refused(Domain, "a", X, NAMED, ("ant", "bee", "fly"))
    assert "'ant', 'bee', 'fly'" in said
    assert "got ['wasp']" in said
    assert Domain("a", X, NAMED, ("ant", "bee", "fly", "wasp")).y.max() == 3, "the remedy works"


def test_names_beside_numbers_and_missing_names_are_refused():
    mixed = ["ant", 1, "bee", "ant", 2.0, "bee"]
    for y in (mixed, np.array(mixed, object), pd.Series(mixed)):
        said = refused(Domain, "a", X, y)
        assert "strings and 1 (int) in example 1" in said
        assert "[str(label) for label in y]" in said
    assert Domain("a", X, [str(label) for label in mixed]).class_names == ("1", "2.0", "ant", "bee")
    for gone in (None, np.nan, pd.NA, "", "  "):
        said = refused(Domain, "a", X, [*NAMED[:5], gone])
        assert "1 of 6 are missing (the first is number 5)" in said
    assert "got a str: give a list" in refused(Domain, "a", X, "ant")
    assert "(6,), one label an example, got (5,)" in refused(Domain, "a", X, NAMED[:5])
    column = np.array(NAMED)[:, None]
    assert "np.ravel(y)" in refused(Domain, "a", X, column)
    assert Domain("a", X, np.ravel(column)).class_names == ("ant", "bee", "wasp")


def test_labels_of_another_shape_are_refused_and_the_remedies_work():
    column, one_hot = np.array(Y)[:, None], np.eye(3)[Y]
    for y in (column, pd.DataFrame({"y": Y})):
        assert "np.ravel(y)" in refused(Domain, "a", X, y)
        assert Domain("a", X, np.ravel(y)).y.tolist() == Y
    assert "np.argmax(y, axis=1)" in refused(Domain, "a", X, one_hot)
    assert Domain("a", X, np.argmax(one_hot, axis=1)).y.tolist() == Y
    assert "got a set" in refused(as_labels, {0, 1})


def test_a_missing_label_is_counted_and_placed():
    for y in ([0, np.nan, 1], [0, None, 1], pd.array([0, None, 1], dtype="Int64"), [0, np.inf, 1]):
        said = refused(as_labels, y)
        assert "1 of 3 are missing" in said
        assert "number 1" in said
        assert "y=None" in said
    assert "masked" in refused(as_labels, np.ma.masked_array([0, 1], mask=[0, 1]))
    assert "y=None" in refused(as_labels, [-1, 0])


def test_rows_of_a_table_and_its_labels_are_matched_by_their_index():
    y = pd.Series(Y).iloc[::-1]
    assert "y.loc[x.index]" in refused(Domain, "a", FRAME, y)
    assert Domain("a", FRAME, y.loc[FRAME.index]).y.tolist() == Y
    assert Domain("a", FRAME, pd.Series(Y, index=range(10, 16))).y.tolist() == Y


def test_flags_and_classes():
    assert as_flags([0, 1.0], what="is_target").tolist() == [False, True]
    assert as_flags(torch.tensor([True]), what="is_target").tolist() == [True]
    said = refused(as_flags, np.array(["s", "t"]), what="is_target")
    assert "domain == 'target'" in said
    assert (np.array(["s", "t"]) == "t").tolist() == as_flags(
        np.array(["s", "t"]) == "t", what="is_target"
    ).tolist()
    assert "(3,)" in refused(as_flags, [0, 1], what="is_target", n=3)
    assert "2 classes or more, got 1 class" in refused(
        check_two_classes, np.zeros(3, int), what="the source"
    )
    check_two_classes(np.array([0, 1]), what="the source")


# Names and texts


def test_names_have_one_readable_form():
    assert readable(unicodedata.normalize("NFD", "café")) == "caf\u00e9"
    assert readable("cat \n") == readable(b"cat") == "cat"
    for broken in (b"caf\xe9".decode("utf-8", "surrogateescape"), "\ud800"):
        readable(broken).encode("utf-8")
    assert readable("caf\udce9") == "caf\\xe9"


def test_class_names_come_in_order_and_once():
    assert as_class_names(np.array([3, 1])) == ("3", "1")
    assert as_class_names(pd.Index(["a", "b"])) == as_class_names(c for c in "ab") == ("a", "b")
    rows = {
        "such as ['abc']": ("abc", ["abc"]),
        "[names[k] for k in range(len(names))]": ({0: "a", 1: "b"}, ["a", "b"]),
        "['cat', 'dog']": ({"cat", "dog"}, ["cat", "dog"]),
        "'a'": (["a", "b", "a "], ["a", "b"]),
        "label 1": (["a", " "], ["a", "b"]),
    }
    for remedy, (names, mended) in rows.items():
        assert remedy in refused(as_class_names, names)
        as_class_names(mended)


def test_a_list_in_a_sentence_has_ten_names_at_most():
    assert listed("abc") == "['a', 'b', 'c']"
    assert listed(map(str, range(500))).endswith("'9'] and 490 more")


def test_texts_are_listed_and_strings():
    assert (
        as_texts(text for text in ("a", "b"))
        == as_texts(pd.Series(["a", "b"], index=[7, 8]))
        == ("a", "b")
    )
    assert all(type(text) is str for text in as_texts(np.array(["a", "b"])))
    for texts, got in (
        ("good", "one string"),
        ({"a": 1}, "mapping"),
        (None, "None"),
        (["a", float("nan")], "place 1"),
        ([b"a"], "bytes"),
    ):
        assert got in refused(as_texts, texts)
    as_texts(["\udce9"])[0].encode("utf-8")


def test_a_mask_marks_a_token_in_every_row():
    assert as_mask(None, (2, 3)).all()
    assert as_mask(torch.tensor([[1, 0]]), (1, 2)).tolist() == [[True, False]]
    for mask, got in (
        ([[1, 0]], "(2, 2)"),
        ([[1, 0], [2, 1]], "2"),
        ([[1, 0], [0, 0]], "number 1"),
    ):
        assert got in refused(as_mask, mask, (2, 2))
    for ids, got in (([[0.5, 1]], "kind='vector'"), ([[-1, 1]], "mask")):
        assert got in refused(as_examples, ids, kind="tokens")


def test_a_warning_points_at_the_line_outside_the_package():
    with pytest.warns(UserWarning, match="look here") as caught:
        warn("look here")
    assert caught[0].filename == __file__
