"""Check what works on this machine and how to fix the rest; each probe returns one finding and prints nothing."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

OLDEST_PYTHON = (3, 11)
REINSTALL = "install tltutor again: pip install -e . in a checkout"


@dataclass(frozen=True)
class Finding:
    """One finding; `fail` means that tltutor cannot work, `warn` that something optional is missing."""

    name: str
    state: Literal["ok", "warn", "fail"]
    found: str
    remedy: str = ""


def examine() -> tuple[Finding, ...]:
    """Return all findings, in the order in which they depend on each other."""
    return tuple(_guarded(probe) for probe in PROBES)


def _guarded(probe: Callable[[], Finding]) -> Finding:
    """Return a probe's finding; an exception is a finding too."""
    try:
        return probe()
    except Exception as error:  # noqa: BLE001 - a broken installation can raise anything
        name = probe.__name__.removeprefix("probe_").replace("_", " ")
        return Finding(name, "fail", f"{type(error).__name__}: {error}", REINSTALL)


def probe_python() -> Finding:
    """Check the interpreter's version."""
    wanted = ".".join(map(str, OLDEST_PYTHON))
    state: Literal["ok", "fail"] = "ok" if sys.version_info >= OLDEST_PYTHON else "fail"
    remedy = "" if state == "ok" else f"install Python {wanted} or newer"
    return Finding(
        "Python",
        state,
        f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        remedy,
    )


def probe_torch() -> Finding:
    """Report torch's version and build."""
    import torch

    build = f"built for CUDA {torch.version.cuda}" if torch.version.cuda else "CPU-only build"
    return Finding(
        "PyTorch",
        "ok",
        f"{torch.__version__}, {build}, torchvision {metadata.version('torchvision')}",
    )


def probe_device() -> Finding:
    """Report the device of "auto"."""
    import torch

    if torch.cuda.is_available():
        return Finding("device", "ok", f"cuda: {torch.cuda.get_device_name(0)}")
    if torch.backends.mps.is_available():
        return Finding("device", "ok", "mps: Apple's GPU")
    if shutil.which("nvidia-smi"):
        remedy = "update the NVIDIA driver, or install the PyTorch build that fits it (pytorch.org, Get started)"
        return Finding(
            "device", "warn", "cpu: there is an NVIDIA GPU, but torch cannot use it", remedy
        )
    return Finding("device", "ok", "cpu: no GPU found; every lesson is made for two CPU cores")


def probe_threads() -> Finding:
    """Compare torch's threads with the machine's cores."""
    import torch

    threads, cores = torch.get_num_threads(), os.cpu_count() or 1
    if threads > cores:
        remedy = f"set OMP_NUM_THREADS to {cores} or less"
        return Finding(
            "threads",
            "warn",
            f"torch uses {threads} threads on {cores} cores, which slows it down",
            remedy,
        )
    return Finding("threads", "ok", f"torch uses {threads} of {cores} cores")


def probe_jupyterlab() -> Finding:
    """Report JupyterLab's version."""
    return Finding(
        "JupyterLab",
        "ok",
        f"{metadata.version('jupyterlab')}, ipykernel {metadata.version('ipykernel')}",
    )


def probe_widgets() -> Finding:
    """Check the widgets' Python packages and their browser extensions."""
    from jupyter_core.paths import jupyter_path

    versions = ", ".join(
        f"{name} {metadata.version(name)}"
        for name in ("ipywidgets", "anywidget", "jupyterlab_widgets")
    )
    folders = [Path(folder) for folder in jupyter_path("labextensions")]
    lacking = [
        e
        for e in ("@jupyter-widgets/jupyterlab-manager", "anywidget")
        if not any((f / e).is_dir() for f in folders)
    ]
    if lacking:
        remedy = (
            "pip install --force-reinstall jupyterlab_widgets anywidget, then restart JupyterLab"
        )
        return Finding(
            "widgets",
            "fail",
            f"{versions}, but JupyterLab's half is missing: {', '.join(lacking)}",
            remedy,
        )
    return Finding("widgets", "ok", versions)


def probe_front_end() -> Finding:
    """Check tltutor's own programs for the browser."""
    spec = find_spec("tltutor.views")
    folders = list(spec.submodule_search_locations or []) if spec else []
    files = sorted(path.name for folder in folders for path in Path(folder).glob("dist/*.js"))
    if "app.js" not in files:
        return Finding("map", "fail", "the map's front-end files are missing", REINSTALL)
    return Finding("map", "ok", f"app.js and {len(files) - 1} more programs for the browser")


def probe_data() -> Finding:
    """Report which data sets are in the data roots."""
    from tltutor.domains.sets import list_sets
    from tltutor.files import data_roots

    statuses = list_sets()
    here = [f"{status.name} in {status.where}" for status in statuses if status.present]
    missing = [status.name for status in statuses if not status.present]
    found = "; ".join(here) or f"nothing in {' or '.join(map(str, data_roots()))}"
    if missing:
        remedy = f"only some lessons need it: tltutor data fetch {' '.join(missing)}"
        return Finding("data sets", "warn", f"{found}; not here: {', '.join(missing)}", remedy)
    return Finding("data sets", "ok", found)


def probe_umap() -> Finding:
    """Check umap-learn, which only comparisons use, and whether it is compiled."""
    spec = find_spec("umap")
    if spec is None:
        return Finding(
            "umap-learn", "ok", "not installed; the live maps are tltutor's own and do not need it"
        )
    version = metadata.version("umap-learn")
    if umap_is_warm():
        return Finding("umap-learn", "ok", f"{version}, warm")
    return Finding(
        "umap-learn",
        "warn",
        f"{version}, its first layout will compile for up to a minute",
        "tltutor doctor --warm",
    )


def umap_is_warm() -> bool:
    """Return True if numba has cached compiled parts of umap-learn's neighbor search."""
    spec = find_spec("pynndescent")
    places = [
        os.environ.get("NUMBA_CACHE_DIR"),
        *(spec.submodule_search_locations or [] if spec else []),
    ]
    return any(next(Path(place).rglob("*.nbi"), None) for place in places if place)


def warm_umap() -> None:
    """Lay out a few points once, so that numba compiles and caches what it can."""
    import numpy as np
    from umap import UMAP

    UMAP(n_epochs=2, n_neighbors=5).fit(np.random.default_rng(0).normal(size=(60, 8)))


def probe_browser() -> Finding:
    """Find a Chromium, which only the browser tests need."""
    found = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if found is None:
        remedy = "for developers: install Chromium, so that tests/browser can run"
        return Finding(
            "browser tests", "warn", "no Chromium; only the browser tests need one", remedy
        )
    return Finding("browser tests", "ok", found)


PROBES: tuple[Callable[[], Finding], ...] = (
    probe_python,
    probe_torch,
    probe_device,
    probe_threads,
    probe_jupyterlab,
    probe_widgets,
    probe_front_end,
    probe_data,
    probe_umap,
    probe_browser,
)
