"""The compiled loops against the printed formulas in float64, and where they are used."""

from __future__ import annotations

import subprocess
import sys
from itertools import product

import numpy as np
import pytest
import torch
from cases import for_each

from tltutor.projections import _numba as loops
from tltutor.projections.backend import compiled_loops
from tltutor.projections.descent import LARGEST_GAIN, SMALLEST_GAIN, Moving
from tltutor.projections.fuzzy import find_ab_params
from tltutor.projections.perplexity import moments
from tltutor.projections.tsne import tsne_gradient
from tltutor.projections.umap import EPSILON, NEGATIVES, umap_gradient


def affinities(n: int, seed: int = 0) -> torch.Tensor:
    p = torch.rand(n, n, generator=torch.Generator().manual_seed(seed))
    p = torch.where(p > 0.7, p, 0.0)
    p = (p + p.T).fill_diagonal_(0)
    return p / p.sum()


def places(n: int, size: float) -> torch.Tensor:
    y = size * torch.randn(n, 2, generator=torch.Generator().manual_seed(n))
    y[1] = y[0]  # two on one spot
    y[2] = y[3] + 1e-4
    return y


def test_umaps_loop_is_its_gradient() -> None:
    for_each(
        product((1e-3, 1.0, 30.0, 1e4), (0.3, 1.0), (4, 67), (0.0, 0.1, 0.99)),
        lambda case: umaps_loop_is_its_gradient(*case),
    )


def umaps_loop_is_its_gradient(size: float, repulsion: float, n: int, min_dist: float) -> None:
    y, p, (a, b) = places(n, size), affinities(n), find_ab_params(min_dist)
    rate = p.sum(1) * (NEGATIVES / (2 * n))
    given = loops.umap_gradient(y, p, rate=rate, a=a, b=b, repulsion=repulsion, epsilon=EPSILON)
    wanted = umap_double_loop(y.double(), p.double(), a=a, b=b, repulsion=repulsion)
    torch.testing.assert_close(
        given.double(), wanted, rtol=1e-4, atol=1e-5 * float(wanted.abs().max())
    )
    if size <= 30:  # beyond that the matrix form's distances are rounded
        torch.testing.assert_close(
            umap_gradient(y.double(), p.double(), a=a, b=b, repulsion=repulsion), wanted
        )


def umap_double_loop(
    y: torch.Tensor, p: torch.Tensor, *, a: float, b: float, repulsion: float
) -> torch.Tensor:
    """The gradient's formula, pair by pair."""
    out = torch.zeros_like(y)
    for i in range(len(y)):
        for j in set(range(len(y))) - {i}:
            s = float((y[i] - y[j]).square().sum()) + EPSILON
            r = NEGATIVES * float(p[i].sum() + p[j].sum()) / (2 * len(p))
            out[i] += (
                4 * (p[i, j] * a * s**b - repulsion * r) * b / (s * (1 + a * s**b)) * (y[i] - y[j])
            )
    return out


def test_tsnes_loop_is_its_gradient() -> None:
    for_each(
        product((1e-3, 1.0, 30.0), (1 / 12, 1.0), (4, 67)),
        lambda case: tsnes_loop_is_its_gradient(*case),
    )


def tsnes_loop_is_its_gradient(size: float, repulsion: float, n: int) -> None:
    y, p = places(n, size), affinities(n)
    wanted = tsne_gradient(y.double(), p.double(), repulsion=repulsion)
    given = loops.tsne_gradient(y, p, repulsion=repulsion)
    torch.testing.assert_close(
        given.double(), wanted, rtol=1e-4, atol=2e-6 * float(wanted.abs().max())
    )


def test_the_power_is_exact_to_four_digits_and_more() -> None:
    s = np.geomspace(1e-3, 1e8, 4001).astype(np.float32)
    for a, b in (find_ab_params(0.0), find_ab_params(0.1), find_ab_params(0.99)):
        given = [loops.power(x, np.float32(b), np.float32(np.log2(a))) for x in s]
        np.testing.assert_allclose(given, a * s.astype(np.float64) ** b, rtol=5e-5)


