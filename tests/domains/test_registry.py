"""The pairs by name: order, seeds, options, and the sentences for what is unknown."""

import json
import re
import subprocess
import sys

import numpy as np
import pytest

from tltutor.domains import PAIRS, MissingSetError, load_pair, pair_names
from tltutor.domains.boxes import class_numbers

EMBEDDED = [name for name in pair_names() if PAIRS[name].embedded]


def same(a, b):
    return all(
        np.array_equal(p.x, q.x) and np.array_equal(p.y, q.y)
        for p, q in zip(a.domains(), b.domains(), strict=True)
    )


def test_embedded_pairs_come_first():
    assert pair_names()[: len(EMBEDDED)] == tuple(EMBEDDED)
    assert {
        "digits->photo-digits",
        "printed->digits",
        "moons->rotated-moons",
        "mnist->usps",
    } <= set(pair_names())
    assert len(EMBEDDED) == 12


@pytest.mark.parametrize("name", EMBEDDED)
def test_a_pair_is_its_name_its_seed_and_complete(name):
    pair = load_pair(name, seed=3)
    assert pair.name == name
    assert same(pair, load_pair(name, seed=3))
    assert not same(pair, load_pair(name, seed=4))
    assert pair.source_test is not None
    assert pair.target_test is not None
    for part in pair.domains():
        assert np.bincount(class_numbers(part.y), minlength=len(pair.class_names)).min() > 0
        assert part.class_names == pair.class_names


@pytest.mark.parametrize("name", pair_names())
def test_a_record_tells_a_sentence_and_declares_options_that_wait_for_a_new_run(name):
    record = PAIRS[name]
    assert record.title.endswith(".")
    for option in record.options:
        assert not option.live
        assert option.text
        assert option.check(option.default) == option.default


@pytest.mark.parametrize("size", [20, 32])
def test_images_come_in_the_size_asked_for(size):
    for name, channels in (
        ("digits->photo-digits", 3),
        ("printed->digits", 1),
        ("digits->shifted-digits", 1),
    ):
        assert load_pair(name, size=size).shape == (channels, size, size)


def test_an_unknown_pair_gets_the_nearest_known_ones():
    with pytest.raises(
        ValueError,
        match=r"no pair is called 'digits->foto-digits': did you mean 'digits->photo-digits'",
    ):
        load_pair("digits->foto-digits")


def test_an_unknown_option_gets_the_nearest_known_ones():
    text = (
        "no option of the pair 'digits->photo-digits' is called 'severty': did you mean 'severity'"
    )
    with pytest.raises(ValueError, match=re.escape(text)):
        load_pair("digits->photo-digits", severty=0.3)


def test_a_value_out_of_bounds_is_refused():
    with pytest.raises(ValueError, match=r"severity must be a number between 0 and 1, got 1\.5"):
        load_pair("digits->photo-digits", severity=1.5)
    with pytest.raises(
        ValueError, match=r"size must be a whole number between 16 and 64 px, got 28\.5"
    ):
        load_pair("printed->digits", size=28.5)


@pytest.mark.parametrize("seed", [-1, 1.5, "x", True, None])
def test_a_seed_is_a_whole_number(seed):
    with pytest.raises(
        ValueError, match=re.escape(f"seed must be a whole number of 0 or more, got {seed!r}")
    ):
        load_pair("moons->rotated-moons", seed=seed)


def test_a_missing_set_says_file_place_and_command(tmp_path):
    with pytest.raises(MissingSetError) as caught:
        load_pair("mnist->usps", data_dir=tmp_path)
    assert str(caught.value) == (
        "the data set 'mnist' needs the file MNIST/raw/train-images-idx3-ubyte, and it is not in"
        f" {tmp_path}: get it (12 MB) with `tltutor data fetch mnist`"
    )
    assert isinstance(caught.value, FileNotFoundError)


def test_importing_the_room_loads_nothing_heavy():
    code = "import sys, json, tltutor.domains; print(json.dumps(sorted(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = {"torch", "torchvision", "sklearn", "scipy", "matplotlib", "PIL", "platformdirs"}
    assert not heavy & set(json.loads(out.stdout))


def test_an_embedded_pair_needs_neither_torch_nor_scikit_learn_loaded():
    code = "import sys, json, tltutor.domains as d; d.load_pair('digits->photo-digits'); print(json.dumps(sorted(sys.modules)))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"torch", "sklearn", "scipy"} & set(json.loads(out.stdout))
