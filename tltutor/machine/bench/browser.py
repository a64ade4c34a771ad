"""Measure the cost of the browser and a slider's delay, with a real JupyterLab and Chromium on the same cores."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tltutor.machine.bench import headless
from tltutor.machine.bench.chromium import find_chromium, opened, run_all, served, status

if TYPE_CHECKING:
    from playwright.sync_api import Page

CELL = (
    "import os\nfrom tltutor.machine.bench import headless\n"
    'lab = headless.open_lab("PROJECTION")\n'
    'open("pid", "w").write(str(os.getpid()))\n'
    "lab"
)
REPORT = (
    "from pathlib import Path\nimport json, time\n"
    "def note(what):\n"
    '    with Path("changes.jsonl").open("a") as file:\n'
    '        file.write(json.dumps([what, time.time()]) + "\\n")\n'
    "def take(settle=lab.player.stream.set, **changes):\n"
    '    note("loop")\n'
    "    settle(**changes)\n"
    "def report(fact, on_fact=lab.player.on_fact):\n"
    "    on_fact(fact)\n"
    '    if type(fact).__name__ == "Changed":\n'
    '        note("step")\n'
    "lab.player.stream.set, lab.player.on_fact = take, report"
)


def where_possible(measure: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return the result of `measure`, or why it was skipped."""
    if find_chromium() is None:
        return {"skipped": "no Chromium or Chrome was found"}
    try:
        import playwright  # noqa: F401
    except ImportError:
        return {"skipped": "playwright is not installed: pip install 'tltutor[test]'"}
    return measure()


def for_both_maps(measure: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """Return the result of `measure` for each live map."""
    return {projection: measure(projection) for projection in ("tsne", "umap")}


def with_map(projection: str) -> dict[str, Any]:
    """Return steps per second with the board open in Chromium over headless ones, and the slider's delays."""
    with opened_board([CELL.replace("PROJECTION", projection), REPORT]) as (page, errors, folder):
        figures = _turns(page) | _slider(page, folder / "changes.jsonl")
        return figures | {"console_errors": errors}


@contextmanager
def opened_board(cells: list[str]) -> Iterator[tuple[Page, list[str], Path]]:
    """Run a notebook of these cells in a separate JupyterLab; yield the page, its console errors and the notebook's folder."""
    with tempfile.TemporaryDirectory() as top:
        folder, scratch = Path(top, "work"), Path(top, "jupyter")
        _write_notebook(folder / "bench.ipynb", cells)
        scratch.mkdir()
        with (
            served(folder, scratch) as address,
            opened(_at(address, "bench.ipynb")) as (page, errors),
        ):
            run_all(page)
            page.wait_for_selector(".tlt-board canvas")
            yield page, errors, folder


def _at(address: str, notebook: str) -> str:
    """Return the address of another notebook on the same server."""
    base, _, query = address.partition("?")
    return f"{base.split('/lab')[0].rstrip('/')}/lab/tree/{notebook}?{query}"


def _write_notebook(path: Path, cells: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    blank: dict[str, Any] = {
        "cell_type": "code",
        "metadata": {},
        "execution_count": None,
        "outputs": [],
    }
    notebook = {
        "cells": [{**blank, "id": f"c{i}", "source": source} for i, source in enumerate(cells)],
        "metadata": {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.write_text(json.dumps(notebook), "utf-8")


def _turns(page: Page, turns: int = headless.BLOCKS) -> dict[str, Any]:
    """Let the board in the page and a headless session in this process take turns; the page stays open."""
    session = headless.new_session()
    for _ in range(5):
        session.step()
    play = page.get_by_role("button", name="Play").first
    pause = page.get_by_role("button", name="Pause").first

    def playing() -> float:
        play.click()
        rate = _rate(page, 2 * headless.BLOCK)
        pause.click()
        page.wait_for_selector('.tlt-status[data-state="paused"]')
        page.wait_for_timeout(4000)  # the layout comes to rest
        return rate

    return headless.ratio_of_turns(
        playing, lambda: headless.steps_per_second(session.step, 2 * headless.BLOCK), turns
    )


def _rate(page: Page, seconds: float) -> float:
    """Return steps per second while the board plays, measured between two changes of its step number, without clicks."""
    next_step(page)
    first, start = next_step(page)
    page.wait_for_timeout(1000 * seconds)
    last, end = next_step(page)
    return float((last - first) / (end - start))


def next_step(page: Page) -> tuple[int, float]:
    """Return the step number at its next change in the status line, and the time of the change."""
    before = status(page)["step"]
    page.wait_for_function(
        f"() => Number(document.querySelector('.tlt-status').dataset.step) !== {before}",
        polling="raf",
    )
    return status(page)["step"], time.perf_counter()


def _slider(page: Page, log: Path, moves: int = 12) -> dict[str, dict[str, float]]:
    """Return milliseconds from a key press on lambda's slider until the loop has the value, and to the end of the first step with it."""
    page.get_by_role("button", name="Play").first.click()
    handle = page.locator(".tlt-row input[type=range]").first
    handle.focus()
    delays: dict[str, list[float]] = {"loop": [], "step": []}
    for _ in range(moves):
        page.wait_for_timeout(700)
        start = time.time()
        handle.press("ArrowLeft")
        page.wait_for_timeout(1500)
        told = map(json.loads, log.read_text("utf-8").splitlines() if log.exists() else [])
        after = [(what, at) for what, at in told if at >= start]
        for what in delays:
            delays[what] += [1000 * (at - start) for heard, at in after if heard == what][:1]
    return {f"slider_to_{what}_ms": _spread(those, moves) for what, those in delays.items()}


def _spread(delays: list[float], moves: int) -> dict[str, float]:
    if not delays:
        return {"heard": 0, "of": moves}
    return {
        "median": round(statistics.median(delays), 1),
        "worst": round(max(delays), 1),
        "heard": len(delays),
        "of": moves,
    }
