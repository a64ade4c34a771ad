"""The common parts of all reports: versions, the machine, mean and spread over seeds, a Markdown table, two files."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PARTIAL = ROOT / "build" / "benchmarks"  # ignored by git
MEASURED = (
    ROOT / "benchmarks" / "measured"
)  # measurements that took hours, kept to complete the tables
PACKAGES = ("numpy", "scikit-learn", "torch", "torchvision", "POT")


def circumstances(packages: Iterable[str] = PACKAGES) -> dict[str, Any]:
    """Return versions and the machine, without its name."""
    import tltutor

    versions = {name: version(name) for name in packages}
    machine = {
        "python": platform.python_version(),
        "system": platform.system(),
        "processor": platform.machine(),
        "cores": os.cpu_count(),
    }
    return {"versions": {"tltutor": tltutor.__version__, **versions}, "machine": machine}


def measured_on(packages: Iterable[str] = ("numpy", "torch")) -> dict[str, str]:
    """Return what changes the last digits of a number: versions, and the processor's instructions that torch uses."""
    import torch

    versions = {name: version(name) for name in packages}
    return {
        **versions,
        "python": platform.python_version(),
        "processor": f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()}",
    }


def spread(values: Sequence[float]) -> dict[str, Any]:
    """Return mean, sample standard deviation (None for one value) and the values."""
    sd = statistics.stdev(values) if len(values) > 1 else None
    return {"mean": statistics.fmean(values), "sd": sd, "values": list(values)}


def cell(found: Mapping[str, Any] | None) -> str:
    """Format as .812 ± .013; a dash if nothing was measured."""
    if found is None:
        return "–"
    mean, sd = found["mean"], found["sd"]
    return _short(mean) if sd is None else f"{_short(mean)} ± {_short(sd)}"


def _short(value: float) -> str:
    text = f"{value:.3f}"
    return text.removeprefix("0") if 0 <= value < 1 else text


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; the first column is the row's name."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def write(name: str, result: Mapping[str, Any], text: str, folder: Path = DOCS) -> None:
    """Write the result as docs/NAME.json and the text as docs/NAME.md."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(
        json.dumps(result, indent=1, ensure_ascii=False) + "\n", "utf-8"
    )
    (folder / f"{name}.md").write_text(text.rstrip() + "\n", "utf-8")
    print(f"written: {folder / name}.json, {folder / name}.md")
