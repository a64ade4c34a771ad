"""A link opens the experiment that it was made of, holds names and numbers only, and anything else is refused unrun."""

import base64
import json
import pickle
import zlib
from dataclasses import replace

import numpy as np
import pytest
from cases import for_each

import tltutor as tl
from tltutor.domains.registry import PAIRS
from tltutor.events import Changed
from tltutor.experiment import Experiment, link, parse_link
from tltutor.objectives import OBJECTIVES, SourceOnly

EMBEDDED = [name for name, record in PAIRS.items() if record.embedded]
LOG = (Changed(2, "lr", 0.01, 0.02), Changed(3, "freeze_depth", 0, 1))
SMALL = {"batch_size": 8, "snapshot_size": 24, "steps": 4, "batchnorm": "joint", "device": "cpu"}


def experiment(pair="digits->shifted-digits", objective="dann", **more):
    image = PAIRS[pair].embedded and "digits" in pair
    options = {"size": 16} if image else {"n_samples": 60}
    network = {"channels": (4, 6), "width": 8} if image else {}
    if pair == "clear->foggy":
        options, network = {"fog": 1.0}, {"width": 8}
    values = {"lr": 0.03} | ({"width": 2.5, "estimator": "biased"} if objective == "mmd" else {})
    return Experiment(pair, objective, "auto", "pca", 3, options, network, SMALL, values, **more)


def run(experiment, log=()):
    held = experiment.session_options | {"device": "cpu", "changes": log}
    return list(replace(experiment, session_options=held).build())


EVERY = [
    *((pair, "mmd") for pair in EMBEDDED),
    *(("digits->shifted-digits", name) for name in OBJECTIVES),
]


def test_every_pair_and_every_objective_goes_through_a_link():
    for_each(EVERY, lambda case: goes_through_a_link(*case))


def goes_through_a_link(pair, objective):
    whole = experiment(pair, objective)
    text = link(whole, LOG)
    again, log = parse_link(text)
    assert text.startswith("tl1:")
    assert set(text[4:]) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    assert len(text) < 500
    assert link(again, log) == text
    assert log == LOG
    assert (again.pair, again.objective, again.seed, again.values) == (
        pair,
        objective,
        3,
        dict(whole.values),
    )


@pytest.mark.parametrize(("pair", "objective"), EVERY)
def test_what_a_link_opens_runs_as_the_original(pair, objective):
    whole = experiment(pair, objective)
    assert run(*parse_link(link(whole, LOG))) == run(whole, LOG)


def test_settings_of_the_map_and_numbers_of_numpy_go_along():
    whole = experiment(map_values={"perplexity": np.float64(12.5)})
    whole = replace(whole, projection="tsne", pair_options={"size": np.int64(16)})
    again, _ = parse_link(link(whole))
    assert again.map_values == {"perplexity": 12.5}
    assert tl.projections.build_projection(again.projection, **again.map_values).perplexity == 12.5


def test_a_machines_own_device_and_folder_stay_out():
    again, _ = parse_link(
        link(replace(experiment(), pair_options={"data_dir": "/home/somebody", "size": 16}))
    )
    assert "device" not in again.session_options
    assert dict(again.pair_options) == {"size": 16}


def test_what_the_network_decides_is_left_to_it_in_a_link():
    options = {**SMALL, "lr": None, "freeze_depth": None, "weight": None}
    whole = replace(experiment(), session_options=options, values={})
    again, _ = parse_link(link(whole))
    assert again.session_options["lr"] is again.session_options["freeze_depth"] is None
    assert again.build().values == whole.build().values
    assert {"lr": 0.01, "freeze_depth": 0}.items() <= again.build().values.items()


@pytest.mark.parametrize(
    ("part", "value", "sentence"),
    [
        (
            "pair",
            tl.load_pair("moons->rotated-moons"),
            "got your own pair 'moons->rotated-moons': pass a known name",
        ),
        ("objective", SourceOnly(), "got your own objective 'source-only'"),
        (
            "network_options",
            {"weights": "/home/me/net.pt"},
            "got your own weights '/home/me/net.pt': pass weights='imagenet'",
        ),
        ("pair_options", {"size": np.zeros(3)}, r"got size=array\("),
        ("values", {"lr": float("nan")}, "got lr=nan"),
    ],
)
def test_what_has_no_name_cannot_be_linked(part, value, sentence):
    with pytest.raises(ValueError, match=sentence):
        link(replace(experiment(), **{part: value}))


def packed(told):
    return "tl1:" + base64.urlsafe_b64encode(
        zlib.compress(json.dumps(told).encode())
    ).decode().rstrip("=")


GOOD = {
    "pair": "digits->shifted-digits",
    "objective": "dann",
    "network": "lenet",
    "projection": "pca",
    "seed": 0,
}
WHOLE = link(experiment(), LOG)


def test_the_hand_made_link_is_good():
    assert parse_link(packed(GOOD))[0].objective == "dann"
    assert parse_link(f"  {WHOLE}\n")[1] == LOG


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "https://example.org/",
        "tl2:" + WHOLE[4:],
        WHOLE[:-9],
        WHOLE[:60] + WHOLE[61:],
        WHOLE[:40] + "A" + WHOLE[41:] if WHOLE[40] != "A" else WHOLE[:40] + "B" + WHOLE[41:],
        WHOLE + "AAAA",
        "tl1:" + base64.urlsafe_b64encode(pickle.dumps(GOOD)).decode(),
        "tl1:" + base64.urlsafe_b64encode(zlib.compress(b"__import__('os')")).decode(),
        "tl1:" + base64.urlsafe_b64encode(zlib.compress(b"[" * 50_000)).decode(),
        "tl1:" + base64.urlsafe_b64encode(zlib.compress(b'{"a": "' + b" " * 10**7)).decode(),
        packed([]),
        packed({}),
        packed(GOOD | {"pair": "/etc/passwd"}),
        packed(GOOD | {"pair": ["mnist->usps"]}),
        packed(GOOD | {"objective": "__class__"}),
        packed(GOOD | {"seed": -1}),
        packed(GOOD | {"seed": True}),
        packed(GOOD | {"build": "x"}),
        packed(GOOD | {"values": {"gama": 3}}),
        packed(GOOD | {"values": [1]}),
        packed(GOOD | {"values": {"lr": float("nan")}}),
        packed(GOOD | {"session_options": {"device": "cuda"}}),
        packed(GOOD | {"session_options": {"momentum": "much"}}),
        packed(GOOD | {"network_options": {"weights": "/home/me/net.pt"}}),
        packed(GOOD | {"network_options": {"channels": {"a": 1}}}),
        packed(GOOD | {"log": [[1, "width", 1, 2]]}),
        packed(GOOD | {"log": [[0, "lr", 1, 2]]}),
        packed(GOOD | {"log": [[1, "lr", 1]]}),
        packed(GOOD | {"log": 3}),
        None,
        17,
    ],
)
def test_a_foreign_or_damaged_string_is_refused_in_one_sentence(text):
    with pytest.raises(ValueError, match=r"got .*: copy the whole link again$") as caught:
        parse_link(text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500
