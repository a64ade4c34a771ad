"""Measure without a browser: the loop against a hand-written one, the cost of the map, delays, imports."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import torch

from tltutor.domains import DomainPair, load_pair
from tltutor.events import Changed
from tltutor.lab import Lab, default_threads
from tltutor.machine.bench.maps import Scene
from tltutor.machine.bench.plain import steps as plain_steps
from tltutor.networks import build_network
from tltutor.objectives import DANN
from tltutor.player import Player
from tltutor.projections import build_projection
from tltutor.training.session import Session

PAIR = "digits->photo-digits"
BATCH = 64
POINTS = 600  # on the map
THREADS = default_threads()
BLOCK = 2.0  # seconds of one block; the two sides alternate block by block
BLOCKS = 6
SHORT, MANY = 0.5, 24  # short blocks and many turns average out the load of other programs
LARGE, FRAMES = (2000, 5000), 12  # points of two maps, and frames of each
LESSON = {"name": "digits->shifted-digits", "rotation": 30, "size": 20}  # lesson 01's domains


def steps_per_second(step: Callable[[], Any], seconds: float = BLOCK) -> float:
    """Return how often per second `step` ran in a block of this length."""
    start, n = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        step()
        n += 1
    return n / (time.perf_counter() - start)


def ratio_of_turns(
    one: Callable[[], float], other: Callable[[], float], turns: int = BLOCKS
) -> dict[str, Any]:
    """Measure two rates in turns; return the median of the ratios of adjacent blocks, and both medians."""
    pairs = [(one(), other()) for _ in range(turns)]
    ratios = [a / b for a, b in pairs]
    return {
        "ratio": round(statistics.median(ratios), 3),
        "ratios": [round(ratio, 3) for ratio in ratios],
        "steps_per_s": [round(statistics.median(side), 1) for side in zip(*pairs, strict=True)],
    }


def load_digits() -> DomainPair:
    """Return the digits with nothing held out: the map then takes its points from the training parts, which are large enough."""
    pair = load_pair(PAIR, seed=0)
    return DomainPair(pair.source, pair.target)


def new_session() -> Session:
    """Return DANN on the paper's network, 64 + 64 color images of 28 x 28, on the CPU."""
    pair = load_digits()
    network = build_network("lenet", pair, seed=0)
    return Session(
        pair, network, DANN(), steps=100_000, batch_size=BATCH, device="cpu", snapshot_size=POINTS
    )


def session_over_plain_loop() -> dict[str, Any]:
    """Return the session's steps per second over those of the hand-written loop: same network, batches, layout and threads."""
    torch.set_num_threads(THREADS)
    session = new_session()
    loop: Iterator[float] = plain_steps(session.pair, batch_size=BATCH, total=100_000)
    for _ in range(5):
        session.step(), next(loop)
    ours, plain = (
        partial(steps_per_second, step, SHORT) for step in (session.step, partial(next, loop))
    )
    return ratio_of_turns(ours, plain, MANY)


def look_with_flow_over_look() -> dict[str, Any]:
    """Return looks per second that measure the flow over looks that do not."""
    torch.set_num_threads(THREADS)
    session = new_session()
    session.step()
    flowing, plain = (
        partial(steps_per_second, partial(session.snapshot, flow=flow), SHORT)
        for flow in (True, False)
    )
    figures = ratio_of_turns(flowing, plain, MANY)
    figures["looks_per_s"] = figures.pop("steps_per_s")
    return figures


def many_points_on_the_map() -> dict[str, Any]:
    """Return, for each live map, the milliseconds that new features of 2,000 and of 5,000 points take, and their ratio."""
    torch.set_num_threads(THREADS)
    return {projection: _frames_of(projection, LARGE) for projection in ("tsne", "umap")}


def _frames_of(projection: str, sizes: Sequence[int]) -> dict[str, Any]:
    sides = [(build_projection(projection), Scene(n)) for n in sizes]
    times: list[list[float]] = []
    for frame in range(FRAMES + 1):
        times.append([])
        for layout, scene in sides:
            features, start = scene.features(frame), time.perf_counter()
            layout(features, is_target=scene.is_target, budgeted=True)
            times[-1].append(1000 * (time.perf_counter() - start))
    few, many = zip(*times[1:], strict=True)  # the first frame is a whole layout
    ratio = statistics.median(b / a for a, b in zip(few, many, strict=True))
    return {
        "ratio": round(ratio, 2),
        "ms": [round(statistics.median(side)) for side in (few, many)],
    }


def map_open_over_headless() -> dict[str, Any]:
    """Return steps per second of a playing board (no browser) over those of the same session without it."""
    return {projection: _with_map(projection) for projection in ("tsne", "umap")}


