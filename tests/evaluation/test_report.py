"""A report on two domains: blind to the target's labels, right about shifts that are known, escaped, and one sentence for errors."""

import json
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

import tltutor as tl
from tltutor.cli import explore, program
from tltutor.domains import Domain, DomainPair
from tltutor.evaluation.report import METHODS, check_out
from tltutor.evaluation.report.methods import Row, chosen, drawn_with_shares
from tltutor.evaluation.report.shift import against_itself, compared, reduced, typical
from tltutor.evaluation.report.words import how_good
from tltutor.language import language

QUICK = {"steps": 50, "seeds": 1}
EVIL = "<script>alert(1)</script>"


def blobs(shares, *, n=300, shift=0.0, seed=0, name="d"):
    """Three clouds in 4 dimensions with these shares, moved by `shift`."""
    rng = np.random.default_rng(seed)
    y = rng.choice(3, size=n, p=shares)
    x = 3 * np.eye(4)[y] + rng.normal(0, 0.5, (n, 4)) + shift * np.array([1, 1, 0, 0])
    return Domain(name, x.astype(np.float32), y, ("a", EVIL, "c"), columns=("p", "q", "r", EVIL))


EVEN = (1 / 3, 1 / 3, 1 / 3)


@cache
def reports():
    """Reports on three pairs: no shift, shares alone, and a moved target."""
    source = blobs(EVEN, name="here")
    targets = {
        "none": blobs(EVEN, seed=1, name="there"),
        "shares": blobs((0.7, 0.2, 0.1), seed=2, name="there"),
        "looks": blobs(EVEN, seed=3, shift=1.5, name="there"),
    }
    return {kind: tl.report(source, target, **QUICK) for kind, target in targets.items()}


def test_the_kind_of_a_known_shift_is_named():
    for kind, report in reports().items():
        assert report.found.kind == kind, kind
        assert not report.found.aa.found, kind


def test_the_estimated_shares_are_the_true_ones_where_shares_alone_moved():
    found = reports()["shares"].found
    for estimate in (found.shares.em, found.shares.bbse):
        np.testing.assert_allclose(estimate, (0.7, 0.2, 0.1), atol=0.06)
    assert found.reshared is not None
    assert found.shift.found
    assert not found.reshared.found


def test_no_label_of_the_target_changes_anything():
    """Shuffled, constant and left out: the same numbers, and the same page but for the time it took."""
    source, target = blobs(EVEN, name="here"), blobs(EVEN, seed=3, shift=1.5, name="there")
    rng = np.random.default_rng(0)
    shuffled = Domain(
        "there", target.x, rng.permutation(target.y), target.class_names, columns=target.columns
    )
    pages = []
    for other in (target, shuffled, target.without_labels()):
        pair = DomainPair(source, other, target_test=target)
        found = tl.report(pair, methods="mcc", **QUICK).found
        assert found.target.y is None
        pages.append((found.rows, found.shift, found.answers.tolist(), found.shares.em.tolist()))
    assert pages[0] == pages[1] == pages[2]


def test_the_page_is_one_file_in_which_data_are_escaped():
    for speech in ("en", "zh"):
        before = language()
        try:
            language(speech)
            page = reports()["looks"].html()
        finally:
            language(before)
        assert f'<html lang="{speech}">' in page
        assert "<script" not in page
        assert "&lt;script&gt;" in page
        assert "http://" not in page
        assert "https://" not in page
        assert "default-src 'none'" in page
        assert ("有没有偏移" in page) == (speech == "zh")


def test_what_differs_most_is_named_with_its_size():
    name, source, target = reports()["looks"].found.differences[0]
    assert name in ("p", "q")
    assert target - source > 0.5
    rows = reports()["looks"].found.differences
    assert [abs(t - s) for _, s, t in rows] == sorted(
        (abs(t - s) for _, s, t in rows), reverse=True
    )


