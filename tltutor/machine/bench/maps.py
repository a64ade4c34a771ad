"""Compare the live maps with umap-learn and openTSNE, warm-started from frame to frame, on the same features."""

from __future__ import annotations

import importlib
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import torch
from sklearn.manifold import trustworthiness

from tltutor.domains import load_pair
from tltutor.events import Stepped
from tltutor.networks import build_network
from tltutor.objectives import build_objective
from tltutor.projections import build_projection
from tltutor.projections.distances import nearest, squared_distances
from tltutor.training import Session

SIZES, FRAMES = (400, 800, 1500), 40
QUICK: dict[str, Any] = {"sizes": (400,), "frames": 4}
WIDTH, CLASSES = 64, 10
SHIFT, SHRINKS = (
    12.0,
    0.9,
)  # length of the target's shift, in standard deviations of a class; its factor per frame
THREADS = 2
NEIGHBORS = 10
FITS, JUDGED = (
    2,
    4,
)  # fits of the reference at every fourth frame; it is random, so two are averaged
STILL = 30  # calls on the last features
MOTION = ("source-only", "mmd", "dann")  # the recorded runs
LOOKS, MOVES = 75, 20  # looks at a run, frames after each

Places: TypeAlias = np.ndarray  # (n, 2)


class Judge(NamedTuple):
    """A reference: `warm(x, previous)` continues from the previous map, `fresh(x)` fits a new one; `ours` is our projection."""

    ours: str
    name: str
    warm: Callable[[np.ndarray, Places], Places]
    fresh: Callable[[np.ndarray], Places]