def _with_map(projection: str) -> dict[str, Any]:
    session = new_session()
    lab = open_lab(projection)
    lab.start()
    frames: list[float] = []

    def playing() -> float:
        done, seen, start = lab.session.step_number, lab.recording.frame_count, time.perf_counter()
        lab.play()
        time.sleep(2 * BLOCK)
        seconds = time.perf_counter() - start
        rate = (lab.session.step_number - done) / seconds
        frames.append((lab.recording.frame_count - seen) / seconds)
        lab.pause()
        rest(lab)
        return rate

    try:
        rest(lab)
        for _ in range(5):
            session.step()
        figures = ratio_of_turns(playing, lambda: steps_per_second(session.step, 2 * BLOCK))
    finally:
        lab.close()
    return figures | {"layouts_per_s": round(statistics.median(frames), 2)}


def open_lab(projection: str, name: str = "bench") -> Lab:
    """Return a board on the same run as `new_session`; it closes the one of its name."""
    options: dict[str, Any] = {
        "steps": 100_000,
        "batch_size": BATCH,
        "snapshot_size": POINTS,
        "device": "cpu",
    }
    return Lab(load_digits(), "dann", projection=projection, name=name, **options)


def rest(lab: Lab) -> None:
    """Wait until the layout is at rest."""
    lab.wait()
    frames = -1
    while frames != lab.recording.frame_count:
        frames = lab.recording.frame_count
        time.sleep(0.3)


def lesson_session() -> Session:
    """Return the run of lesson 01's first board, with very many steps."""
    pair = load_pair(**LESSON, seed=0)  # type: ignore[arg-type]
    network = build_network("lenet", pair, seed=0, channels=(16, 32))
    return Session(pair, network, DANN(), steps=100_000, batch_size=32, lr=0.02, device="cpu")


def slider_to_step(moves: int = 30) -> dict[str, float]:
    """Return milliseconds from a changed setting to the end of the first step with it, while lesson 01 plays."""
    heard: list[float] = []
    player = Player(
        lesson_session(),
        on_fact=lambda f: heard.append(time.perf_counter()) if isinstance(f, Changed) else None,
        name="bench",
    )
    delays = []
    try:
        player.play()
        for i in range(moves):
            time.sleep(0.13)
            count, start = len(heard), time.perf_counter()
            player.set(weight=0.1 + 0.01 * i)
            while len(heard) == count:
                player.check()
                time.sleep(0.0005)
            delays.append(1000 * (heard[-1] - start))
    finally:
        player.stop()
    return {"median": round(statistics.median(delays), 1), "worst": round(max(delays), 1)}


# The first optimizer makes torch import its compiler.
_IMPORT = """
import time, torch
torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
start = time.perf_counter()
import tltutor as tl
tl.load_pair, tl.build_network, tl.objectives.DANN, tl.Session  # a name is imported when it is first asked for
print(time.perf_counter() - start)
"""
_FIRST_STEP = """
import time, torch
torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.1)
start = time.perf_counter()
import tltutor as tl
pair = tl.load_pair("digits->photo-digits")
session = tl.Session(pair, tl.build_network("lenet", pair), tl.objectives.DANN(), device="cpu")
session.step()
print(time.perf_counter() - start)
"""
_FIRST_FRAME = """
import time
start = time.perf_counter()
import tltutor as tl
lab = tl.Lab(device="cpu")
lab.play()
while lab.recording.frame_count < 2 or lab.recording.frame(lab.recording.frame_count - 1).step == 0:
    time.sleep(0.005)
print(time.perf_counter() - start)
lab.close()
"""


def _seconds(program: str, times: int = 3) -> list[float]:
    """Return the last number that the program prints, in fresh processes."""
    command = [sys.executable, "-c", program]
    runs = []
    for _ in range(times):
        runs.append(subprocess.run(command, check=True, capture_output=True, text=True))  # noqa: S603, PERF401
    return sorted(round(float(done.stdout.split()[-1]), 2) for done in runs)


def import_over_torch() -> list[float]:
    """Return seconds of importing all that trains, after torch is imported and has made an optimizer, in fresh processes."""
    return _seconds(_IMPORT)


def first_step() -> list[float]:
    """Return seconds from `import tltutor` to the end of a first step, after the same, in fresh processes."""
    return _seconds(_FIRST_STEP)


def first_frame() -> list[float]:
    """Return seconds from `import tltutor`, with torch, to the first frame of a moving map, in fresh processes."""
    return _seconds(_FIRST_FRAME)
