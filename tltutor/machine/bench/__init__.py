"""Measure speed on this machine as ratios within one run, because seconds on a shared machine are noisy."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from functools import partial
from typing import Any

import torch

from tltutor.machine.bench import browser, headless, live, maps

__all__ = ["browser", "headless", "live", "machine", "maps", "run"]

Say = Callable[[str], None]


def run(say: Say) -> dict[str, Any]:
    """Measure everything and return the figures, in about eight minutes. say: called with a line on each measurement."""
    figures: dict[str, Any] = {"machine": machine()}
    measures: dict[str, Callable[[], Any]] = {
        "session_over_plain_loop": headless.session_over_plain_loop,
        "look_with_flow_over_look": headless.look_with_flow_over_look,
        "many_points_on_the_map": headless.many_points_on_the_map,
        "map_open_over_headless": headless.map_open_over_headless,
        "slider_to_step_ms": headless.slider_to_step,
        "import_over_torch_s": headless.import_over_torch,
        "first_step_s": headless.first_step,
        "first_frame_s": headless.first_frame,
    }
    in_the_browser: dict[str, Callable[[], Any]] = {
        "in_the_browser": lambda: browser.for_both_maps(browser.with_map),
        "live_map": lambda: browser.for_both_maps(live.live),
        "opening": live.opening,
        "three_boards": live.three_boards,
        "many_points": live.many_points,
    }
    measures |= {
        name: partial(browser.where_possible, measure) for name, measure in in_the_browser.items()
    }
    for name, measure in measures.items():
        say(f"{name.replace('_', ' ')} …")
        figures[name] = measure()
    return figures


def machine() -> dict[str, Any]:
    """Describe the machine."""
    return {
        "cores": os.cpu_count(),
        "torch_threads": headless.THREADS,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "system": platform.platform(),
        "device": "cpu",
        "load_at_start": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    }
