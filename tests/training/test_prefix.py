"""Outputs of frozen stages that are kept: the numbers of a run that keeps none, computed once, and anew when something moves."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest
import torch
from torch import nn

import tltutor as tl
from tltutor.events import Snapshot, Stepped
from tltutor.objectives import OBJECTIVES, build_objective
from tltutor.training import prefix, spill
from tltutor.training.prefix import TOGETHER, Part, is_worth_it
from tltutor.training.session import Session

PAIR = tl.load_pair("digits->photo-digits", seed=0)
SIZED = 1  # example at each depth: how much its outputs take
OPTIONS: dict[str, Any] = {"channels": (4, 8), "batchnorm": True}


def session(objective: str = "dann", *, frozen: int = 2, **options: Any) -> Session:
    network = tl.build_network("lenet", PAIR, seed=0, **OPTIONS)
    how: dict[str, Any] = {"steps": 100, "batch_size": 16, "snapshot_size": 60, "device": "cpu"}
    return Session(
        PAIR, network, build_objective(objective), freeze_depth=frozen, **(how | options)
    )


def both(objective: str = "dann", **options: Any) -> Iterator[Session]:
    """The same run with kept outputs and without."""
    return (session(objective, keep_frozen=keep, **options) for keep in (True, False))


def trained(run: Session, steps: int = 6) -> list[dict[str, float]]:
    facts = [fact for _ in range(steps) for fact in run.step()]
    return [fact.losses for fact in facts if isinstance(fact, Stepped)]


def assert_alike(one: list[dict[str, float]], other: list[dict[str, float]]) -> None:
    assert len(one) == len(other)
    for a, b in zip(one, other, strict=True):
        assert a == pytest.approx(b, rel=1e-4, abs=1e-6)


def passes(run: Session, stage: int = 0) -> list[int]:
    """How many examples went through this stage, at each call from now on."""
    seen: list[int] = []
    layer: nn.Module = list(run.network.stages.values())[stage]
    layer.register_forward_hook(lambda _m, inputs, _o: seen.append(len(inputs[0])))
    return seen


@pytest.mark.parametrize("frozen", [1, 2, 3])
@pytest.mark.parametrize(
    "objective", ["source-only", "dann", "mmd", "dan", "afn", "fitnets", "mme"]
)
def test_the_losses_are_those_of_a_run_that_keeps_nothing(objective: str, frozen: int) -> None:
    kept, plain = both(objective, frozen=frozen)
    assert kept.prefix.depth == min(frozen, len(kept.network.feature_stages))
    assert_alike(trained(kept), trained(plain))
    for a, b in zip(kept.network.parameters(), plain.network.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("batchnorm", ["separate", "joint", "source"])
def test_each_domain_has_its_own_statistics_there_too(batchnorm: Any) -> None:
    kept, plain = both(batchnorm=batchnorm, frozen=0)
    for run in (kept, plain):
        trained(run, 4)  # source and target get statistics of their own
        run.set(freeze_depth=2)
    assert_alike(trained(kept), trained(plain))
    assert kept.prefix.depth == 2
    for a, b in ((kept.snapshot(), plain.snapshot()),):
        np.testing.assert_allclose(a.features, b.features, rtol=1e-4, atol=1e-5)


def test_an_example_goes_through_frozen_stages_once() -> None:
    run = session(keep_frozen=True, frozen=4, batch_size=64)
    seen = passes(run)
    trained(run, 40)  # more than an epoch of either domain
    once = SIZED + len(PAIR.source) + len(PAIR.target)
    assert sum(seen) == once
    run.snapshot(flow=True)
    points = run.snapshot_points
    assert sum(seen) == once + len(points.x)
    run.snapshot(flow=True)
    run.pulls()
    assert sum(seen) == once + len(points.x)


def test_stages_that_train_run_at_each_step() -> None:
    run = session(keep_frozen=True, frozen=1)
    seen = passes(run, 1)
    trained(run, 3)
    assert seen == [16, 16] * 3


def test_one_more_frozen_stage_goes_on_from_what_is_known_and_one_less_forgets() -> None:
    run = session(keep_frozen=True, frozen=1, batch_size=64)
    first, second = passes(run), passes(run, 1)
    trained(run, 40)
    done = sum(first)
    second.clear()
    run.set(freeze_depth=2)
    trained(run, 40)
    assert sum(first) == done + SIZED, "the first stage is not asked again"
    assert sum(second) == SIZED + len(PAIR.source) + len(PAIR.target)
    run.set(freeze_depth=1)
    trained(run, 1)
    assert sum(first) > done


def test_what_moved_in_between_is_computed_anew() -> None:
    kept, plain = both(frozen=2)
    for run in (kept, plain):
        trained(run, 2)
        run.set(freeze_depth=0)
        trained(run, 2)
        run.set(freeze_depth=2)
    assert_alike(trained(kept), trained(plain))


@pytest.mark.parametrize("change", ["weight", "statistic"])
def test_weights_and_statistics_that_are_written_from_outside_count(change: str) -> None:
    kept, plain = both(frozen=2)
    for run in (kept, plain):
        trained(run, 2)
        with torch.no_grad():
            if change == "weight":
                next(run.network.stages.parameters()).mul_(0.5)
            else:
                next(b for n, b in run.network.stages.named_buffers() if "target_mean" in n).add_(1)
    assert_alike(trained(kept), trained(plain))


def test_a_run_that_goes_on_from_a_state_is_the_run_bit_for_bit() -> None:
    run = session(keep_frozen=True, frozen=2)
    trained(run, 3)
    state, later = run.state(), trained(run, 3)
    other = session(keep_frozen=True, frozen=2)
    other.restore(state)
    assert trained(other, 3) == later


def test_an_output_does_not_depend_on_who_asks_first() -> None:
    network = tl.build_network("lenet", PAIR, seed=0, **OPTIONS).eval()
    x = torch.tensor(PAIR.source.x[:21])
    one, other = (Part(network, x, "source", 2, None) for _ in range(2))
    forward, backward = torch.arange(21), torch.arange(20, -1, -1)
    a = torch.cat([one.take(rows) for rows in forward.split(5)])
    b = torch.cat([other.take(rows) for rows in backward.split(7)]).flip(0)
    assert torch.equal(a, b)
    deeper = Part(network, x, "source", 3, one)
    assert torch.equal(deeper.take(forward), Part(network, x, "source", 3, None).take(forward))
    assert deeper.before is None, "all is known: it lets go of what it went on from"
    assert list(deeper.every_mean()) == list(network.stages)[:3]


def looks_alike(a: Snapshot, b: Snapshot) -> None:
    np.testing.assert_allclose(a.features, b.features, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(a.predictions, b.predictions)
    assert a.flow is not None
    assert b.flow is not None
    assert list(a.flow.separation) == list(b.flow.separation)
    for name, value in a.flow.separation.items():
        assert value == pytest.approx(b.flow.separation[name], abs=0.02)


@pytest.mark.parametrize("frozen", [0, 1, 2, 4])
def test_a_look_is_that_of_a_run_that_keeps_nothing(frozen: int) -> None:
    looks_alike(*(run.snapshot(flow=True) for run in both(frozen=frozen)))


def test_pulls_are_those_of_a_run_that_keeps_nothing_from_the_last_frozen_stage_on() -> None:
    kept, plain = (run.pulls() for run in both(frozen=2))
    assert [p.part for p in kept] == [p.part for p in plain]
    for a, b in list(zip(kept, plain, strict=True))[1:]:
        assert a.task == pytest.approx(b.task, rel=1e-3)
        assert a.transfer == pytest.approx(b.transfer, rel=1e-3)
    assert kept[0].task == 0.0, "nothing goes back through it"


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Memory has no room for the outputs of two stages; the folder of those that lie on the disk."""
    monkeypatch.setattr(prefix, "MOST", session(keep_frozen=True).prefix._bytes(2) - 1)
    monkeypatch.setattr(spill, "folder", lambda: tmp_path / "cache")
    return tmp_path / "cache"


