"""The benchmark measures what it says: the hand-written loop does the session's work, ratios are medians of adjacent blocks."""

import math
from itertools import islice
from types import SimpleNamespace

import numpy as np
import torch

import tltutor as tl
from tltutor.events import Stepped
from tltutor.machine.bench import headless, maps, plain
from tltutor.objectives import DANN


def pair():
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 256, (40, 3, 28, 28), dtype=np.uint8), np.arange(40) % 10
    return tl.DomainPair(tl.Domain("s", x, y), tl.Domain("t", x))


def test_the_reference_is_the_same_network_with_the_same_first_loss():
    ours = tl.build_network("lenet", pair(), seed=0)
    body, head = plain.lenet(3, 10)
    count = sum(p.numel() for p in ours.parameters())
    assert count == sum(p.numel() for part in (body, head) for p in part.parameters())
    values = list(ours.parameters())
    with torch.no_grad():
        for mine, theirs in zip(values, (*body.parameters(), *head.parameters()), strict=True):
            theirs.copy_(mine)
    x = torch.tensor(pair().source.x[:8])
    torch.testing.assert_close(head(body((x.float() / 255 - 0.5) / 0.5)), ours(x)[1])


def test_the_reference_trains():
    losses = list(islice(plain.steps(pair(), batch_size=8, total=30), 30))
    assert len(losses) == 30
    assert all(map(math.isfinite, losses))
    assert np.mean(losses[-5:]) < np.mean(losses[:5])


def test_the_reversal_of_the_reference_is_the_packages():
    x = torch.randn(3, 2, generator=torch.Generator().manual_seed(0), requires_grad=True)
    plain.Reverse.apply(x, 0.3).square().sum().backward()
    torch.testing.assert_close(x.grad, -0.3 * 2 * x.detach())


def test_ratios_are_medians_of_neighbors():
    one, other = iter([1.0, 20.0, 3.0]), iter([2.0, 10.0, 3.0])
    figures = headless.ratio_of_turns(lambda: next(one), lambda: next(other), turns=3)
    assert figures == {"ratio": 1.0, "ratios": [0.5, 2.0, 1.0], "steps_per_s": [3.0, 3.0]}


def test_the_session_that_is_measured_is_danns():
    session = headless.new_session()
    assert isinstance(session.objective, DANN)
    assert session.batch_size == headless.BATCH
    assert len(session.snapshot_points.labels) == headless.POINTS


def test_looks_with_and_without_a_flow_take_turns(monkeypatch):
    asked = []
    session = headless.new_session()
    monkeypatch.setattr(headless, "new_session", lambda: session)
    monkeypatch.setattr(headless.torch, "set_num_threads", lambda _: None)
    monkeypatch.setattr(headless, "MANY", 2)
    monkeypatch.setattr(headless, "steps_per_second", lambda step, _: asked.append(step) or 2.0)
    figures = headless.look_with_flow_over_look()
    assert figures == {"ratio": 1.0, "ratios": [1.0, 1.0], "looks_per_s": [2.0, 2.0]}
    assert [step.keywords["flow"] for step in asked] == [True, False] * 2
    assert asked[0]().flow is not None
    assert asked[1]().flow is None


def test_maps_of_few_and_many_points_take_turns_and_the_first_frame_does_not_count(monkeypatch):
    clock, seen = iter(range(100)), []

    class Map:
        def __call__(self, features, *, is_target, budgeted):
            seen.append(len(features))
            next(clock)  # a frame of many points takes a second more
            if len(features) > 20:
                next(clock)

    monkeypatch.setattr(headless, "build_projection", lambda _: Map())
    monkeypatch.setattr(headless, "FRAMES", 2)
    monkeypatch.setattr(headless.time, "perf_counter", lambda: next(clock))
    assert headless._frames_of("tsne", (20, 40)) == {"ratio": 1.5, "ms": [2000, 3000]}
    assert seen == [20, 40] * 3


# --- the maps' benchmark


def test_the_scene_shrinks_the_targets_shift_by_a_tenth_a_frame():
    scene = maps.Scene(60)
    shifts = [
        scene.features(frame)[scene.is_target] - scene.features(400)[scene.is_target]
        for frame in (0, 1)
    ]
    lengths = [np.linalg.norm(shift, axis=1) for shift in shifts]
    np.testing.assert_allclose(lengths[0], maps.SHIFT, rtol=1e-4)
    np.testing.assert_allclose(lengths[1], 0.9 * maps.SHIFT, rtol=1e-4)
    np.testing.assert_array_equal(
        scene.features(0)[~scene.is_target], scene.features(9)[~scene.is_target]
    )