def test_the_summary_names_the_choice_and_the_judges_that_agree():
    report = reports()["looks"]
    choice, text = report.found.choice, str(report)
    assert choice is not None
    votes = report.found.choices()
    assert set(votes) >= {"information", "iwcv", "atc", "source_risk"}
    agree = sum(method != "source-only" for method in votes.values())
    assert f"{agree} of {len(votes)} judges" in text
    assert [row.method for row in report.found.rows] == ["source-only", *METHODS]
    assert all(row.low <= row.expected <= row.high for row in report.found.rows)


def test_no_accuracy_is_promised_where_the_domains_lie_far_apart():
    """Photographs and cartoons: ATC said .65, and .25 to .30 was true."""
    far = {kind: report.found.size == "far" for kind, report in reports().items()}
    assert far == {"none": False, "shares": False, "looks": True}
    for kind, report in reports().items():
        assert ("cannot be said without labels" in how_good(report.found)) == far[kind]


def test_where_the_source_was_not_learned_no_method_is_praised():
    source = blobs(EVEN, n=90)
    mixed = Domain("mixed", source.x, np.random.default_rng(0).permutation(source.y))
    report = tl.report(mixed, blobs(EVEN, n=90, seed=3, shift=1.5), methods="mcc", **QUICK)
    assert not report.found.learned
    assert "has not learned the source" in str(report)
    assert reports()["looks"].found.learned


def test_texts_are_learned_and_their_words_named():
    rng = np.random.default_rng(0)
    things = {"phone": ("battery", "screen"), "film": ("actor", "plot")}
    texts = {
        thing: [f"{('good', 'bad')[k % 2]} {thing} {rng.choice(words)}" for k in range(80)]
        for thing, words in things.items()
    }
    y = np.arange(80) % 2
    source, target = (Domain.from_texts(t, texts[t], y, bits=8) for t in things)
    found = tl.report(source, target, methods="mcc", seeds=1, steps=60).found
    assert found.learned
    assert found.shift.found
    assert {name for name, *_ in found.differences[:2]} == {"film", "phone"}


def test_an_estimate_above_the_sources_accuracy_is_not_believed():
    found = reports()["none"].found
    row = found.choice
    for expected, doubted in ((row.source_accuracy + 0.06, True), (row.source_accuracy, False)):
        rows = [replace(one, expected=expected) if one is row else one for one in found.rows]
        text = how_good(replace(found, rows=rows))
        assert ("can hardly be true" in text) == doubted


def test_a_collapsed_row_is_never_chosen():
    row = {"source_accuracy": 0.9, "expected": 0.5, "low": 0.4, "high": 0.6}
    rows = [
        Row("a", {"iwcv": 0.1}, collapsed=False, **row),
        Row("b", {"iwcv": 0.9}, collapsed=True, **row),
        Row("c", {"iwcv": None}, collapsed=False, **row),
    ]
    assert chosen(rows, "iwcv").method == "a"
    assert chosen(rows[1:], "iwcv") is None


def test_rows_are_drawn_with_the_shares_and_each_once():
    y = np.repeat([0, 1, 2], [50, 30, 20])
    rows = drawn_with_shares(y, np.array([0.2, 0.4, 0.4]))
    assert len(set(rows.tolist())) == len(rows) == 50
    assert np.bincount(y[rows]).tolist() == [10, 20, 20]
    gone = drawn_with_shares(y, np.array([0.5, 0.5, 0.0]))
    assert np.bincount(y[gone], minlength=3).tolist() == [30, 30, 0]


def test_the_tests_keep_their_level_on_principal_components():
    """More features than rows: components of both together leave the permutation test its level."""
    found = []
    for seed in range(30):
        rng = np.random.default_rng(seed)
        xs, xt = reduced(rng.normal(size=(40, 200)), rng.normal(size=(40, 200)), seed)
        found.append(compared(xs, xt, seed).found)
    assert sum(found) <= 5  # 1.5 of 30 are expected


def test_half_against_half_differs_where_rows_are_no_independent_draws():
    rng = np.random.default_rng(0)
    assert not against_itself(rng.normal(size=(200, 5)), 1).found
    assert compared(rng.normal(size=(100, 5)), rng.normal(1, size=(100, 5))).found


