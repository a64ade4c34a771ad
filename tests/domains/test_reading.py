"""One's own two domains from files: each format read by hand, no label of the target, and a sentence for what is wrong."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tltutor.domains import read_domain, read_pair


def csv_of(path, rows, head="a,b,label"):
    path.write_text("\n".join([head, *rows]) + "\n", "utf-8")
    return path


@pytest.fixture
def tables(tmp_path):
    source = csv_of(tmp_path / "s.csv", ["1,10,cat", "3,10,dog", "5,10,cat", "7,10,dog"])
    target = csv_of(tmp_path / "t.csv", ["11,10,bird", "13,14,bird"])
    return source, target


def test_a_table_is_on_the_sources_scale_and_the_shift_stays(tables):
    pair = read_pair(*tables)
    unit = np.std([1, 3, 5, 7])
    np.testing.assert_allclose(pair.source.x[:, 0], (np.array([1, 3, 5, 7]) - 4) / unit, rtol=1e-6)
    np.testing.assert_allclose(pair.target.x[:, 0], (np.array([11, 13]) - 4) / unit, rtol=1e-6)
    assert (pair.source.x[:, 1] == 0).all(), "a constant column stays finite"
    assert np.isfinite(pair.target.x).all()
    assert pair.target.x[1, 1] > 0
    assert pair.source.columns == ("a", "b")
    assert pair.source.class_names == ("cat", "dog")


def test_no_format_gives_a_label_of_the_target(tables, tmp_path):
    assert read_pair(*tables).target.y is None
    x = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32)
    np.savez(tmp_path / "s.npz", x=x, y=[0, 1, 0, 1, 0, 1])
    np.savez(tmp_path / "t.npz", x=x + 1, y=[0, 1, 7, 7, 7, 7])
    assert read_pair(tmp_path / "s.npz", tmp_path / "t.npz").target.y is None
    lines = ["good thing\tpos", "bad thing\tneg"]
    (tmp_path / "s.txt").write_text("\n".join(lines), "utf-8")
    (tmp_path / "t.jsonl").write_text(
        "\n".join(json.dumps({"text": t, "label": "odd"}) for t in ("a film", "a\u2028word")),
        "utf-8",
    )
    pair = read_pair(tmp_path / "s.txt", tmp_path / "t.jsonl")
    assert pair.target.y is None
    assert pair.source.texts == ("good thing", "bad thing")
    assert pair.source.class_names == ("neg", "pos")
    assert pair.target.texts == ("a film", "a\u2028word")


def test_a_target_of_images_needs_no_folders_of_classes(tmp_path):
    for place in ("s/cat/0", "s/dog/0", "s/dog/1", "t/0", "t/deep/er/1"):
        path = tmp_path / f"{place}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (9, 9), (200, 10, 10)).save(path)
    pair = read_pair(tmp_path / "s", tmp_path / "t", size=8)
    assert len(pair.target) == 2
    assert pair.target.y is None
    assert pair.source.class_names == ("cat", "dog")
    assert pair.source.shape == (3, 8, 8)


def test_two_domains_of_one_name_are_told_apart(tmp_path):
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
        csv_of(tmp_path / place / "data.csv", ["1,2,x", "3,4,y"])
    pair = read_pair(tmp_path / "a" / "data.csv", tmp_path / "b" / "data.csv")
    assert (pair.source.name, pair.target.name) == ("source", "target")


def test_a_quoted_line_break_is_no_new_row_and_tabs_split_a_tsv(tmp_path):
    path = tmp_path / "s.tsv"
    path.write_text('a\tlabel\n1\t"two\nlines"\n2\tone\n', "utf-8-sig")
    domain = read_domain(path)
    assert domain.class_names == ("one", "two\nlines")
    assert domain.x.tolist() == [[1], [2]]


def test_parquet_is_read_as_the_same_table(tables, tmp_path):
    pd.read_csv(tables[0]).to_parquet(tmp_path / "again.parquet", index=False)
    one, again = read_domain(tables[0]), read_domain(tmp_path / "again.parquet")
    assert (again.x == one.x).all()
    assert (again.y == one.y).all()
    assert again.class_names == one.class_names
    assert again.columns == one.columns


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("gone", None, "exists, got .*gone.*: check the path"),
        ("x.zip", "PK", "got 'x.zip': unpack or convert it"),
        ("x.npz", "no archive", "cannot be read .*numpy.savez"),
        ("x.parquet", "no table", "must be a Parquet file.*frame.to_parquet"),
        ("x.csv", "a,label\n", "got 1 lines: add them"),
        ("x.csv", "a,b\n1,2\n", "'label'.*named? it with label|column for the label"),
        ("x.csv", "a,a,label\n1,2,c\n", "name each column once.*rename"),
        ("x.csv", "a,label\n1,c,d\n", "2 values, got 3 in line 2: quote"),
        ("x.csv", "a,label\nred,c\n", "column 'a' .* numbers, got 'red': leave it out"),
        ("x.csv", "a,label\nnan,c\n", "must be finite, got NaN or infinity in row 1: fill"),
        ("x.csv", "a,label\n1,c\n2,\n", "got none in row 2: fill it in"),
        ("x.csv", "label\nc\nd\n", "beside 'label', got none: add the features"),
        ("x.txt", "\n \n", "a text in each line, got none: add texts"),
        ("x.txt", "good\tpos\nbad\n", "none in text 2: add it"),
        ("x.jsonl", '{"text": "a"}\n[1]\n', 'an object with a "text".*in line 2'),
    ],
)
def test_what_is_wrong_is_one_sentence(tmp_path, name, content, match):
    path = tmp_path / name
    if content is not None:
        path.write_text(content, "utf-8")
    with pytest.raises((ValueError, OSError), match=match) as caught:
        read_domain(path)
    assert "\n" not in str(caught.value)


def test_a_source_needs_labels_and_two_classes(tmp_path, tables):
    bare = csv_of(tmp_path / "bare.csv", ["1,2,c", "2,3,c"])
    with pytest.raises(ValueError, match="2 classes or more, got 1"):
        read_pair(bare, tables[1])
    (tmp_path / "bare.txt").write_text("one\ntwo\n", "utf-8")
    with pytest.raises(ValueError, match="must have labels.*end each line with a tab"):
        read_pair(tmp_path / "bare.txt", tmp_path / "bare.txt")
    np.savez(tmp_path / "no.npz", z=[1])
    with pytest.raises(ValueError, match=re.escape("must hold an array x, got ['z']")):
        read_domain(tmp_path / "no.npz")
    (tmp_path / "latin.txt").write_bytes("é".encode("latin-1"))
    with pytest.raises(ValueError, match="save it as UTF-8"):
        read_domain(tmp_path / "latin.txt")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="at least one readable image, got 0 images"):
        read_domain(tmp_path / "empty", labeled=False)
