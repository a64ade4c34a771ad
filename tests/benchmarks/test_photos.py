"""The benchmark of photographs: what its rows train on, the text of a record that is not complete, and the committed table."""

import json

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from benchmarks import photos, photos_text, report
from benchmarks.ledger import Ledger
from tltutor.domains import Domain, DomainPair
from tltutor.networks import build_network
from tltutor.networks.extraction import FrozenFeatures

RNG = np.random.default_rng(0)
TABLE = report.DOCS / "photos.json"


def three_classes(n=60):
    y = np.arange(n) % 3
    return Domain("a", (RNG.normal(size=(n, 2)) + 2 * y[:, None]).astype(np.float32), y)


def test_every_run_has_its_own_key_and_the_quick_ones_come_first():
    keys = [json.dumps(photos.key_of(*key), sort_keys=True) for key in photos.plan()]
    assert len(set(keys)) == len(keys)
    rows = [row for *_, row, _ in photos.plan()]
    first_trained = min(map(rows.index, photos.TRAINED))
    assert set(rows[:first_trained]) == set(photos.FROZEN)
    assert set(rows[first_trained:]) == set(photos.TRAINED)
    ways = {(way.photos, way.source, way.target) for _, way, *_ in photos.plan()}
    assert sum(source != target for _, source, target in ways) == 24


def test_training_goes_on_from_the_probe_that_was_fitted():
    ours = three_classes()
    network = build_network("mlp", DomainPair(ours, ours), seed=1)
    photos.with_probe(network, DomainPair(ours, ours))
    f = StandardScaler().fit_transform(FrozenFeatures(network).transform(ours.x))
    probe = LogisticRegression(C=photos.C, max_iter=1000).fit(f, ours.y)
    with torch.no_grad():
        answers = network.eval()(torch.tensor(ours.x))[1].softmax(1)
    np.testing.assert_allclose(answers, probe.predict_proba(f), atol=1e-4)


def made(row, values, **more):
    way = {"network": "mobilenet_v2", "photos": "pacs", "source": "photo", "target": "sketch"}
    return (
        {**way, "hidden": 0.0, "row": row, "seeds": list(range(len(values)))}
        | report.spread(values)
        | more
    )


def result(rows):
    trunks = {name: vars(trunk) for name, trunk in photos.TRUNKS.items()}
    counts = {"runs": 7, "of": 9, "times": {"linear probe": 1.0, "coral": 4.2}}
    about = {"command": photos.COMMAND, "size": 96, "trunks": trunks}
    return {**about, **counts, **report.circumstances(), "rows": rows}


def test_a_record_that_is_not_complete_says_what_it_lacks():
    rows = [
        made("linear probe", [0.2, 0.3, 0.4]),
        made("coral", [0.5]),
        made("dann", [0.5, 0.6]),
        made("linear probe", [0.9, 0.9, 0.9], target="photo"),
        made("linear probe", [0.6, 0.6, 0.6], target="photo", hidden=0.7),
    ]
    text = photos_text.as_text(result(rows))
    assert "| photo → sketch | .300 ± .100 | (.500) |" in text
    assert "7 of 9 runs are measured" in text
    assert "SqueezeNet 1.0:" not in text
    assert "trained stages" not in text, "no trained row has all its seeds"
    assert "CORAL 4.2" in text
    whole = photos_text.as_text(result([*rows, made("mcc", [0.5, 0.5, 0.5])]))
    assert "| DANN | (.550 ± .071) |" in whole
    assert "| photo | .900 ± .000 | .600 ± .000 |" in text


def test_a_gain_counts_directions_with_every_seed_and_says_how_many_lose():
    rows = [
        made("linear probe", [0.2, 0.3, 0.4]),
        made("coral", [0.6, 0.5, 0.4]),
        made("linear probe", [0.5, 0.5, 0.5], target="cartoon"),
        made("coral", [0.4, 0.4, 0.4], target="cartoon"),
        made("linear probe", [0.5, 0.5, 0.5], target="art_painting"),
        made("coral", [0.9, 0.9], target="art_painting"),
        made("ot_class", [0.9, 0.9, 0.9]),
        made("target-only", [0.9, 0.9, 0.9]),
        made("target-only", [0.9, 0.9, 0.9], target="cartoon"),
    ]
    (said,) = photos_text.conclusions(rows, ["mobilenet_v2"])
    assert "CORAL +5.0 (-10.0; 1 of 2)" in said  # .5 - .3 and .4 - .5; the third lacks a seed
    assert "target-only" not in said
    assert "class OT" not in said, "one direction is no conclusion"


def test_the_committed_table_is_what_the_record_holds():
    held = json.loads(TABLE.read_text("utf-8"))
    assert photos_text.as_text(held) == TABLE.with_suffix(".md").read_text("utf-8").rstrip("\n")
    squeezenet = "squeezenet1_0-imagenet-deepcompression.pth"
    settings = {"size": photos.SIZE, "c": photos.C, "squeezenet": squeezenet}
    ledger = Ledger(report.MEASURED / "photos.jsonl", settings)
    assert held["runs"] == sum(photos.key_of(*key) in ledger for key in photos.plan())
    assert photos.summary(ledger)["rows"] == held["rows"]


def of(row, way, hidden=0.0):
    held = json.loads(TABLE.read_text("utf-8"))["rows"]
    (found,) = [
        r
        for r in held
        if (r["network"], r["photos"], r["row"], r["source"], r["target"], r["hidden"])
        == ("mobilenet_v2", "pacs", row, *way, hidden)
    ]
    return found["mean"]


@pytest.mark.parametrize("domain", ["photo", "art_painting", "cartoon", "sketch"])
def test_what_the_table_shows_of_backgrounds(domain):
    """Without a shift and without the middle, the probe is far above chance, and far below the whole picture."""
    whole, hidden = (of("linear probe", (domain, domain), h) for h in (0.0, photos.HIDDEN))
    assert whole - 0.15 > hidden > 1 / 7 + 0.1


def test_transport_by_class_gains_in_some_directions_and_harms_in_others():
    """From drawings to paintings it is worse than no adaptation, from photographs to cartoons far better."""
    assert of("ot_class", ("photo", "cartoon")) > of("linear probe", ("photo", "cartoon")) + 0.05
    harmed = ("sketch", "art_painting")
    assert of("ot_class", harmed) < of("linear probe", harmed) - 0.03
