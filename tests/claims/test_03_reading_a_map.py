"""What lesson 03 claims of maps: of points whose truth is known, and of its own boards, trained anew."""

from __future__ import annotations

from statistics import mean

import numpy as np
import pytest
import torch
from boards import experiment, read_boards, trained
from measured import SEEDS, tell
from scipy.spatial import cKDTree

from tltutor.lessons.faults import find_fault
from tltutor.lessons.lesson import exercises
from tltutor.metrics import domain_probe_accuracy
from tltutor.projections import PCA, TSNE

pytestmark = pytest.mark.claims

LESSON = "03"
BOARDS = read_boards(LESSON)
SeparatePCA = find_fault("separate-pca")
kept = exercises(LESSON)["kept"].oracle


def heaps(middles: tuple[float, ...], spreads: tuple[float, ...], seed: int) -> torch.Tensor:
    """The lesson's own points."""
    rng = torch.Generator().manual_seed(seed)
    shift = torch.eye(1, 10)
    return torch.cat(
        [
            s * torch.randn(50, 10, generator=rng) + m * shift
            for m, s in zip(middles, spreads, strict=True)
        ]
    )


def size_ratio(xy: np.ndarray) -> float:
    first, second = (np.sqrt(xy[rows].var(0).sum()) for rows in (slice(50), slice(50, None)))
    return float(second / first)


def distance_ratio(xy: np.ndarray) -> float:
    first, second, third = (xy[i : i + 50].mean(0) for i in (0, 50, 100))
    return float(np.linalg.norm(third - second) / np.linalg.norm(second - first))


# --- section 1


def test_the_two_boards_differ_in_the_map_alone() -> None:
    assert BOARDS["live"] == BOARDS["plane"] | {"projection": "tsne"}


def test_a_correct_map_looks_mixed_where_the_features_separate_the_domains() -> None:
    """Half of the smallest gap of five, .2; on the map the probe guesses."""
    found = []
    for seed in SEEDS:
        session = trained(BOARDS["plane"], seed)[2]
        sides = session.pair.source_test, session.pair.target_test
        fs, ft = (
            session.outputs(side.x, name)[0].cpu()
            for side, name in zip(sides, ("source", "target"), strict=True)
        )
        f, is_target = torch.cat([fs, ft]), torch.arange(len(fs) + len(ft)) >= len(fs)
        on_the_map = torch.as_tensor(PCA()(f))
        found.append([domain_probe_accuracy(x, is_target) for x in (f, on_the_map)])
    features, drawn = zip(*found, strict=True)
    tell("probe on the features", features)
    tell("probe on the map", drawn)
    assert min(np.subtract(features, drawn)) > 0.1
    assert max(drawn) < 0.6


def test_the_map_is_no_part_of_the_run() -> None:
    plane, live = (
        experiment(BOARDS[board], 0).build().network.state_dict() for board in ("plane", "live")
    )
    assert all(torch.equal(plane[name], live[name]) for name in plane)


def test_another_perplexity_draws_another_map_of_the_same_features() -> None:
    for seed in SEEDS:
        x = heaps((0, 0, 0), (1, 1, 1), seed)
        low, high = (TSNE(perplexity=p)(x, steps=300) for p in (5.0, 100.0))
        assert kept(torch.as_tensor(low), torch.as_tensor(high), 5) < 0.6


# --- section 2


def test_tsne_draws_both_heaps_alike_and_pca_does_not() -> None:
    points = [heaps((0, 60), (0.5, 5), seed) for seed in SEEDS]
    found = [size_ratio(TSNE(perplexity=30)(x, steps=300)) for x in points]
    tell("ten times as wide, drawn by t-SNE", found)
    assert found == pytest.approx([1.0] * len(SEEDS), abs=0.2)
    assert min(size_ratio(PCA()(x)) for x in points) > 8


def test_tsne_loses_the_ratio_of_distances_and_pca_does_not() -> None:
    points = [heaps((0, 8, 80), (1, 1, 1), seed) for seed in SEEDS]
    found = [distance_ratio(TSNE(perplexity=30)(x, steps=300)) for x in points]
    tell("nine times as far, drawn by t-SNE", found)
    assert all(0.8 < ratio < 1.8 for ratio in found)
    assert [distance_ratio(PCA()(x)) for x in points] == pytest.approx([9.0] * len(SEEDS), abs=0.8)


def test_more_steps_do_not_bring_the_sizes_back() -> None:
    for seed in SEEDS:
        assert size_ratio(TSNE(perplexity=30)(heaps((0, 60), (0.5, 5), seed), steps=700)) < 1.5


def clumpiness(xy: np.ndarray) -> float:
    """How far the nearest point is, as a share of the map's own radius: small where points lie in tight clumps."""
    nearest = cKDTree(xy).query(xy, 2)[0][:, 1]
    return float(np.median(nearest) / np.sqrt(xy.var(0).sum()))


def test_a_low_perplexity_makes_clumps_of_one_heap() -> None:
    points = [heaps((0, 0, 0), (1, 1, 1), seed) for seed in SEEDS]
    low, high = (
        [clumpiness(TSNE(perplexity=p)(x, steps=300)) for x in points] for p in (2.0, 40.0)
    )
    tell("nearest point at perplexity 2", low)
    tell("nearest point at perplexity 40", high)
    assert all(a < 0.7 * b for a, b in zip(low, high, strict=True))


def test_neighbors_are_kept_and_not_all_of_them() -> None:
    """Far above what chance gives, in the lesson's three heaps, and far from all."""
    for seed in SEEDS:
        x = heaps((0, 8, 80), (1, 1, 1), seed)
        xy = torch.as_tensor(TSNE(perplexity=30)(x, steps=300))
        assert 0.4 < kept(x, xy, 10) < 0.8
        assert (
            kept(x, torch.randn(150, 2, generator=torch.Generator().manual_seed(seed)), 10) < 0.15
        )


# --- section 4


def gap(xy: np.ndarray, is_target: np.ndarray) -> float:
    """Distance of the domains' means, as a share of the map's radius."""
    return float(
        np.linalg.norm(xy[is_target].mean(0) - xy[~is_target].mean(0)) / np.sqrt(xy.var(0).sum())
    )


def test_drawn_apart_the_domains_always_lie_on_one_heap_and_together_they_do_not() -> None:
    gaps = []
    for seed in SEEDS:
        session = trained(BOARDS["broken"], seed)[2]
        features, is_target = (
            session.snapshot().features,
            np.asarray(session.snapshot_points.is_target),
        )
        broken, right = (
            SeparatePCA(mistake=wrong)(features, is_target=is_target) for wrong in (True, False)
        )
        assert gap(broken, is_target) < 1e-4
        gaps.append(gap(right, is_target))
    tell("gap on one map", gaps)
    assert min(gaps) > 0.3


def test_the_numbers_are_not_deceived() -> None:
    numbers = [trained(BOARDS["broken"], seed)[0] for seed in SEEDS]
    assert min(run["domain_probe_accuracy"] for run in numbers) > 0.85
    assert mean(run["target_accuracy"] for run in numbers) < 0.6