@pytest.mark.parametrize("beta", [1e-6, 1.0, 50.0, 1e12])
def test_moments_are_the_sums(beta: float) -> None:
    draw = torch.Generator().manual_seed(0)
    d2 = (10 * torch.rand(40, 40, generator=draw)).fill_diagonal_(0)
    d2[torch.arange(40), (torch.arange(40) + 1) % 40] = (
        0  # the nearest, as the search hands them on
    )
    betas = beta * (1 + torch.rand(40, 1, generator=draw))
    for given, wanted in zip(
        moments(d2, betas, loops), moments(d2.double(), betas.double()), strict=True
    ):
        assert given.shape == (40, 1)
        torch.testing.assert_close(given.double(), wanted, rtol=2e-5, atol=1e-9)


def test_both_ways_to_advance_are_one() -> None:
    """Float64 goes through whole arrays, float32 through the loops; gains reach both of their bounds."""
    draw = torch.Generator().manual_seed(0)
    exact = Moving.at_rest(torch.randn(9, 2, generator=draw).double())
    single = Moving(*(part.float() for part in exact))
    assert compiled_loops(single.y) is loops
    assert compiled_loops(exact.y) is None
    for _ in range(60):  # the first coordinate goes on downhill, the second has always gone too far
        slope = 1 + torch.rand(9, 2, generator=draw).double()
        slope[:, 1] *= torch.where(exact.velocity[:, 1] < 0, -1, 1)
        exact, single = exact.advance(slope, 0.1), single.advance(slope.float(), 0.1, loops)
        for one, other in zip(exact, single, strict=True):
            torch.testing.assert_close(one, other.double(), rtol=1e-3, atol=1e-3)
    assert exact.gains.max() == LARGEST_GAIN
    assert exact.gains.min() == SMALLEST_GAIN
    torch.testing.assert_close(single.centered().y.mean(0), torch.zeros(2), atol=1e-4, rtol=0)


def test_advancing_leaves_what_was_before() -> None:
    before = Moving.at_rest(torch.ones(5, 2))
    for way in (loops, None):
        before.advance(torch.ones(5, 2), 0.1, way)
        assert (before.y == 1).all()
        assert (before.velocity == 0).all()
        assert (before.gains == 1).all()


def test_compiles_where_nothing_can_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []

    def njit(cache: bool = False, **how: object) -> object:
        asked.append(cache)
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        assert how == {"nogil": True, "fastmath": True, "error_model": "numpy"}
        return lambda loop: loop

    monkeypatch.setattr(loops.numba, "njit", njit)
    assert loops.compiled(abs) is abs
    assert asked == [True, False]


def test_numba_waits_for_the_first_map_and_leaves_torchs_threads_alone() -> None:
    lines = """
        import sys, numpy as np, torch
        torch.set_num_threads(1)
        import tltutor.projections as projections
        assert "numba" not in sys.modules
        projections.TSNE()(np.random.default_rng(0).normal(size=(20, 3)))
        assert "numba" in sys.modules
        assert torch.get_num_threads() == 1
    """
    subprocess.run(
        [sys.executable, "-c", "\n".join(line.strip() for line in lines.splitlines())],
        check=True,
        timeout=120,
    )


DISTURBED = """
import builtins
import llvmlite.binding as names
import torch
from tltutor.projections.backend import compiled_loops
told, changes = names.add_symbol, []
def disturbed(name, address):
    if name.startswith("PyExc_") and len(changes) < 2:  # as IPython does before and after a cell
        changes.append(name)
        setattr(builtins, f"cell_{len(changes)}", None)
    told(name, address)
names.add_symbol = disturbed
y, p = torch.zeros(20, 2), torch.ones(20, 20)
print(*compiled_loops(y).tsne_gradient(y, p, repulsion=1.0).shape, len(changes))
"""


def test_a_cell_that_begins_while_numba_sets_itself_up_ends_no_run() -> None:
    """In a process of its own, where numba is new: its walk over the builtins is disturbed twice."""
    done = subprocess.run(
        [sys.executable, "-c", DISTURBED], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["20", "2", "2"]
