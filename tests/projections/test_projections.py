"""All projections keep the rules of a map: (n, 2) float32, seeded bit for bit, state kept, bad features refused in a sentence."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.manifold import trustworthiness

from tltutor.projections import (
    PROJECTIONS,
    Projection,
    build_projection,
    layout,
    leash,
    projection_names,
)
from tltutor.projections.descent import Moving
from tltutor.projections.layout import ON_LEASH, PARTS, WHOLE_CHANGE

N = 90


@pytest.fixture(scope="module")
def x() -> np.ndarray:
    return load_digits().data[:N].astype(np.float32)


LABELS = load_digits().target[:N]
IS_TARGET = np.arange(N) % 3 == 0
LIVE = [name for name, cls in PROJECTIONS.items() if cls.moves]


def place(projection: Projection, x: np.ndarray | torch.Tensor) -> np.ndarray:
    return projection(x, labels=LABELS[: len(x)], is_target=IS_TARGET[: len(x)])


def test_names() -> None:
    assert projection_names() == ("pca", "discriminant", "tour", "tsne", "umap")
    with pytest.raises(ValueError, match="did you mean 'umap'"):
        build_projection("umpa")


@pytest.mark.parametrize("name", projection_names())
class TestEvery:
    def test_gives_places_of_its_own(self, name: str, x: np.ndarray) -> None:
        projection = build_projection(name)
        before = x.copy()
        xy = place(projection, x)
        assert xy.shape == (N, 2)
        assert xy.dtype == np.float32
        assert np.isfinite(xy).all()
        assert (x == before).all()
        xy[:] = np.nan  # what the caller does with its copy is no concern of the map
        assert np.isfinite(place(projection, x)).all()

    def test_same_features_seed_and_calls_give_the_same_bits(
        self, name: str, x: np.ndarray
    ) -> None:
        runs = []
        for _ in range(2):
            projection = build_projection(name, seed=3)
            runs.append(
                [
                    place(projection, x),
                    place(projection, x + 0.5),
                    projection(),
                    projection(steps=3),
                ]
            )
        for a, b in zip(*runs, strict=True):
            np.testing.assert_array_equal(a, b)

    def test_leaves_the_global_random_state_alone(self, name: str, x: np.ndarray) -> None:
        before, numpy_before = torch.random.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
        place(build_projection(name), x)
        assert torch.equal(before, torch.random.get_rng_state())
        assert (numpy_before == np.random.get_state()[1]).all()  # noqa: NPY002

    def test_takes_arrays_and_tensors_alike(self, name: str, x: np.ndarray) -> None:
        of_array = place(build_projection(name), x)
        tensor = torch.tensor(x, requires_grad=True)
        np.testing.assert_array_equal(of_array, place(build_projection(name), tensor))
        np.testing.assert_array_equal(of_array, place(build_projection(name), x.astype(np.float64)))

    def test_unchanged_features_stand_still(self, name: str, x: np.ndarray) -> None:
        projection = build_projection(name)
        first = place(projection, x)
        for _ in range(30):
            again = place(projection, x)
            assert np.linalg.norm(again - first, axis=1).max() <= 0.01 * first.std()
            first = again

    def test_constant_features_do_not_move(self, name: str, x: np.ndarray) -> None:
        projection = build_projection(name)
        constant = np.full_like(x, 3.3)
        first = place(projection, constant)
        np.testing.assert_array_equal(first, place(projection, constant))
        assert np.ptp(first) < 1e-5

    def test_features_that_collapse_hold_or_shrink_the_map(self, name: str, x: np.ndarray) -> None:
        projection = build_projection(name)
        first = place(projection, x)
        after = [place(projection, np.ones_like(x)) for _ in range(3)][-1]
        assert np.isfinite(after).all()
        if name in LIVE:  # without neighborhoods there is nowhere to go
            np.testing.assert_array_equal(first, after)

    @pytest.mark.parametrize("scale", [1e-20, 1e18])
    def test_any_scale_stays_finite(self, name: str, x: np.ndarray, scale: float) -> None:
        assert np.isfinite(place(build_projection(name), x * scale)).all()

    def test_another_number_of_points_starts_over(self, name: str, x: np.ndarray) -> None:
        projection = build_projection(name)
        place(projection, x)
        np.testing.assert_array_equal(
            place(projection, x[:50]), place(build_projection(name), x[:50])
        )

    def test_reset_starts_over(self, name: str, x: np.ndarray) -> None:
        projection = build_projection(name)
        place(projection, x[::-1].copy())
        projection.reset()
        with pytest.raises(ValueError, match="needs features"):
            projection()
        np.testing.assert_array_equal(place(projection, x), place(build_projection(name), x))

    def test_bad_features_are_said_and_the_map_lives_on(self, name: str, x: np.ndarray) -> None:
        projection = build_projection(name)
        broken = x.copy()
        broken[[7, 9], 3] = np.nan, np.inf
        with pytest.raises(ValueError, match="needs features"):
            projection()
        with pytest.raises(ValueError, match=f"NaN or infinity in 2 of {N} rows .*row 7"):
            place(projection, broken)
        with pytest.raises(ValueError, match=r"at least 3 points, got \(2, 64\)"):
            place(projection, x[:2])
        with pytest.raises(ValueError, match=r"shape \(n, d\)"):
            projection(x[0])
        other = build_projection(name)
        np.testing.assert_array_equal(place(projection, x), place(other, x))
        with pytest.raises(ValueError, match="NaN"):
            place(projection, broken)
        np.testing.assert_array_equal(place(projection, x + 1), place(other, x + 1))

    def test_offset_and_type_change_nothing(self, name: str, x: np.ndarray) -> None:
        """Bit for bit, as whole numbers are exact in each type and at each offset."""
        wanted = place(build_projection(name), x)
        for offset in (1e4, 1e5):
            for dtype in (np.float32, np.float64):
                np.testing.assert_array_equal(
                    place(build_projection(name), (x + offset).astype(dtype)), wanted
                )
        for dtype in (np.float64, np.float16, np.int64, np.uint8, ">f8"):
            np.testing.assert_array_equal(place(build_projection(name), x.astype(dtype)), wanted)
        np.testing.assert_array_equal(
            place(build_projection(name), x.astype(np.int64) + 10**8), wanted
        )
        later = build_projection(name)
        place(later, x + 1e5)
        second = build_projection(name)
        place(second, x)
        np.testing.assert_array_equal(place(later, x[::-1] + 1e5), place(second, x[::-1].copy()))

    def test_scale_changes_the_size_of_a_linear_view_alone(self, name: str, x: np.ndarray) -> None:
        wanted = place(build_projection(name), x)
        for scale in (2.0**-20, 2.0**20):  # about 1e-6 and 1e6, without rounding
            xy = place(build_projection(name), x * scale)
            np.testing.assert_allclose(
                xy / (1 if name in LIVE else scale), wanted, atol=1e-5 * np.abs(wanted).max()
            )

    def test_rounding_of_equal_features_is_not_drawn(self, name: str, x: np.ndarray) -> None:
        rng = np.random.default_rng(0)
        for level in (3.3, 1e5):
            xy = place(
                build_projection(name),
                np.nextafter(np.full_like(x, level), rng.choice([0, np.inf], x.shape)),
            )
            assert np.ptp(xy) == 0

    def test_what_are_no_numbers_is_said_with_a_remedy(self, name: str) -> None:
        df = pd.DataFrame({"a": [1.0, 2, 3, 4, 6], "c": np.arange(5) ** 2, "b": list("xyxyy")})
        labels, is_target = np.array([0, 1, 0, 1, 1]), np.arange(5) % 2 == 1
        projection = build_projection(name)
        with pytest.raises(
            TypeError,
            match=r"features must be numbers, and column 'b' is text.*df.drop\(columns=\['b'\]\).*get_dummies",
        ):
            projection(df, labels=labels, is_target=is_target)
        for mended in (
            df.drop(columns=["b"]),
            pd.get_dummies(df),
            df.drop(columns=["b"]).astype("Float64"),
        ):
            assert np.isfinite(projection(mended, labels=labels, is_target=is_target)).all()

    def test_few_points_and_few_dimensions(self, name: str) -> None:
        rng = np.random.default_rng(0)
        for n, d in ((4, 2), (5, 1), (12, 1), (6, 40)):
            few = rng.normal(size=(n, d)).astype(np.float32)
            projection = build_projection(name)
            target = np.arange(n) % 2 == 0
            for _ in range(3):
                xy = projection(few, labels=np.arange(n) // 2 % 2, is_target=target)
            assert xy.shape == (n, 2)
            assert np.isfinite(xy).all()

    def test_settings_are_declared_and_checked(self, name: str, x: np.ndarray) -> None:
        projection = build_projection(name)
        for setting in projection.settings:
            assert (
                getattr(projection, setting.name)
                == setting.default
                == setting.check(setting.default)
            )
            assert setting.text
        with pytest.raises(ValueError, match="no setting of"):
            projection.set("perplexety", 3)
        with pytest.raises(ValueError, match="no setting of"):
            build_projection(name, nonsense=3)

    @pytest.mark.gpu
    def test_follows_the_device_of_a_gpu(self, name: str, x: np.ndarray) -> None:
        if not torch.cuda.is_available():
            pytest.skip("no GPU: CUDA is not available")
        projection = build_projection(name)
        xy = place(projection, torch.tensor(x, device="cuda"))
        assert xy.shape == (N, 2)
        assert projection._place().is_cuda


@pytest.mark.parametrize("name", LIVE)
class TestLive:
    def test_goes_on_between_looks_then_rests(self, name: str, x: np.ndarray) -> None:
        projection = build_projection(name)
        place(projection, x)
        changed = x.copy()
        changed[IS_TARGET] = changed[IS_TARGET][::-1]
        before = place(projection, changed)
        moves = []
        for _ in range(150):
            after = projection()
            moves.append(np.linalg.norm(after - before, axis=1).max() / after.std())
            before = after
        assert moves[0] > 0.02
        assert moves[-1] < 0.01
        assert projection._layout._temperature < 0.05  # and not by chance

    def test_steps_say_how_far_it_goes(
        self, name: str, x: np.ndarray, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(leash, "GIVE", 1e9)  # nothing holds the points
        moved = []
        for steps in (0, 1, 5):
            projection = build_projection(name)
            first = place(projection, x)
            after = projection(x[::-1].copy(), steps=steps, budgeted=True)
            moved.append(np.linalg.norm(after - first))
        assert moved[0] < 1e-4
        assert moved[0] < moved[1] < moved[2]

    def test_the_setting_steps_is_the_default(self, name: str, x: np.ndarray) -> None:
        by_setting, by_call = build_projection(name, steps=3), build_projection(name)
        for _ in range(2):
            np.testing.assert_array_equal(by_setting(x), by_call(x, steps=3))

    def test_stays_centered_and_in_bounds(self, name: str, x: np.ndarray) -> None:
        projection, rng = build_projection(name), np.random.default_rng(0)
        first = place(projection, x)
        for _ in range(100):
            xy = place(projection, x + rng.normal(size=x.shape) * 0.5)
            assert np.abs(xy.mean(0)).max() < 1e-3 * xy.std()
        assert np.abs(xy).max() < 3 * np.abs(first).max()

    def test_a_small_change_of_features_is_a_small_change_of_the_map(
        self, name: str, x: np.ndarray
    ) -> None:
        projection, rng = build_projection(name), np.random.default_rng(0)
        first = place(projection, x)
        xy = place(projection, x + rng.normal(size=x.shape) * 0.05)
        assert np.median(np.linalg.norm(xy - first, axis=1)) < 0.02 * first.std()

    def test_a_change_anneals_the_map_once(
        self, name: str, x: np.ndarray, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Less repulsion for a while, then all of it, in proportion to the square of the change; without a change neither."""
        projection = build_projection(name, steps=4)
        layout = projection._layout
        place(projection, x)
        old, plan = layout._p.clone(), layout._schedule.annealing
        done: list[tuple[int, float]] = []
        monkeypatch.setattr(
            layout, "_descend", lambda steps, repulsion=1.0: done.append((steps, repulsion))
        )
        place(projection, x)
        assert done == []
        place(projection, x[::-1].copy())
        assert done == [
            (4 * plan.weakened, pytest.approx(plan.repulsion)),
            (4 * plan.restored, 1.0),
            (4, 1.0),
            (4 * ON_LEASH, 1.0),
        ]
        del done[:]
        place(projection, x[::-1].copy())
        assert done == [(4, 1.0)]
        rng = np.random.default_rng(0)
        place(projection, x)
        del done[:]
        place(projection, x + rng.normal(size=x.shape).astype(np.float32) * 0.02)
        share = float((layout._p - old).abs().sum()) / 2 / WHOLE_CHANGE
        assert 0.02 < share < 0.9
        weakened, restored = (round(share**2 * 4 * part) for part in (plan.weakened, plan.restored))
        wanted = [
            (weakened, pytest.approx(1 - share**2 * (1 - plan.repulsion))),
            (restored, 1.0),
            (4, 1.0),
            (4 * ON_LEASH, 1.0),
        ]
        assert done == [(steps, repulsion) for steps, repulsion in wanted if steps]

    def test_annealing_can_be_taken_in_portions(
        self, name: str, x: np.ndarray, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The same steps in the same order, a frame's worth a call, before the map goes on as usual."""
        at_once, budgeted = (build_projection(name, steps=4) for _ in range(2))
        for projection in (at_once, budgeted):
            place(projection, x)
        taken: dict[str, list[float]] = {"at once": [], "budgeted": []}
        for how, projection in (("at once", at_once), ("budgeted", budgeted)):
            log = taken[how]
            monkeypatch.setattr(
                projection._layout,
                "_descend",
                lambda n, repulsion=1.0, log=log: log.extend([repulsion] * n),
            )
        at_once(x[::-1].copy())
        budgeted(x[::-1].copy(), budgeted=True)
        plan = at_once._layout._schedule.annealing
        for _ in range(plan.weakened + plan.restored - 1):
            assert budgeted.annealing
            budgeted(budgeted=True)
        assert not budgeted.annealing
        budgeted(budgeted=True)
        assert taken["budgeted"] + [1.0] * (4 * ON_LEASH) == taken["at once"]

    def test_between_two_looks_it_glides_by_small_moves(
        self, name: str, x: np.ndarray, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A look takes a whole frame's steps; then a part of them a move, annealing first."""
        projection = build_projection(name, steps=20)
        place(projection, x)
        done: list[float] = []
        monkeypatch.setattr(
            projection._layout,
            "_descend",
            lambda n, repulsion=1.0: done.extend([repulsion] * n),
        )
        projection(x[::-1].copy(), budgeted=True, gliding=True)
        assert len(done) == 20
        for moves in range(1, 8):
            projection(budgeted=True, gliding=True)
            assert len(done) == 20 + moves * 20 // PARTS
        assert not projection.annealing
        projection(budgeted=True)
        assert len(done) == 20 + 7 * 20 // PARTS + 20, "at rest no step waits"

    def test_only_features_that_stay_as_they_are_let_a_cool_map_stand_still(
        self, name: str, x: np.ndarray
    ) -> None:
        projection = build_projection(name)
        first = place(projection, x)
        assert projection._layout._temperature < layout.STILL
        np.testing.assert_array_equal(projection(), first)
        projection(x + 1e-4 * x[::-1])
        assert projection._layout._temperature < layout.STILL, "a change too small to heat it"
        assert not np.array_equal(projection(), first)

    def test_before_the_first_features_nothing_anneals(self, name: str) -> None:
        assert not build_projection(name).annealing

    def test_changes_without_a_move_add_up(self, name: str, x: np.ndarray) -> None:
        projection = build_projection(name)
        place(projection, x)
        layout = projection._layout
        layout._change = 0.25
        projection._look(torch.tensor(x), None, None)
        assert layout._change == 0.25

    def test_a_step_is_the_schedule_s(self, name: str, x: np.ndarray) -> None:
        """Momentum and gains written out: v <- 0.9 v - rate n temperature gain gradient, y <- y + v, about the mean."""
        projection = build_projection(name)
        place(projection, x)
        engine = projection._layout
        engine._temperature = 0.5
        for repulsion in (1.0, 0.5):
            y, velocity, gains = (part.double() for part in engine._moving)
            slope = engine._gradient(
                engine.y, engine._p, engine._p.sum(1), repulsion=repulsion, loops=None
            ).double()
            gains = torch.where(slope * velocity < 0, gains + 0.2, gains * 0.8).clamp(0.01, 10)
            rate = {"tsne": 0.25, "umap": 0.1}[name] * N * 0.5
            after = y + 0.9 * velocity - rate * gains * slope
            engine._descend(1, repulsion=repulsion)
            torch.testing.assert_close(
                engine.y.double(), after - after.mean(0), rtol=0, atol=1e-4 * float(y.abs().max())
            )

    def test_a_map_cools_when_it_moves_little_for_each_step(
        self, name: str, x: np.ndarray, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        projection = build_projection(name)
        place(projection, x)
        engine = projection._layout
        for share, factor in ((0.9, layout.COOLING**5), (1.1, 1.0)):
            engine._temperature = 0.5
            stride = share * layout.REST * 0.5 * float(engine.y.std()) / 2**0.5

            def drift(steps: int, by: float = stride) -> None:
                engine._moving = engine._moving._replace(y=engine.y + steps * by)

            monkeypatch.setattr(engine, "_descend", drift)
            engine._go_on(5)
            assert engine._temperature == pytest.approx(0.5 * factor)

    def test_a_cold_start_is_the_schedule_s(
        self, name: str, x: np.ndarray, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Weak repulsion, then all of it, then steps that cool; the start is a PCA of the schedule's standard deviation."""
        projection = build_projection(name)
        engine, done = projection._layout, []
        monkeypatch.setattr(
            engine, "_descend", lambda steps, repulsion=1.0: done.append((steps, repulsion))
        )
        start = projection(x, steps=0)
        early, full = {"tsne": ((50, 1 / 12), 300), "umap": ((100, 0.25), 200)}[name]
        assert done == [early, (full, 1.0), *[(1, 1.0)] * layout.COOLING_DOWN]
        wanted = {"tsne": 0.01, "umap": 5.0}[name]
        pca = build_projection("pca")(x)
        np.testing.assert_allclose(
            start, pca * (wanted / pca[:, 0].std(ddof=1)), atol=1e-4 * wanted
        )

    def test_clusters_far_from_each_other_keep_their_inner_neighbors(
        self, name: str, x: np.ndarray
    ) -> None:
        """In float32 a cluster's inner distances would be lost beside the distance to the other."""
        far = x + 1e5 * (np.arange(N) < N // 2)[:, None]
        xy = build_projection(name)(far.astype(np.float64))
        for half in (slice(0, N // 2), slice(N // 2, N)):
            assert trustworthiness(x[half], xy[half], n_neighbors=5) > 0.85

    def test_separated_blobs_stay_separated(self, name: str) -> None:
        rng = np.random.default_rng(0)
        blob = np.repeat(np.arange(3), 40)
        x = rng.normal(size=(3, 10))[blob] * 15 + rng.normal(size=(120, 10))
        projection = build_projection(name)
        for _ in range(20):
            xy = projection(x + rng.normal(size=x.shape) * 0.02)
        distance = np.linalg.norm(xy[:, None] - xy, axis=2)
        alike = blob[:, None] == blob
        assert distance[alike].max() < distance[~alike].min() * 2
        nearest = np.argsort(distance + 1e9 * np.eye(120), axis=1)[:, :5]
        assert (blob[nearest] == blob[:, None]).all()

    def test_duplicates_stay_together(self, name: str, x: np.ndarray) -> None:
        """On these points umap-learn's own fits, seeds 0 to 4, put at most 4 to 5 points closer than the twin, .5 to 1 on average."""
        most, mean = {"tsne": (0, 0.0), "umap": (5, 1.0)}[name]
        doubled = np.concatenate([x[:40], x[:40]])
        projection = build_projection(name)
        for _ in range(10):
            xy = projection(doubled)
        distance = np.linalg.norm(xy[:, None] - xy, axis=2)
        closer = (distance < distance[np.arange(80), np.roll(np.arange(80), 40)][:, None]).sum(
            1
        ) - 1
        assert closer.max() <= most  # of 79
        assert closer.mean() <= mean

    def test_a_setting_acts_without_a_new_look(self, name: str, x: np.ndarray) -> None:
        changes = {"tsne": [("perplexity", 5.0)], "umap": [("n_neighbors", 5), ("min_dist", 0.9)]}[
            name
        ]
        for setting, value in changes:
            projection = build_projection(name)
            for _ in range(5):
                before = projection(x)
            projection._layout._temperature = 1e-4  # a map long at rest
            projection.set(setting, value)
            for _ in range(5):
                after = projection()
            assert np.linalg.norm(after - before, axis=1).max() > 0.05 * before.std()

    def test_the_setting_steps_acts_mid_run(self, name: str, x: np.ndarray) -> None:
        one, other = build_projection(name), build_projection(name)
        place(one, x), place(other, x)
        one.set("steps", 3)
        np.testing.assert_array_equal(place(one, x[::-1].copy()), other(x[::-1].copy(), steps=3))

    def test_neighborhoods_wider_than_before_act_on_the_next_call(
        self, name: str, x: np.ndarray
    ) -> None:
        setting = {"tsne": "perplexity", "umap": "n_neighbors"}[name]
        projection = build_projection(name, **{setting: 5})
        place(projection, x)
        felt = (projection._layout._p > 1e-4).sum()
        projection.set(setting, 20)
        projection()
        assert (projection._layout._p > 1e-4).sum() > 1.5 * felt

    def test_three_thousand_duplicates_are_laid_out(
        self, name: str, x: np.ndarray, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tltutor.projections.layout.COOLING_DOWN", 3)
        projection = build_projection(name)
        projection._layout._schedule = projection._layout._schedule._replace(
            early_steps=5, full_steps=5
        )
        many = np.repeat(x[:30], 100, axis=0)
        projection(many, steps=1)
        xy = projection(many, steps=3)
        assert np.isfinite(xy).all()
        assert np.abs(xy).max() < 1e3


@pytest.mark.parametrize("name", LIVE)
def test_of_many_points_a_part_is_laid_out_and_the_map_is_nearly_as_true(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every step moves the part alone; over five sets the trust that this costs is small."""
    sets = load_digits().data[:1500].astype(np.float32).reshape(5, 300, 64)
    whole = [trustworthiness(x, build_projection(name)(x), n_neighbors=10) for x in sets]
    sizes: set[int] = set()
    advance = Moving.advance

    def counting(
        self: Moving, slope: torch.Tensor, rate: float, loops: ModuleType | None
    ) -> Moving:
        sizes.add(len(self.y))
        return advance(self, slope, rate, loops)

    monkeypatch.setattr(layout, "MANY", 100)
    monkeypatch.setattr(Moving, "advance", counting)
    maps = [build_projection(name)(x) for x in sets]
    assert sizes == {100}
    trust = [trustworthiness(x, xy, n_neighbors=10) for x, xy in zip(sets, maps, strict=True)]
    assert np.mean(trust) > np.mean(whole) - 0.03
    np.testing.assert_array_equal(build_projection(name)(sets[0]), maps[0])
    assert len(np.unique(maps[0], axis=0)) == 300, "none lie on one another"


@pytest.mark.parametrize("name", projection_names())
def test_read_only_arrays_are_welcome(name: str) -> None:
    """What a look hands out cannot be written to; torch would warn of such an array, once a process unless asked to each time."""
    labels, is_target = np.arange(60) % 3, np.arange(60) % 2 == 1
    x = np.random.default_rng(0).normal(size=(60, 5)).astype(np.float32) + 3 * labels[:, None]
    for array in (x, labels, is_target):
        array.setflags(write=False)
    before = torch.is_warn_always_enabled()
    torch.set_warn_always(True)
    try:
        assert np.isfinite(build_projection(name)(x, labels=labels, is_target=is_target)).all()
    finally:
        torch.set_warn_always(before)
