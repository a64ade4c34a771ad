"""Fine-tuning's benchmark: frozen stages computed once change nothing, labels are nested and counted, a stopped run goes on."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

import tltutor as tl
from benchmarks import finetune, report
from benchmarks.ledger import Ledger
from benchmarks.shortened import seen_after, without_first
from tltutor.training.session import Session

TINY = replace(finetune.DIGITS, steps=3, batch_size=8, pretrain=2)


def pair():
    rng = np.random.default_rng(0)
    y = np.arange(40) % 4
    x = rng.integers(0, 200, (40, 1, 16, 16), dtype=np.uint8)
    x[np.arange(40), 0, 3 * y] += 50
    target = tl.Domain("t", x, y)
    return tl.DomainPair(target, target, target_test=target.take(np.arange(10))).with_target_labels(
        4
    )


def network_for(pair, **options):
    """Trained a little, so that the target's BatchNorm statistics are its own."""
    network = tl.build_network("lenet", pair, channels=(4, 6), width=8, **options)
    list(Session(pair, network, tl.objectives.SourceOnlyTargetBN(), steps=4, device="cpu", lr=0.1))
    return network


@pytest.mark.parametrize("depth", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("batchnorm", [True, False])
def test_fine_tuning_without_the_frozen_stages_is_fine_tuning_with_them(depth, batchnorm):
    whole = pair()
    network = network_for(whole, batchnorm=batchnorm)
    short, seen = without_first(network, whole, depth), seen_after(network, whole, depth)
    options = {"steps": 5, "batch_size": 8, "lr": 0.1, "device": "cpu"}
    ours = Session(seen, short, tl.objectives.FineTune(), **options)
    theirs = Session(whole, network, tl.objectives.FineTune(), freeze_depth=depth, **options)
    losses, wanted = ([f.losses["task"] for f in s if hasattr(f, "losses")] for s in (ours, theirs))
    np.testing.assert_allclose(losses, wanted, rtol=1e-4)
    torch.testing.assert_close(short.head.weight, network.head.weight, rtol=1e-3, atol=1e-5)
    assert np.array_equal(ours.predict(seen.target_test.x), theirs.predict(whole.target_test.x))


def test_a_shortened_network_leaves_the_trained_one_as_it_was():
    whole = pair()
    network = network_for(whole)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    list(
        Session(
            seen_after(network, whole, 2),
            without_first(network, whole, 2),
            tl.objectives.FineTune(),
            steps=2,
            device="cpu",
        )
    )
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_labels_of_fewer_are_among_those_of_more_and_all_is_every_one():
    whole = replace(pair(), target_labeled=None)
    few, more, every = (
        finetune.with_labels(whole, k, seed=3).target_labeled for k in (1, 3, "all")
    )
    assert [len(d) for d in (few, more, every)] == [4, 12, 24]
    images = {x.tobytes() for x in more.x}
    assert all(x.tobytes() in images for x in few.x)


def test_each_row_trains_what_its_name_says():
    assert finetune.methods(TINY)[:3] == ("scratch", "extraction", "freeze 0")
    assert [finetune.frozen(TINY, m) for m in finetune.methods(TINY)] == [0, 4, 0, 1, 2, 3, 4, 0]


def test_extraction_is_logistic_regression_on_the_networks_features():
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    from tltutor.networks.inference import outputs

    whole = pair()
    network = network_for(whole)
    predicted = finetune.extracted(without_first(network, whole, 4), seen_after(network, whole, 4))
    few, test = (
        outputs(network, d.x, "target")[0].numpy()
        for d in (whole.target_labeled, whole.target_test)
    )
    scaler = StandardScaler().fit(few)
    peer = LogisticRegression(max_iter=2000).fit(scaler.transform(few), whole.target_labeled.y)
    assert np.array_equal(predicted, peer.predict(scaler.transform(test)))


def test_a_stopped_run_goes_on_and_other_settings_begin_anew(tmp_path):
    calls = []

    def measured():
        calls.append(1)
        return {"accuracy": 0.5}

    key = {"seed": 0, "labels": 1}
    Ledger(tmp_path / "l", {"steps": 3}).measure(key, measured)
    assert Ledger(tmp_path / "l", {"steps": 3}).measure({"labels": 1, "seed": 0}, measured) == {
        "accuracy": 0.5
    }
    assert len(calls) == 1
    Ledger(tmp_path / "l", {"steps": 4}).measure(key, measured)
    assert len(calls) == 2


def test_a_line_that_was_cut_off_is_measured_again_and_spoils_no_other(tmp_path):
    file = tmp_path / "l"
    Ledger(file, {}).measure({"seed": 0}, lambda: {"accuracy": 0.5})
    file.write_text(file.read_text("utf-8").rstrip()[:-3], "utf-8")
    assert Ledger(file, {}).measure({"seed": 0}, lambda: {"accuracy": 0.7}) == {"accuracy": 0.7}
    assert Ledger(file, {})[{"seed": 0}] == {"accuracy": 0.7}


def test_the_report_says_what_is_missing_and_gives_the_figure_its_numbers(tmp_path, monkeypatch):
    monkeypatch.setattr(finetune, "CASES", {TINY.name: TINY})
    monkeypatch.setattr(finetune, "SEEDS", (0, 1))
    monkeypatch.setattr(finetune, "LABELS", (1, "all"))
    monkeypatch.setattr(finetune, "methods", lambda _: ("scratch", "freeze 2"))
    words = ["--cases", TINY.name, "--ledger", str(tmp_path / "l"), "--out", str(tmp_path)]
    finetune.main([*words, "--minutes", "0"])
    assert "Not complete" in (tmp_path / "finetune.md").read_text("utf-8")
    finetune.main(words)
    text, result = (
        (tmp_path / "finetune.md").read_text("utf-8"),
        json.loads((tmp_path / "finetune.json").read_text("utf-8")),
    )
    assert "Not complete" not in text
    found = result["results"][TINY.name]["freeze 2"]
    assert list(found) == ["1", "all"]
    assert found["1"]["labels"] == 10
    assert found["1"]["mean"] == pytest.approx(np.mean(found["1"]["values"]))
    assert found["1"]["sd"] == pytest.approx(np.std(found["1"]["values"], ddof=1))
    assert {"command", "settings", "versions", "machine", "chosen", "seeds"} <= set(result)


def test_the_committed_tables_tell_what_is_measured_and_what_is_not():
    result = json.loads((report.DOCS / "finetune.json").read_text("utf-8"))
    text = (report.DOCS / "finetune.md").read_text("utf-8")
    assert text == finetune.as_text(result).rstrip() + "\n"
    cells = [
        by_labels.get(str(k))
        for rows in result["results"].values()
        for by_labels in rows.values()
        for k in finetune.LABELS
    ]
    wanting = [cell for cell in cells if cell is None or len(cell["values"]) < len(finetune.SEEDS)]
    assert result["complete"] == (not wanting)
    assert ("Not complete" in text) == bool(wanting)
    assert text.count("| –") == len(wanting)
    assert {case: tuple(rows) for case, rows in result["results"].items()} == {
        name: finetune.methods(case) for name, case in finetune.CASES.items()
    }
