"""Measure training and the live map on each device of this machine: DANN on digits, ResNet-18 and -50, BERT where it can be built.

`python -m benchmarks.gpu` takes at most ten minutes; each case runs for a few seconds. Without a GPU it measures the CPU
alone, and says so. Images are noise: the speed does not hang on what they show.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks import report
from tltutor.domains import Domain, DomainPair, load_pair
from tltutor.files import MINILM
from tltutor.lab import Lab
from tltutor.networks import build_network
from tltutor.objectives import DANN
from tltutor.training.session import Session, find_device

COMMAND = "python -m benchmarks.gpu"
SECONDS = 4.0  # of each case, after the first steps
WARM = 3  # steps
POINTS = 600  # on the map
INTRODUCTION = """\
Steps a second of DANN, source and target batches of the size that is given, wall clock; memory is the device's peak for a GPU, and not
measured for the CPU. *Frozen* trains the head alone: the frozen stages' outputs are computed once. *With the map* is the rate while a
live t-SNE map of {points} points is open, and how many layouts a second it gets.

    {command}
"""


def noise(size: int, n: int = 64) -> DomainPair:
    """Return two domains of n color images of size x size, two classes."""
    rng = np.random.default_rng(0)
    y = np.arange(n) % 2
    domains = (Domain(name, rng.random((n, 3, size, size), np.float32), y) for name in ("a", "b"))
    return DomainPair(*domains)


def digits() -> DomainPair:
    """Return the digits with nothing held out, so that the map has its points."""
    pair = load_pair("digits->photo-digits", seed=0)
    return DomainPair(pair.source, pair.target)


def sentences() -> DomainPair:
    """Return a pair of texts as the word pieces of a BERT. Errors: OSError or ImportError where its files or packages are not here."""
    return load_pair("products->films", seed=0, inputs="wordpieces")


CASES: Mapping[str, tuple[Callable[[], DomainPair], str, dict[str, Any], int]] = {
    "digits, lenet": (digits, "lenet", {}, 64),
    "224 pixels, resnet18": (lambda: noise(224), "resnet18", {}, 32),
    "224 pixels, resnet50": (lambda: noise(224), "resnet50", {}, 32),
    "sentences, bert": (sentences, "bert", {"weights": MINILM}, 16),
}


def session_of(case: str, device: str, precision: str, *, frozen: bool) -> Session:
    """Return a run of the case, long enough for every measurement."""
    load, name, options, batch = CASES[case]
    pair = load()
    network = build_network(name, pair, seed=0, **options)
    return Session(
        pair,
        network,
        DANN(),
        steps=1_000_000,
        batch_size=batch,
        device=device,
        precision=precision,  # type: ignore[arg-type]
        freeze_depth=network.depth if frozen else 0,
        snapshot_size=POINTS,
    )


def rate(session: Session, seconds: float = SECONDS) -> float:
    """Return steps a second; the device has finished all of them."""
    for _ in range(WARM):
        session.step()
    _finish(session)
    start, n = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        session.step()
        n += 1
    _finish(session)
    return n / (time.perf_counter() - start)


def _finish(session: Session) -> None:
    if session.device.type == "cuda":
        torch.cuda.synchronize(session.device)


def with_map(case: str, device: str, seconds: float = SECONDS) -> dict[str, float]:
    """Return steps and layouts a second of a playing board with a live t-SNE map, without a browser."""
    load, name, options, batch = CASES[case]
    run = {"steps": 1_000_000, "batch_size": batch, "snapshot_size": POINTS, "device": device}
    lab = Lab(
        load(),
        "dann",
        network=name,
        network_options=options,
        projection="tsne",
        freeze_depth=0,
        **run,
    )
    try:
        lab.play()
        time.sleep(seconds / 2)
        done, seen, start = lab.session.step_number, lab.recording.frame_count, time.perf_counter()
        time.sleep(seconds)
        passed = time.perf_counter() - start
        steps, frames = lab.session.step_number - done, lab.recording.frame_count - seen
    finally:
        lab.close()
    return {
        "steps_per_s": round(steps / passed, 1),
        "layouts_per_s": round(frames / passed, 1),
    }


def measure(case: str, device: str, precision: str, *, frozen: bool = False) -> dict[str, Any]:
    """Return what one case does on one device."""
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    session = session_of(case, device, precision, frozen=frozen)
    found: dict[str, Any] = {
        "case": case,
        "device": device,
        "precision": precision,
        "frozen": frozen,
        "batch": session.batch_size,
        "steps_per_s": round(rate(session), 2),
    }
    if device == "cuda":
        found["peak_mib"] = round(torch.cuda.max_memory_allocated() / 2**20)
    if precision == "float32" and not frozen:
        found["with_map"] = with_map(case, device)
    return found


def plan(devices: Sequence[str]) -> list[dict[str, Any]]:
    """List what is measured: on a GPU both precisions; frozen stages where a pass through them is long."""
    cases: list[dict[str, Any]] = []
    for case in CASES:
        for device in devices:
            precisions = ("float32", "bf16") if device == "cuda" else ("float32",)
            cases += [{"case": case, "device": device, "precision": p} for p in precisions]
            if CASES[case][1] != "lenet":
                frozen = {"case": case, "device": device, "precision": "float32", "frozen": True}
                cases.append(frozen)
    return cases


def as_text(result: Mapping[str, Any]) -> str:
    """Return the report."""
    rows = []
    for one in result["cases"]:
        name = f"{one['case']}{', frozen' if one.get('frozen') else ''}"
        if "left_out" in one:
            rows.append([name, one["device"], one["precision"], one["left_out"], "–", "–", "–"])
            continue
        live = one.get("with_map", {})
        rows.append(
            [
                name,
                one["device"],
                one["precision"],
                f"{one['steps_per_s']:.1f}",
                *(f"{live[key]:.1f}" if live else "–" for key in ("steps_per_s", "layouts_per_s")),
                f"{one['peak_mib']}" if "peak_mib" in one else "–",
            ]
        )
    head = ["case", "device", "precision", "steps/s", "with the map", "layouts/s", "peak MiB"]
    gpu = result["gpu"] or "none: nobody has seen these cases on a GPU with this version"
    versions = ", ".join(f"{name} {number}" for name, number in result["versions"].items())
    parts = ["# Steps a second on CPU and GPU", ""]
    parts += [INTRODUCTION.format(points=POINTS, command=COMMAND), f"GPU: {gpu}.", ""]
    return "\n".join([*parts, report.table(head, rows), "", f"Measured with {versions}."])


def main(argv: Sequence[str] | None = None) -> int:
    """Measure every case on every device, and write the report."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=report.DOCS)
    parser.add_argument("--minutes", type=float, default=10.0, help="start no case after so long")
    arguments = parser.parse_args(argv)
    gpu = find_device("auto").type == "cuda"
    began, found = time.perf_counter(), []
    for one in plan(["cuda", "cpu"] if gpu else ["cpu"]):
        if time.perf_counter() - began > 60 * arguments.minutes:
            found.append(one | {"left_out": "no time left"})
            continue
        try:
            found.append(measure(**one))
        except (ValueError, OSError, ImportError) as missing:
            found.append(one | {"left_out": str(missing).splitlines()[0]})
        print(found[-1], flush=True)
    device = torch.cuda.get_device_name() if gpu else None
    result = {"command": COMMAND, "gpu": device} | report.circumstances() | {"cases": found}
    report.write("gpu", result, as_text(result), arguments.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
