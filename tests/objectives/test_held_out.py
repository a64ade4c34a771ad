"""Each method makes smaller what it is there to make smaller, on examples it has not seen; whether that helps is another matter."""

import functools

import pytest
import torch

import tltutor as tl
from tltutor.objectives import MCD, Batch, build_objective
from tltutor.objectives.augmentation import strong, weak
from tltutor.objectives.mcd import discrepancy

STEPS = 120
OWN = (
    "mmd",
    "dan",
    "jan",
    "lmmd",
    "coral",
    "log-coral",
    "cmd",
    "homm",
    "deep-jdot",
    "entropy",
    "bnm",
    "mcc",
    "m3sda",
)
SEEDS = (0, 1)
RUN = {"steps": STEPS, "batch_size": 32, "lr": 0.02, "device": "cpu"}


@functools.cache
def pair_of(seed):
    return tl.load_pair("blobs->rotated-blobs", seed=seed, n_samples=400)


def trained(name, seed, **options):
    pair = pair_of(seed)
    network = tl.build_network("mlp", pair, seed=seed, width=32)
    list(tl.Session(pair, network, build_objective(name), seed=seed, **RUN, **options))
    return network


@functools.cache
def source_only(seed):
    return trained("source-only", seed)


def held_out(network, seed):
    """What an objective may see of the examples that nothing was trained on."""
    pair = pair_of(seed)
    source, target = pair.source_test or pair.source, pair.target_test
    seen = {}
    network.eval()
    for side, domain in (("source", source), ("target", target)):
        h = {}
        x = torch.tensor(domain.x)
        seen[side] = (x, *network.on(side)(x, h), h)
    (xs, fs, zs, hs), (xt, ft, zt, ht) = seen["source"], seen["target"]
    ys, domain_id = torch.tensor(source.y), torch.zeros(len(xs), dtype=torch.int64)
    batch = {
        "xs": xs,
        "ys": ys,
        "xt": xt,
        "fs": fs,
        "ft": ft,
        "zs": zs,
        "zt": zt,
        "hs": hs,
        "ht": ht,
        "domain_id": domain_id,
    }
    return Batch(**batch, weight=1.0, progress=1.0, network=network)


@torch.no_grad()
def own_term(name, network, seed):
    with torch.random.fork_rng():
        torch.manual_seed(0)  # HoMM draws entries
        (_, term), *rest = [
            item
            for item in build_objective(name)(held_out(network, seed)).items()
            if item[0] != "task"
        ]
    assert rest == []
    return float(term)


@pytest.mark.parametrize("name", OWN)
def test_its_own_term_is_smaller_on_held_out_examples_than_after_source_only(name):
    for seed in SEEDS:
        assert own_term(name, trained(name, seed), seed) < own_term(name, source_only(seed), seed)


@torch.no_grad()
def swayed(network, seed):
    """The share of held-out target examples that get another answer when they are changed strongly."""
    x = torch.tensor(pair_of(seed).target_test.x).repeat(5, 1)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        answers = [
            network.eval().on("target")(changed)[1].argmax(1)
            for changed in (weak(x), strong(x, 0.5))
        ]
    return float((answers[0] != answers[1]).float().mean())


def test_fixmatchs_answers_are_swayed_less_by_changes():
    for seed in SEEDS:
        assert swayed(trained("fixmatch", seed), seed) < swayed(source_only(seed), seed)


def room_for_disagreement(network, seed):
    """The discrepancy on held-out target examples of two heads that do all they can to disagree on these features."""
    mcd = MCD()
    list(tl.Session(pair_of(seed), network, mcd, freeze_depth=network.depth, seed=seed, **RUN))
    with torch.no_grad():
        batch = held_out(network, seed)
        return float(discrepancy(batch.zt, mcd.second(batch.ft)))


def test_mcd_leaves_two_heads_less_room_to_disagree():
    for seed in SEEDS:
        ours, plain = trained("mcd", seed), trained("source-only", seed)
        assert room_for_disagreement(ours, seed) < room_for_disagreement(plain, seed)
