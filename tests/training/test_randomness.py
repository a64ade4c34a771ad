"""Runs that train at once draw from torch's one stream in turns: each is what it would be alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
import torch

from tltutor.networks import seeding
from tltutor.networks.seeding import own_stream, seeded
from tltutor.training.randomness import OwnRandomness


def drawn(randomness: OwnRandomness, steps: int) -> list[float]:
    """Numbers that the steps of a run draw, with time for others between the draws."""
    found = []
    for _ in range(steps):
        with randomness.here():
            for _ in range(3):
                found.append(float(torch.rand(())))
                time.sleep(0.001)
    return found


def at_once(*acts: Callable[[], object]) -> list[object]:
    results: list[object] = [None] * len(acts)

    def run(i: int) -> None:
        results[i] = acts[i]()

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def weights(seed: int) -> list[float]:
    """Drawn as a network's are, with time for others in between."""
    found = []
    for _ in range(10):
        with seeded(seed):
            for _ in range(2):
                found.append(float(torch.rand(())))
                time.sleep(0.001)
    return found


def test_runs_and_networks_that_are_made_at_once_draw_what_they_would_alone() -> None:
    device = torch.device("cpu")
    alone = [drawn(OwnRandomness(seed, device), 10) for seed in (0, 1)]
    before = torch.get_rng_state()
    together = at_once(
        lambda: drawn(OwnRandomness(0, device), 10),
        lambda: drawn(OwnRandomness(1, device), 10),
        lambda: weights(7),
    )
    assert together == [*alone, weights(7)]
    assert torch.equal(torch.get_rng_state(), before)


def test_a_thread_that_hangs_holds_nobody_up_for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeding, "PATIENCE", 0.05)
    entered, leave = threading.Event(), threading.Event()

    def hangs() -> None:
        with own_stream():
            entered.set()
            leave.wait(10)

    thread = threading.Thread(target=hangs)
    thread.start()
    assert entered.wait(5)
    start = time.monotonic()
    with own_stream():
        waited = time.monotonic() - start
    leave.set()
    thread.join()
    assert 0.04 < waited < 5


def test_a_step_inside_a_step_does_not_wait_for_itself() -> None:
    """A snapshot draws ahead while the step's own stream is open, as a pretraining does."""
    with own_stream():
        start = time.monotonic()
        with seeded(3):
            torch.rand(())
        assert time.monotonic() - start < 1