def test_the_most_typical_rows_are_the_farthest_ones():
    rng = np.random.default_rng(0)
    xs, xt = rng.normal(size=(100, 3)), rng.normal(size=(100, 3))
    xt[:, 0] += 2
    xt[7, 0], xs[5, 0] = 9, -7
    found = typical(xs, xt, 4)
    assert found.target[0] == 7
    assert found.source[0] == 5


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"methods": ("fine-tune",)}, "no label of the target, got 'fine-tune': leave it out"),
        ({"methods": "dan,mcx"}, "mcx"),
        ({"judge": "oracle"}, "oracle"),
        ({"seeds": 0}, "between 1 and 100, got 0"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_trained(change, match):
    with pytest.raises(ValueError, match=match):
        tl.report(blobs(EVEN), blobs(EVEN, seed=1), **change)


def test_bad_domains_are_one_sentence():
    few = blobs(EVEN, n=12)
    with pytest.raises(ValueError, match="at least 20 examples of each domain, got 12"):
        tl.report(blobs(EVEN), few)
    with pytest.raises(TypeError, match="takes a pair, or a source and a target"):
        tl.report(blobs(EVEN))
    constant = Domain("flat", np.ones((40, 4), np.float32), None)
    source = Domain("flat too", np.ones((40, 4), np.float32), np.arange(40) % 2)
    found = tl.report(source, constant, methods="coral", **QUICK).found
    assert found.kind == "none", "constant features show no shift, and nothing fails"
    assert found.choice is None, "answers of one class alone are never chosen"
    with pytest.raises(ValueError, match="must be an .html file, got 'x.pdf': name it"):
        check_out("x.pdf")


def test_the_command_writes_a_page_and_replaces_none(tmp_path, capsys):
    source, target = blobs(EVEN, n=60), blobs(EVEN, n=60, shift=2.0, seed=1)
    np.savez(tmp_path / "s.npz", x=source.x, y=source.y)
    np.savez(tmp_path / "t.npz", x=target.x)
    out = tmp_path / "report.html"
    words = ["report", str(tmp_path / "s.npz"), str(tmp_path / "t.npz"), str(out)]
    words += ["--steps", "20", "--seeds", "1", "--methods", "coral"]
    assert program.main(words) == 0
    printed = capsys.readouterr().out
    assert "Is there a shift?: Yes" in printed
    assert out.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert program.main(words) == 1
    assert "add --force" in capsys.readouterr().err
    assert program.main([*words[:3], "x.pdf"]) == 2


def test_explore_writes_a_notebook_that_runs_and_keeps_one_that_is_there(tmp_path, capsys):
    import nbformat

    source, target = blobs(EVEN, n=60), blobs(EVEN, n=60, shift=2.0, seed=1)
    np.savez(tmp_path / "it's.npz", x=source.x, y=source.y)
    np.savez(tmp_path / "t.npz", x=target.x)
    path = tmp_path / "mine.ipynb"
    words = ["explore", str(tmp_path / "it's.npz"), str(tmp_path / "t.npz"), "--only-write"]
    assert program.main([*words, "--notebook", str(path)]) == 0
    held = json.loads(path.read_text("utf-8"))
    nbformat.validate(held)
    codes = [cell["source"] for cell in held["cells"] if cell["cell_type"] == "code"]
    space: dict = {}
    exec("\n".join(codes[:2]), space)  # noqa: S102 - the notebook's own first cells
    space["board"].close()
    assert len(space["pair"].source) == 60
    path.write_text("{}", "utf-8")
    assert program.main([*words, "--notebook", str(path)]) == 0
    assert path.read_text("utf-8") == "{}"
    assert program.main([*words, "--notebook", str(tmp_path / "x.txt")]) == 1
    assert "name it explore.ipynb" in capsys.readouterr().err
    assert explore.NOTEBOOK.suffix == ".ipynb"