def test_mixing_is_the_share_of_the_other_domain_among_neighbors():
    line = np.stack([np.arange(200.0), np.zeros(200)], 1)
    assert maps.mixing(line, np.arange(200) < 100) < 0.05  # but at the border
    assert (
        abs(maps.mixing(line, np.arange(200) % 2 == 0) - 0.6) < 0.02
    )  # 6 of the nearest 10 on either side are odd steps away
    assert maps.mixing(line, np.zeros(200, bool)) == 0


def test_moves_are_taken_on_maps_that_are_centered_and_of_one_size():
    square = np.array([[0.0, 0], [0, 2], [2, 0], [2, 2]])
    series = maps.Series([square, 3 * square + 7, square[[1, 0, 3, 2]]], [])
    still, swapped = series.moves()
    np.testing.assert_allclose(still, 0, atol=1e-12)
    np.testing.assert_allclose(swapped, 2)


def test_what_moves_on_the_map_is_correlated_with_what_moves_in_the_features():
    rng = np.random.default_rng(0)
    xs = [rng.normal(size=(40, 3)) for _ in range(12)]
    same = maps.moved(xs, [3 * x for x in xs])
    assert same == {"pooled": 1.0, "within": 1.0, "trustworthiness": 1.0}
    other = maps.moved(xs, [rng.normal(size=(40, 2)) for _ in xs])
    assert abs(other["pooled"]) < 0.2
    assert other["trustworthiness"] < 0.7
    way = [
        xs[0] * k**2 for k in range(12)
    ]  # each change is larger, all points alike but for one look
    jump = [x.copy() for x in way]
    jump[6] += 100 * rng.normal(size=(40, 3))
    figures = maps.moved(way, jump)
    assert figures["within"] == 1.0, "the median over the looks"
    assert figures["pooled"] < 0.5


def test_the_recorded_run_is_lesson_01s_at_even_looks(monkeypatch):
    steps = []

    class Few:
        steps = 8

        def __init__(self, *_, **options):
            assert options["lr"] == 0.02

        def snapshot(self):
            return SimpleNamespace(features=np.array([len(steps)]))

        def __iter__(self):
            for step in range(1, 9):
                steps.append(step)
                yield Stepped(step, {})

    monkeypatch.setattr(maps, "Session", Few)
    assert [int(x[0]) for x in maps.recorded("mmd", 4)] == [0, 2, 4, 6, 8]


def test_gaps_are_ours_less_theirs():
    ours, theirs = np.array([[0.9, 0.5], [0.8, 0.3]]), np.array([[0.95, 0.49], [0.75, 0.4]])
    assert maps.gaps(ours, theirs) == {
        "trustworthiness": [-0.05, 0.05],
        "mixing": [-0.1, 0.01],
        "frames_off": 1,
    }
    assert maps.beside(1.0, 4.0) == {"ratio": 0.25, "pair": [1.0, 4.0]}
    assert maps.beside(1.0, 0.0)["ratio"] is None


def test_the_whole_contest_runs(monkeypatch):
    """openTSNE itself; umap-learn's class is stood in for, since compiling it takes a minute."""
    asked = []

    class Standin:
        def __init__(self, **settings):
            asked.append(settings)

        def fit_transform(self, x):
            return x[:, :2].copy()

    with maps.judging():
        import umap
    monkeypatch.setattr(umap, "UMAP", Standin)
    monkeypatch.setattr(maps, "THREADS", 1)
    threads, said = torch.get_num_threads(), []
    figures = maps.maps(said.append, sizes=(60,), frames=2)
    assert torch.get_num_threads() == threads
    assert list(figures) == ["umap 60", "tsne 60"]
    assert len(said) == 2
    for row in figures.values():
        assert row["largest_move_at_rest"] < row["largest_move_at_first"] / 5, "it comes to rest"
        assert all(side > 0 for side in row["seconds_a_frame"]["pair"])
    assert figures["tsne 60"]["lag_behind_judge"]["trustworthiness"][0] > -0.1
    warm = [settings for settings in asked if "init" in settings]
    assert warm
    assert all(
        settings["n_epochs"] == 30 and settings["init"].shape == (60, 2) for settings in warm
    )
    assert {"n_jobs": 1} in asked  # and a fresh fit as it comes


def test_a_map_that_stays_where_it_was_lags(monkeypatch):
    """What the lag is there to show: the first frame's map, held while the domains merge."""

    class Held:
        def __call__(self, x):
            self.first = getattr(self, "first", x[:, :2])
            return self.first

    monkeypatch.setattr(maps, "build_projection", lambda _: Held())
    judge = maps.Judge("held", "its own judge", lambda x, _: x[:, :2], lambda x: x[:, :2])
    scene = maps.Scene(120)
    figures = maps.contest(judge, scene, 30)
    assert figures["lag_behind_judge"]["mixing"][0] < -0.05
    assert figures["two_fits_of_the_judge"]["frames_off"] == 0
    assert figures["displacement"]["pair"][0] == 0