def test_what_memory_has_no_room_for_lies_on_the_disk_with_the_same_numbers(
    monkeypatch: pytest.MonkeyPatch, disk: Path
) -> None:
    room = Mock(wraps=spill.on_disk)
    monkeypatch.setattr(spill, "on_disk", room)
    run, plain = both(frozen=2)
    assert run.prefix.depth == 2
    assert_alike(trained(run), trained(plain))
    assert room.call_count == 2, "one for each domain"
    assert run.prefix._parts["source"]._h.is_contiguous(memory_format=torch.channels_last)
    run.set(freeze_depth=3)
    trained(run, 1)
    assert run.prefix.depth == 3, "one more stage makes less, and goes on from the disk"
    assert run.prefix._place(3) == "memory"
    assert disk.is_dir()
    assert list(disk.iterdir()) == [], "the file has no name, so that it goes with its process"


def test_the_disk_keeps_the_bits_of_memory(monkeypatch: pytest.MonkeyPatch, disk: Path) -> None:
    spilled = session(keep_frozen=True)
    on_disk = trained(spilled)
    monkeypatch.setattr(prefix, "MOST", 2**40)
    in_memory = session(keep_frozen=True)
    assert trained(in_memory) == on_disk
    parts = (run.prefix._parts["target"]._h for run in (spilled, in_memory))
    one, other = (part[:TOGETHER] for part in parts)
    assert spilled.prefix._place(2) == "disk"
    assert in_memory.prefix._place(2) == "memory"
    assert one.shape == other.shape


