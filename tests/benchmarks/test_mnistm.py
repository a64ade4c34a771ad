"""The recipe for MNIST-M: no target label chooses or trains, a choice leads to the next round, and what is committed."""

import json
from dataclasses import replace

import numpy as np
import pytest

from benchmarks import mnistm, report
from benchmarks.judges import DEFAULT, RANDOM
from benchmarks.ledger import Ledger
from tltutor.domains import Domain, DomainPair

NAMES = ("0", "1", "2")


def made_pair(*, flipped=False):
    """Bars in three places, dark on the source and bright on the target; flipped: the target's labels are wrong."""
    rng = np.random.default_rng(0)

    def bars(n, dark):
        y = np.arange(n) % 3
        x = rng.integers(0, 60, (n, 3, 16, 16))
        for image, label in zip(x, y, strict=True):
            image[:, :, 5 * label : 5 * label + 4] += 120
        return (255 - x if dark else x).astype(np.uint8), y

    def side(name, dark, wrong=False):
        parts = (bars(n, dark) for n in (90, 30))
        return [Domain(name, x, (y + 1) % 3 if wrong else y, NAMES) for x, y in parts]

    (s, s_test), (t, t_test) = side("dark", True), side("bright", False, wrong=flipped)
    return DomainPair(s, t, source_test=s_test, target_test=t_test, name="made")


@pytest.fixture
def small(monkeypatch, tmp_path):
    """Few steps on a made pair, and a folder of its own for the networks."""
    for name, value in {"SHORT": 12, "LONG": 15, "ONWARD": 2, "KEPT": tmp_path / "kept"}.items():
        monkeypatch.setattr(mnistm, name, value)
    monkeypatch.setitem(mnistm.SESSION, "batch_size", 8)
    monkeypatch.setattr(mnistm, "loaded", made_pair)
    return Ledger(tmp_path / "mnistm.jsonl", {})


def asked(choices):
    """What a search asks, and what it reports, when these are chosen round by round."""
    heard = []

    def ask(title, candidates):
        heard.append(candidates)
        return candidates[choices[len(heard) - 1]]

    return heard, mnistm.search(ask)


def test_the_second_round_goes_on_from_the_choice_of_the_first():
    choices = ("Adam, joint BatchNorm, conv2", "SHOT")
    (first, second), reported = asked(choices)
    (chosen,) = first[choices[0]]
    long = (replace(chosen, steps=mnistm.LONG),)
    assert second["nothing"] == long == reported[mnistm.DANN]
    assert all(one[:1] == long for one in second.values())
    assert second["SHOT"][1].session["batchnorm"] == "joint"
    assert reported[mnistm.ONWARDS] == second["SHOT"]


def test_no_target_label_trains_or_judges_and_none_is_told(small, monkeypatch):
    recipe = mnistm.continued(mnistm.beginnings()["Adam, separate BatchNorm, conv2"])["SHOT"]
    seen, train = [], mnistm.train

    def spied(recipe, seed, pair):
        seen.append(pair)
        return train(recipe, seed, pair)

    monkeypatch.setattr(mnistm, "train", spied)
    found = mnistm.judged(recipe, 10)
    assert len(seen) == 2
    assert all(pair.target.y is None and pair.target_test is None for pair in seen)
    monkeypatch.setattr(mnistm, "loaded", lambda: made_pair(flipped=True))
    monkeypatch.setattr(mnistm, "KEPT", mnistm.KEPT / "other")
    other = mnistm.judged(recipe, 10)
    assert other["scores"] == found["scores"]
    assert other["oracle"] != found["oracle"]
    other["core_seconds"] = found["core_seconds"]
    assert mnistm._said(other) == mnistm._said(found)


def test_a_later_stage_goes_on_from_the_kept_network(small):
    pair = made_pair()
    dann = mnistm.beginnings()["Adam, no BatchNorm, conv2"]
    trained = mnistm.train(dann, 0, pair).network
    still = (*dann, replace(dann[0], steps=1, values={"lr": 0.0}, network={}))
    onward = mnistm.train(still, 0, pair).network
    for name, w in trained.state_dict().items():
        assert (onward.state_dict()[name] == w).all(), name
    assert len(list(mnistm.KEPT.iterdir())) == 2


def test_a_choice_is_the_best_score_that_is_no_failure():
    scores = {"a": 0.1, "b": 0.9, "c": 0.5, "d": None}
    found = {n: {"scores": {"dev": v}, "collapsed": n == "b"} for n, v in scores.items()}
    assert mnistm.choice({**found, "e": {"failed": "diverged"}}, "dev") == "c"
    assert mnistm.choice({"e": {"failed": "diverged"}}, "dev") is None
    with pytest.raises(ValueError, match="all diverged or collapsed"):
        mnistm.choose({"e": {"failed": "diverged"}})


def test_a_finished_search_is_resumed_without_training(small, monkeypatch):
    result = mnistm.rounds(small)
    for one in result["rounds"]:
        assert one["chosen"] == mnistm.choice(one["tried"], mnistm.JUDGE)
    monkeypatch.setattr(mnistm, "train", lambda *_: pytest.fail("it trains again"))
    assert mnistm.rounds(Ledger(small.path, {})) == result
    assert mnistm.as_text(mnistm.summary(small)).count("\n### ") == len(result["rounds"])


def held():
    return json.loads((report.DOCS / "mnist_m.json").read_text("utf-8"))


def test_the_committed_table_is_made_of_the_committed_measurements(monkeypatch):
    result = held()
    assert (report.DOCS / "mnist_m.md").read_text("utf-8") == mnistm.as_text(result).rstrip() + "\n"
    monkeypatch.setattr(mnistm, "train", lambda *_: pytest.fail("a measurement is missing"))
    ledger = Ledger(report.MEASURED / "mnistm.jsonl", {"version": mnistm.VERSION})
    whole = json.loads(json.dumps(mnistm.summary(ledger)))
    assert {n: whole[n] for n in ("design", "rounds", "results")} == {
        n: result[n] for n in ("design", "rounds", "results")
    }


def test_the_judge_was_settled_by_other_pairs():
    """Its regret in the table of judges is below that of a choice without a judge; this pair is not in it."""
    table = json.loads((report.DOCS / "judges.json").read_text("utf-8"))
    assert mnistm.PAIR not in table["design"]["pairs"]
    means = {name: row["mean"] for name, row in table["rows"].items()}
    assert means[mnistm.JUDGE] < min(means[DEFAULT], means[RANDOM])
    assert mnistm.SEARCH_SEED not in mnistm.SEEDS


def test_what_the_committed_table_says():
    """The search missed both goals with every seed, and its choice was below the oracle's in each round."""
    result = held()
    found = [value for one in result["results"].values() for value in one["values"]]
    assert len(found) == 2 * len(mnistm.SEEDS)
    assert max(found) < mnistm.PAPER
    for one in result["rounds"]:
        best = max(tried["oracle"] for tried in one["tried"].values())
        assert one["tried"][one["chosen"]]["oracle"] < best - 0.02
    assert [line.count("does not reach") for line in mnistm.verdicts(result["results"])] == [1, 1]
