"""Training in bfloat16: what it changes is rounding; weights, losses and what an objective sees stay float32."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from cases import for_each

import tltutor as tl
from tltutor.objectives import Batch, Objective, build_objective, objective_names
from tltutor.objectives.objective import task_loss


def session(objective="dann", precision="bf16", **options):
    pair = tl.load_pair("digits->shifted-digits", seed=0)
    network = tl.build_network("lenet", pair, channels=(4, 6), width=8, seed=0)
    if isinstance(objective, str):
        objective = build_objective(objective)
    options = {"steps": 3, "batch_size": 12, "snapshot_size": 20, "device": "cpu"} | options
    return tl.Session(pair, network, objective, precision=precision, **options)


class Seen(Objective):
    """Source-only that keeps the types of what it sees."""

    name = "seen"
    title = "Seen"
    terms = ("task",)
    batches = frozenset({"source", "target"})

    def forward(self, batch: Batch) -> dict[str, torch.Tensor]:
        self.types = {t.dtype for t in (batch.fs, batch.ft, batch.zs, batch.zt)}
        self.types |= {h.dtype for h in (*batch.hs.values(), *batch.ht.values())}
        self.features = batch.fs.detach()
        return {"task": task_loss(batch)}


def test_an_objective_sees_float32_of_what_was_computed_in_bfloat16() -> None:
    seen = {name: Seen() for name in ("float32", "bf16")}
    for name, objective in seen.items():
        run = session(objective, name, steps=1)
        run.step()
        assert objective.types == {torch.float32}
        assert {p.dtype for p in run.network.parameters()} == {torch.float32}
    exact, rounded = (seen[name].features for name in ("float32", "bf16"))
    assert not torch.equal(exact, rounded)
    torch.testing.assert_close(rounded, exact, rtol=0.1, atol=0.02 * float(exact.abs().max()))


def test_the_first_step_moves_the_weights_the_same_way() -> None:
    moves = []
    pair = tl.load_pair(
        "moons->rotated-moons", seed=0
    )  # vectors: no max pooling that rounding sends another way
    for precision in ("float32", "bf16"):
        run = tl.Session(
            pair,
            tl.build_network("mlp", pair, seed=0),
            tl.objectives.SourceOnly(),
            precision=precision,
        )
        before = torch.cat([p.detach().flatten().clone() for p in run.network.parameters()])
        run.step()
        after = torch.cat([p.detach().flatten() for p in run.network.parameters()])
        moves.append(after - before)
    assert float(torch.cosine_similarity(*moves, dim=0)) > 0.98


def test_looks_and_judgments_stay_exact() -> None:
    runs = {name: session("source-only", name) for name in ("float32", "bf16")}
    features = [run.snapshot().features for run in runs.values()]
    np.testing.assert_array_equal(*features)
    assert runs["float32"].evaluate() == runs["bf16"].evaluate()


def test_kept_outputs_of_frozen_stages_enter_in_either_precision() -> None:
    run = session("mmd", freeze_depth=1, keep_frozen=True)
    run.step()
    assert run.prefix.depth == 1
    assert np.isfinite(run.snapshot().features).all()


def test_another_precision_is_refused_with_the_two_there_are() -> None:
    with pytest.raises(ValueError, match="no precision is called 'fp8': Known: float32, bf16"):
        session(precision="fp8")


@pytest.mark.slow
def test_every_objective_trains_in_bfloat16() -> None:
    def check(name: str) -> None:
        run = session(name)
        for _ in range(3):
            for fact in run.step():
                if isinstance(fact, tl.events.Stepped):
                    assert np.isfinite(list(fact.losses.values())).all()

    for_each(objective_names(), check)