@pytest.mark.parametrize("lack", ["limit", "space", "error"])
@pytest.mark.usefixtures("disk")
def test_where_the_disk_has_no_room_either_none_is_kept(
    monkeypatch: pytest.MonkeyPatch, lack: str
) -> None:
    size = session(keep_frozen=True).prefix._bytes(2)
    if lack == "limit":
        monkeypatch.setattr(prefix, "MOST_ON_DISK", size - 1)
    elif lack == "space":
        usage = SimpleNamespace(free=2 * size - 1)
        monkeypatch.setattr(spill.shutil, "disk_usage", lambda _: usage)
    else:
        monkeypatch.setattr(spill.shutil, "disk_usage", Mock(side_effect=OSError))
    run = session(keep_frozen=True, frozen=2)
    assert run.prefix.depth == 0
    plain = session(keep_frozen=False, frozen=2)
    assert_alike(trained(run), trained(plain))


def test_room_on_a_disk_is_reserved_before_anything_is_written(
    monkeypatch: pytest.MonkeyPatch, disk: Path
) -> None:
    full = Mock(side_effect=OSError(errno.ENOSPC, "No space left on device"))
    monkeypatch.setattr(spill.os, "posix_fallocate", full, raising=False)
    with pytest.raises(OSError, match="No space left"):
        session(keep_frozen=True).step()
    monkeypatch.delattr(spill.os, "posix_fallocate")
    room = spill.on_disk(torch.ones(2, 3, 4, 5, dtype=torch.bfloat16), 7)
    assert room.shape == (7, 3, 4, 5)
    assert room.dtype == torch.bfloat16
    assert room.is_contiguous(memory_format=torch.channels_last)
    assert float(room.abs().max()) == 0.0
    assert spill.on_disk(torch.ones(2, 6), 7).shape == (7, 6)
    assert list(disk.iterdir()) == []


def test_outputs_are_kept_for_large_images_alone() -> None:
    assert is_worth_it((3, 224, 224))
    assert not is_worth_it((3, 28, 28))
    assert not is_worth_it((2000,))
    assert session().prefix.depth == 0


@pytest.mark.parametrize("name", sorted(OBJECTIVES))
def test_every_objective_trains_on_kept_outputs(name: str) -> None:
    kept, plain = both(name, frozen=2)
    assert_alike(trained(kept, 2), trained(plain, 2))


def test_it_tells_how_far_it_is() -> None:
    run, told = session(keep_frozen=True, frozen=2, batch_size=64), []
    run.prefix.on_progress = lambda done, n: told.append((done, n))
    trained(run, 40)
    run.snapshot()
    n = len(PAIR.source) + len(PAIR.target) + len(run.snapshot_points.x)
    assert [of for _, of in told] == [n] * len(told)
    assert told[-1] == (n, n)
    assert told == sorted(told)
    told.clear()
    trained(run, 2)
    assert told == [], "all is known"


def test_few_rows_go_through_at_a_time() -> None:
    run = session(keep_frozen=True, frozen=2)
    seen = passes(run)
    run.step()
    assert max(seen) <= TOGETHER


def test_the_seconds_that_are_spent_once_are_counted_once() -> None:
    run = session(keep_frozen=True)
    run.snapshot()
    spent = run.seconds_once
    assert spent > 0
    run.snapshot()
    assert run.seconds_once == spent
    run.step()
    assert run.seconds_once > spent, "the rows of the first step were not asked for yet"