class Scene:
    """Two domains of ten Gaussian classes in 64 dimensions; the target's shift shrinks by a tenth per frame."""

    def __init__(self, n: int, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self.is_target = np.arange(n) % 2 == 1
        self._merged = 1.5 * rng.normal(size=(CLASSES, WIDTH))[
            np.arange(n) // 2 % CLASSES
        ] + rng.normal(size=(n, WIDTH))
        direction = rng.normal(size=WIDTH)
        self._shift = SHIFT * direction / np.linalg.norm(direction)

    def features(self, frame: int) -> np.ndarray:
        """Return the features (n, 64) float32 of a frame."""
        return (self._merged + np.outer(self.is_target, SHRINKS**frame * self._shift)).astype(
            np.float32
        )


def maps(
    say: Callable[[str], None], sizes: Sequence[int] = SIZES, frames: int = FRAMES
) -> dict[str, Any]:
    """Return all figures of both methods at these sizes, in a minute at 400 points, about ten in total.

    Needs umap-learn and openTSNE. A pair is (ours, theirs), a ratio ours over theirs, a gap (lowest, highest) of ours minus theirs.
    """
    figures: dict[str, Any] = {}
    with judging():
        for judge in (umap_learn(), open_tsne()):
            contest(judge, Scene(60), 2)  # compile
            for n in sizes:
                say(f"{judge.ours} against {judge.name}, {n} points …")
                figures[f"{judge.ours} {n}"] = contest(judge, Scene(n), frames)
    return figures


def motion(say: Callable[[str], None], looks: int = LOOKS) -> dict[str, Any]:
    """Return for each live map and method how far what moves on the map is what moves in the features; in two minutes.

    Lesson 01's run, looked at `looks` times. pooled: correlation of each point's way on the map, from look to look, with its
    way in feature space, over all points and looks. within: the median of the looks' own correlations. trustworthiness: mean
    over every fifth look. (After Vernier et al., EuroVis 2020.)
    """
    figures: dict[str, Any] = {}
    for objective in MOTION:
        say(f"features of {objective} …")
        xs = recorded(objective, looks)
        for name in ("tsne", "umap"):
            say(f"{name} on {objective} …")
            figures[f"{name} {objective}"] = moved(xs, followed(name, xs))
    return figures


def recorded(objective: str, looks: int) -> list[np.ndarray]:
    """Return the features (n, d) of lesson 01's run with this method, at evenly spaced looks after the first step."""
    pair = load_pair("digits->shifted-digits", seed=0, rotation=30, size=20)
    network = build_network("lenet", pair, seed=0, channels=(16, 32))
    session = Session(
        pair,
        network,
        build_objective(objective),
        steps=1500,
        batch_size=32,
        lr=0.02,
        snapshot_size=600,
        device="cpu",
    )
    every = max(session.steps // looks, 1)
    xs = [session.snapshot().features]
    seen = (fact.step for fact in session if isinstance(fact, Stepped) and fact.step % every == 0)
    xs.extend(session.snapshot().features for _ in seen)
    return xs[: looks + 1]


def followed(name: str, xs: Sequence[np.ndarray]) -> list[Places]:
    """Return the live map at each of these features, as a player moves it: a look, then MOVES small moves."""
    live, maps = build_projection(name), []
    for x in xs:
        live(x, budgeted=True)
        for _ in range(MOVES):
            places = live(budgeted=True, gliding=True)
        maps.append(np.array(places))
    return maps


def moved(xs: Sequence[np.ndarray], maps: Sequence[Places]) -> dict[str, float]:
    """Return the correlations of the ways on the maps with those in feature space, and the maps' trustworthiness."""
    # the first change is that of a network that has learned nothing yet
    far, wide = ([np.linalg.norm(b - a, axis=1) for a, b in pairwise(of)][1:] for of in (xs, maps))
    pooled = np.corrcoef(np.concatenate(far), np.concatenate(wide))[0, 1]
    within = np.median([np.corrcoef(a, b)[0, 1] for a, b in zip(far, wide, strict=True)])
    trust = [
        trustworthiness(x, y, n_neighbors=NEIGHBORS)
        for x, y in zip(xs[::5], maps[::5], strict=True)
    ]
    return {
        "pooled": round(float(pooled), 3),
        "within": round(float(within), 3),
        "trustworthiness": round(float(np.mean(trust)), 4),
    }


@contextmanager
def judging() -> Iterator[None]:
    """Use two threads for both sides, and ignore the references' warnings."""
    threads = torch.get_num_threads()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for judge in ("umap", "openTSNE"):
            importlib.import_module(judge)
        torch.set_num_threads(THREADS)  # after numba, which sets the threads of OpenMP, torch's too
        try:
            yield
        finally:
            torch.set_num_threads(threads)


def umap_learn() -> Judge:
    """umap-learn at its defaults; warm: 30 epochs from the previous map."""
    import umap

    def warm(x: np.ndarray, previous: Places) -> Places:
        return np.asarray(umap.UMAP(init=previous, n_epochs=30, n_jobs=THREADS).fit_transform(x))

    return Judge(
        "umap", "umap-learn", warm, lambda x: np.asarray(umap.UMAP(n_jobs=THREADS).fit_transform(x))
    )


def open_tsne() -> Judge:
    """openTSNE at its defaults; warm: new affinities and 25 iterations from the previous map."""
    import openTSNE

    def warm(x: np.ndarray, previous: Places) -> Places:
        affinities = openTSNE.affinity.PerplexityBasedNN(
            x, perplexity=min(30, (len(x) - 1) / 3), n_jobs=THREADS
        )
        embedding = openTSNE.TSNEEmbedding(previous.astype(np.float64), affinities, n_jobs=THREADS)
        return np.asarray(embedding.optimize(n_iter=25, momentum=0.8))

    return Judge(
        "tsne", "openTSNE", warm, lambda x: np.asarray(openTSNE.TSNE(n_jobs=THREADS).fit(x))
    )


class Series(NamedTuple):
    """A series of maps, and the seconds of each."""

    maps: list[Places]
    seconds: list[float]

    def add(self, draw: Callable[[], Places]) -> None:
        start = time.perf_counter()
        self.maps.append(draw())
        self.seconds.append(time.perf_counter() - start)

    def moves(self) -> list[np.ndarray]:
        """Return how far each point (n,) moved from map to map, in standard deviations of the centered map."""
        even = [(y - y.mean(0)) / y.std() for y in self.maps]
        return [np.linalg.norm(b - a, axis=1) for a, b in pairwise(even)]

    def quality(self, xs: Sequence[np.ndarray], is_target: np.ndarray) -> np.ndarray:
        """Return (maps, 2): trustworthiness, and the share of the other domain among a point's neighbors, for each map."""
        trust = [
            trustworthiness(x, y, n_neighbors=NEIGHBORS) for x, y in zip(xs, self.maps, strict=True)
        ]
        return np.stack([trust, [mixing(y, is_target) for y in self.maps]], 1)


def mixing(y: Places, is_target: np.ndarray) -> float:
    """Return the share of the other domain among the 10 nearest points on the map y (n, 2): .5 for even mixing."""
    rows = nearest(squared_distances(torch.as_tensor(y).double()), NEIGHBORS)[1].numpy()
    return float((is_target[rows] != is_target[:, None]).mean())


def contest(judge: Judge, scene: Scene, frames: int) -> dict[str, Any]:
    """Return every row of the table for one method at one size."""
    xs = [scene.features(frame) for frame in range(frames)]
    ours, theirs, still, theirs_still = follow(judge, xs)
    own, *fits = fresh(judge, xs)
    carried, alone, warm = (s.quality(xs, scene.is_target) for s in (ours, own, theirs))
    first, *more = (s.quality(xs[::JUDGED], scene.is_target) for s in fits)
    judged = np.mean([first, *more], 0)
    return {
        "seconds_a_frame": beside(np.median(ours.seconds[1:]), np.median(theirs.seconds[1:])),
        "mean_seconds_a_frame": beside(np.mean(ours.seconds[1:]), np.mean(theirs.seconds[1:])),
        "displacement": beside(np.median(ours.moves()), np.median(theirs.moves())),
        "largest_displacement": beside(
            *(max(np.median(m) for m in s.moves()) for s in (ours, theirs))
        ),
        "jitter": beside(np.median(still.moves()[:2]), np.median(theirs_still.moves())),
        "cold_layout_seconds": beside(np.median(own.seconds), np.median(fits[0].seconds)),
        "lag_behind_own_fresh_fit": gaps(carried, alone),
        "lag_behind_judge": gaps(carried[::JUDGED], judged),
        "lag_of_theirs_warm": gaps(warm[::JUDGED], judged),
        "two_fits_of_the_judge": gaps(first, more[0]),
        "fresh_fit_less_judge": gaps(alone[::JUDGED], judged),
        "largest_move_at_first": round(float(np.max(still.moves()[:5])), 5),
        "largest_move_at_rest": round(float(np.max(still.moves()[-5:])), 5),
    }


def follow(judge: Judge, xs: Sequence[np.ndarray]) -> tuple[Series, Series, Series, Series]:
    """Run ours and theirs in turns, frame by frame, then both repeatedly on the last features."""
    ours, theirs, still, theirs_still = (Series([], []) for _ in range(4))
    live = build_projection(judge.ours)
    for x in xs:
        ours.add(lambda x=x: live(x))  # type: ignore[misc]
        theirs.add(lambda x=x: judge.warm(x, theirs.maps[-1]) if theirs.maps else judge.fresh(x))  # type: ignore[misc]
    still.maps.append(ours.maps[-1])
    theirs_still.maps.append(theirs.maps[-1])
    for _ in range(STILL):
        still.add(lambda: live(xs[-1]))
    for _ in range(2):
        theirs_still.add(lambda: judge.warm(xs[-1], theirs_still.maps[-1]))
    return ours, theirs, still, theirs_still


def fresh(judge: Judge, xs: Sequence[np.ndarray]) -> list[Series]:
    """Fit a new layout of each frame by ours, and two of every fourth frame by the reference."""
    own, *fits = (Series([], []) for _ in range(1 + FITS))
    for k, x in enumerate(xs):
        own.add(lambda x=x: build_projection(judge.ours)(x))  # type: ignore[misc]
        for fit in fits if k % JUDGED == 0 else ():
            fit.add(lambda x=x: judge.fresh(x))  # type: ignore[misc]
    return [own, *fits]


def beside(ours: Any, theirs: Any) -> dict[str, Any]:
    """Return two figures and their ratio, None for division by 0."""
    return {
        "ratio": round(float(ours / theirs), 4) if theirs else None,
        "pair": [round(float(ours), 5), round(float(theirs), 5)],
    }


def gaps(ours: np.ndarray, theirs: np.ndarray) -> dict[str, Any]:
    """Return lowest and highest difference of the qualities (frames, 2), and how often mixing differs by more than .02."""
    trust, mixed = (ours - theirs).T
    return {
        "trustworthiness": [round(float(trust.min()), 4), round(float(trust.max()), 4)],
        "mixing": [round(float(mixed.min()), 3), round(float(mixed.max()), 3)],
        "frames_off": int((np.abs(mixed) > 0.02).sum()),
    }
