"""The table of the bound's terms: the numbers of the run's own network, in words of its language, from its first look on."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import pytest

import tltutor as tl
from tltutor.lessons.bound import bound, terms_at, terms_of

OPTIONS = {"steps": 30, "batch_size": 16, "lr": 0.05}


def begun(pair: tl.DomainPair) -> tl.Session:
    network = tl.build_network("mlp", pair, seed=0)
    return tl.Session(pair, network, tl.objectives.SourceOnly(), seed=0, **OPTIONS)


def board(session: tl.Session) -> Any:
    return SimpleNamespace(session=session, recording=SimpleNamespace(latest=session.snapshot()))


@pytest.fixture(scope="module")
def trained() -> tl.Session:
    pair = tl.load_pair("bands->subspace-shift", seed=0)
    session = begun(pair)
    list(session)
    return session


@pytest.fixture
def boards(trained: tl.Session) -> Any:
    return {"a": board(trained)}


def test_the_terms_are_the_networks_own(trained: tl.Session) -> None:
    found = terms_of(trained)
    source, target = trained.pair.source_test, trained.pair.target_test
    assert found.source == pytest.approx(
        1 - (trained.predict(source.x, "source") == source.y).mean()
    )
    assert found.target == pytest.approx(
        1 - (trained.predict(target.x, "target") == target.y).mean()
    )
    (fs, _), (ft, _) = trained.outputs(source.x, "source"), trained.outputs(target.x, "target")
    assert found.distance == tl.metrics.proxy_a_distance(fs, ft) / 2
    assert found.joint == tl.metrics.joint_error(fs, source.y, ft, target.y)
    assert found.bound == pytest.approx(found.source + found.distance + found.joint)


def test_what_needs_target_labels_says_so_and_the_sum_stands_below_its_terms(boards: Any) -> None:
    table = bound(boards)
    said = [row[0] for row in table.rows]
    assert [("target labels" in text) for text in said] == [False, False, True, False, True]
    values = [float(row[1]) for row in table.rows]
    assert values[3] == pytest.approx(sum(values[:3]), abs=0.002)
    assert table.head == ("", "a")


def test_a_board_without_a_look_is_waited_for(boards: Any, trained: tl.Session) -> None:
    early = board(begun(trained.pair))
    early.recording.latest = None
    table = bound(boards | {"early": early})
    assert table.rows == ()
    assert "Press Play in “early”" in table.remark


def test_the_terms_at_a_look_are_those_of_its_points(trained: tl.Session) -> None:
    look = trained.snapshot()
    found, (source, target) = terms_at(look), (~look.is_target, look.is_target)
    assert found.source == pytest.approx(1 - look.numbers["source_accuracy"])
    assert found.target == pytest.approx(1 - look.numbers["target_accuracy"])
    fs, ft = look.features[source], look.features[target]
    assert found.distance == tl.metrics.proxy_a_distance(fs, ft) / 2
    assert found.joint == tl.metrics.joint_error(fs, look.labels[source], ft, look.labels[target])


def test_the_table_follows_a_run_and_ends_on_all_held_out_examples(trained: tl.Session) -> None:
    session, heard = begun(trained.pair), []
    lab = board(session)
    table = bound({"a": lab})
    assert table.head == ("", "a, step 0 of 30")
    assert "points of the maps" in table.remark
    thread = table.follow(heard.append)
    list(session)
    lab.recording.latest = session.snapshot()
    until = time.monotonic() + 10
    while not heard and time.monotonic() < until:
        time.sleep(0.02)
    (last,) = heard
    assert (last.head, last.remark) == (("", "a"), "")
    assert last.rows == bound({"a": lab}).rows != table.rows
    later = bound({"a": lab}).follow(heard.append)  # its cell is run again
    thread.join(10)
    assert not thread.is_alive()
    bound({"a": lab}).follow(heard.append)
    later.join(10)
    assert not later.is_alive()
    assert heard == [last], "nothing is new"


def test_a_pair_without_labeled_test_sets_is_refused() -> None:
    pair = tl.load_pair("bands->subspace-shift", seed=0)
    bare = tl.DomainPair(pair.source, pair.target)
    session = begun(bare)
    with pytest.raises(ValueError, match="give source_test and target_test"):
        terms_of(session)
